"""The table of the old calendar: whole, without a gap, and right where its days are well known."""

import itertools
from datetime import datetime, timedelta

import pytest

from nlu.entities.times.old_calendar import LONG, SHORT, load_months, old_day, old_month

YEARS = range(1930, 2050)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_months_follow_one_another_without_a_gap() -> None:
    months = list(load_months().values())
    for month, following in itertools.pairwise(months):
        assert month.end == following.start
        assert month.length in (LONG, SHORT)


def test_a_year_has_twelve_months_and_at_most_one_more() -> None:
    for year in YEARS:
        numbers = [number for of_year, number, _ in load_months() if of_year == year]
        assert len(numbers) in (12, 13)
        assert set(numbers) == set(range(1, 13))


def test_seven_years_in_nineteen_have_a_leap_month() -> None:
    for first in range(1930, 2031):
        leaps = {year for year, _, is_leap in load_months() if is_leap and first <= year < first + 19}
        assert len(leaps) in (6, 7, 8)


@pytest.mark.parametrize(
    ("year", "month", "of_month", "is_leap", "date"),
    [
        (1949, 8, 10, False, "1949-10-01"),
        (1968, 12, 28, False, "1969-02-14"),
        (1976, 7, 2, False, "1976-07-28"),
        (2008, 4, 8, False, "2008-05-12"),
        (2020, 4, 1, True, "2020-05-23"),
        (2023, 2, 1, True, "2023-03-22"),
        (2025, 6, 1, True, "2025-07-25"),
        (2026, 1, 1, False, "2026-02-17"),
        (2026, 8, 15, False, "2026-09-25"),
        (2026, 12, -1, False, "2027-02-05"),
        (2033, 11, 1, True, "2033-12-22"),
    ],
)
def test_a_day_of_the_old_calendar_is_on_its_date(
    year: int, month: int, of_month: int, is_leap: bool, date: str
) -> None:
    assert old_day(year, month, of_month, is_leap=is_leap) == day(date)


def test_what_does_not_exist_has_no_day() -> None:
    assert old_month(2026, 6, is_leap=True) is None
    assert old_month(1800, 1) is None
    short = old_month(2026, 2)
    assert short is not None
    assert short.length == SHORT
    assert old_day(2026, 2, LONG) is None


def test_the_mean_month_is_as_long_as_the_moon_takes() -> None:
    months = list(load_months().values())
    mean = (months[-1].end - months[0].start) / len(months)
    assert abs(mean - timedelta(days=29.530588)) < timedelta(minutes=10)
