"""Festivals, the days around them, and working days: 国庆, 中秋当天, 春节后第一个工作日, 下个工作日."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from nlu.entities.numerals import HAN_DIGIT
from nlu.entities.times.model import DAY, Frame, Period, Resolver, Rule, day_period, pick
from nlu.entities.times.patterns import NOT_IN_NUMBER, YEAR, YEAR_FIRSTS, number, year_of, years_around
from nlu.entities.times.workdays import add_workdays, holiday_around, is_known, next_workday

FESTIVALS = Path(__file__).with_name("festivals.yml")
SOME_DAYS = 7
THE_DAY = ("当天", "那天")


@dataclass(frozen=True, slots=True)
class Festival:
    """A festival's names, and its day in a year (None where the year is not known)."""

    names: tuple[str, ...]
    day_in: Callable[[int], datetime | None]
    needs_suffix: bool
    is_public: bool
    usual: tuple[int, int] | None


def load_festivals(path: Path = FESTIVALS) -> tuple[Festival, ...]:
    """Read the table; raises OSError, yaml.YAMLError, KeyError or ValueError if it cannot be used."""
    rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return tuple(
        Festival(tuple(row["names"]), _days(row), row.get("bare") is False, "is_public" in row, _usual(row))
        for row in rows
    )


def _usual(row: dict[str, Any]) -> tuple[int, int] | None:
    """Return the first and the last usual day off, counted from the festival's day."""
    return tuple(row["usual"]) if "usual" in row else None


def _days(row: dict[str, Any]) -> Callable[[int], datetime | None]:
    """Return how to find a row's day in a year."""
    if "day" in row:
        month, day = map(int, row["day"].split("-"))
        return lambda year: datetime(year, month, day)  # noqa: DTZ001 - local time by definition of this package
    known = {found.year: found for found in map(datetime.fromisoformat, row["days"])}
    return known.get


def _occurrences(festival: Festival, frame: Frame, year: int | None) -> list[datetime]:
    """Return the festival's days that may be meant, in the order of time."""
    years = [year] if year else years_around(frame)
    return [day for day in map(festival.day_in, years) if day is not None]


def _stretch(festival: Festival, day: datetime, suffix: str | None) -> tuple[datetime, datetime]:
    """Return the first and the last day that a festival's name means with what stands behind it."""
    if suffix in THE_DAY or not festival.is_public:
        return day, day
    if festival.usual and not is_known(day.year):
        return day + festival.usual[0] * DAY, day + festival.usual[1] * DAY
    return holiday_around(day)


def _is_over(festival: Festival, frame: Frame) -> bool:
    """Tell whether this year's day has gone by: 今年过年, said in November, is the coming one."""
    day = festival.day_in(frame.now.year)
    return day is not None and day + SOME_DAYS * DAY < frame.now


def _built(festival: Festival, match: re.Match[str]) -> Resolver:
    """Return a resolver for the festival and what was said to come before or after it."""

    def resolve(frame: Frame) -> Period | None:
        year = year_of(match["year"], frame)
        if match["year"] == "今年" and not frame.prefers_past and _is_over(festival, frame):
            year = None
        days = _occurrences(festival, frame, year)
        periods = [_placed(match, *_stretch(festival, day, match["suffix"])) for day in days]
        found = (periods[0] if periods else None) if year else pick(periods, frame)
        is_assumed = bool(festival.usual) and match["suffix"] not in THE_DAY
        return found and replace(found, is_ambiguous=is_assumed and not is_known(found.start.year))

    return resolve


