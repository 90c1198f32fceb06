"""Whole expressions: moments, and the ranges that two of them make."""

import re
from dataclasses import replace
from datetime import timedelta

from nlu.entities.times import dates, days, figures, weeks
from nlu.entities.times.bounds import read_bound, read_deadline
from nlu.entities.times.model import DAY, Frame, Period, Reading, Resolver, RuleBook, day_period
from nlu.entities.times.moments import Moment, read_moment
from nlu.entities.times.patterns import DAY as DAY_NUMBER
from nlu.entities.times.patterns import YEAR_DIGITS

LONGEST_HALF_DAY = timedelta(hours=12)
LONGEST_BOOKABLE = 31 * DAY
OTHER_LENGTHS = 6 * DAY
"""How much the same range may differ from year to year."""
LONGEST_MOMENT = 40
NIGHT_BEGINS = 18
DAYS = RuleBook((*days.RULES, *weeks.RULES, *dates.RULES, *figures.RULES))

# 停到, 等到, 吵到 and the like still span; 改到 and 约到 do not.
_TO = re.compile(r" ?(?:开始)?(?:一直|持续)?(?:[停等修吵闹堵开上睡做干放营施业工]{1,2})?(?:到|至|-{1,2}|~) ?")
_TO_NOW = re.compile(r" ?(?:一直)?(?:至今|到今(?![天日年早晚]))")
_AND = re.compile(r" ?(?:和|与|跟) ?")
_BETWEEN = re.compile(r"之?间")
_BARE_LEFT = re.compile(
    rf"(?:(?P<number>{DAY_NUMBER})(?= ?(?:到|至|-) ?{DAY_NUMBER} ?(?P<unit>号|日|点|月|时))"
    rf"|{YEAR_DIGITS}(?= ?(?:到|至|-) ?{YEAR_DIGITS} ?(?P<year>年)))"
)
# 夏天开到晚上 is no range.
_LONG = re.compile(r"[春夏秋冬]天$|[季月年假]$")
_SHORT_YEAR = re.compile(r"[0-9]{2}年")
_NEXT_DAY = re.compile(r"(?:次日|翌日|第二天)的?")


def read_phrase(text: str, position: int) -> Reading | None:
    """Return the longest time expression that begins at a position, or None."""
    first = _read_first(text, position)
    if first is None:
        return read_deadline(text, position)
    found = _read_range(text, first)
    if found is None:
        return _with_day_behind(text, first) or read_bound(text, first)
    second, resolve = found
    behind = None if first.day else _day_behind(text, second.end)
    if behind is None:
        return Reading(second.end, resolve)
    return Reading(behind.end, _range(replace(first, day=behind.resolve), second))


def _read_first(text: str, position: int) -> Moment | None:
    """Return the moment at a position; the 3 of 3到5号 takes its unit from the right."""
    moment = read_moment(text, position)
    after = moment.end if moment else position
    bare = _BARE_LEFT.match(text, after) if moment or not text[position - 1 : position].isdigit() else None
    if bare is None:
        return moment
    written = f"{text[position : bare.end()]}{bare['unit'] or bare['year']}"
    whole = read_moment(written, 0)
    return replace(whole, end=bare.end()) if whole and whole.end == len(written) else moment


def _with_day_behind(text: str, moment: Moment) -> Reading | None:
    """Return an hour with the day that is said after it: 下午三点,周五."""
    behind = None if moment.day else _day_behind(text, moment.end)
    return behind and Reading(behind.end, replace(moment, day=behind.resolve).resolve)


def _day_behind(text: str, position: int) -> Reading | None:
    """Return the day that stands behind an hour, if that day has no hour of its own."""
    start = position + text.startswith((" ", ","), position)
    found = DAYS.read(text, start)
    whole = read_moment(text, start) if found else None
    return found if whole and found and whole.end == found.end else None


