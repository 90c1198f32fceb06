"""Longer stretches: seasons, halves and quarters of a year, its beginning and end, decades, centuries."""

import re

from nlu.entities.numerals import HAN_DIGIT
from nlu.entities.times.model import (
    DAY,
    Frame,
    Period,
    Resolver,
    Rule,
    always,
    days_period,
    make_year,
    month_start,
    pick,
)
from nlu.entities.times.patterns import (
    ARABIC,
    NOT_IN_NUMBER,
    WEEK,
    WRITTEN_YEAR_OPENINGS,
    YEAR,
    YEAR_DIGITS,
    YEAR_OPENINGS,
    YEAR_WORD,
    number,
    openings,
    year_of,
    years_around,
)
from nlu.entities.times.weeks import monday

YEAR_PARTS = {"初": (1, 2), "中": (6, 7), "底": (12, 12), "末": (12, 12), "终": (12, 12)}
HALVES = {"上": 1, "前": 1, "下": 7, "后": 7}
# The first month and how many; when school is out differs every year, and the others have no sharp ends.
SEASONS = {"春": (3, 3), "夏": (6, 3), "秋": (9, 3), "冬": (12, 3), "暑假": (7, 2), "寒假": (1, 2)}


def _year(match: re.Match[str]) -> Resolver:
    def resolve(frame: Frame) -> Period | None:
        year = year_of(match["year"], frame)
        return make_year(year) if year else None

    return resolve


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


def _last_day(match: re.Match[str]) -> Resolver:
    return lambda frame: days_period(month_start(year_of(match["year"], frame) or frame.now.year, 13) - DAY, 1)


def _season(match: re.Match[str]) -> Resolver:
    """Read 夏天 and 今年暑假: rough months, so always in doubt."""
    first, count = SEASONS[match["season"]]

    def in_year(year: int) -> Period:
        return Period(month_start(year, first), month_start(year, first + count), "month", is_ambiguous=True)

    def resolve(frame: Frame) -> Period | None:
        year = year_of(match["year"], frame)
        return in_year(year) if year else pick(map(in_year, years_around(frame)), frame)

    return resolve


def _week_of_year(match: re.Match[str]) -> Resolver:
    """Read 2027年第三周: the first week is the one that holds the year's first Thursday."""
    nth = match["nth"]

    def resolve(frame: Frame) -> Period | None:
        year = year_of(match["year"], frame) or frame.now.year
        index = number(nth) - 1 if nth else -1
        first = monday(month_start(year if nth else year + 1, 1) + 3 * DAY)
        found = days_period(first + 7 * index * DAY, 7, "week")
        return found if (found.start + 3 * DAY).year == year else None

    return resolve


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
    """Read 90年代, 1990年代, 二十一世纪十年代, 上世纪80年代."""
    said = match["decade"]
    century = 2000 if match["which"] == "本" else 1900
    if match["century"]:
        century = 100 * (number(match["century"]) - 1)
    first = number(said) if len(said) == 4 else century + number(said)
    return always(_years(first, 10)) if 1800 <= first <= 2100 else None


