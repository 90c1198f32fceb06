"""Days named from today or by the week: 明天, 后儿, 下周三, 这周末."""

import re
from datetime import datetime, timedelta

from nlu.entities.times.model import (
    DAY,
    Frame,
    Period,
    Resolver,
    Rule,
    day_period,
    days_period,
    pick,
)
from nlu.entities.times.patterns import AFTER_NUMERAL, WEEK, WEEKDAY, WEEKDAYS

DAY_OFFSETS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3, "外后": 3}
WEEK_OFFSETS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
WEEK_PREFIX = r"(?P<week>上上|下下|上|下|这|本)(?:一?个|一)?"


def monday(instant: datetime) -> datetime:
    """Return the start of the week that an instant is in."""
    start = day_period(instant).start
    return start - timedelta(days=start.weekday())


def _named_day(match: re.Match[str]) -> Resolver:
    offset = DAY_OFFSETS[match["day"]]
    return lambda frame: day_period(frame.today + offset * DAY)


def _two_days(match: re.Match[str]) -> Resolver:
    first = 0 if match.group().startswith("今") else 1
    return lambda frame: days_period(frame.today + first * DAY, 2)


def _these_days(match: re.Match[str]) -> Resolver:
    days = {"两": 2, "三": 3}.get(match["count"], 3)
    return lambda frame: days_period(frame.today, days)


def _week(match: re.Match[str]) -> Resolver:
    offset = WEEK_OFFSETS[match["week"]]
    return lambda frame: days_period(monday(frame.now) + 7 * offset * DAY, 7, "week")


def _weekday_of_week(match: re.Match[str]) -> Resolver:
    offset = 7 * WEEK_OFFSETS[match["week"]] + WEEKDAYS[match["day"]]

    def resolve(frame: Frame) -> Period:
        found = day_period(monday(frame.now) + offset * DAY)
        is_over = match["week"] in "这本" and found.end <= frame.now and not frame.prefers_past
        return Period(found.start, found.end, "day", is_ambiguous=is_over)

    return resolve


def _weekday(match: re.Match[str]) -> Resolver:
    offset = WEEKDAYS[match["day"]]
    return lambda frame: pick((day_period(monday(start) + offset * DAY) for start in _weeks(frame)), frame)


def _weekend_of_week(match: re.Match[str]) -> Resolver:
    offset = 7 * WEEK_OFFSETS[match["week"]] + 5
    return lambda frame: days_period(monday(frame.now) + offset * DAY, 2)


def _weekend(_match: re.Match[str]) -> Resolver:
    return lambda frame: pick((days_period(monday(start) + 5 * DAY, 2) for start in _weeks(frame)), frame)


def _weeks(frame: Frame) -> list[datetime]:
    """Return days in the week before, of and after the frame's start."""
    return [frame.earliest + 7 * weeks * DAY for weeks in (-1, 0, 1, 2)]


# 两周一次 holds no 周一, but 周四周五 holds both.
_NOT_EACH = f"(?<![每隔逢个])(?:(?<!{AFTER_NUMERAL})|(?<=[周期拜]{AFTER_NUMERAL}))"
_WEEKEND = rf"(?:周末|星期末|礼拜末|{WEEK}六[和跟、或]?{WEEK}?[日天])"
_WHOLE_WEEK = rf"{WEEK}(?![围边转期全刊报年身密长岁到易折末]|{WEEKDAY}|[1-7](?![0-9]))"

RULES = (
    Rule(
        "大前昨今明后外",
        re.compile(
            r"(?<![以之过然先午])(?P<day>大前|大后|外后|前|昨|今|明|后)"
            r"(?:天(?![性然才])|日(?!头条|方长|[0-9])|儿(?:个|天)?(?!子|女|媳|童|科)"
            r"|(?=早上|早晨|早(?!年|已|期)|上午|中午|下午|晚上|晚间|晚(?!年|期|辈)|凌晨|夜))"
        ),
        _named_day,
    ),
    Rule("今明", re.compile(r"今明(?:两天|天|(?![年早晚两天]))|明后(?:两天|天)"), _two_days),
    Rule("这", re.compile(r"这(?P<count>[两三几])天(?![前后内])"), _these_days),
    Rule("上这本下", re.compile(rf"(?<![以之]){WEEK_PREFIX}{_WHOLE_WEEK}"), _week),
    Rule(
        "上这本下",
        re.compile(rf"{WEEK_PREFIX}(?:{WEEK}[的里内]?)?{WEEK}(?P<day>{WEEKDAY}|[1-7](?![0-9]))"),
        _weekday_of_week,
    ),
    Rule("周星礼", re.compile(rf"{_NOT_EACH}{WEEK}(?P<day>{WEEKDAY}|[1-7](?![0-9.:]))"), _weekday),
    Rule("上这本下", re.compile(rf"{WEEK_PREFIX}(?:{WEEK}[的里内]?)?{_WEEKEND}"), _weekend_of_week),
    Rule("周星礼", re.compile(rf"{_NOT_EACH}{_WEEKEND}"), _weekend),
)
