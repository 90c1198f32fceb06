"""Months and what lies in them: 下个月, 明年三月, 月底, 四月的最后一个星期一, 下个月第一个工作日."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from nlu.entities.numerals import HAN_DIGIT
from nlu.entities.times.model import (
    DAY,
    Frame,
    Period,
    Resolver,
    Rule,
    day_period,
    days_period,
    make_month,
    month_start,
    pick,
)
from nlu.entities.times.patterns import (
    MONTH,
    NOT_IN_NUMBER,
    NUMERALS,
    WEEK,
    WEEKDAY,
    WEEKDAYS,
    WRITTEN_YEAR_OPENINGS,
    YEAR,
    YEAR_OPENINGS,
    number,
    openings,
    year_of,
    years_around,
)
from nlu.entities.times.workdays import add_workdays

MONTH_OFFSETS = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下下": 2}
# 月初 is read as the first seven days, 月底 as from the 25th: no rule says so, and the citizen is shown the days anyway.
MONTH_PARTS = {"初": (1, 7), "上旬": (1, 10), "中旬": (11, 20), "中": (11, 20)}
MONTH_PARTS |= {"下旬": (21, 31), "底": (25, 31), "末": (25, 31)}
THURSDAY = 3
FAR = timedelta(days=183)

MonthCandidates = Callable[[Frame], Iterable[tuple[int, int]]]
"""Gives the (year, month) pairs that may be meant, in the order of time."""


def _months(match: re.Match[str]) -> MonthCandidates:
    """Return the months that 下个月, 明年三月, 三月 or no month at all may mean."""
    groups = match.groupdict()
    relative = groups.get("relative")
    if relative:
        return lambda frame: [_shifted(frame.now, MONTH_OFFSETS[relative])]
    written = groups.get("month")
    if not written:
        return around
    month = number(written)

    def candidates(frame: Frame) -> list[tuple[int, int]]:
        year = year_of(groups.get("year"), frame)
        return [(year, month)] if year else [(near, month) for near in years_around(frame)]

    return candidates


def around(frame: Frame) -> list[tuple[int, int]]:
    """Return the months around, enough of them to hold a 31st on either side."""
    return [_shifted(frame.earliest, months) for months in range(-2, 15)]


def _shifted(instant: datetime, months: int) -> tuple[int, int]:
    """Return the year and month some months on."""
    start = month_start(instant.year, instant.month + months)
    return start.year, start.month


def choose(match: re.Match[str], make: Callable[[int, int], Period | None]) -> Resolver:
    """Return a resolver over the months that may be meant; one that was said outright needs no choosing."""
    months = _months(match)
    is_fixed = bool(match.groupdict().get("relative") or match.groupdict().get("year"))

    def resolve(frame: Frame) -> Period | None:
        found = (make(year, month) for year, month in months(frame))
        return next(found, None) if is_fixed else doubting_if_far(pick(found, frame), frame)

    return resolve


def doubting_if_far(found: Period | None, frame: Frame) -> Period | None:
    """Return the period, as ambiguous if it is more than half a year ahead: the last one may have been meant."""
    is_far = found is not None and found.start - frame.now > FAR
    return replace(found, is_ambiguous=True) if found and is_far else found


def of_month(match: re.Match[str]) -> Resolver:
    """Return a resolver for a month, or for the part or the day of it that was said."""
    said = match.groupdict()
    if said.get("part"):
        return _part(match)
    if said.get("last"):
        return _last_day(match)
    if said.get("weekday"):
        return _nth_weekday(match)
    return _nth_unit(match) if said.get("unit") else choose(match, make_month)


def _part(match: re.Match[str]) -> Resolver:
    first, last = MONTH_PARTS[match["part"]]

    def make(year: int, month: int) -> Period:
        start, following = month_start(year, month), month_start(year, month + 1)
        return Period(start + (first - 1) * DAY, min(start + last * DAY, following), "day")

    return choose(match, make)


def _last_day(match: re.Match[str]) -> Resolver:
    return choose(match, lambda year, month: day_period(month_start(year, month + 1) - DAY))


def _nth(match: re.Match[str]) -> int:
    """Return the index that 第二个 and 最后一个 mean."""
    return -1 if match["nth"] is None else number(match["nth"]) - 1


def _nth_weekday(match: re.Match[str]) -> Resolver:
    weekday, index = WEEKDAYS[match["weekday"]], _nth(match)

    def make(year: int, month: int) -> Period | None:
        days = _weekdays_in(year, month, weekday)
        return day_period(days[index]) if index < len(days) else None

    return choose(match, make)


def _weekdays_in(year: int, month: int, weekday: int) -> list[datetime]:
    """Return the Mondays (or other weekdays) of a month."""
    first = month_start(year, month)
    first += timedelta(days=(weekday - first.weekday()) % 7)
    return [day for day in (first + 7 * week * DAY for week in range(5)) if day.month == first.month]


def _nth_unit(match: re.Match[str]) -> Resolver:
    """Read 下个月第一个工作日, 十月第二个周末, 三月第一周 (the week is the one with most of its days in the month)."""
    index = _nth(match)

    def make(year: int, month: int) -> Period | None:
        if match["unit"] == "工作日":
            start = month_start(year, month) - DAY if index >= 0 else month_start(year, month + 1)
            return day_period(add_workdays(start, index + 1 if index >= 0 else index))
        if match["unit"] in ("周末", "双休日"):
            days = _weekdays_in(year, month, WEEKDAYS["六"])
            return days_period(days[index], 2) if index < len(days) else None
        days = _weekdays_in(year, month, THURSDAY)
        if index >= len(days):
            return None
        begins = days[index] - THURSDAY * DAY
        is_cut = begins.month != month or (begins + 6 * DAY).month != month
        return replace(days_period(begins, 7, "week"), is_ambiguous=is_cut)

    return choose(match, make)


_RELATIVE_MONTH = r"(?<!以)(?P<relative>上上|下下|上|下|这|本|当)一?个?月(?:份)?"
# Of the old calendar is what stands behind 农历; see old_dates.py.
_NAMED_MONTH = (
    rf"(?<![农阴旧老夏]历)(?<![农阴旧老夏]历的){YEAR}?(?P<month>{MONTH}) ?月(?:份)?(?![花球饼亮老色薪租均度])"
)
ANY_MONTH = rf"{NOT_IN_NUMBER}(?:{_RELATIVE_MONTH}|{_NAMED_MONTH})"
MONTH_OPENINGS = (
    *NUMERALS,
    "元月",
    *YEAR_OPENINGS,
    *openings("上下", "上下"),
    *openings("上下这本当", "一个月"),
)
_PART = "的?(?P<part>初(?![一二三四五六七八九十])|上旬|中旬|下旬|底(?!最后)|末(?!最后)|中(?![学心医午药秋国]))"
_LAST_DAY = "的?[底末]?的?(?P<last>最后一天)"
_NTH = (
    rf"的?(?:第(?P<nth>[一二三四五1-5])个?|最后一?个?)"
    rf"(?:{WEEK}(?P<weekday>{WEEKDAY})|(?P<unit>周末|双休日|工作日|{WEEK}(?![末{HAN_DIGIT}])))"
)
MONTH_PART = rf"{_PART}|{_LAST_DAY}|{_NTH}"

RULES = (
    Rule(
        openings("月", "初底末中"),
        re.compile(
            rf"(?<![个每年岁蜜0-9{HAN_DIGIT}十满正腊冬])月(?:(?P<part>初|底(?!最后)|末(?!最后)|中(?![学心医午药秋国介间等旬]))(?![{HAN_DIGIT}十])"
            rf"|[底末](?P<last>最后一天))"
        ),
        of_month,
    ),
    Rule(
        WRITTEN_YEAR_OPENINGS,
        re.compile(rf"{NOT_IN_NUMBER}{YEAR}第(?P<month>{MONTH})个月"),
        lambda match: choose(match, make_month),
    ),
)
