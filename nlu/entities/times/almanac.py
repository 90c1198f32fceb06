"""When festivals are, and how long people are off then (`festivals.yml`)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from nlu.entities.times.model import DAY, Frame
from nlu.entities.times.old_calendar import old_day
from nlu.entities.times.patterns import years_around
from nlu.entities.times.workdays import holiday_around, is_known, solar_term

FESTIVALS = Path(__file__).with_name("festivals.yml")
THE_DAY = ("当天", "那天", "当日")


@dataclass(frozen=True, slots=True)
class Festival:
    """A festival's names, and its day in a year (None where the year is not known)."""

    names: tuple[str, ...]
    day_in: Callable[[int], datetime | None]
    needs_suffix: bool
    is_public: bool
    usual: tuple[int, int] | None


@lru_cache(maxsize=1)
def load_festivals(path: Path = FESTIVALS) -> tuple[Festival, ...]:
    """Read the table; raises OSError, yaml.YAMLError, KeyError or ValueError if it cannot be used."""
    rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return tuple(
        Festival(tuple(row["names"]), _days(row), row.get("bare") is False, "is_public" in row, _usual(row))
        for row in rows
    )


def _usual(row: dict[str, Any]) -> tuple[int, int] | None:
    """Return the first and the last usual day off, counted from the festival's day."""
    return tuple(row["usual"]) if "usual" in row else None


def _days(row: dict[str, Any]) -> Callable[[int], datetime | None]:
    """Return how to find a row's day in a year."""
    if "term" in row:
        return lambda year: solar_term(row["term"], year)
    if "day" in row:
        month, day = map(int, row["day"].split("-"))
        return lambda year: datetime(year, month, day)  # noqa: DTZ001 - local time by definition of this package
    if "weekday" in row:
        month, nth, weekday = map(int, row["weekday"].split("/"))
        return lambda year: nth_weekday(year, month, nth, weekday - 1)
    old_month, day = map(int, row["old_day"].split("/"))
    return lambda year: _old_day_in(year, old_month, day)


def nth_weekday(year: int, month: int, nth: int, weekday: int) -> datetime:
    """Return the nth of a month's weekdays (Monday is 0)."""
    first = datetime(year, month, 1)  # noqa: DTZ001 - local time by definition of this package
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _old_day_in(year: int, month: int, day: int) -> datetime | None:
    """Return the day of the old calendar that falls into a year: 除夕 belongs to the old year before."""
    found = (old_day(old_year, month, day) for old_year in (year - 1, year))
    return next((candidate for candidate in found if candidate and candidate.year == year), None)


def occurrences(festival: Festival, frame: Frame, year: int | None) -> Iterator[datetime]:
    """Yield the festival's days that may be meant, in the order of time."""
    years = [year] if year else years_around(frame)
    return (day for day in map(festival.day_in, years) if day is not None)


def stretch(festival: Festival, day: datetime, suffix: str | None) -> tuple[datetime, datetime]:
    """Return the first and the last day that a festival's name means with what stands behind it."""
    if suffix in THE_DAY or not festival.is_public:
        return day, day
    if festival.usual and not is_known(day.year):
        return day + festival.usual[0] * DAY, day + festival.usual[1] * DAY
    return holiday_around(day)


BY_NAME = {name: festival for festival in load_festivals() for name in festival.names}
