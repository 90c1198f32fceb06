"""Working days against the State Council's notices for 2025 and 2026."""

from datetime import datetime, timedelta

import pytest

from nlu.entities.times.workdays import add_workdays, holiday_around, is_known, is_workday, next_workday


def day(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-02-13", 3, "2026-02-25"),
        ("2026-02-13", 7, "2026-03-02"),
        ("2026-02-13", 15, "2026-03-12"),
        ("2026-09-18", 3, "2026-09-22"),
        ("2026-09-28", 7, "2026-10-13"),
        ("2026-09-28", 15, "2026-10-23"),
        ("2026-04-30", 3, "2026-05-08"),
        ("2025-09-26", 15, "2025-10-23"),
        ("2026-09-22", -3, "2026-09-18"),
    ],
)
def test_working_days_are_counted_by_the_notice(start: str, count: int, end: str) -> None:
    assert add_workdays(day(start), count) == day(end)


def test_a_sunday_made_up_for_is_a_working_day() -> None:
    assert is_workday(day("2026-09-20"))
    assert next_workday(day("2026-09-19")) == day("2026-09-20")


def test_a_year_without_notice_has_weekdays() -> None:
    assert not is_known(2051)
    assert is_workday(day("2051-10-02"))
    assert not is_workday(day("2051-10-01") + timedelta(days=(5 - day("2051-10-01").weekday()) % 7))


def test_a_holiday_is_the_whole_run_of_days_off() -> None:
    assert holiday_around(day("2026-02-17")) == (day("2026-02-15"), day("2026-02-23"))
    assert holiday_around(day("2025-10-01")) == (day("2025-10-01"), day("2025-10-08"))
