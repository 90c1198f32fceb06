"""Days and hours counted from now: 三天后, 两个小时内, 前1周, 两三天后, 两周后的周三."""

import re
from collections.abc import Callable
from datetime import timedelta

from nlu.entities.numerals import HAN
from nlu.entities.times.counts import AMOUNT, CLOCK_UNITS, MONTH_UNITS, Count, read_count
from nlu.entities.times.model import DAY, Frame, Period, Resolver, Rule, day_period, midnight
from nlu.entities.times.patterns import NUMERALS, WEEK, WEEKDAY, WEEKDAYS, openings
from nlu.entities.times.weeks import monday

Build = Callable[[re.Match[str]], Resolver | None]


def _point(count: Count, sign: int) -> Resolver:
    """Return a resolver for the day, or the minute or hour, that is so far from now."""
    nearer, farther = sorted((sign * count.least, sign * count.most))

    def resolve(frame: Frame) -> Period:
        start, last = count.step(frame.now, nearer), count.step(frame.now, farther)
        if not count.is_of_clock:
            return Period(start, day_period(last).end, "day", is_ambiguous=count.is_about)
        length = CLOCK_UNITS[count.unit] if count.grain == "hour" else 1
        start, last = (instant.replace(second=0, microsecond=0) for instant in (start, last))
        return Period(start, last + timedelta(minutes=length), count.grain, is_ambiguous=nearer != farther)

    return resolve


def _stretch(count: Count, sign: int, *, from_tomorrow: bool = False) -> Resolver:
    """Return a resolver for everything between now (or the end of today) and so far from now."""

    def resolve(frame: Frame) -> Period:
        here = frame.now.replace(second=0, microsecond=0) if count.is_of_clock else midnight(frame.now)
        there = count.step(here, sign * count.most)
        if count.unit == "工作日":
            there += DAY
        shift = DAY if from_tomorrow and not count.is_of_clock else timedelta()
        return Period(min(here, there) + shift, max(here, there) + shift, count.grain)

    return resolve


def _after(match: re.Match[str]) -> Resolver | None:
    """Read 三天后; 几天后 asks how many."""
    count = None if match["count"] == "几" else read_count(match)
    return None if count is None else _point(count, 1)


def _ago(match: re.Match[str]) -> Resolver | None:
    count = read_count(match)
    return None if count is None else _point(count, -1)


def _within(match: re.Match[str]) -> Resolver | None:
    """Read 三天内; 几天内 asks how many, and 十来年里 tells how long."""
    count = read_count(match)
    return None if count is None or count.is_about else _stretch(count, 1)


def _to_come(match: re.Match[str]) -> Resolver | None:
    """Read 未来三天, the days that are yet to come: today is not one of them."""
    count = read_count(match)
    return None if count is None else _stretch(count, 1, from_tomorrow=True)


def _last(match: re.Match[str]) -> Resolver | None:
    count = read_count(match)
    return None if count is None else _stretch(count, -1)


def _recent(match: re.Match[str]) -> Resolver | None:
    """Read 最近三天 and 这两天 forward unless the words around look back; 近一个月 and 近两个小时 are behind us."""
    count = read_count(match)
    if count is None:
        return None
    forward, back = _stretch(count, 1), _stretch(count, -1)
    is_behind = count.unit in MONTH_UNITS or count.is_of_clock or match.group().endswith("来")
    return lambda frame: (back if is_behind or frame.prefers_past else forward)(frame)


def _weekday_after(match: re.Match[str]) -> Resolver | None:
    count = read_count(match)
    if count is None:
        return None
    weekday = WEEKDAYS[match["weekday"]]
    return lambda frame: day_period(monday(count.step(frame.now, count.most)) + weekday * DAY)


_HAN_COUNT = "[0-9一二两三四五六七八九十]{1,3}"
_ALONE = rf"(?<![第0-9a-z{HAN}.每])"
_AFTERWARDS = r"(?:(?:之|以|过)后|后(?![年面天]))"
_BEFOREHAND = r"(?:(?:之|以)前|前(?![年面天台]))"
_INSIDE = r"(?:(?:之|以)?内(?!科)|里头?(?!面))"
# 手术前三天 and 术后三天 are counted from something else.
_FROM_NOW = "(?<![一-鿿](?<![我你他她们就是从在的了也都才刚]))"
# 下个月 is a month, 下一个小时 is so long.
_COUNTED = "(?:的?(?=一个(?:小时|钟头))|(?:一?个)?(?!一个|一刻|半|几))"

RULES = (
    Rule(NUMERALS, re.compile(rf"{_ALONE}{AMOUNT} ?{_AFTERWARDS}"), _after),
    Rule(NUMERALS, re.compile(rf"{_ALONE}{AMOUNT} ?{_BEFOREHAND}"), _ago),
    Rule(NUMERALS, re.compile(rf"{_ALONE}{AMOUNT}{_INSIDE}"), _within),
    Rule(
        NUMERALS,
        re.compile(rf"{_ALONE}{AMOUNT}{_AFTERWARDS}的?{WEEK}(?P<weekday>{WEEKDAY})"),
        _weekday_after,
    ),
    Rule(
        (*openings("再", f"过等{NUMERALS}"), *openings("过", NUMERALS)),
        re.compile(rf"(?:再[过等]?|(?<![通超经路度难])过)(?!几天|两天){AMOUNT}(?:之后|以后|后)?(?![的了])"),
        _after,
    ),
    Rule(("接下", "还剩", "剩下"), re.compile(rf"(?:接下来|还剩下?|剩下)的? ?{AMOUNT}"), _within),
    Rule(
        ("未来", "今后", "往后", "之后", *openings("后", f"的 {NUMERALS}")),
        re.compile(rf"(?:未来|今后|往后|{_FROM_NOW}(?:之后|后))的? ?(?!天){AMOUNT}(?![前后])"),
        _to_come,
    ),
    Rule(openings("这", NUMERALS), re.compile(rf"这{AMOUNT}(?:以?来|之?内)?"), _recent),
    Rule(
        openings("下", f"的个{NUMERALS}"),
        re.compile(rf"下{_COUNTED}(?!{_HAN_COUNT}个?{WEEK}{WEEKDAY}){AMOUNT}(?![后前内])"),
        _within,
    ),
    Rule(
        openings("上", f"的个{NUMERALS}"),
        re.compile(rf"(?<![晚早以多])上{_COUNTED}{AMOUNT}(?!的?[班课学夜]|[后前内])"),
        _last,
    ),
    Rule(
        ("过去", "之前", "以前", *openings("前头", f"的{NUMERALS}")),
        re.compile(rf"{_FROM_NOW}(?:前|过去|头|之前|以前)的?{AMOUNT}(?![的]?名)"),
        _last,
    ),
    Rule(
        ("最近", *openings("近", f"的这{NUMERALS}")),
        re.compile(rf"(?:最近|(?<![最附临靠将接])近)的?(?:这)?{AMOUNT}(?:以?来)?"),
        _recent,
    ),
)
