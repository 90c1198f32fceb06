"""Find which of several things is meant: 第二个, 最后一家, 都行, a bare 2 where choices were offered."""

import re
from collections.abc import Iterator

from nlu.entities.numerals import HAN_DIGIT, read_integer
from nlu.interpretation import Entity

LONGEST_CHOICE = 20
LONGEST_ANSWER = 16

_ORDINAL = re.compile(
    rf"第(?P<number>[0-9]{{1,2}}|[{HAN_DIGIT}十]{{1,3}}) ?(?:个|家|位|种|项)(?!月|星期|周|礼拜|季|工作|小时|年|小?孩|娃|宝|子女|问|阶)"
)
_BARE_ORDINAL = re.compile(rf"第(?P<number>[0-9]{{1,2}}|[{HAN_DIGIT}十]{{1,3}})(?=$|[ ,。!嘛吧哈噻])")
_FIRST = re.compile(
    r"(?<![针里外上下前后枕])(?:头一?(?=[个位种项])|头一(?=家)|首(?=[个家位项]))(?:个|家|位|种|项)(?!月|星期|周|礼拜|季|小时)"
)
_FOREMOST = re.compile(r"(?:最前(?:头|面|边)|最上(?:头|面|边)|打头|排头|头上)(?:的?那)?一?(?:个|家|位|种|条|项)")
_LAST = re.compile(
    r"(?P<from>最后(?:头|面|边)?|最下(?:头|面|边)|最底下|末尾)(?:的?那)?一?(?:个|家|位|种|条|项)(?!月|星期|周|礼拜|季|工作|小时|问)|倒数第(?P<number>[一二三四五1-5])个?"
)
_CHOSEN = re.compile(
    rf"(?:选|要|就|选择|那就)?(?:第)?(?P<number>[0-9]{{1,2}}|[{HAN_DIGIT}两十]{{1,3}})(?:个|号|项|吧|嘛|哈|噻|那个)?"
)
_ANY = re.compile(
    r"(?:都行|随便|都可以|哪个都行|哪个都可以|哪家都行|哪家都可以|无所谓|随你|你看着办|都要得|都得行|都好|任意|不挑|随便哪个|随便哪家|(?:你|您)(?:就|给我|帮我)?(?:看[到着倒])?(?:安排|选一?个|挑一?个|定)(?:就(?:是了?|行|好)了?|就成|吧|嘛)?)[吧嘛哈噻都行,。!的]{0,3}"
)


def find_choices(folded: str, text: str, expected: frozenset[str]) -> Iterator[Entity]:
    """Yield choices."""
    for pattern in (_ORDINAL, _BARE_ORDINAL):
        for match in pattern.finditer(folded):
            number = read_integer(match["number"])
            if number:
                yield _entity("ordinal", match, text, {"index": number - 1})
    for pattern in (_FIRST, _FOREMOST):
        for match in pattern.finditer(folded):
            yield _entity("ordinal", match, text, {"index": 0})
    for match in _LAST.finditer(folded):
        number = read_integer(match["number"]) if match["number"] else 1
        yield _entity("ordinal", match, text, {"index": -(number or 1)})
    start, end = bare_span(folded)
    whole = _ANY.fullmatch(folded, start, end) if end - start <= LONGEST_ANSWER else None
    if whole:
        yield _entity("any", whole, text, {})
    chosen = _CHOSEN.fullmatch(folded, start, end) if "ordinal" in expected else None
    number = read_integer(chosen["number"]) if chosen else None
    if chosen and number and number <= LONGEST_CHOICE:
        yield _entity("ordinal", chosen, text, {"index": number - 1})


def bare_span(folded: str) -> tuple[int, int]:
    """Return where the message begins and ends without blanks and punctuation around it."""
    stripped = folded.strip(" \n\t,。.!?~、;:")
    start = folded.find(stripped) if stripped else len(folded)
    return start, start + len(stripped)


def _entity(kind: str, match: re.Match[str], text: str, value: dict[str, object]) -> Entity:
    return Entity(kind, text[match.start() : match.end()], match.start(), match.end(), value)
