"""Festivals and the days around them: 国庆, 中秋当天, 春节后第一个工作日, 清明前三天."""

import re
from dataclasses import replace
from datetime import datetime

from nlu.entities.times.almanac import BY_NAME, THE_DAY, Festival, occurrences, stretch
from nlu.entities.times.model import DAY, Frame, Period, Resolver, Rule, day_period, pick
from nlu.entities.times.patterns import NOT_IN_NUMBER, WRITTEN_YEAR_OPENINGS, YEAR, number, year_of
from nlu.entities.times.workdays import add_workdays, is_known

SOME_DAYS = 7
UNITS = {"天": 1, "周": 7, "星期": 7, "礼拜": 7}


def placed(match: re.Match[str], first: datetime, last: datetime) -> Period:
    """Return the days of the festival itself, or those before or after it."""
    if match["workdays"] or match["shift"]:
        return day_period(add_workdays(last, number(match["workdays"] or match["shift"])))
    if match["nth"]:
        return day_period(first + (number(match["nth"]) - 1) * DAY)
    if match["days"]:
        return day_period(last + number(match["days"]) * DAY)
    if match["side"] is None:
        return Period(first, last + DAY, "day")
    if match["side"] == "前后":
        return Period(first - 3 * DAY, last + 4 * DAY, "day", is_ambiguous=True)
    return _beside(match, first, last)


def _beside(match: re.Match[str], first: datetime, last: datetime) -> Period:
    """Return the days before or after: as many as said, or some."""
    is_after = match["side"].endswith("后")
    if match["count"]:
        days = number(match["count"]) * UNITS[match["unit"]]
        return (
            Period(last + DAY, last + (1 + days) * DAY, "day") if is_after else Period(first - days * DAY, first, "day")
        )
    if is_after:
        return Period(last + DAY, last + (1 + SOME_DAYS) * DAY, "week", bound="after")
    return Period(first - SOME_DAYS * DAY, first, "week", bound="before")


def _is_over(festival: Festival, frame: Frame) -> bool:
    """Tell whether this year's day has gone by: 今年过年, said in November, is the coming one."""
    day = festival.day_in(frame.now.year)
    return day is not None and day + SOME_DAYS * DAY < frame.now


def not_over(period: Period, frame: Frame) -> Period:
    """Return what is left of the days before a festival, because nobody books the past."""
    is_begun = period.bound == "before" and period.start < frame.today < period.end and not frame.prefers_past
    return replace(period, start=frame.today) if is_begun else period


def _festival(match: re.Match[str]) -> Resolver | None:
    """Return a resolver for a festival's name; some names are festivals only with 假期 and the like behind them."""
    festival = BY_NAME[match["name"]]
    if festival.needs_suffix and not (match["suffix"] or match["side"]):
        return None

    def resolve(frame: Frame) -> Period | None:
        year = year_of(match["year"], frame)
        if match["year"] == "今年" and not frame.prefers_past and _is_over(festival, frame):
            year = None
        days = occurrences(festival, frame, year)
        periods = (placed(match, *stretch(festival, day, match["suffix"])) for day in days)
        found = next(periods, None) if year else pick(periods, frame)
        is_assumed = bool(festival.usual) and match["suffix"] not in THE_DAY
        found = found and not_over(found, frame)
        return found and replace(
            found, is_ambiguous=found.is_ambiguous or (is_assumed and not is_known(found.start.year))
        )

    return resolve


_WORKDAY = "(?:工作日|上班日?)"
_COUNT = "[一两二三四五六七十1-9]"
AROUND = (
    rf"(?:(?P<side>前后(?!台)|(?:之|以|过)?后|(?:之|以)?前(?!台))(?:的?(?:上班的?)?第(?P<workdays>[一二三四五1-5])(?:个?{_WORKDAY}|天上班)"
    rf"|的?上班的?第(?P<shift>[一二三四五1-5])天|的?第(?P<days>[一二三四五1-5])天|(?P<count>{_COUNT})个?(?P<unit>天|周|星期|礼拜))?"
    r"|的?第(?P<nth>[一二三四五六七1-7])天)?"
)
_NAMES = "|".join(sorted(BY_NAME, key=len, reverse=True))
_SUFFIX = r"(?P<suffix>当天|当日|那天|节?(?:小长假|长假|大假|黄金周|假期|放假|放完假|收假|期间|假日|假))"
_NOT_A_PLACE = "(?![路街村巷镇乡厂社广小]|[一二三四五六七八九十])"
_OPENINGS = (*sorted({name[:2] for name in BY_NAME}), *WRITTEN_YEAR_OPENINGS)

RULES = (
    Rule(
        _OPENINGS,
        re.compile(rf"{NOT_IN_NUMBER}{YEAR}?(?P<name>{_NAMES}){_SUFFIX}?{_NOT_A_PLACE}过?{AROUND}"),
        _festival,
    ),
)
