"""Periods, and how an undated phrase finds its place in the calendar.

All date-times here are naive: the city's local time. Ends are exclusive.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

FIRST_YEAR, LAST_YEAR = 1850, 2150
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time.

    `is_ambiguous`: another reading is nearly as likely. `has_implied_date`: no day was said, only an hour or a half-day.
    `bound`: "before" or "after" when only one end was said (周五前, 三点以后); the other end is then our choice.
    """

    start: datetime
    end: datetime
    grain: str
    is_ambiguous: bool = False
    has_implied_date: bool = False
    bound: str | None = None

    def value(self) -> dict[str, Any]:
        """Return the JSON value of a `time` entity; keys beyond start, end and grain are there only when they matter."""
        found: dict[str, Any] = {
            "start": self.start.isoformat(timespec="seconds"),
            "end": self.end.isoformat(timespec="seconds"),
            "grain": self.grain,
        }
        if self.is_ambiguous:
            found["ambiguous"] = True
        if self.has_implied_date:
            found["implied_date"] = True
        if self.bound:
            found["bound"] = self.bound
        return found

    @property
    def is_one_day(self) -> bool:
        """Tell whether this is exactly one calendar day."""
        return self.grain == "day" and self.end - self.start == DAY


@dataclass(frozen=True, slots=True)
class Frame:
    """What a phrase is read against.

    `earliest`: an undated phrase means its first occurrence that is not over by then (or, with `prefers_past`, its last that
    has begun by `now`). `range_from`: where the range began whose end is read. `beside`: when the thing is that stands beside
    this one (明天九点或者三点). An hour without a date belongs to the day of either.
    """

    now: datetime
    earliest: datetime
    prefers_past: bool = False
    range_from: datetime | None = None
    beside: datetime | None = None

    @property
    def today(self) -> datetime:
        """Return midnight at the start of today."""
        return midnight(self.now)

    def following(self, first: Period) -> "Frame":
        """Return the frame for the second half of a range."""
        return replace(self, earliest=first.start, prefers_past=False, range_from=first.start)


Resolver = Callable[[Frame], Period | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """A phrase that was read up to `end`, and how to place it."""

    end: int
    resolve: Resolver


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern, its first one or two characters, and what its match means (None: not this phrase after all).

    `openings`: whatever the pattern can match begins with one of them; so most rules need not be tried.
    """

    openings: Sequence[str]
    pattern: re.Pattern[str]
    build: Callable[[re.Match[str]], Resolver | None]


class RuleBook:
    """Rules by their openings; the longest reading wins."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules: dict[str, list[Rule]] = {}
        for rule in rules:
            for opening in dict.fromkeys(rule.openings):
                self._rules.setdefault(opening, []).append(rule)

    @property
    def openings(self) -> frozenset[str]:
        """Return every opening of some rule."""
        return frozenset(self._rules)

    def read(self, text: str, position: int) -> Reading | None:
        """Return the longest phrase that begins at `position`, or None."""
        best: Reading | None = None
        by_opening = self._rules
        tried = (
            *by_opening.get(text[position : position + 1], ()),
            *by_opening.get(text[position : position + 2], ()),
        )
        for rule in tried:
            match = rule.pattern.match(text, position)
            if match is None or (best is not None and match.end() <= best.end):
                continue
            resolver = rule.build(match)
            if resolver is not None:
                best = Reading(match.end(), resolver)
        return best


def midnight(instant: datetime) -> datetime:
    """Return the start of the day."""
    return datetime.combine(instant.date(), time())


def day_period(day: datetime) -> Period:
    """Return the calendar day of an instant."""
    start = midnight(day)
    return Period(start, start + DAY, "day")


def days_period(start: datetime, days: int, grain: str = "day") -> Period:
    """Return a stretch of whole days."""
    return Period(midnight(start), midnight(start) + days * DAY, grain)


def make_day(year: int, month: int, day: int) -> Period | None:
    """Return the day of a date, or None if there is no such date."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return day_period(datetime(year, month, day))  # noqa: DTZ001 - local time by definition of this module
    except ValueError:
        return None


def make_month(year: int, month: int) -> Period:
    """Return a calendar month; `month` may run over either end of the year."""
    return Period(month_start(year, month), month_start(year, month + 1), "month")


def month_start(year: int, month: int) -> datetime:
    """Return the first instant of a month; `month` may run over either end of the year."""
    years, index = divmod(month - 1, 12)
    return datetime(year + years, index + 1, 1)  # noqa: DTZ001 - local time by definition of this module


def make_year(year: int) -> Period:
    """Return a calendar year."""
    return Period(month_start(year, 1), month_start(year + 1, 1), "year")


def shift_months(day: datetime, months: int) -> datetime:
    """Return the same day some months on, or the last of that month if it is shorter."""
    first = month_start(day.year, day.month + months)
    length = (month_start(first.year, first.month + 1) - first).days
    return first + timedelta(days=min(day.day, length) - 1)


def pick(candidates: Iterable[Period | None], frame: Frame) -> Period | None:
    """Return the occurrence that is meant, of candidates in the order of time."""
    found = (candidate for candidate in candidates if candidate is not None)
    if not frame.prefers_past:
        return next((candidate for candidate in found if candidate.end > frame.earliest), None)
    begun = None
    for candidate in found:
        if candidate.start > frame.now:
            break
        begun = candidate
    return begun


def always(period: Period | None) -> Resolver | None:
    """Return a resolver for a period that does not depend on when it is said; None for None."""
    return None if period is None else lambda _frame: period


def rest_of(resolve: Resolver) -> Resolver:
    """Return a resolver for what is left of days under way, in doubt: the next ones may be meant."""

    def resolve_rest(frame: Frame) -> Period | None:
        found = resolve(frame)
        if found is None or frame.prefers_past or found.start >= frame.today:
            return found
        return replace(found, start=frame.today, is_ambiguous=True)

    return resolve_rest


def doubting(resolve: Resolver) -> Resolver:
    """Return a resolver for the same period, in doubt."""

    def resolve_doubting(frame: Frame) -> Period | None:
        found = resolve(frame)
        return found and replace(found, is_ambiguous=True)

    return resolve_doubting
