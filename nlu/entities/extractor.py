"""Find everything named in an utterance: times, numbers, places, symptoms, people.

Offsets are into the original text. Of overlapping findings the longest stays; of equally long ones, what was asked for, then
the more specific type. Only the beginning and the end of a very long message are read, so that the cost is bounded.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from nlu.entities.ages import find_ages
from nlu.entities.amounts import find_amounts
from nlu.entities.bare_answers import find_bare_answer
from nlu.entities.choices import find_choices
from nlu.entities.folding import fold
from nlu.entities.gazetteer import Gazetteer
from nlu.entities.papers import find_papers
from nlu.entities.people import People
from nlu.entities.phones import find_phones, find_spelt
from nlu.entities.shifts import find_shifts
from nlu.entities.symptoms import Symptoms
from nlu.entities.time_expressions import find_times
from nlu.entities.turned_down import mark_turned_down
from nlu.entities.words import EntityWords
from nlu.excerpt import stretches
from nlu.interpretation import Entity, Utterance

# From the most specific to the least; types that are not here come last.
SPECIFICITY = (
    "work_order", "id_number", "credit_code", "plate", "phone", "hospital", "department", "school", "venue", "unit", "doctor",
    "symptom", "district", "time", "shift", "age", "amount", "insurance", "person_name", "relation", "ordinal", "any",
)  # fmt: skip
RANK = {name: index for index, name in enumerate(SPECIFICITY)}

_FIGURE = re.compile("[0-9]")


class EntityExtractor:
    """Find entities; build once (it reads its word lists, `words` are the skills'), use from anywhere (it has no state)."""

    def __init__(self, words: EntityWords | None = None) -> None:
        words = words or EntityWords()
        self._gazetteer = Gazetteer(words)
        self._patterns = [(kind, re.compile(pattern)) for kind, listed in words.patterns.items() for pattern in listed]
        self._symptoms = Symptoms()
        self._people = People(lambda word: self._gazetteer.tree.holds(word) or self._symptoms.tree.holds(word))

    def extract(self, utterance: Utterance, expected: frozenset[str] = frozenset()) -> tuple[Entity, ...]:
        """Return the entities in the order of the text, none overlapping; `expected` are the types just asked for."""
        found: list[Entity] = []
        for offset, text in stretches(utterance.text):
            entities = _without_overlaps(self._find(text, utterance.at, expected), expected)
            entities = mark_turned_down(entities, text)
            found += (_moved(entity, offset) for entity in entities)
        return tuple(found)

    def _find(self, text: str, at: datetime, expected: frozenset[str]) -> Iterator[Entity]:
        """Yield everything that any finder finds."""
        folded = fold(text)
        if _FIGURE.search(folded):
            yield from find_papers(folded, text, at, expected)
            yield from find_phones(folded, text, expected)
        yield from find_spelt(folded, text, at)
        yield from find_times(folded, text, at)
        yield from find_shifts(folded, text)
        yield from find_amounts(folded, text, expected)
        yield from find_ages(folded, text)
        yield from find_choices(folded, text, expected)
        yield from self._gazetteer.find(folded, text)
        for kind, pattern in self._patterns:
            yield from (_written(kind, match, text) for match in pattern.finditer(folded) if match.group())
        yield from self._symptoms.find(folded, text)
        yield from self._people.find(folded, text, expected)
        yield from find_bare_answer(folded, text, at, expected)


def _written(kind: str, match: re.Match[str], text: str) -> Entity:
    start, end = match.span()
    return Entity(kind, text[start:end], start, end, {"text": text[start:end]})


def _moved(entity: Entity, offset: int) -> Entity:
    """Return an entity of a stretch where it stands in the whole text."""
    return replace(entity, start=entity.start + offset, end=entity.end + offset) if offset else entity


def _without_overlaps(entities: Iterable[Entity], expected: frozenset[str]) -> list[Entity]:
    """Return the entities that stay, in the order of the text."""

    def weight(entity: Entity) -> tuple[int, bool, bool, int, int]:
        length = entity.end - entity.start
        return (
            -length,
            entity.type not in expected,
            "repaired" in entity.value,
            RANK.get(entity.type, len(RANK)),
            entity.start,
        )

    taken: list[Entity] = []
    covered: set[int] = set()
    for entity in sorted(entities, key=weight):
        if covered.isdisjoint(range(entity.start, entity.end)):
            covered.update(range(entity.start, entity.end))
            taken.append(entity)
    return sorted(taken, key=lambda entity: entity.start)
