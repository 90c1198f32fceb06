"""A day, a half-day and an hour that stand side by side: 明天 下午 三点, 12月3号(周四)上午."""

import re
from dataclasses import dataclass, replace

from nlu.entities.times import (
    dates,
    days,
    festivals,
    figures,
    holidays,
    months,
    offsets,
    old_dates,
    seasons,
    vague,
    weeks,
)
from nlu.entities.times.clock import Clock, read_clock
from nlu.entities.times.half_days import HALF_DAYS, HalfDay, read_half_day
from nlu.entities.times.model import Frame, Period, Resolver, RuleBook
from nlu.entities.times.patterns import ARABIC, DAY, MONTH, NUMERALS, WEEKDAYS, openings
from nlu.entities.times.placing import place

BOOK = RuleBook(
    rule
    for part in (days, weeks, dates, months, old_dates, seasons, figures, offsets, vague, festivals, holidays)
    for rule in part.RULES
)
# Half-days, short ones only before an hour; 差一刻九点; 截至.
_OTHER_OPENINGS = {word[:2] for word in HALF_DAYS if len(word) > 1} | {"截至", "截止"}
_OTHER_OPENINGS |= {*openings("早晚晨夜", f"差{NUMERALS}"), *openings("差", f" {NUMERALS}")}
_OPENINGS = frozenset(opening for opening in BOOK.openings | _OTHER_OPENINGS if len(opening) > 1)
_FIRST = re.compile(f"[{NUMERALS}{''.join(sorted({opening[0] for opening in _OPENINGS}))}]")
_UNITS = r"年月日号点时分秒天周星礼工刻小钟季世半、到至~./:\-"
_COUNTS = re.compile(
    rf"(?<![0-9])[0-9]{{1,4}}[来多余]?[ 个多]{{0,2}}[{_UNITS}ap]|(?<![0-9])(?:19|20)[0-9]{{6}}(?![0-9])"
    rf"|[{NUMERALS.removeprefix(ARABIC)}](?=[{NUMERALS}百千]{{0,9}}[来多余]?[ 个多]{{0,2}}[{_UNITS}])"
)
# The t is that of 2026-12-03T10:30.
_JOINT = re.compile(r"(?: ?的 ?|[ ,]{1,2}|大概|大约|差不多|从|在|整个|一(?=[上下]午|晚上)|(?<=[0-9])t(?=[0-9]))?")
_WEEKDAY = re.compile(r" ?\(?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])\)?")
_WEEKDAY_SAID = re.compile(r"(?:周|期|拜)(?P<day>[一二三四五六日天])$")
_DATE = re.compile(rf"(?:{MONTH}月)?{DAY}[号日]|[0-9]{{1,2}}/[0-9]{{1,2}}")
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


def find_start(text: str, position: int) -> int | None:
    """Return the first place from a position on at which an expression may begin: most of a text is passed over so."""
    while found := _FIRST.search(text, position):
        position = found.start()
        if text[position : position + 2] in _OPENINGS or _COUNTS.match(text, position):
            return position
        position += 1
    return None


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
    if match is None:
        return _with_date_behind(text, moment)
    if moment.day is None or _DATED.search(text, max(0, moment.end - 1), moment.end) is None:
        return moment
    return Moment(match.end(), day=_checked(moment.day, match["day"]))


def _with_date_behind(text: str, moment: Moment) -> Moment:
    """Take in the date of 下周三(12月2号) and 周三12月2号: a date outweighs the weekday before it."""
    weekday = _WEEKDAY_SAID.search(text, max(0, moment.end - 3), moment.end)
    in_brackets = text.startswith("(", moment.end)
    start = moment.end + (in_brackets or text.startswith((" ", ","), moment.end))
    date = _DATE.match(text, start) if weekday or in_brackets else None
    if date is None or (in_brackets and not text.startswith(")", date.end())):
        return moment
    reading = BOOK.read(f" {date.group()}", 1)
    if reading is None or reading.end != 1 + len(date.group()):
        return moment
    resolve = _checked(reading.resolve, weekday["day"]) if weekday else reading.resolve
    return Moment(date.end() + in_brackets, day=resolve)


def _checked(resolve: Resolver, weekday: str) -> Resolver:
    """Return a resolver for the day, in doubt if it is not the weekday that was said."""

    def checked(frame: Frame) -> Period | None:
        found = resolve(frame)
        if found is None or not found.is_one_day or found.start.weekday() == WEEKDAYS[weekday]:
            return found
        return replace(found, is_ambiguous=True)

    return checked


def _with_half_day(text: str, moment: Moment) -> Moment:
    """Take in the half-day that follows."""
    for position in _joints(text, moment):
        said = read_half_day(text, position, follows_day=moment.day is not None)
        if said is not None:
            return replace(moment, end=said[0], half=said[1])
    return moment


def _with_clock(text: str, moment: Moment, *, in_range: bool) -> Moment:
    """Take in the hour that follows."""
    follows = in_range or moment.day is not None or moment.half is not None
    for position in _joints(text, moment):
        said = read_clock(text, position, follows_day=follows, follows_half_day=moment.half is not None)
        if said is not None:
            return replace(moment, end=said[0], clock=said[1])
    return moment


def _joints(text: str, moment: Moment) -> tuple[int, ...]:
    """Return where the next part may begin: here, or behind 的, a blank or a comma."""
    joint = _JOINT.match(text, moment.end)
    has_part = moment.day is not None or moment.half is not None
    return (moment.end, joint.end()) if has_part and joint and joint.end() > moment.end else (moment.end,)