def _read_range(text: str, first: Moment) -> tuple[Moment, Resolver] | None:
    """Return the second moment of the range that a moment opens, and how to place the range; or None."""
    until_now = _TO_NOW.match(text, first.end)
    if until_now:
        now = Moment(until_now.end(), day=lambda frame: day_period(frame.now))
        return now, _range(first, now)
    to = _TO.match(text, first.end)
    second = (_read_second(text, to.end()) or _read_year(text, first, to.end())) if to else None
    if second is not None:
        is_odd = second.day is None and _LONG.search(text, max(0, first.end - 2), first.end)
        return None if is_odd else (second, _range(first, second))
    both = _AND.match(text, first.end)
    second = _read_second(text, both.end()) if both else None
    between = _BETWEEN.match(text, second.end) if second else None
    return (replace(second, end=between.end()), _range(first, second)) if second and between else None


def _read_second(text: str, position: int) -> Moment | None:
    """Return the moment behind a 到 or a dash, which must not look like the middle of a number to it."""
    next_day = _NEXT_DAY.match(text, position)
    start = next_day.end() if next_day else position
    moment = read_moment(f" {text[start : start + LONGEST_MOMENT]}", 1, in_range=True)
    if next_day and (moment is None or moment.day):
        return Moment(start, day=_the_day_after)
    if moment is None:
        return None
    return replace(moment, end=moment.end - 1 + start, day=_the_day_after if next_day else moment.day)


def _read_year(text: str, first: Moment, position: int) -> Moment | None:
    """Return the year of two figures behind one (10年到15年)."""
    match = _SHORT_YEAR.match(text, position) if text.startswith("年", first.end - 1) else None
    year = read_moment(f"在{match.group()}", 1) if match else None
    return year and replace(year, end=year.end - 1 + position)


def _the_day_after(frame: Frame) -> Period | None:
    """Return the day after the one said before."""
    return day_period(frame.range_from + DAY) if frame.range_from else None


def _range(first: Moment, second: Moment) -> Resolver:
    """Return a resolver from the beginning of one moment to the end of the other; one that is under way comes first.

    周一到周五, said on a Wednesday, is this week's; but 周六到下周一 is not what began last Saturday.
    """

    def resolve(frame: Frame) -> Period | None:
        looking_back = replace(frame, prefers_past=True)
        begins, begun = first.resolve(frame), first.resolve(looking_back)
        ahead = _joined(begins, first, second, frame)
        under_way = None if begun == begins else _joined(begun, first, second, looking_back)
        if under_way is None or not under_way.start <= frame.now < under_way.end:
            return ahead or begins
        if frame.prefers_past:
            return under_way
        is_stretched = ahead is not None and under_way.end - under_way.start > ahead.end - ahead.start + OTHER_LENGTHS
        return ahead if is_stretched else _rest_of(under_way, frame)

    return resolve


def _rest_of(period: Period, frame: Frame) -> Period:
    """Return what is left of some days under way, because nobody books the past; hours, months, years stay whole."""
    is_bookable = period.grain in ("day", "week") and period.end - period.start <= LONGEST_BOOKABLE
    return replace(period, start=max(period.start, frame.today)) if is_bookable else period


def _joined(begins: Period | None, first: Moment, second: Moment, frame: Frame) -> Period | None:
    """Return from the beginning of one moment to the end of the other (of an hour: to its beginning), if that is later."""
    if begins is None:
        return None
    ends = _inheriting(first, second, frame.following(begins))
    end = begins.end if ends is None else ends.start if second.clock else ends.end
    return replace(begins, end=end, bound=None) if end > begins.start else None


def _inheriting(first: Moment, second: Moment, frame: Frame) -> Period | None:
    """Return the second moment; 早上五点到六点 is in the morning throughout, 上午九点到三点 is not, 22点到次日6点 ends there."""
    if second.day and second.clock and not second.half and frame.earliest.hour >= NIGHT_BEGINS:
        return replace(second, clock=replace(second.clock, is_literal=True)).resolve(frame)
    if first.half and second.clock and not second.half and second.day is None:
        ends = replace(second, half=first.half).resolve(frame)
        if ends is not None and timedelta() < ends.start - frame.earliest < LONGEST_HALF_DAY:
            return ends
    return second.resolve(frame)
