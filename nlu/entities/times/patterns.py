"""Pieces of patterns that several kinds of phrase share, and the numbers and years that they stand for."""

from nlu.entities.numerals import HAN_DIGIT, read_integer
from nlu.entities.times.model import Frame

ARABIC = "0123456789"
NUMERALS = ARABIC + HAN_DIGIT + "两俩仨十廿卅半几"
"""What a number can begin with."""
# Not in the middle of a number, a version, a plate or a clock.
NOT_INSIDE = r"(?<![0-9a-z])(?<![0-9][.:/])(?<![a-z0-9]-)"
NOT_IN_NUMBER = rf"(?<![0-9a-z{HAN_DIGIT}十百千.])"
AFTER_NUMERAL = f"[0-9{HAN_DIGIT}两十百千万廿卅几数]"

YEAR_WORDS = {
    "大前年": -3,
    "前年": -2,
    "去年": -1,
    "上一年": -1,
    "今年": 0,
    "本年": 0,
    "明年": 1,
    "来年": 1,
    "下一年": 1,
    "后年": 2,
    "大后年": 3,
}
YEAR_OPENINGS = ("大前", "大后", "上一", "下一", *(f"{which}年" for which in "去今本明来后前"))
WRITTEN_YEAR_OPENINGS = (*ARABIC, *HAN_DIGIT, "两", *YEAR_OPENINGS)
# 以前年度 and 今后年度 hold no 前年 or 后年, 近年来年轻人 no 来年.
YEAR_WORD = "(?<![以之今])(?:大前年|大后年|上一年|下一年|去年|今年|本年|明年|后年|前年|(?<![本原未后年近多十百几])来年(?![纪龄轻]))"
# 两千年历史 is how long.
_TWO_THOUSAND = "[两二]千(?:[零〇][一二三四五六七八九]|[零〇]?[一二]?十[一二三四五六七八九]?|(?= ?年(?:[0-9一二三四五六七八九十元初底出生建修]|的时候|以[后来])))"
YEAR_DIGITS = f"(?:[12][0-9]{{3}}|[一二][{HAN_DIGIT}]{{3}}|{_TWO_THOUSAND})"
_TWO_FIGURES = f"(?:[0-9]{{2}}|[{HAN_DIGIT}]{{2}})"
YEAR = rf"(?:(?P<year>{YEAR_WORD}|(?:{YEAR_DIGITS}|{_TWO_FIGURES})(?= ?年))(?: ?年)?度?的? ?)"
PIVOT = 50

MONTH = "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]|元)"
DAY = "(?:3[01]|[12][0-9]|0?[1-9]|三十一?|卅一?|[二廿]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九])"
WEEK = "(?:周|星期|礼拜)"
WEEKDAY = "(?:[一二三四五六日]|天(?![气天]))"
WEEKDAYS = {**{character: index for index, character in enumerate("一二三四五六日")}, "天": 6}
WEEKDAYS |= {str(index + 1): index for index in range(7)}


def openings(firsts: str, seconds: str) -> tuple[str, ...]:
    """Return every pair of one of the first and one of the second characters."""
    return tuple(first + second for first in firsts for second in seconds)


def number(text: str) -> int:
    """Return the whole number that a pattern has let through."""
    found = read_integer("1" if text == "元" else text)
    if found is None:
        raise ValueError(f"{text!r} is not a whole number: the pattern that let it through is wrong")
    return found


def year_of(text: str | None, frame: Frame) -> int | None:
    """Return the year that the words name, of two figures the one from 1950 to 2049; None if they name none."""
    if not text:
        return None
    if text in YEAR_WORDS:
        return frame.now.year + YEAR_WORDS[text]
    year = number(text)
    if year < 100:
        year += 1900 if year >= PIVOT else 2000
    return year


def years_around(frame: Frame) -> range:
    """Return the years that may be meant, enough of them to hold a 29 February."""
    year = frame.earliest.year
    return range(year - 8, year + 1) if frame.prefers_past else range(year - 1, year + 9)
