"""How much of a question a text speaks about: the share of its rare words that the text holds."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

from knowledge.index.analysis import is_chinese
from knowledge.retrieval.query import PreparedQuery, Segment

_LONGEST_WEIGHED = 4
Rarity = Callable[[str], float]


def rarity_of(frequency: int, size: int) -> float:
    """Return the inverse document frequency (natural logarithm, BM25's form) of a term in so many of `size` rows."""
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))


@dataclass(frozen=True, slots=True)
class _Wording:
    """One way to say a segment: its pairs (or its one Latin word), and the weight of each of its characters."""

    terms: tuple[str, ...]
    weights: tuple[float, ...]
    total: float

    def share(self, present: Collection[str]) -> float:
        held = [term in present for term in self.terms]
        if not any(held):
            return 0.0
        if len(self.weights) == len(held):
            return 1.0
        covered = sum(
            weight for index, weight in enumerate(self.weights) if any(held[max(0, index - 1) : index + 1])
        )
        return covered / self.total


class CoverageMeter:
    """Measures texts against one question.

    A pair that spans two words (民补 in 移民补贴) is rare and means nothing, so a character weighs as much as the most
    common of its pairs, and is covered when one of its pairs is present.
    """

    def __init__(self, query: PreparedQuery, rarity: Rarity) -> None:
        self._segments = [measured for segment in query.segments if (measured := _measure(segment, rarity))]
        self._total = sum(weight for weight, _ in self._segments)
        wordings = (wording for _, each in self._segments for wording in each)
        self.terms = frozenset(term for wording in wordings for term in wording.terms)
        self._known: dict[frozenset[str], float] = {}

    def share(self, present: Collection[str]) -> float:
        """Return the covered share (0..1) of the question's informative characters, weighed by rarity."""
        if not self._total:
            return 0.0
        relevant = self.terms.intersection(present)
        if relevant not in self._known:
            covered = sum(weight * max(wording.share(relevant) for wording in each) for weight, each in self._segments)
            self._known[relevant] = covered / self._total
        return self._known[relevant]


def _measure(segment: Segment, rarity: Rarity) -> tuple[float, tuple[_Wording, ...]] | None:
    """Return the segment's weight and its wordings, None when it says nothing.

    A word with official names weighs as the commonest of them, at most like four characters.
    """
    wordings = tuple(word for text in (segment.surface, *segment.alternatives) if (word := _wording(text, rarity)))
    if not wordings:
        return None
    if not segment.alternatives:
        return wordings[0].total, wordings
    lightest = min(wording.total / len(wording.weights) for wording in wordings)
    return lightest * min(_LONGEST_WEIGHED, len(segment.surface)), wordings


def _wording(run: str, rarity: Rarity) -> _Wording | None:
    """Return the run with its weights; a single Chinese character says too little to count."""
    if not is_chinese(run):
        weight = rarity(run) * min(len(run), _LONGEST_WEIGHED)
        return _Wording((run,), (weight,), weight)
    if len(run) < 2:
        return None
    pairs = tuple(run[index : index + 2] for index in range(len(run) - 1))
    rarities = [rarity(pair) for pair in pairs]
    weights = tuple(min(rarities[max(0, index - 1) : index + 1]) for index in range(len(run)))
    return _Wording(pairs, weights, sum(weights))
