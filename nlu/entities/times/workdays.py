"""Working days by the State Council's yearly notice, as far as the calendar package knows it; beyond that, weekdays."""

from datetime import date, datetime, timedelta
from functools import lru_cache

import chinese_calendar

DAY = timedelta(days=1)
LONGEST_HOLIDAY = 15


@lru_cache(maxsize=2048)
def is_workday(day: datetime) -> bool:
    """Tell whether a day is a working day; Monday to Friday where the year's notice is not known."""
    try:
        return bool(chinese_calendar.is_workday(day.date()))
    except NotImplementedError:
        return day.weekday() < 5


@lru_cache(maxsize=256)
def is_known(year: int) -> bool:
    """Tell whether the year's notice is known."""
    try:
        chinese_calendar.is_workday(datetime(year, 1, 1).date())  # noqa: DTZ001 - only its date is used
    except NotImplementedError:
        return False
    return True


def next_workday(day: datetime) -> datetime:
    """Return the first working day after a day."""
    day += DAY
    while not is_workday(day):
        day += DAY
    return day


def add_workdays(day: datetime, count: int) -> datetime:
    """Return the day so many working days on (or back, if negative); the first day is not counted."""
    step = DAY if count > 0 else -DAY
    left = min(abs(count), 400)
    while left:
        day += step
        left -= is_workday(day)
    return day


@lru_cache(maxsize=512)
def holiday_around(day: datetime) -> tuple[datetime, datetime]:
    """Return the run of days off that holds a festival's day, first and last; just the day if the notice is not known."""
    if not is_known(day.year) or is_workday(day):
        return day, day
    first = last = day
    for _ in range(LONGEST_HOLIDAY):
        first = first if is_workday(first - DAY) else first - DAY
        last = last if is_workday(last + DAY) else last + DAY
    return first, last


@lru_cache(maxsize=512)
def solar_term(name: str, year: int) -> datetime | None:
    """Return the day of one of the 24 solar terms; None for a year beyond the table."""
    try:
        terms = chinese_calendar.get_solar_terms(date(year, 1, 1), date(year, 12, 31))
    except NotImplementedError:
        return None
    return next((datetime(day.year, day.month, day.day) for day, term in terms if term == name), None)  # noqa: DTZ001 - local time by definition of this package
