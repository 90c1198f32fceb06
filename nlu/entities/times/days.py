"""Days named from today: 明天, 后儿, 今明两天, 去年今天."""

import re
from dataclasses import replace
from datetime import timedelta

from nlu.entities.times.model import (
    DAY,
    Frame,
    Period,
    Resolver,
    Rule,
    day_period,
    days_period,
    make_day,
    shift_months,
)
from nlu.entities.times.patterns import YEAR_OPENINGS, YEAR_WORD, openings, year_of

# 外后天 is Sichuan's 大后天, 上前天 its 大前天.
DAY_OFFSETS = {
    "大大前": -4,
    "大前": -3,
    "上前": -3,
    "前": -2,
    "昨": -1,
    "今": 0,
    "明": 1,
    "后": 2,
    "大后": 3,
    "外后": 3,
}
DAY_OFFSETS |= {"大大后": 4, "外外后": 4}
SHIFTS = {"上上": -2, "上": -1, "下": 1, "下下": 2}
SMALL_HOURS = timedelta(hours=4)


def _named_day(match: re.Match[str]) -> Resolver:
    """Read a day; who is awake after midnight may mean by tomorrow the day that has begun."""
    offset = DAY_OFFSETS[match["day"]]

    def resolve(frame: Frame) -> Period:
        found = day_period(frame.today + offset * DAY)
        is_night = timedelta(0) < frame.now - frame.today < SMALL_HOURS
        return replace(found, is_ambiguous=is_night and offset in (1, 2))

    return resolve


def _days_together(match: re.Match[str]) -> Resolver:
    first, count = "今明".index(match["days"][0]), len(match["days"])
    return lambda frame: days_period(frame.today + first * DAY, count)


def _these_days(match: re.Match[str]) -> Resolver:
    days = {"两": 2, "三": 3}.get(match["count"], 3)
    return lambda frame: days_period(frame.today, days)


def _same_day(match: re.Match[str]) -> Resolver:
    """Read 去年今天, 下个月的今天, 上周今天."""
    year_said, shift, unit = match["year"], SHIFTS.get(match["shift"], 0), match["unit"]

    def resolve(frame: Frame) -> Period | None:
        if year_said:
            return make_day(year_of(year_said, frame) or 0, frame.now.month, frame.now.day)
        return day_period(shift_months(frame.today, shift) if unit == "月" else frame.today + 7 * shift * DAY)

    return resolve


_HALF_FOLLOWS = "(?=早上|早晨|早(?![年已期晚])|上午|中午|下午|晚上|晚间|晚黑|晚(?![年期辈些点])|凌晨|夜|晨|擦黑|傍晚)"
_TODAY = "的?(?:今天|今日|今儿个?|这一天|这天|同一天|这个时候)"

RULES = (
    Rule(
        ("大大", "大前", "大后", "外后", "外外", "上前", *openings("前昨今明后", "天日儿个早上中下晚凌夜晨擦傍")),
        re.compile(
            r"(?<![以之过然先午])(?P<day>大大前|大大后|外外后|大前|大后|外后|上前|前|昨|今|明|后)"
            r"(?:天(?![性然]|才(?!得空|有|能|走|回|到|来|去|行|放|开))|日(?!头条|方长|[0-9])|个?儿个?(?:天(?!气))?(?!子|女|媳|童|科)|(?<=[今昨明])个(?=早|晚|上午|下午)"
            rf"|{_HALF_FOLLOWS})"
        ),
        _named_day,
    ),
    Rule(("今明",), re.compile(r"(?P<days>今明后)(?:三天|3天|天)?"), _days_together),
    Rule(("今明", "明后"), re.compile(r"(?P<days>今明|明后)(?:两天|2天|天|(?![年早晚两天后]))"), _days_together),
    Rule(openings("这", "两三几"), re.compile(r"这(?P<count>[两三几])[天日](?![前后内])"), _these_days),
    Rule(
        (*YEAR_OPENINGS, *openings("上下", "上下一个周星礼月")),
        re.compile(rf"(?:(?P<year>{YEAR_WORD})|(?P<shift>上上|下下|上|下)一?个?(?P<unit>周|星期|礼拜|月)){_TODAY}"),
        _same_day,
    ),
)
