"""Born in March 1965: read a birth from a question, and find the sentences whose own range of births holds it."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.numerals import parse_numeral

_OPEN_START, _OPEN_END = date(1900, 1, 1), date(2099, 12, 31)
_CENTURY_FROM = 30
_LONGEST_EXAMPLE = 31
_BORN = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2}|\d{2})年"
    r"(?:的?(?P<month>1[0-2]|0?[1-9])月份?)?(?:(?P<day>3[01]|[12]\d|0?[1-9])[日号])?(?P<after>的?出?生|的|，|,|$)?"
)
_DIGITS = re.compile(r"[零〇○一二三四五六七八九]{2}(?:[零〇○一二三四五六七八九]{2})?(?=年)")
_MONTH = re.compile(r"[一二三四五六七八九十]{1,2}(?=月)")
_DAY = re.compile(r"(?<=月)[一二三四五六七八九十]{1,3}(?=[日号])")
_DIGIT_OF = {**{digit: str(value) for value, digit in enumerate("零一二三四五六七八九")}, "〇": "0", "○": "0"}
_BEFORE_A_LENGTH = frozenset("交缴满够干领费龄作了过")
_MAN = re.compile(r"男|爸|老汉|父亲|爷|叔|伯|舅|老公|丈夫|哥|弟")
_WOMAN = re.compile(r"女|妈|母亲|婆|姨|婶|姑|老婆|媳妇|妻|姐|妹")
_RANGE = re.compile(
    r"(?P<y1>\d{4})年(?P<m1>\d{1,2})月(?:(?P<d1>\d{1,2})日)?"
    r"(?:至(?:(?P<y2>\d{4})年)?(?P<m2>\d{1,2})月(?:(?P<d2>\d{1,2})日)?|(?P<open>及以[前后]))?出生"
)


@dataclass(frozen=True, slots=True)
class Birth:
    """The days between which somebody was born, both included, and whether it is a man or a woman, None if unsaid."""

    first: date
    last: date
    sex: str | None

    @property
    def is_whole_year(self) -> bool:
        """Tell whether nothing but the year is known."""
        return (self.last - self.first).days > _LONGEST_EXAMPLE


def birth_in(question: str) -> Birth | None:
    """Return the birth that a normalised question tells, None when it tells none: 65年3月生的男的, 2020年10月出生."""
    text = _DIGITS.sub(lambda match: "".join(_DIGIT_OF[digit] for digit in match[0]), question)
    for numeral in (_DAY, _MONTH):
        text = numeral.sub(lambda match: str(parse_numeral(match[0])), text)
    for match in _BORN.finditer(text):
        year = int(match["year"])
        if len(match["year"]) == 2:
            year += 1900 if year >= _CENTURY_FROM else 2000
        after, before = match["after"] or "", text[max(0, match.start() - 1) : match.start()]
        may_be_born = match["after"] is not None and (match["month"] or year < 2000) and before not in _BEFORE_A_LENGTH
        if not after.endswith("生") and not may_be_born:
            continue
        span = _days(year, match["month"], match["day"])
        if span is not None:
            return Birth(*span, _sex(question))
    return None


def rows_for(birth: Birth, sentence: str) -> int | None:
    """Return the length in days of the narrowest range of births in the sentence that fits, None when none does."""
    lengths = [
        (last - first).days
        for first, last, subject in _ranges(sentence)
        if _fits(birth, first, last) and (birth.sex is None or _sex(subject) in {None, birth.sex})
    ]
    return min(lengths, default=None)


def is_for_one_birth(text: str) -> bool:
    """Tell whether a text begins with a range of births: it answers only those who are born then."""
    return _RANGE.match(text.lstrip("•- ")) is not None


def _fits(birth: Birth, first: date, last: date) -> bool:
    """Tell whether the range holds the birth; of a whole year also its parts do, but no example of a single month."""
    if first <= birth.first and birth.last <= last:
        return True
    is_part = birth.first <= first and last <= birth.last
    return birth.is_whole_year and is_part and (last - first).days > _LONGEST_EXAMPLE


def _ranges(sentence: str) -> Iterator[tuple[date, date, str]]:
    """Yield the first day, the last day and whom it is about for each range of births in a sentence."""
    found = list(_RANGE.finditer(sentence))
    for index, match in enumerate(found):
        end = found[index + 1].start() if index + 1 < len(found) else len(sentence)
        begin = found[index - 1].end() if index else 0
        subject = sentence[match.start() : end]
        span = _span(match)
        if span is not None:
            yield *span, subject if _MAN.search(subject) or _WOMAN.search(subject) else sentence[begin:end]


def _span(match: re.Match[str]) -> tuple[date, date] | None:
    first = _days(int(match["y1"]), match["m1"], match["d1"])
    if first is None:
        return None
    if match["open"]:
        return (_OPEN_START, first[1]) if match["open"].endswith("前") else (first[0], _OPEN_END)
    if match["m2"]:
        last = _days(int(match["y2"] or match["y1"]), match["m2"], match["d2"])
        return (first[0], last[1]) if last else None
    return first


def _days(year: int, month: str | None, day: str | None) -> tuple[date, date] | None:
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    last = calendar.monthrange(year, int(month))[1]
    if day is None:
        return date(year, int(month), 1), date(year, int(month), last)
    return (date(year, int(month), int(day)),) * 2 if int(day) <= last else None


def _sex(text: str) -> str | None:
    is_man, is_woman = _MAN.search(text) is not None, _WOMAN.search(text) is not None
    return None if is_man == is_woman else "man" if is_man else "woman"
