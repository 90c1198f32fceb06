"""Names that nobody introduces: 王强 beside a number, 骆建国 where a name is put right.

What looks like a name is one only where it is expected: where it was asked for, beside an identity number or a phone, or in a
message that speaks of the name itself.
"""

import re
from dataclasses import replace
from functools import cache

from nlu.entities.folding import fold
from nlu.entities.people import People
from nlu.interpretation import Entity, Interpretation

_NUMBERS = ("id_number", "phone")
_PIECE = re.compile(r"[^\s，,。、；;：:！!？?（）()/|]+")
_SPEAKS_OF_A_NAME = re.compile(r"姓名|名字|姓(?:不对|错|搞错|写错|打错)|(?:名|字|姓).{0,4}(?:错|不对)|叫")
_LABEL = re.compile(r"(?:的)?(?:身份证|证件|手机|电话|联系电话|号码|证号|身份|联系方式|手机号|电话号|号|是|为){1,4}$")
_BEFORE_A_NAME = re.compile(
    r"^(?:不对|不是|应该|该|改成|换成|就是|是|为|叫|姓名|名字|患者|病人|就诊人|本人|我|她|他|的|给|帮|替|和|跟|还有"
    r"|老婆|老公|老汉儿?|妈老汉|妈妈|妈|爸爸|爸|婆婆|爷爷|奶奶|外婆|外公|娃儿|娃娃|儿子|女儿|孙孙|孙儿|幺儿|女子|监护人|家长|约|挂|看|先)+"
)


_ASKS = re.compile(r"(?:需要|想要|[要想来得])?(?:去)?(?:看|挂|约|预约|复查|检查)")


def with_bare_names(heard: Interpretation, *, is_asked: bool) -> Interpretation:
    """Add the names that stand beside a number, or where a name is asked for or put right, with nothing to introduce them."""
    numbers = heard.entities_of(*_NUMBERS)
    if (
        not numbers
        and not (is_asked and not heard.entities_of("person_name"))
        and not _SPEAKS_OF_A_NAME.search(heard.text)
    ):
        return heard
    found = [*_pieces_that_are_names(heard, only_beside=bool(numbers))]
    if not found:
        return heard
    kept = [entity for entity in heard.entities if not any(_is_within(entity, name) for name in found)]
    entities = sorted((*kept, *found), key=lambda entity: entity.start)
    return replace(heard, entities=tuple(entities))


def _pieces_that_are_names(heard: Interpretation, *, only_beside: bool) -> list[Entity]:
    """Return the names among the pieces of a message between its numbers and its punctuation."""
    pieces = list(_PIECE.finditer(heard.text))
    known = [e for e in heard.entities if e.type not in {"relation", "any"} and not _ends_a_name(e, pieces)]
    blanked = "".join(" " if any(e.start <= i < e.end for e in known) else c for i, c in enumerate(heard.text))
    names = [entity for match in _PIECE.finditer(blanked) if (entity := _name_in(match.group(), match.start()))]
    if not only_beside:
        return names[-1:]
    return [name for name in names if _is_beside_a_number(name, heard)]


def _ends_a_name(entity: Entity, pieces: list[re.Match[str]]) -> bool:
    """Tell whether a festival is all but the surname of a piece: 李国庆 beside a number says no time."""
    return entity.type == "time" and any(entity.start - p.start() == 1 and entity.end == p.end() for p in pieces)


def _is_within(entity: Entity, name: Entity) -> bool:
    return entity.type == "time" and name.start < entity.start and entity.end == name.end


def _name_in(piece: str, start: int) -> Entity | None:
    """Return the name that a piece is, without its label (电话) and what leads to it (患者, 我妈)."""
    bare = _LABEL.sub("", piece)
    if asks := _ASKS.search(bare, 2):
        bare = bare[: asks.start()]
    whole = _as_name(bare, start)
    leading = _BEFORE_A_NAME.match(bare)
    if whole is not None or leading is None:
        return whole
    return _as_name(bare[leading.end() :], start + leading.end())


def _as_name(word: str, start: int) -> Entity | None:
    found = [e for e in _people().find(fold(word), word, frozenset({"person_name"})) if e.type == "person_name"]
    if len(found) != 1 or found[0].text != word:
        return None
    return Entity("person_name", word, start, start + len(word), {"name": word})


def _is_beside_a_number(name: Entity, heard: Interpretation) -> bool:
    """Tell whether no other words stand between a name and a number, or the name begins a request (付成要看骨科)."""
    if not heard.text[: name.start].strip() and _ASKS.match(heard.text, name.end):
        return True
    gaps = [
        heard.text[name.end : number.start] if number.start >= name.end else heard.text[number.end : name.start]
        for number in heard.entities_of(*_NUMBERS)
    ]
    return any(not _BEFORE_A_NAME.sub("", _LABEL.sub("", "".join(_PIECE.findall(gap)))) for gap in gaps)


@cache
def _people() -> People:
    """Return the finder of names, which reads its lists once; that a word is known otherwise shows in the entities."""
    return People(lambda _: False)
