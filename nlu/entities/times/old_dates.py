"""Dates of the old calendar: 农历八月十五, 腊月廿三, 正月间, 大年初三."""

import re

from nlu.entities.numerals import HAN_DIGIT
from nlu.entities.times.model import DAY, Frame, Period, Resolver, Rule, pick
from nlu.entities.times.months import doubting_if_far
from nlu.entities.times.old_calendar import old_day, old_month
from nlu.entities.times.patterns import (
    MONTH,
    NOT_IN_NUMBER,
    WRITTEN_YEAR_OPENINGS,
    YEAR,
    number,
    openings,
    year_of,
    years_around,
)

NAMED_MONTHS = {"正": 1, "冬": 11, "腊": 12}


def _old_date(match: re.Match[str]) -> Resolver | None:
    """Return a resolver for a day or month that is surely of the old calendar: said so, or by its name."""
    month_said, day_said = match["month"], match["day"] or match["plain"]
    is_leap = match["leap"] is not None
    is_old = match["old"] or match["old2"] or month_said in NAMED_MONTHS or is_leap or (day_said or "").startswith("初")
    if not is_old:
        return None
    month = NAMED_MONTHS.get(month_said) or number(month_said)
    return _resolver(match["year"], month, _day(day_said), _day(match["last"]), is_leap=is_leap)


def _new_years_day(match: re.Match[str]) -> Resolver:
    """Read 大年初三 and 大年初一到初七."""
    return _resolver(match["year"], 1, _day(match["day"]), _day(match["last"]))


def _day(said: str | None) -> int | None:
    return number(said.removeprefix("初")) if said else None


def _resolver(
    year_said: str | None, month: int, first: int | None, last: int | None, *, is_leap: bool = False
) -> Resolver:
    """Return a resolver for some days of a month of the old calendar, or for all of it."""

    def in_year(year: int) -> Period | None:
        if first is not None:
            begins, ends = (old_day(year, month, day, is_leap=is_leap) for day in (first, last or first))
            return Period(begins, ends + DAY, "day") if begins and ends else None
        whole = old_month(year, month, is_leap=is_leap)
        return Period(whole.start, whole.end, "month") if whole else None

    def resolve(frame: Frame) -> Period | None:
        year = year_of(year_said, frame)
        if year:
            return in_year(year)
        return doubting_if_far(pick(map(in_year, years_around(frame)), frame), frame)

    return resolve


_OLD = "(?:农历|阴历|旧历|老历|夏历)的? ?"
_DAY = "初(?:十|[一二三四五六七八九]|[1-9](?![0-9])|10)|三十|[二廿]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?"
_TO = rf"(?:[到至-](?P<last>{_DAY})(?![月0-9{HAN_DIGIT}]))?"
_PLAIN_DAY = "(?:[12][0-9]|30|[1-9])(?=[号日])|[一二三四五六七八九](?=[号日])"

RULES = (
    Rule(
        (
            *WRITTEN_YEAR_OPENINGS,
            "十",
            *openings("农阴旧老夏", "历"),
            *openings("正冬腊", "月"),
            *openings("闰", "1234567890一二三四五六七八九十正冬腊"),
        ),
        re.compile(
            rf"{NOT_IN_NUMBER}(?P<old>{_OLD})?{YEAR}?(?P<old2>{_OLD})?(?P<leap>闰)?(?P<month>[正冬腊]|{MONTH})(?<!元)月"
            rf"(?:间|里头?)?(?:的?(?:(?P<day>{_DAY})|(?P<plain>{_PLAIN_DAY}))(?![0-9{HAN_DIGIT}百千万]|[个块元人天])[号日]?{_TO})?"
        ),
        _old_date,
    ),
    Rule(
        ("大年", *openings("年", "初十"), *WRITTEN_YEAR_OPENINGS),
        re.compile(
            rf"(?:{YEAR}?大年|(?<![去今明前后本当每0-9{HAN_DIGIT}大])年)(?P<day>初[一二三四五六七八九十]|十[一二三四五]){_TO}"
        ),
        _new_years_day,
    ),
)
