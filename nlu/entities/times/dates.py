"""Years, months, days and parts of a month, in words: 2026年5月, 下个月5号, 月底, 四月的最后一个星期一."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from nlu.entities.numerals import HAN_DIGIT
from nlu.entities.times.model import (
    DAY,
    Frame,
    Period,
    Resolver,
    Rule,
    make_day,
    make_month,
    make_year,
    month_start,
    pick,
)
from nlu.entities.times.patterns import (
    ARABIC,
    MONTH,
    NOT_IN_NUMBER,
    NUMERAL_FIRSTS,
    WEEK,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
    YEAR_DIGITS,
    YEAR_FIRSTS,
    YEAR_WORD,
    number,
    year_of,
    years_around,
)
from nlu.entities.times.patterns import DAY as DAY_NUMBER

MONTH_OFFSETS = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下下": 2}
# 月初 is read as the first seven days, 月底 as from the 25th: no rule says so, and the citizen is shown the days anyway.
MONTH_PARTS = {"初": (1, 7), "上旬": (1, 10), "中旬": (11, 20), "中": (11, 20)}
MONTH_PARTS |= {"下旬": (21, 31), "底": (25, 31), "末": (25, 31)}

FAR = timedelta(days=183)

MonthCandidates = Callable[[Frame], Iterable[tuple[int, int]]]
"""Gives the (year, month) pairs that may be meant, in the order of time."""


def _months(match: re.Match[str]) -> MonthCandidates:
    """Return the months that 下个月, 明年三月, 三月 or no month at all may mean."""
    groups = match.groupdict()
    relative = groups.get("relative")
    if relative:
        return lambda frame: [_shifted(frame.now, MONTH_OFFSETS[relative])]
    written = groups.get("month")
    if not written:
        return _around
    month = number(written)

    def candidates(frame: Frame) -> list[tuple[int, int]]:
        year = year_of(groups.get("year"), frame)
        return [(year, month)] if year else [(around, month) for around in years_around(frame)]

    return candidates


def _around(frame: Frame) -> list[tuple[int, int]]:
    """Return the months around, enough of them to hold a 31st on either side."""
    return [_shifted(frame.earliest, months) for months in range(-2, 15)]


def _shifted(instant: datetime, months: int) -> tuple[int, int]:
    """Return the year and month some months on."""
    start = month_start(instant.year, instant.month + months)
    return start.year, start.month


def _choose(match: re.Match[str], make: Callable[[int, int], Period | None]) -> Resolver:
    """Return a resolver over the months that may be meant; one that was said outright needs no choosing."""
    months = _months(match)
    is_fixed = bool(match.groupdict().get("relative") or match.groupdict().get("year"))

    def resolve(frame: Frame) -> Period | None:
        found = (make(year, month) for year, month in months(frame))
        return next(found, None) if is_fixed else _doubting_if_far(pick(found, frame), frame)

    return resolve


def _doubting_if_far(found: Period | None, frame: Frame) -> Period | None:
    """Return the period, as ambiguous if it is more than half a year ahead: the last one may have been meant."""
    is_far = found is not None and found.start - frame.now > FAR
    return replace(found, is_ambiguous=True) if found and is_far else found


def _in_month(match: re.Match[str]) -> Resolver:
    """Return a resolver for a month, or for what was said of it."""
    if match["day"] or match["bare"]:
        return _day(match)
    if match["part"]:
        return _part(match)
    if match["last"]:
        return _last_day(match)
    return _nth_weekday(match) if match["weekday"] else _month(match)


def _month(match: re.Match[str]) -> Resolver:
    return _choose(match, make_month)


def _day(match: re.Match[str]) -> Resolver:
    day = number(match["day"] or match["bare"])
    return _choose(match, lambda year, month: make_day(year, month, day))


def _part(match: re.Match[str]) -> Resolver:
    first, last = MONTH_PARTS[match["part"]]

    def make(year: int, month: int) -> Period:
        start, following = month_start(year, month), month_start(year, month + 1)
        return Period(start + (first - 1) * DAY, min(start + last * DAY, following), "day")

    return _choose(match, make)


def _last_day(match: re.Match[str]) -> Resolver:
    def make(year: int, month: int) -> Period:
        end = month_start(year, month + 1)
        return Period(end - DAY, end, "day")

    return _choose(match, make)


def _nth_weekday(match: re.Match[str]) -> Resolver:
    weekday = WEEKDAYS[match["weekday"]]
    index = -1 if match["nth"] is None else number(match["nth"]) - 1

    def make(year: int, month: int) -> Period | None:
        first = month_start(year, month)
        first += timedelta(days=(weekday - first.weekday()) % 7)
        days = [day for day in (first + 7 * week * DAY for week in range(5)) if day.month == month]
        return Period(days[index], days[index] + DAY, "day") if index < len(days) else None

    return _choose(match, make)


def _two_days(match: re.Match[str]) -> Resolver:
    """Read 五六号: two days side by side."""
    first = number(match["two"][0])

    def make(year: int, month: int) -> Period | None:
        found = make_day(year, month, first)
        return found and Period(found.start, found.end + DAY, "day")

    return lambda frame: pick((make(year, month) for year, month in _around(frame)), frame)


def _never(_match: re.Match[str]) -> Resolver:
    """Read what comes again and again (每周三下午), so that no part of it is taken for a day."""
    return lambda _frame: None


def _year(match: re.Match[str]) -> Resolver:
    def resolve(frame: Frame) -> Period | None:
        year = year_of(match["year"], frame)
        return make_year(year) if year else None

    return resolve


# Two figures alone are years only where they cannot be a count (二十年, 三五年): 08年, 75年, 零八年, 九八年.
_LONE_YEAR = (
    r"0[0-9]|[5-9][0-9]|[零〇][零〇一二三四五六七八九]|八[零〇一二三四五六七八]|[五六七九][零〇一二三四五]|九[六七八九]"
)
_RELATIVE_MONTH = r"(?<!以)(?P<relative>上上|下下|上|下|这|本|当)一?个?月(?:份)?"
# The old calendar is not read: a wrong day is worse than none.
_NAMED_MONTH = rf"(?<!农历)(?<!阴历)(?<!旧历){YEAR}?(?P<month>{MONTH}) ?月(?:份)?(?![花球饼亮老色薪租均度])"
_ANY_MONTH = rf"{NOT_IN_NUMBER}(?:{_RELATIVE_MONTH}|{_NAMED_MONTH})"
_MONTH_FIRSTS = NUMERAL_FIRSTS + "元" + YEAR_FIRSTS + "上下这"
_PART = "的?(?P<part>初|上旬|中旬|下旬|底|末|中(?![学心医午药秋国]))"
_LAST_DAY = "的?(?P<last>最后一天)"
_NTH_WEEKDAY = rf"的?(?:第(?P<nth>[一二三四五1-5])个?|最后一?个){WEEK}(?P<weekday>{WEEKDAY})"
# 三号楼, 8号窗口, 常家巷12号 and 404号公路 are places.
NOT_A_PLACE_BEFORE = "(?<![\\]〕】)第路街巷段弄栋幢楼座村组线口门院每单编工])"
NOT_A_PLACE = (
    "(?! ?(?:楼|线|窗|门|院|桥|机|诊|厅|病|床|单元|公路|馆|柜|台|井|地块|店|库|出口|口|车|文|码|坑|棚|厂|池|仓|公寓"
    "|信|召|称|令|球|选|站|段))"
)
_DAY = rf"的? ?(?P<day>{DAY_NUMBER}) ?(?:号|(?<!一)日(?!游|常|元|均|报)|(?<=[0-9十廿]一)日){NOT_A_PLACE}"
# 12月3, 八月十五: the 号 is left out, so nothing that is counted may follow.
_BARE_DAY = (
    rf"(?P<bare>3[01]|[12][0-9]|0?[1-9]|三十一?|[二廿]?十[一二三四五六七八九]?|[一二三四五六七八九](?=$|[ ,。,!?]))"
    rf"(?![0-9.:%{HAN_DIGIT}十百千万两几])(?! ?[个元块岁天年月周点时分人次套张家楼名户样种件条项角毛度米斤])"
)

_TWO_DAYS = "一二|二三|三四|四五|五六|六七|七八|八九"
_EACH = (
    rf"每(?:隔|逢)?(?:个?{WEEK}(?:{WEEK}?(?:末|{WEEKDAY}|[1-7]))?|个?月(?:的?{DAY_NUMBER}[号日]|[初底末])?"
    rf"|年(?:的?{MONTH}月(?:{DAY_NUMBER}[号日])?|[初底末])?|[天日晚早夜]|个?工作日|个?季度)"
)

RULES = (
    Rule(
        "一二三四五六七八",
        re.compile(rf"{NOT_IN_NUMBER}{NOT_A_PLACE_BEFORE}(?P<two>{_TWO_DAYS})号{NOT_A_PLACE}"),
        _two_days,
    ),
    Rule("每", re.compile(_EACH), _never),
    Rule(
        _MONTH_FIRSTS, re.compile(rf"{_ANY_MONTH}(?:{_DAY}|{_BARE_DAY}|{_PART}|{_LAST_DAY}|{_NTH_WEEKDAY})?"), _in_month
    ),
    Rule("月", re.compile(rf"(?<![个每年0-9{HAN_DIGIT}十满正腊冬])月(?P<part>初|底|末)(?![{HAN_DIGIT}十])"), _part),
    Rule(
        NUMERAL_FIRSTS, re.compile(rf"{NOT_IN_NUMBER}{NOT_A_PLACE_BEFORE}(?<![0-9][/:-]){_DAY}(?!内)(?P<bare>)"), _day
    ),
    Rule(YEAR_FIRSTS, re.compile(rf"(?P<year>{YEAR_WORD})(?![夜级轻龄])度?"), _year),
    Rule(
        ARABIC + HAN_DIGIT,
        re.compile(rf"{NOT_IN_NUMBER}(?P<year>{YEAR_DIGITS}|{_LONE_YEAR}) ?年(?![代级龄轻纪多])度?"),
        _year,
    ),
    Rule(
        ARABIC + HAN_DIGIT + YEAR_FIRSTS,
        re.compile(rf"{NOT_IN_NUMBER}{YEAR}第(?P<month>{MONTH})个月"),
        _month,
    ),
)
