"""Mark what is named only to be turned down: 不要三医院, 三医院太远了，换成404."""

import re
from collections.abc import Sequence
from dataclasses import replace

from nlu.interpretation import Entity

_BEFORE = re.compile(
    r"(?:不是|不要|莫要|别要|不想要|莫|不去|不在|不看|不挂|不想去|莫去|莫挂|别去|别挂)(?:那个|这个|去)?$"
)
_WINDOW_BEFORE = 6
_LINK = r"(?:的|那边|那里|那家|那个|这个|离我|隔我|屋头|到我|我嫌|嫌|医生|人|号|就|都|也|实在|真的|确实|又){0,3}"
_NO_QUESTION = r"(?![了]?(?:吗|么|没得|没有|不[得?？]|不$))"
# Said of a place or a person, these mean another one, whether or not it is named.
_AVERSE = re.compile(
    _LINK
    + r"(?:太远|远得很|有点远|太贵|贵得很|太挤|太偏|人太多|人多得很|太多人|排不到|挤不进|信不过|不放心|态度太?差)"
    + _NO_QUESTION
)
# These mean another one only where it is named: 明天不去了 alone is said of the whole matter.
_RATHER_NOT = re.compile(
    _LINK
    + r"(?:不[想要]?去|不[想要]?[看挂约]|不要|不考虑|不好|不行|不得行|要不得|不方便|没空|不得空|算了|就算|莫得号|没得号|没号|挂不到|约满)"
    + _NO_QUESTION
)
_WINDOW_AFTER = 14
_PREFERRED = frozenset({"hospital", "department", "doctor", "school", "venue", "district", "time"})
_PLACES_AND_PERSONS = _PREFERRED - {"time"}
_END_OF_CLAUSE = re.compile(r"[，,。.！!；;\n]")


def mark_turned_down(entities: Sequence[Entity], text: str) -> list[Entity]:
    """Return the entities of `text`, in its order, with `negated` in the value of each that is turned down."""
    return [_marked(entity) if _is_turned_down(entity, entities, text) else entity for entity in entities]


def _is_turned_down(entity: Entity, entities: Sequence[Entity], text: str) -> bool:
    if _BEFORE.search(text, max(0, entity.start - _WINDOW_BEFORE), entity.start):
        return True
    if entity.type not in _PREFERRED:
        return False
    after = text[entity.end : entity.end + _WINDOW_AFTER].lstrip(" ，,")
    if entity.type in _PLACES_AND_PERSONS and _AVERSE.match(after):
        return True
    found = _RATHER_NOT.match(after)
    if found is None or _belongs_to_the_next(found.end() + text.index(after, entity.end), entity, entities):
        return False
    return _another_follows(entity, entities, text)


def _belongs_to_the_next(end: int, entity: Entity, entities: Sequence[Entity]) -> bool:
    """Tell whether the "not" that ends there stands right before another of the kind: 去404医院，不去三医院了."""
    return any(other.type == entity.type and other.start == end for other in entities)


def _another_follows(entity: Entity, entities: Sequence[Entity], text: str) -> bool:
    """Tell whether another of the kind is named in a later clause."""
    later = [other for other in entities if other.type == entity.type and other.start >= entity.end]
    return bool(later) and _END_OF_CLAUSE.search(text, entity.end, later[0].start) is not None


def _marked(entity: Entity) -> Entity:
    return replace(entity, value={**entity.value, "negated": True})
