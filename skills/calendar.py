"""Working days (工作日) of mainland China, with the make-up days (调休) of the years that were announced."""

import logging
from datetime import date, timedelta

import chinese_calendar

_SATURDAY = 5
logger = logging.getLogger(__name__)


def is_working_day(day: date) -> bool:
    """Tell whether `day` is worked; a year not announced yet is taken as Monday to Friday, and said in the log."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        logger.warning("no holiday calendar for %s yet: Monday to Friday assumed", day.year)
        return day.weekday() < _SATURDAY


def add_working_days(day: date, count: int) -> date:
    """Return the `count`-th working day after `day`; the day itself is not counted (Sichuan 12345 rules, December 2025)."""
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(day):
            count -= 1
    return day
