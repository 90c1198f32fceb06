"""Weeks, their days and their ends: 下周三, 周一二, 这周末."""

import re
from datetime import datetime

from nlu.entities.times.model import (
    DAY,
    Frame,
    Period,
    Resolver,
    Rule,
    day_period,
    days_period,
    doubting,
    pick,
    rest_of,
)
from nlu.entities.times.patterns import AFTER_NUMERAL, WEEK, WEEKDAY, WEEKDAYS, openings

WEEK_OFFSETS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
WEEK_PREFIX = r"(?P<week>上上|下下|上|下|这|本)(?:一?个|一)?"


def monday(instant: datetime) -> datetime:
    """Return the start of the week that an instant is in."""
    start = day_period(instant).start
    return start - start.weekday() * DAY


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
    return _in_some_week(WEEKDAYS[match["day"]], 1)


def _weekdays(match: re.Match[str]) -> Resolver | None:
    """Read 周一二 and 下周三、四、五: from the first to the last, in doubt if days between are left out."""
    days = [WEEKDAYS[character] for character in match["days"] if character in WEEKDAYS]
    if days != sorted(set(days)):
        return None
    length = days[-1] - days[0] + 1
    week = match.groupdict().get("week")
    if week is None:
        resolve = rest_of(_in_some_week(days[0], length))
    else:
        offset = 7 * WEEK_OFFSETS[week] + days[0]
        resolve = _from_monday(offset, length)
    return resolve if length == len(days) else doubting(resolve)


def _weekend_of_week(match: re.Match[str]) -> Resolver:
    offset = 7 * WEEK_OFFSETS[match["week"]] + 5
    return _from_monday(offset, 2)


def _weekend(_match: re.Match[str]) -> Resolver:
    return _in_some_week(5, 2)


def _from_monday(offset: int, days: int) -> Resolver:
    """Return a resolver for some days, counted from this week's Monday."""
    return lambda frame: days_period(monday(frame.now) + offset * DAY, days)


def _in_some_week(first: int, days: int) -> Resolver:
    """Return a resolver for some days of the week that is meant."""
    return lambda frame: pick((days_period(monday(start) + first * DAY, days) for start in _weeks(frame)), frame)


def _weeks(frame: Frame) -> list[datetime]:
    """Return days in the week before, of and after the frame's start."""
    return [frame.earliest + 7 * weeks * DAY for weeks in (-1, 0, 1, 2)]


# 两周一次 holds no 周一, but 周四周五 holds both.
_NOT_EACH = f"(?<![每隔逢个])(?:(?<!{AFTER_NUMERAL})|(?<=[周期拜]{AFTER_NUMERAL}))"
_WEEKEND = rf"(?:周末|星期末|礼拜末|双休日?|{WEEK}六[和跟、或]?{WEEK}?[日天])"
_WHOLE_WEEK = rf"{WEEK}(?![围边转期全刊报年身密长岁到易折末]|{WEEKDAY}|[1-7](?![0-9]))"
# 周二五点 and 周三二楼 name one day.
_DAYS = r"(?P<days>[一二三四五六日](?:[、,和跟]?[一二三四五六日天]){1,5})(?=$|[ ,。!?;、的都上下晚早来去有可行或还哪就吧嘛哈]|[两三]天)"
_OF_WEEK = rf"(?:{WEEK}[的里内]?)?"
_RELATIVE = (*openings("上下", "上下"), *openings("上下这本", "一个周星礼双"))
_PLAIN = (*openings("周", "一二三四五六日天末1234567"), "星期", "礼拜")

RULES = (
    Rule(_RELATIVE, re.compile(rf"(?<![以之]){WEEK_PREFIX}{_WHOLE_WEEK}"), _week),
    Rule(
        _RELATIVE,
        re.compile(rf"{WEEK_PREFIX}{_OF_WEEK}{WEEK}(?P<day>{WEEKDAY}|[1-7](?![0-9]))"),
        _weekday_of_week,
    ),
    Rule(_PLAIN, re.compile(rf"{_NOT_EACH}{WEEK}(?P<day>{WEEKDAY}|[1-7](?![0-9.:]))"), _weekday),
    Rule(_RELATIVE, re.compile(rf"{WEEK_PREFIX}{_OF_WEEK}{WEEK}{_DAYS}"), _weekdays),
    Rule(_PLAIN, re.compile(rf"{_NOT_EACH}{WEEK}{_DAYS}"), _weekdays),
    Rule(_RELATIVE, re.compile(rf"{WEEK_PREFIX}{_OF_WEEK}{_WEEKEND}"), _weekend_of_week),
    Rule((*_PLAIN, "双休"), re.compile(rf"{_NOT_EACH}{_WEEKEND}(?!制)"), _weekend),
)
