"""A day, a half-day and an hour that stand side by side: 明天 下午 三点, 12月3号(周四)上午."""

import re
from dataclasses import dataclass, replace

from nlu.entities.times import dates, days, festivals, figures, offsets, seasons
from nlu.entities.times.clock import Clock, HalfDay, place, read_clock, read_half_day
from nlu.entities.times.model import Frame, Period, Resolver, RuleBook
from nlu.entities.times.patterns import WEEKDAYS

BOOK = RuleBook((*days.RULES, *dates.RULES, *seasons.RULES, *figures.RULES, *offsets.RULES, *festivals.RULES))
CLOCK_FIRSTS = "0123456789零〇一二两三四五六七八九十差凌清大早上中正晌午下后傍擦黄晚夜半深天朝"
START = re.compile(f"(?<![0-9])[0-9]|[{re.sub('[0-9]', '', BOOK.firsts + CLOCK_FIRSTS)}]")
_JOINT = re.compile(r"(?: ?的 ?|[ ,]{1,2}|大概|大约|差不多)?")
_WEEKDAY = re.compile(r" ?\(?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])\)?")
_DATED = re.compile(r"[号日天儿0-9]$")


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, a half-day, an hour: any of them, side by side."""

    end: int
    day: Resolver | None = None
    half: HalfDay | None = None
    clock: Clock | None = None

    def resolve(self, frame: Frame) -> Period | None:
        """Return the period that is meant, or None if there is no such day."""
        if self.day is None:
            return place(self.clock, self.half, None, frame)
        found = self.day(frame)
        if found is None or (self.half is None and self.clock is None):
            return found
        placed = place(self.clock, self.half, found, frame)
        return placed and replace(placed, is_ambiguous=placed.is_ambiguous or found.is_ambiguous)


def read_moment(text: str, position: int, *, in_range: bool = False) -> Moment | None:
    """Return the day, half-day and hour that stand together at a position (`in_range`: behind a 到)."""
    reading = BOOK.read(text, position)
    moment = Moment(position)
    if reading is not None:
        moment = _with_weekday(text, Moment(reading.end, day=reading.resolve))
    moment = _with_half_day(text, moment)
    moment = _with_clock(text, moment, in_range=in_range)
    return moment if moment.end > position else None


def _with_weekday(text: str, moment: Moment) -> Moment:
    """Take in the weekday of 12月3号(周四); one that disagrees makes the day doubtful."""
    match = _WEEKDAY.match(text, moment.end)
    resolve = moment.day
    if match is None:
        return _with_date_in_brackets(text, moment)
    if resolve is None or _DATED.search(text, max(0, moment.end - 1), moment.end) is None:
        return moment
    weekday = WEEKDAYS[match["day"]]

    def checked(frame: Frame) -> Period | None:
        found = resolve(frame)
        if found is None or not found.is_one_day or found.start.weekday() == weekday:
            return found
        return replace(found, is_ambiguous=True)

    return Moment(match.end(), day=checked)


def _with_date_in_brackets(text: str, moment: Moment) -> Moment:
    """Take in the date of 下周三(12月2号): a date outweighs the weekday before it."""
    if not text.startswith("(", moment.end):
        return moment
    reading = BOOK.read(text, moment.end + 1)
    if reading is None or not text.startswith(")", reading.end):
        return moment
    return Moment(reading.end + 1, day=reading.resolve)


def _with_half_day(text: str, moment: Moment) -> Moment:
    """Take in the half-day that follows."""
    for position in _joints(text, moment):
        said = read_half_day(text, position, follows_day=moment.day is not None)
        if said is not None:
            return replace(moment, end=said.end, half=said.half)
    return moment


def _with_clock(text: str, moment: Moment, *, in_range: bool) -> Moment:
    """Take in the hour that follows."""
    follows = in_range or moment.day is not None or moment.half is not None
    for position in _joints(text, moment):
        said = read_clock(text, position, follows_day=follows)
        if said is not None:
            return replace(moment, end=said.end, clock=said.clock)
    return moment


def _joints(text: str, moment: Moment) -> tuple[int, ...]:
    """Return where the next part may begin: here, or behind 的, a blank or a comma."""
    joint = _JOINT.match(text, moment.end)
    has_part = moment.day is not None or moment.half is not None
    return (moment.end, joint.end()) if has_part and joint and joint.end() > moment.end else (moment.end,)