def _placed(match: re.Match[str], first: datetime, last: datetime) -> Period:
    """Return the days of the festival itself, or those before or after it."""
    if match["workdays"] or match["shift"]:
        return day_period(add_workdays(last, number(match["workdays"] or match["shift"])))
    if match["nth"]:
        return day_period(first + (number(match["nth"]) - 1) * DAY)
    if match["days"]:
        return day_period(last + number(match["days"]) * DAY)
    if match["side"] is None:
        return Period(first, last + DAY, "day")
    if match["side"].endswith("后") and not match["earlier"]:
        return Period(last + DAY, last + (1 + SOME_DAYS) * DAY, "week", bound="after")
    if match["earlier"]:
        return Period(first - number(match["earlier"]) * DAY, first, "day")
    return Period(first - SOME_DAYS * DAY, first, "week", bound="before")


def _around_new_year(match: re.Match[str]) -> Resolver:
    """Read 年前 and 过完年, which speak of the Spring Festival without its name."""
    festival = _BY_NAME["春节"]
    is_before = match.group().endswith("前")

    def place(frame: Frame, day: datetime) -> Period:
        first, last = _stretch(festival, day, None)
        if is_before:
            return Period(frame.today, first, "day", bound="before")
        return Period(last + DAY, last + (1 + SOME_DAYS) * DAY, "week", bound="after")

    def resolve(frame: Frame) -> Period | None:
        ahead = (day for day in _occurrences(festival, frame, None) if day > frame.now)
        return next((place(frame, day) for day in ahead), None)

    return resolve


def _next_workday(_match: re.Match[str]) -> Resolver:
    return lambda frame: day_period(next_workday(frame.today))


def _some_workday(_match: re.Match[str]) -> Resolver:
    def resolve(frame: Frame) -> Period:
        found = day_period(next_workday(frame.today))
        return Period(found.start, found.end, "day", is_ambiguous=True)

    return resolve


_SUFFIX = r"(?P<suffix>当天|那天|节?(?:小长假|长假|黄金周|假期|放假|期间|假日|假))"
_WORKDAY = "(?:工作日|上班日?)"
_AROUND = (
    rf"(?:(?P<side>(?:之|以|过)?后|(?:之|以)?前(?!台))(?:的?(?:上班的?)?第(?P<workdays>[一二三四五1-5])(?:个?{_WORKDAY}|天上班)"
    rf"|的?上班的?第(?P<shift>[一二三四五1-5])天|的?第(?P<days>[一二三四五1-5])天|(?P<earlier>[一两三四五1-5])天)?"
    r"|的?第(?P<nth>[一二三四五六七1-7])天)?"
)


def _festival(match: re.Match[str]) -> Resolver | None:
    """Return a resolver for a festival's name; some names are festivals only with 假期 and the like behind them."""
    festival = _BY_NAME[match["name"]]
    return None if festival.needs_suffix and not (match["suffix"] or match["side"]) else _built(festival, match)


_BY_NAME = {name: festival for festival in load_festivals() for name in festival.names}
_NAMES = "|".join(sorted(_BY_NAME, key=len, reverse=True))
_FIRSTS = "".join(sorted({name[0] for name in _BY_NAME})) + YEAR_FIRSTS + "12一二"
_NOT_A_PLACE = "(?![路街村巷镇乡厂社广小]|[一二三四五六七八九十])"

_NEW_YEAR = (
    rf"(?<![0-9{HAN_DIGIT}十百千几多半去今明每])"
    "(?:年前(?=[能要办必可想去来搞弄还给])|(?:过完|过了)年|开年|年后(?=[再去来办上能要]))"
)

RULES = (
    Rule(
        _FIRSTS, re.compile(rf"{NOT_IN_NUMBER}{YEAR}?(?P<name>{_NAMES}){_SUFFIX}?{_NOT_A_PLACE}过?{_AROUND}"), _festival
    ),
    Rule("年过开", re.compile(_NEW_YEAR), _around_new_year),
    Rule("下最", re.compile(r"(?:下|最近的?)一?个?工作日"), _next_workday),
    Rule("工", re.compile(rf"(?<![个每非{YEAR_FIRSTS}0-9])工作日(?!内|以内|之内)"), _some_workday),
)
