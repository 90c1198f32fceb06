"""How much of a question a text speaks about: the share of its rare words that the text holds."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

from knowledge.index.analysis import is_chinese
from knowledge.retrieval.query import PreparedQuery, Segment

_LONGEST_WEIGHED = 4
_HALF_A_WORD = 0.5
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
    is_word: bool

    def share(self, present: Collection[str]) -> float:
        """Return the covered share of the run; half a word (租房 of 公租房) is worth half of that."""
        held = [term in present for term in self.terms]
        if not any(held):
            return 0.0
        if all(held):
            return 1.0
        covered = sum(weight for index, weight in enumerate(self.weights) if any(held[max(0, index - 1) : index + 1]))
        return covered / self.total * (_HALF_A_WORD if self.is_word else 1.0)


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


def likeness_of(question: CoverageMeter, other: CoverageMeter) -> float:
    """Return how far two questions ask the same (0..1): the harmonic mean of how much each covers of the other."""
    there, back = question.share(other.terms), other.share(question.terms)
    return 2 * there * back / (there + back) if there and back else 0.0


def _measure(segment: Segment, rarity: Rarity) -> tuple[float, tuple[_Wording, ...]] | None:
    """Return the segment's weight and its wordings, None when it says nothing.

    A word with official names weighs as the commonest of them, at most like four characters.
    """
    wordings = tuple(
        word
        for text in (segment.surface, *segment.alternatives)
        if (word := _wording(text, rarity, is_word=bool(segment.alternatives)))
    )
    if not wordings:
        return None
    if not segment.alternatives:
        return wordings[0].total, wordings
    lightest = min(wording.total / len(wording.weights) for wording in wordings)
    return lightest * min(_LONGEST_WEIGHED, len(segment.surface)), wordings


def _wording(run: str, rarity: Rarity, *, is_word: bool) -> _Wording | None:
    """Return the run with its weights; a single Chinese character says too little to count."""
    if not is_chinese(run):
        weight = rarity(run) * min(len(run), _LONGEST_WEIGHED)
        return _Wording((run,), (weight,), weight, is_word)
    if len(run) < 2:
        return None
    pairs = tuple(run[index : index + 2] for index in range(len(run) - 1))
    rarities = [rarity(pair) for pair in pairs]
    weights = tuple(min(rarities[max(0, index - 1) : index + 1]) for index in range(len(run)))
    return _Wording(pairs, weights, sum(weights), is_word)
