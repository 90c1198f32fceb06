"""Days of a month, in words: 12月3号, 下个月5号, 五六号, 3、4、5号; and what comes again and again (每周三)."""

import re

from nlu.entities.numerals import HAN_DIGIT
from nlu.entities.times.model import Period, Resolver, Rule, doubting, make_day, pick, rest_of
from nlu.entities.times.months import ANY_MONTH, MONTH_OPENINGS, MONTH_PART, around, choose, of_month
from nlu.entities.times.patterns import DAY as DAY_NUMBER
from nlu.entities.times.patterns import (
    MONTH,
    NOT_IN_NUMBER,
    NUMERALS,
    WEEK,
    WEEKDAY,
    number,
    openings,
)

# 八月十五 is the feast of the old calendar as often as the day of the new one.
MAYBE_OLD = re.compile("[七八]月十五")


def _in_month(match: re.Match[str]) -> Resolver:
    """Return a resolver for a day of a month, or for what else was said of the month."""
    if not (match["day"] or match["bare"]):
        return of_month(match)
    day = number(match["day"] or match["bare"])
    resolve = choose(match, lambda year, month: make_day(year, month, day))
    return doubting(resolve) if MAYBE_OLD.fullmatch(match.group()) else resolve


def _lone_day(match: re.Match[str]) -> Resolver:
    day = number(match["day"])
    return lambda frame: pick((make_day(year, month, day) for year, month in around(frame)), frame)


def _days_together(match: re.Match[str]) -> Resolver | None:
    """Read 五六号 and 3、4、5号: from the first to the last; doubtful if there are gaps."""
    written = match["two"] or match["list"]
    days = [*map(number, written)] if match["two"] else [*map(number, re.split("[、,和或]", written))]
    first, last = days[0], days[-1]
    if days != sorted(set(days)):
        return None

    def make(year: int, month: int) -> Period | None:
        begins, ends = make_day(year, month, first), make_day(year, month, last)
        return begins and ends and Period(begins.start, ends.end, "day", is_ambiguous=last - first >= len(days))

    return rest_of(choose(match, make))


def _never(_match: re.Match[str]) -> Resolver:
    """Read what comes again and again (每周三下午), so that no part of it is taken for a day."""
    return lambda _frame: None


# 三号楼, 8号窗口, 常家巷12号 and 404号公路 are places.
_NOT_A_PLACE_BEFORE = f"(?<![\\]〕】)第路街巷段弄栋幢楼座村组线口门院每单编工])(?<![0-9{HAN_DIGIT}十]、)"
NOT_A_PLACE = (
    "(?! ?(?:楼|线|窗|门|院|桥|机|诊|厅|病|床|单元|公路|馆|柜|台|井|地块|店|库|出口|口|车|文|码|坑|棚|厂|池|仓|公寓"
    "|信|召|称|令|球|选|站|段))"
)
_NUMBER = rf"(?P<day>{DAY_NUMBER}) ?(?:号|日(?!游|常|元|均|报))"
_DAY = rf"的? ?{_NUMBER}{NOT_A_PLACE}"
# 12月3, 八月十五: the 号 is left out, so nothing that is counted may follow.
_BARE_DAY = (
    rf"(?P<bare>3[01]|[12][0-9]|0?[1-9]|三十一?|[二廿]?十[一二三四五六七八九]?|[一二三四五六七八九](?=$|[ ,。,!?]))"
    rf"(?![0-9.:%{HAN_DIGIT}十百千万两几])(?! ?[个元块岁天年月周点时分人次套张家楼名户样种件条项角毛度米斤])"
)
_PLAIN_DAY = "(?:3[01]|[12][0-9]|[1-9]|三十一?|[二廿]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_TWO = "一二|二三|三四|四五|五六|六七|七八|八九"
_DAYS = rf"(?:(?P<two>{_TWO})|(?P<list>{_PLAIN_DAY}(?:[、,和或]{_PLAIN_DAY}){{1,4}}))号{NOT_A_PLACE}"
_EACH = (
    rf"每(?:隔|逢)?(?:个?{WEEK}(?:{WEEK}?(?:末|{WEEKDAY}|[1-7]))?|个?月(?:的?{DAY_NUMBER}[号日]|[初底末])?"
    rf"|年(?:的?{MONTH}月(?:{DAY_NUMBER}[号日])?|[初底末])?|[天日晚早夜]|个?工作日|个?季度)"
)

RULES = (
    Rule(NUMERALS, re.compile(rf"{NOT_IN_NUMBER}{_NOT_A_PLACE_BEFORE}{_DAYS}"), _days_together),
    Rule(MONTH_OPENINGS, re.compile(rf"{ANY_MONTH}的?{_DAYS}"), _days_together),
    Rule(openings("每", "隔逢个周星礼月年天日晚早夜工季"), re.compile(_EACH), _never),
    Rule(MONTH_OPENINGS, re.compile(rf"{ANY_MONTH}(?:{_DAY}|{_BARE_DAY}|{MONTH_PART})?"), _in_month),
    Rule(
        NUMERALS,
        re.compile(rf"{NOT_IN_NUMBER}{_NOT_A_PLACE_BEFORE}(?<![0-9][/:-])(?!一日){_NUMBER}{NOT_A_PLACE}(?!内)"),
        _lone_day,
    ),
)