def _century(match: re.Match[str]) -> Resolver | None:
    if match["century"]:
        return always(_years(100 * (number(match["century"]) - 1), 100))
    return lambda frame: _years(frame.now.year // 100 * 100 - (0 if match["which"] == "本" else 100), 100)


def _years(first: int, count: int) -> Period:
    return Period(month_start(first, 1), month_start(first + count, 1), "year")


_PART = "(?P<part>初(?![一二三中])|底(?!最后)|末|终(?!奖)|中(?![考秋国学小医心层]))"
_CENTURY = r"(?:(?P<century>1[89]|2[01]|十[八九]|二十一?)|(?P<which>上个?|本))世纪"
# Two figures alone are years only where they cannot be a count (二十年, 三五年): 08年, 75年, 零八年, 九八年.
_LONE_YEAR = (
    r"0[0-9]|[5-9][0-9]|[零〇][零〇一二三四五六七八九]|八[零〇一二三四五六七八]|[五六七九][零〇一二三四五]|九[六七八九]"
    r"|(?<=[在从自])[12][0-9](?! ?年[前后内多来间半])"
)

RULES = (
    Rule(YEAR_OPENINGS, re.compile(rf"(?P<year>{YEAR_WORD})(?![夜级轻龄])度?"), _year),
    Rule(
        (*ARABIC, *HAN_DIGIT, "两"),
        re.compile(rf"{NOT_IN_NUMBER}(?P<year>{YEAR_DIGITS}|{_LONE_YEAR}) ?年(?![代级龄轻纪多])度?"),
        _year,
    ),
    Rule(
        (*WRITTEN_YEAR_OPENINGS, "上半", "下半"), re.compile(rf"{NOT_IN_NUMBER}{YEAR}?(?P<half>[上下])半年"), _half_year
    ),
    Rule(
        (*WRITTEN_YEAR_OPENINGS, "前半", "后半"),
        re.compile(rf"{NOT_IN_NUMBER}(?:{YEAR}|(?<![一-鿿]))(?P<half>[前后])半年"),
        _half_year,
    ),
    Rule(WRITTEN_YEAR_OPENINGS, re.compile(rf"{NOT_IN_NUMBER}{YEAR}第?(?P<quarter>[一二三四1-4])个?季度"), _quarter),
    Rule(
        (*openings("第", "一二三四1234"), *"二三四"),
        re.compile(rf"{NOT_IN_NUMBER}(?:第(?=[一1])|第?(?![一1]))(?P<quarter>[一二三四1-4])个?季度"),
        _quarter,
    ),
    Rule(WRITTEN_YEAR_OPENINGS, re.compile(rf"{NOT_IN_NUMBER}(?P<year>{YEAR_WORD})年?{_PART}"), _year_part),
    Rule(WRITTEN_YEAR_OPENINGS, re.compile(rf"{NOT_IN_NUMBER}(?P<year>{YEAR_DIGITS})年{_PART}"), _year_part),
    Rule(
        openings("年", "初底末终中"),
        re.compile(
            rf"(?<![0-9{HAN_DIGIT}十每去今明前后来本半多几大青少童成老中近])年(?P<part>[初底末终中])(?![一二三四五六七八奖考秋国学级])"
        ),
        _year_part,
    ),
    Rule(WRITTEN_YEAR_OPENINGS, re.compile(rf"{NOT_IN_NUMBER}{YEAR}(?:年?[底末])?的?最后一天"), _last_day),
    Rule(
        WRITTEN_YEAR_OPENINGS,
        re.compile(
            rf"{NOT_IN_NUMBER}{YEAR}(?:第(?P<nth>[0-9]{{1,2}}|[{HAN_DIGIT}十]{{1,3}})个?|最后一?个?){WEEK}(?![末{HAN_DIGIT}])"
        ),
        _week_of_year,
    ),
    Rule(
        (*WRITTEN_YEAR_OPENINGS, *openings("春夏秋冬", "天季日"), "暑假", "寒假"),
        re.compile(
            rf"{NOT_IN_NUMBER}{YEAR}?(?:(?P<season>[春夏秋冬](?=[天季日])|[暑寒]假)(?:[天季]|日)?)(?!工)(?:期间|里头?)?"
        ),
        _season,
    ),
    Rule(openings("上下这", "一个"), re.compile(r"(?P<which>[上这下])一?个半年"), _relative_half),
    Rule(openings("上下这本", "一个季"), re.compile(r"(?P<which>[上这本下])一?个?季度"), _relative_quarter),
    Rule(
        (*ARABIC, *HAN_DIGIT, "十", "上世", "上个", "本世"),
        re.compile(
            rf"{NOT_IN_NUMBER}(?:{_CENTURY}的?)?(?P<decade>(?:1[89]|20)[0-9]0|[1-9]0|[零二三四五六七八九]十|[五六七八九]零)年代"
        ),
        _decade,
    ),
    Rule(
        (*ARABIC, *HAN_DIGIT, "十", "上世", "上个", "本世"),
        re.compile(rf"{NOT_IN_NUMBER}{_CENTURY}(?!的?[0-9{HAN_DIGIT}十]{{1,3}}年代)"),
        _century,
    ),
)
