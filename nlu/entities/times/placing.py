"""Put an hour or a half-day into the calendar: on the day that was said, or on the next one that is right."""

from dataclasses import replace
from datetime import datetime, timedelta

from nlu.entities.times.clock import Clock
from nlu.entities.times.half_days import HOUR, HalfDay
from nlu.entities.times.model import DAY, Frame, Period, midnight

OPENS, CLOSES = 7, 21


def place(clock: Clock | None, half: HalfDay | None, day: Period | None, frame: Frame) -> Period | None:
    """Return the period that an hour and/or a half-day mean, on a day or on the next one that is right."""
    if day is not None:
        start = max(day.start, frame.today) if day.end > frame.today else day.start
        return _at(clock, half, start)
    if frame.range_from is not None:
        return _after(frame.range_from, clock, half)
    if frame.beside is not None:
        return _near(frame.beside, clock, half)
    return _undated(clock, half, frame)


def _at(clock: Clock | None, half: HalfDay | None, day: datetime) -> Period | None:
    """Return the hour or half-day on a day (given as its midnight)."""
    if clock is None:
        return None if half is None else half.on(day)
    hour = _hour_of_day(clock, half)
    start = day + hour * HOUR + timedelta(minutes=clock.minute)
    length = clock.hours * HOUR if clock.grain == "hour" else timedelta(minutes=1)
    return Period(
        start, start + length, clock.grain, is_ambiguous=half is None and not clock.is_literal and hour in (7, 18)
    )


def _hour_of_day(clock: Clock, half: HalfDay | None) -> int:
    """Return the hour of the 24 that was meant; without a half-day, the one at which the city's counters are open."""
    if half is not None:
        return half.hour(clock.hour) if clock.hour <= 12 else clock.hour
    return clock.hour if clock.is_literal or clock.hour >= OPENS else clock.hour + 12


def _undated(clock: Clock | None, half: HalfDay | None, frame: Frame) -> Period | None:
    """Return the next (or, looking back, the last) time that an hour or half-day comes round."""
    today = _at(clock, half, frame.today)
    if today is None:
        return None
    if frame.prefers_past:
        found = today if today.start <= frame.now else _at(clock, half, frame.today - DAY)
    else:
        found = today if today.end > frame.earliest else _at(clock, half, frame.today + DAY)
    if found is None:
        return None
    has_rolled = clock is not None and half is None and found.start.date() != today.start.date()
    is_ambiguous = found.is_ambiguous or (has_rolled and not (clock is not None and clock.is_literal))
    return Period(found.start, found.end, found.grain, is_ambiguous, has_implied_date=True)


def _after(begun: datetime, clock: Clock | None, half: HalfDay | None) -> Period | None:
    """Return the end of a range: the first time after its beginning that the hour comes round."""
    found = _at(_as_written(clock), half, midnight(begun))
    step = 12 if clock and half is None and not clock.is_literal else 24
    while found and not (found.start > begun or (clock is None and found.end > begun)):
        found = replace(found, start=found.start + step * HOUR, end=found.end + step * HOUR)
    return found


def _near(beside: datetime, clock: Clock | None, half: HalfDay | None) -> Period | None:
    """Return the hour nearest to what stands beside it on that day: 晚上八点或者九点, 九点或者三点."""
    found = _at(_as_written(clock), half, midnight(beside))
    if found is None or clock is None or half or clock.is_literal or clock.hour >= 12:
        return found
    later = replace(found, start=found.start + 12 * HOUR, end=found.end + 12 * HOUR)
    return found if abs(found.start - beside) < abs(later.start - beside) else later


def _as_written(clock: Clock | None) -> Clock | None:
    """Return the hour as a plain number of the 24."""
    return clock and replace(clock, is_literal=True)
