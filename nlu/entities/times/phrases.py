"""Whole expressions: moments, and the ranges that two of them make."""

import re
from dataclasses import replace
from datetime import timedelta

from nlu.entities.times.bounds import read_bound
from nlu.entities.times.model import Frame, Period, Reading, Resolver, day_period
from nlu.entities.times.moments import Moment, read_moment
from nlu.entities.times.patterns import DAY as DAY_NUMBER

LONGEST_HALF_DAY = timedelta(hours=12)
LONGEST_MOMENT = 40

# 停到, 等到, 吵到 and the like still span; 改到 and 约到 do not.
_TO = re.compile(r" ?(?:开始)?(?:一直|持续)?(?:[停等修吵闹堵开上睡做干放营施业工]{1,2})?(?:到|至|-{1,2}|~) ?")
_TO_NOW = re.compile(r" ?(?:一直)?(?:至今|到今(?![天日年早晚]))")
_AND = re.compile(r" ?(?:和|与|跟) ?")
_BETWEEN = re.compile(r"之?间")
_BARE_LEFT = re.compile(rf"(?P<number>{DAY_NUMBER})(?= ?(?:到|至|-) ?{DAY_NUMBER} ?(?P<unit>号|日|点|月|时))")


def read_phrase(text: str, position: int) -> Reading | None:
    """Return the longest time expression that begins at a position, or None."""
    first = _read_first(text, position)
    if first is None:
        return None
    return _read_range(text, first) or read_bound(text, first)


def _read_first(text: str, position: int) -> Moment | None:
    """Return the moment at a position; the 3 of 3到5号 takes its unit from the right."""
    moment = read_moment(text, position)
    after = moment.end if moment else position
    bare = _BARE_LEFT.match(text, after) if moment or not text[position - 1 : position].isdigit() else None
    if bare is None:
        return moment
    written = f"{text[position : bare.end()]}{bare['unit']}"
    whole = read_moment(written, 0)
    return replace(whole, end=bare.end()) if whole and whole.end == len(written) else moment


def _read_range(text: str, first: Moment) -> Reading | None:
    """Return the range that a moment opens, or None."""
    until_now = _TO_NOW.match(text, first.end)
    if until_now:
        return Reading(until_now.end(), _range(first, Moment(until_now.end(), day=lambda frame: day_period(frame.now))))
    to = _TO.match(text, first.end)
    second = _read_second(text, to.end()) if to else None
    if second is not None:
        return Reading(second.end, _range(first, second))
    both = _AND.match(text, first.end)
    second = _read_second(text, both.end()) if both else None
    between = _BETWEEN.match(text, second.end) if second else None
    return Reading(between.end(), _range(first, second)) if second and between else None


def _read_second(text: str, position: int) -> Moment | None:
    """Return the moment behind a 到 or a dash, which must not look like the middle of a number to it."""
    moment = read_moment(f" {text[position : position + LONGEST_MOMENT]}", 1, in_range=True)
    return moment and replace(moment, end=moment.end - 1 + position)


def _range(first: Moment, second: Moment) -> Resolver:
    """Return a resolver from the beginning of one moment to the end of the other; one that is under way comes first.

    周一到周五, said on a Wednesday, is this week's.
    """

    def resolve(frame: Frame) -> Period | None:
        ahead = _joined(first, second, frame)
        under_way = _joined(first, second, replace(frame, prefers_past=True))
        if under_way is None or not under_way.start <= frame.now < under_way.end or under_way == ahead:
            return ahead
        return under_way if frame.prefers_past else _rest_of(under_way, frame)

    return resolve


def _rest_of(period: Period, frame: Frame) -> Period:
    """Return what is left of days under way, because nobody books the past; hours, months and years stay whole."""
    return replace(period, start=max(period.start, frame.today)) if period.grain in ("day", "week") else period


def _joined(first: Moment, second: Moment, frame: Frame) -> Period | None:
    """Return from the beginning of one moment to the end of the other (of an hour: to its beginning)."""
    begins = first.resolve(frame)
    if begins is None:
        return None
    ends = _inheriting(first, second, frame.following(begins))
    end = begins.end if ends is None else ends.start if second.clock else ends.end
    if end <= begins.start:
        return begins
    return replace(begins, end=end, bound=None)


def _inheriting(first: Moment, second: Moment, frame: Frame) -> Period | None:
    """Return the second moment; 早上五点到六点 is in the morning throughout, 上午九点到三点 is not."""
    if first.half and second.clock and not second.half and second.day is None:
        ends = replace(second, half=first.half).resolve(frame)
        if ends is not None and timedelta() < ends.start - frame.earliest < LONGEST_HALF_DAY:
            return ends
    return second.resolve(frame)
