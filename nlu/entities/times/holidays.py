"""Holidays without a name, the turn of the year, and working days: 节后上班第一天, 年前, 下个工作日."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from nlu.entities.numerals import HAN_DIGIT
from nlu.entities.times.almanac import BY_NAME, load_festivals, occurrences, stretch
from nlu.entities.times.festivals import AROUND, SOME_DAYS, not_over, placed
from nlu.entities.times.model import DAY, Frame, Period, Resolver, Rule, day_period
from nlu.entities.times.patterns import openings
from nlu.entities.times.workdays import is_known, next_workday

NEAR = 21 * DAY


def _holidays(frame: Frame) -> Iterator[tuple[datetime, datetime]]:
    """Yield the next two of each public holiday that are not over, the first and the last day of each."""
    for festival in load_festivals():
        if festival.is_public and not festival.needs_suffix:
            days_off = (stretch(festival, day, None) for day in occurrences(festival, frame, None))
            yield from islice(((first, last) for first, last in days_off if last + DAY > frame.now), 2)


def _some_holiday(match: re.Match[str]) -> Resolver | None:
    """Read 节后第一个工作日 and 收假后: of the holiday that is on, or comes next; doubtful if that is far."""
    if match["side"] is None:
        return None
    is_after = match["side"].endswith("后")

    def resolve(frame: Frame) -> Period | None:
        coming = ((first, last) for first, last in _holidays(frame) if is_after or first > frame.now)
        first, last = min(coming, default=(None, None))
        if first is None or last is None:
            return None
        found = not_over(placed(match, first, last), frame)
        is_doubtful = first - frame.now > NEAR or not is_known(first.year)
        return replace(found, is_ambiguous=found.is_ambiguous or is_doubtful)

    return resolve


def _around_new_year(match: re.Match[str]) -> Resolver:
    """Read 年前 and 过完年, which speak of the Spring Festival without its name."""
    festival = BY_NAME["春节"]
    is_before = match.group().endswith("前")

    def place(frame: Frame, day: datetime) -> Period:
        first, last = stretch(festival, day, None)
        if is_before:
            return Period(frame.today, first, "day", bound="before")
        return Period(last + DAY, last + (1 + SOME_DAYS) * DAY, "week", bound="after")

    def resolve(frame: Frame) -> Period | None:
        ahead = (day for day in occurrences(festival, frame, None) if day > frame.now)
        return next((place(frame, day) for day in ahead), None)

    return resolve


def _next_workday(_match: re.Match[str]) -> Resolver:
    return lambda frame: day_period(next_workday(frame.today))


def _some_workday(_match: re.Match[str]) -> Resolver:
    return lambda frame: replace(day_period(next_workday(frame.today)), is_ambiguous=True)


_NEW_YEAR = (
    rf"(?<![0-9{HAN_DIGIT}十百千几多半去今明每])"
    "(?:年前(?=[能要办必可想去来搞弄还给])|(?:过完|过了)年|开年|年后(?=[再去来办上能要]))"
)

RULES = (
    Rule(
        (*openings("节", "前后之以过"), "收假", "放假", "放完"),
        re.compile(rf"(?:(?<![春季环调情细关时章中])节|收假|放完?假){AROUND}"),
        _some_holiday,
    ),
    Rule(("年前", "年后", "过完", "过了", "开年"), re.compile(_NEW_YEAR), _around_new_year),
    Rule((*openings("下", "一个工"), "最近"), re.compile(r"(?:下|最近的?)一?个?工作日"), _next_workday),
    Rule(("工作",), re.compile(r"(?<![个每非是去今本明来后前上下0-9])工作日(?!内|以内|之内)"), _some_workday),
)
