"""Festivals against one another, against the old calendar, and against the holidays that were announced."""

from datetime import datetime, timedelta

import chinese_calendar
import pytest

from nlu.entities.times.almanac import BY_NAME, nth_weekday
from nlu.entities.times.workdays import is_workday, solar_term

ANNOUNCED = range(2004, 2027)
SINCE_2008 = range(2008, 2027)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text)


def days_in(name: str, years: range) -> list[datetime]:
    found = [BY_NAME[name].day_in(year) for year in years]
    known = [found_day for found_day in found if found_day is not None]
    assert len(known) == len(years)
    return known


@pytest.mark.parametrize(
    ("name", "holiday", "years"),
    [
        ("春节", "Spring Festival", ANNOUNCED),
        ("清明", "Tomb-sweeping Day", SINCE_2008),
        ("端午", "Dragon Boat Festival", SINCE_2008),
        ("中秋", "Mid-autumn Festival", SINCE_2008),
    ],
)
def test_a_festival_falls_into_the_holiday_that_bears_its_name(name: str, holiday: str, years: range) -> None:
    for found in days_in(name, years):
        is_off, its_name = chinese_calendar.get_holiday_detail(found.date())
        assert is_off
        # A festival on a Saturday or Sunday may need no name, and two may share their days off.
        assert its_name in (holiday, "National Day", None)


@pytest.mark.parametrize("name", ["元旦节", "清明节", "端午节", "中秋节", "国庆节", "春节"])
def test_public_festivals_are_days_off_in_the_years_that_are_known(name: str) -> None:
    assert not any(is_workday(found) for found in days_in(name, range(2024, 2027)))


def test_festivals_of_the_old_calendar_keep_their_distances() -> None:
    years = range(2004, 2048)
    new_years, eves, lanterns = (days_in(name, years) for name in ("春节", "除夕", "元宵"))
    assert [found - timedelta(days=1) for found in new_years] == eves
    assert [found + timedelta(days=14) for found in new_years] == lanterns


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("除夕", "2027-02-05"),
        ("七夕", "2026-08-19"),
        ("中元节", "2026-08-27"),
        ("重阳", "2026-10-18"),
        ("羌历年", "2026-11-09"),
        ("腊八", "2026-01-26"),
        ("母亲节", "2026-05-10"),
        ("父亲节", "2026-06-21"),
        ("感恩节", "2026-11-26"),
        ("冬至", "2026-12-22"),
    ],
)
def test_a_festival_is_on_its_day(name: str, date: str) -> None:
    assert BY_NAME[name].day_in(day(date).year) == day(date)


def test_a_festival_beyond_the_table_has_no_day() -> None:
    assert BY_NAME["春节"].day_in(2080) is None
    assert solar_term("冬至", 2101) is None
    assert solar_term("没有的节气", 2026) is None


def test_the_nth_weekday_is_in_its_week() -> None:
    assert nth_weekday(2026, 11, 1, 6) == day("2026-11-01")
    assert nth_weekday(2026, 11, 5, 0) == day("2026-11-30")
