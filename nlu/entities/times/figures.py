"""Dates written in figures: 2026-05-03, 2026.5.3, 20261124, 10/1/2017 (day first), 12/1 (month first), 2026-05, 5.1-5.7."""

import re

from nlu.entities.times.dates import NOT_A_PLACE
from nlu.entities.times.model import Frame, Period, Resolver, Rule, always, make_day, make_month, pick
from nlu.entities.times.patterns import ARABIC, NOT_INSIDE, years_around

SHORTEST_DATE = len("1/4")
"""A figure over a figure is a fraction."""


def _year_month_day(match: re.Match[str]) -> Resolver | None:
    """Read year, month and day; a year of two figures is of this century."""
    year = int(match["y"])
    return always(make_day(year + 2000 if len(match["y"]) == 2 else year, int(match["m"]), int(match["d"])))


def _day_month_year(match: re.Match[str]) -> Resolver | None:
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    return always(make_day(year, second, first) or make_day(year, first, second))


def _month_day(match: re.Match[str]) -> Resolver | None:
    month, day = int(match["m"]), int(match["d"])
    if make_day(2024, month, day) is None or len(match.group()) == SHORTEST_DATE:
        return None
    return lambda frame: pick((make_day(year, month, day) for year in years_around(frame)), frame)


def _from_to(match: re.Match[str]) -> Resolver:
    """Read 5.1-5.7 and 4/1-4/7."""

    def resolve(frame: Frame) -> Period | None:
        years = years_around(frame)
        begins = pick((make_day(year, int(match["m"]), int(match["d"])) for year in years), frame)
        if begins is None:
            return None
        following = frame.following(begins)
        ends = pick((make_day(year, int(match["m2"]), int(match["d2"])) for year in years_around(following)), following)
        return ends and Period(begins.start, ends.end, "day")

    return resolve


def _year_month(match: re.Match[str]) -> Resolver | None:
    year, month = int(match["y"]), int(match["m"])
    return always(make_month(year, month)) if 1 <= month <= 12 else None


_M, _D = "(?P<m>[0-9]{1,2})", "(?P<d>[0-9]{1,2})"
_NOT_COUNTED = "(?![0-9/.%])(?! ?[元块万千米公斤吨度级折分平倍个号楼点])"
_PATTERNS = (
    (rf"(?P<y>[12][0-9]{{3}}) ?([-/.]) ?{_M} ?\2 ?{_D}(?![0-9])", _year_month_day),
    (rf"(?P<y>[0-9]{{2}})([-/]){_M}\2{_D}(?![0-9/-])", _year_month_day),
    (r"(?P<a>[0-9]{1,2})([-/.])(?P<b>[0-9]{1,2})\2(?P<y>[12][0-9]{3})(?![0-9])", _day_month_year),
    (r"(?P<y>20[0-9]{2})(?P<m>[01][0-9])(?P<d>[0-3][0-9])(?![0-9a-z-])", _year_month_day),
    (rf"(?P<y>20[0-9]{{2}}|19[0-9]{{2}})年{_M}[/.]{_D}(?![0-9/.%])", _year_month_day),
    (rf"{_M}([/.]){_D} ?[-~到至] ?(?P<m2>[0-9]{{1,2}})\2(?P<d2>[0-9]{{1,2}})[号日]?{_NOT_COUNTED}", _from_to),
    (rf"{_M}/{_D}(?![0-9/.%])", _month_day),
    (rf"{_M}\.{_D}[号日]{NOT_A_PLACE}", _month_day),
    (r"(?P<y>20[0-9]{2}|19[0-9]{2})[-/.](?P<m>[0-9]{1,2})(?![0-9./-])", _year_month),
)

RULES = tuple(Rule(ARABIC, re.compile(NOT_INSIDE + pattern), build) for pattern, build in _PATTERNS)
