"""Everything before, after or about a moment: 周五前, 截至月底, 下午三点以后, 12月3号起五天, 月初左右."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from nlu.entities.times.counts import AMOUNT, Count, read_count
from nlu.entities.times.model import DAY, Frame, Period, Reading, Resolver
from nlu.entities.times.moments import Moment, read_moment
from nlu.entities.times.placing import CLOSES

OPEN_DAYS = 7
ABOUT_DAYS = 2
_BEFORE = re.compile(r" ?(?:之前|以前|前(?![台面方门来往去后夫任妻言途天年]))")
_UP_TO = re.compile(r" ?(?:及之前|或之前|及以前|或以前|为止|截止)")
_AFTER = re.compile(r" ?(?:之后|以后|过后|过了|后(?![头台面边天门悔来勤院备年]))")
_FROM = re.compile(r" ?(?:及之后|或之后|及以后|或以后|开始|起(?![来床诉码点步飞]))")
_FOR = re.compile(rf" ?(?:开始|起)的?{AMOUNT}(?:之?内)?")
_ABOUT = re.compile(r" ?(?:左右|前后|上下)")
_DEADLINE = re.compile(r"截[至止]到? ?")


def read_deadline(text: str, position: int) -> Reading | None:
    """Return everything up to a moment, that one included: 截至12月3日."""
    match = _DEADLINE.match(text, position)
    moment = read_moment(text, match.end()) if match else None
    return Reading(moment.end, _bounded(moment, _up_to)) if moment else None


def read_bound(text: str, moment: Moment) -> Reading:
    """Return the moment itself, or everything before or after it."""
    lasting = _FOR.match(text, moment.end)
    count = read_count(lasting) if lasting else None
    if lasting and count:
        return Reading(lasting.end(), _lasting(moment, count))
    bounds: tuple[tuple[re.Pattern[str], Callable[[Moment, Period, Frame], Period]], ...] = (
        (_UP_TO, _up_to),
        (_BEFORE, _before),
        (_FROM, _from),
        (_AFTER, _after),
        (_ABOUT, _about),
    )
    for pattern, bound in bounds:
        match = pattern.match(text, moment.end)
        if match:
            return Reading(match.end(), _bounded(moment, bound))
    return Reading(moment.end, moment.resolve)


def _bounded(moment: Moment, bound: Callable[[Moment, Period, Frame], Period]) -> Resolver:
    def resolve(frame: Frame) -> Period | None:
        found = moment.resolve(frame)
        return None if found is None or found.bound else bound(moment, found, frame)

    return resolve


def _lasting(moment: Moment, count: Count) -> Resolver:
    def resolve(frame: Frame) -> Period | None:
        found = moment.resolve(frame)
        return found and replace(found, end=count.step(found.start, count.most))

    return resolve


def _about(moment: Moment, found: Period, frame: Frame) -> Period:
    """Return the days around a day; an hour stays as it is."""
    if moment.clock or not found.is_one_day:
        return found
    start = found.start - ABOUT_DAYS * DAY
    start = start if frame.prefers_past or found.start < frame.today else max(start, frame.today)
    return replace(found, start=start, end=found.end + ABOUT_DAYS * DAY, is_ambiguous=True)


def _before(moment: Moment, found: Period, frame: Frame) -> Period:
    """Return from now up to the moment; 月底前 runs to the month's end."""
    end = found.end if moment.clock is None and not found.is_one_day and found.grain == "day" else found.start
    return _until(found, end, frame)


def _up_to(moment: Moment, found: Period, frame: Frame) -> Period:
    """Return from now through the moment."""
    return _until(found, found.start if moment.clock else found.end, frame)


def _until(found: Period, end: datetime, frame: Frame) -> Period:
    now = frame.now.replace(second=0, microsecond=0)
    return replace(found, start=now, end=end, bound="before") if end > now else replace(found, bound="before")


def _after(moment: Moment, found: Period, frame: Frame) -> Period:
    """Return from behind the moment on: to the end of the half-day for an hour, else for a week."""
    return _onward(moment, found, found.start if moment.clock else found.end, frame)


def _from(moment: Moment, found: Period, frame: Frame) -> Period:
    """Return from the moment on."""
    return _onward(moment, found, found.start, frame)


def _onward(moment: Moment, found: Period, start: datetime, frame: Frame) -> Period:
    if moment.clock or moment.half:
        midnight = start.replace(hour=0, minute=0)
        ends = (midnight + timedelta(hours=hour) for hour in (12, 18, CLOSES, 24, 36))
        end = next(end for end in ends if end > start)
    else:
        end = max(start + OPEN_DAYS * DAY, found.end, frame.today + DAY)
    return replace(found, start=start, end=end, bound="after")
