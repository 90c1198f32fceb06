"""Days and hours counted from now: 三天后, 两个小时内, 前1周, 过两天, 等哈儿."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from nlu.entities.numerals import HAN, read_number
from nlu.entities.times.days import monday
from nlu.entities.times.model import DAY, Frame, Period, Resolver, Rule, day_period, midnight, shift_months
from nlu.entities.times.patterns import ARABIC, NUMERAL_FIRSTS, WEEK, WEEKDAY, WEEKDAYS
from nlu.entities.times.workdays import add_workdays

SHORT_WHILE = timedelta(hours=2)
FEW_DAYS = (2, 7)
CLOCK_UNITS = {"分钟": 1, "分": 1, "小时": 60, "钟头": 60, "时辰": 120}
DAY_UNITS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}
MONTH_UNITS = {"月": 1, "季度": 3, "年": 12}
CLOCK_GRAINS = {"分钟": "minute", "分": "minute", "小时": "hour", "钟头": "hour", "时辰": "hour"}


def _step(match: re.Match[str], sign: int) -> Callable[[datetime], datetime] | None:
    """Return how to go the counted stretch forward (sign 1) or back (-1) from an instant; None if it is not a count."""
    count = _count(match["count"], bool(match["half"]))
    unit = match["unit"]
    if count is None:
        return None
    if unit in CLOCK_UNITS:
        return lambda now: now + sign * timedelta(minutes=count * CLOCK_UNITS[unit])
    if unit in DAY_UNITS:
        return lambda now: midnight(now) + sign * int(count * DAY_UNITS[unit]) * DAY
    if unit == "工作日":
        return lambda now: add_workdays(midnight(now), sign * int(count))
    months, rest = divmod(count * MONTH_UNITS[unit], 1)
    return lambda now: shift_months(midnight(now), sign * int(months)) + sign * int(rest * 30) * DAY


def _count(text: str, has_half: bool) -> float | None:
    """Return the number that was said; 半 is a half, 几 about three."""
    if text in ("半", "几"):
        return 0.5 if text == "半" else 3
    number = read_number(text)
    return None if number is None else number + 0.5 * has_half


def _point(match: re.Match[str], sign: int) -> Resolver | None:
    """Return a resolver for one day, or one minute or hour, so far from now."""
    step = _step(match, sign)
    unit = match["unit"]
    if step is None:
        return None

    def resolve(frame: Frame) -> Period:
        found = step(frame.now)
        if unit in CLOCK_UNITS:
            start = found.replace(second=0, microsecond=0)
            return Period(start, start + timedelta(minutes=CLOCK_UNITS[unit]), CLOCK_GRAINS[unit])
        return _whole_day(found, is_ambiguous=match["count"] == "几")

    return resolve


def _whole_day(day: datetime, *, is_ambiguous: bool) -> Period:
    found = day_period(day)
    return Period(found.start, found.end, "day", is_ambiguous=is_ambiguous)


def _stretch(match: re.Match[str], sign: int) -> Resolver | None:
    """Return a resolver for everything between now and so far from now."""
    step = _step(match, sign)
    unit = match["unit"]
    if step is None:
        return None

    def resolve(frame: Frame) -> Period:
        here = frame.now.replace(second=0, microsecond=0) if unit in CLOCK_UNITS else midnight(frame.now)
        there = step(here)
        if unit == "工作日":
            there += DAY
        return Period(min(here, there), max(here, there), CLOCK_GRAINS.get(unit, "day"))

    return resolve


def _after(match: re.Match[str]) -> Resolver | None:
    return None if match["count"] == "几" else _point(match, 1)


def _ago(match: re.Match[str]) -> Resolver | None:
    return _point(match, -1)


def _within(match: re.Match[str]) -> Resolver | None:
    """Read 三天内; 几天内 asks how many."""
    return None if match["count"] == "几" else _stretch(match, 1)


def _last(match: re.Match[str]) -> Resolver | None:
    return _stretch(match, -1)


def _recent(match: re.Match[str]) -> Resolver | None:
    """Read 最近三天 and 这两天 forward unless the words around look back; 近一个月 and 这几年 are behind us."""
    forward, back = _stretch(match, 1), _stretch(match, -1)
    if forward is None or back is None:
        return None
    is_behind = match["unit"] in MONTH_UNITS or match.group().endswith("来")
    return lambda frame: (back if is_behind or frame.prefers_past else forward)(frame)


def _in_a_few_days(_match: re.Match[str]) -> Resolver:
    first, last = FEW_DAYS
    return lambda frame: Period(frame.today + first * DAY, frame.today + last * DAY, "day", is_ambiguous=True)


def _weekday_after(match: re.Match[str]) -> Resolver | None:
    step = _step(match, 1)
    if step is None:
        return None
    return lambda frame: day_period(monday(step(frame.now)) + WEEKDAYS[match["weekday"]] * DAY)


def _soon(_match: re.Match[str]) -> Resolver:
    return lambda frame: Period(_minute(frame.now), _minute(frame.now) + SHORT_WHILE, "hour")


def _just_now(_match: re.Match[str]) -> Resolver:
    return lambda frame: Period(_minute(frame.now) - SHORT_WHILE, _minute(frame.now), "hour")


def _now(_match: re.Match[str]) -> Resolver:
    return lambda frame: Period(_minute(frame.now), _minute(frame.now) + timedelta(minutes=1), "minute")


def _lately(_match: re.Match[str]) -> Resolver:
    return lambda frame: Period(frame.today, frame.today + 7 * DAY, "week", is_ambiguous=True)


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


_COUNT = rf"(?P<count>[0-9]{{1,3}}(?:\.[0-9])?|[{HAN.replace('亿', '')}]{{1,5}}|半|几)"
_UNIT = r"(?P<unit>工作日|分钟|分(?!之)|小时|钟头|时辰|天|日|周|星期|礼拜|月|季度|年)"
_AMOUNT = rf"{_COUNT} ?个?(?P<half>半)?(?:多)? ?{_UNIT}"
HAN_COUNT = "[0-9一二两三四五六七八九十]{1,3}"
_ALONE = rf"(?<![第0-9a-z{HAN}.每])"
_AFTERWARDS = r"(?:(?:之|以|过)后|后(?![年面天]))"
_BEFOREHAND = r"(?:(?:之|以)前|前(?![年面天台]))"
_INSIDE = r"(?:(?:之|以)?内(?!科)|里头?(?!面))"
_COUNT_FIRSTS = NUMERAL_FIRSTS
# 玩一会儿 is how long, 一会儿来 is when.
_WHEN_BEFORE = r"(?:(?<=[ ,。!?;我他她那就要等过们嘛])|(?<![^\n]))"

RULES = (
    Rule(_COUNT_FIRSTS, re.compile(rf"{_ALONE}{_AMOUNT} ?{_AFTERWARDS}"), _after),
    Rule(_COUNT_FIRSTS, re.compile(rf"{_ALONE}{_AMOUNT} ?{_BEFOREHAND}"), _ago),
    Rule(_COUNT_FIRSTS, re.compile(rf"{_ALONE}{_AMOUNT}{_INSIDE}"), _within),
    Rule(
        _COUNT_FIRSTS,
        re.compile(rf"{_ALONE}{_COUNT}(?P<half>)个?(?P<unit>周|星期|礼拜){_AFTERWARDS}的?{WEEK}(?P<weekday>{WEEKDAY})"),
        _weekday_after,
    ),
    Rule(
        "再过",
        re.compile(rf"(?:再[过等]?|(?<![通超经路度难])过)(?!几天|两天){_AMOUNT}(?:之后|以后|后)?(?![的了])"),
        _after,
    ),
    Rule("再过", re.compile(r"(?:再过|(?<![通超经路度难])过|再等)(?:几|两)天(?!了)"), _in_a_few_days),
    Rule("未接今往之还剩", re.compile(rf"(?:未来|接下来|今后|往后|之后|还剩下?|剩下)的? ?{_AMOUNT}"), _within),
    Rule("这", re.compile(rf"这{_AMOUNT}(?:以?来|之?内)?"), _recent),
    Rule("下", re.compile(rf"下(?:一?个)?(?!一个|半)(?!{HAN_COUNT}个?{WEEK}{WEEKDAY}){_AMOUNT}(?![后前内])"), _within),
    Rule("上", re.compile(rf"(?<![晚早以多])上(?:一?个)?(?!一个|半|几){_AMOUNT}(?![班课学夜后前内])"), _last),
    Rule(
        "前过头",
        re.compile(rf"(?<![一-鿿](?<![我你他她们就是从在的了也都才刚]))(?:前|过去|头)的?{_AMOUNT}(?![的]?名)"),
        _last,
    ),
    Rule("最近", re.compile(rf"(?:最近|(?<![最附临靠将接])近)的?(?:这)?{_AMOUNT}(?:以?来)?"), _recent),
    Rule(
        "一等待过",
        re.compile(rf"{_WHEN_BEFORE}(?:等?一会儿?|(?<!等)一哈儿?|等哈儿?|等会儿?|待会儿?|过会儿?|过哈儿?)(?![费议])"),
        _soon,
    ),
    Rule("刚将才", re.compile(r"刚才|刚刚|将才|才将"), _just_now),
    Rule("现这", re.compile(r"现在(?!的)|这会儿|这哈儿?"), _now),
    Rule("最", re.compile(rf"(?<![离距是家个])最近(?![的那这哪{ARABIC}{HAN}])"), _lately),
)
