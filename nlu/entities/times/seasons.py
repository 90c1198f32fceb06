"""Longer stretches: halves and quarters of a year, its beginning and end, decades."""

import re

from nlu.entities.numerals import HAN_DIGIT
from nlu.entities.times.model import Frame, Period, Resolver, Rule, always, month_start
from nlu.entities.times.patterns import (
    ARABIC,
    NOT_IN_NUMBER,
    YEAR,
    YEAR_DIGITS,
    YEAR_FIRSTS,
    YEAR_WORD,
    number,
    year_of,
)

YEAR_PARTS = {"初": (1, 2), "中": (6, 7), "底": (12, 12), "末": (12, 12)}
HALVES = {"上": 1, "前": 1, "下": 7, "后": 7}


def _months_of_year(match: re.Match[str], first: int, count: int) -> Resolver:
    """Return a resolver for some months of the year said, or of this year."""

    def resolve(frame: Frame) -> Period:
        said = year_of(match.groupdict().get("year"), frame)
        year = said or frame.now.year
        end = month_start(year, first + count)
        is_over = said is None and end <= frame.now and not frame.prefers_past
        return Period(month_start(year, first), end, "month", is_ambiguous=is_over)

    return resolve


def _half_year(match: re.Match[str]) -> Resolver:
    return _months_of_year(match, HALVES[match["half"]], 6)


def _quarter(match: re.Match[str]) -> Resolver:
    return _months_of_year(match, 3 * number(match["quarter"]) - 2, 3)


def _year_part(match: re.Match[str]) -> Resolver:
    first, last = YEAR_PARTS[match["part"]]
    return _months_of_year(match, first, last - first + 1)


def _relative(match: re.Match[str], months: int) -> Resolver:
    """Return a resolver for the last, this or the next stretch of so many months."""
    shift = {"上": -months, "这": 0, "本": 0, "下": months}[match["which"]]

    def resolve(frame: Frame) -> Period:
        first = (frame.now.month - 1) // months * months + 1 + shift
        return Period(month_start(frame.now.year, first), month_start(frame.now.year, first + months), "month")

    return resolve


def _relative_half(match: re.Match[str]) -> Resolver:
    return _relative(match, 6)


def _relative_quarter(match: re.Match[str]) -> Resolver:
    return _relative(match, 3)


def _decade(match: re.Match[str]) -> Resolver | None:
    century = 1900 if match["century"] is None else 100 * (number(match["century"]) - 1)
    first = century + number(match["decade"])
    return always(Period(month_start(first, 1), month_start(first + 10, 1), "year")) if 1800 <= first <= 2100 else None


_PART = "(?P<part>初(?![一二三中])|底|末|中(?![考秋国学小医心层]))"
_WRITTEN_FIRSTS = ARABIC + HAN_DIGIT + YEAR_FIRSTS

RULES = (
    Rule(_WRITTEN_FIRSTS + "上下", re.compile(rf"{NOT_IN_NUMBER}{YEAR}?(?P<half>[上下])半年"), _half_year),
    Rule(_WRITTEN_FIRSTS, re.compile(rf"{NOT_IN_NUMBER}{YEAR}(?P<half>[前后])半年"), _half_year),
    Rule(_WRITTEN_FIRSTS, re.compile(rf"{NOT_IN_NUMBER}{YEAR}第?(?P<quarter>[一二三四1-4])个?季度"), _quarter),
    Rule(
        "第二三四", re.compile(rf"{NOT_IN_NUMBER}(?:第(?=[一1])|第?(?![一1]))(?P<quarter>[一二三四1-4])季度"), _quarter
    ),
    Rule(_WRITTEN_FIRSTS, re.compile(rf"{NOT_IN_NUMBER}(?P<year>{YEAR_WORD})年?{_PART}"), _year_part),
    Rule(_WRITTEN_FIRSTS, re.compile(rf"{NOT_IN_NUMBER}(?P<year>{YEAR_DIGITS})年{_PART}"), _year_part),
    Rule(
        "年",
        re.compile(rf"(?<![0-9{HAN_DIGIT}十每去今明前后本半多几大])年(?P<part>[初底末])(?![一二三四五六七八])"),
        _year_part,
    ),
    Rule("上这下", re.compile(r"(?P<which>[上这下])一?个半年"), _relative_half),
    Rule("上这本下", re.compile(r"(?P<which>[上这本下])一?个?季度"), _relative_quarter),
    Rule(
        ARABIC + HAN_DIGIT + "十",
        re.compile(
            rf"{NOT_IN_NUMBER}(?:(?P<century>1[89]|2[01]|十[八九]|二十一?)世纪)?"
            r"(?P<decade>[1-9]0|[二三四五六七八九]十)年代"
        ),
        _decade,
    ),
)
