"""Read a message that is only a number, by what was asked for."""

import re
from collections.abc import Iterator
from datetime import datetime

from nlu.entities.ages import OLDEST
from nlu.entities.choices import LONGEST_CHOICE, bare_span
from nlu.entities.numerals import HAN, read_integer, read_number
from nlu.entities.time_expressions import find_times
from nlu.interpretation import Entity

_NUMBER = re.compile(rf"[0-9]{{1,9}}(?:\.[0-9]{{1,4}})?|[{HAN}]{{1,10}}")
_DAY = re.compile(r"(?P<month>1[0-2]|0?[1-9])[./](?P<day>3[01]|[12][0-9]|0?[1-9])")


def find_bare_answer(folded: str, text: str, at: datetime, expected: frozenset[str]) -> Iterator[Entity]:
    """Yield what a bare number answers: a time, an age, a sum, or else which of the things offered."""
    start, end = bare_span(folded)
    word = folded[start:end]
    if "time" in expected and "ordinal" not in expected:
        written = _as_time(word)
        if written:
            for entity in find_times(written, written, at):
                value = entity.value if "月" in written else {**entity.value, "ambiguous": True}
                yield Entity("time", text[start:end], start, end, value)
            return
    if not _NUMBER.fullmatch(word):
        return
    for kind, value in _readings(word, expected):
        yield Entity(kind, text[start:end], start, end, value)
        return


def _as_time(word: str) -> str | None:
    """Return a bare 8, 十五 or 12.3 as an hour or a date in full; a number that is no hour may still be a day."""
    date = _DAY.fullmatch(word)
    if date:
        return f"{date['month']}月{date['day']}日"
    number = read_integer(word) if _NUMBER.fullmatch(word) else None
    if number is None or not 0 <= number <= 31:
        return None
    return f"{number}点" if number <= 24 else f"{number}号"


def _readings(word: str, expected: frozenset[str]) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield what a number can be, the likeliest first."""
    whole, number = read_integer(word), read_number(word)
    if "ordinal" in expected and whole and whole <= LONGEST_CHOICE:
        yield "ordinal", {"index": whole - 1}
    if "age" in expected and whole is not None and whole <= OLDEST:
        yield "age", {"years": whole}
    if "amount" in expected and number is not None:
        yield "amount", {"yuan": number}
    if not expected and whole and whole <= LONGEST_CHOICE:
        yield "ordinal", {"index": whole - 1}
