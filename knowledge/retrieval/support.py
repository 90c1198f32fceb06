"""How much of a question a text speaks about: the share of its rare words that the text holds."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from knowledge.index.analysis import is_chinese, run_terms, runs_of
from knowledge.retrieval.query import PreparedQuery, Segment

_LONGEST_WEIGHED = 4
_HALF_A_WORD = 0.5
_REMEMBERED = 256
Rarity = Callable[[str], float]


def rarity_of(frequency: int, size: int) -> float:
    """Return the inverse document frequency (natural logarithm, BM25's form) of a term in so many of `size` rows."""
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))


@dataclass(frozen=True, slots=True)
class _Wording:
    """One way to say a segment: its pairs (or its one Latin word), and the weight of each of its characters.

    `bits` are those of its terms in the meter's sets of terms, `all_bits` all of them together.
    """

    terms: tuple[str, ...]
    weights: tuple[float, ...]
    total: float
    is_word: bool
    bits: tuple[int, ...] = ()
    all_bits: int = 0

    def share(self, present: int) -> float:
        """Return the covered share of the run; half a word (租房 of 公租房) is worth half of that."""
        common = present & self.all_bits
        if not common:
            return 0.0
        if common == self.all_bits:
            return 1.0
        held = [bool(common & bit) for bit in self.bits]
        if len(self.weights) > len(held):
            held = [before or after for before, after in zip((False, *held), (*held, False), strict=True)]
        covered = sum([weight for weight, is_held in zip(self.weights, held, strict=True) if is_held])
        return covered / self.total * (_HALF_A_WORD if self.is_word else 1.0)

    def missing(self, present: int) -> float:
        """Return the weight of what is named and not covered; a number names nothing."""
        held = [bool(present & bit) for bit in self.bits]
        if len(self.weights) == len(held):
            is_named = not any(held) and not all(term[:1].isdigit() for term in self.terms)
            return self.total if is_named else 0.0
        pairs = zip(held, [*held[1:], False], strict=True)
        covered = [held[0], *(before or after for before, after in pairs)]
        return sum(weight for is_held, weight in zip(covered, self.weights, strict=True) if not is_held)


@dataclass(frozen=True, slots=True)
class _Measured:
    """A segment with what it weighs and the ways to say it."""

    weight: float
    wordings: tuple[_Wording, ...]
    all_bits: int = 0


class CoverageMeter:
    """Measures texts against one question.

    A pair that spans two words (民补 in 移民补贴) is rare and means nothing, so a character weighs as much as the most
    common of its pairs, and is covered when one of its pairs is present. What a text has in common with the question is
    a set of the question's `terms`, held as the bits of one number: a question is held against hundreds of texts.
    """

    def __init__(self, query: PreparedQuery, rarity: Rarity) -> None:
        self.query = query
        measured = [found for segment in query.segments if (found := _measure(segment, rarity, query.light))]
        self.total = sum(each.weight for each in measured)
        terms = dict.fromkeys(term for each in measured for wording in each.wordings for term in wording.terms)
        self._bits = {term: 1 << place for place, term in enumerate(terms)}
        self.terms = frozenset(terms)
        self._segments = [self._numbered(each) for each in measured]
        self._known: dict[int, float] = {}

    def common(self, present: Collection[str]) -> int:
        """Return which of the question's terms are present, as bits."""
        bits = self._bits
        return sum([bits[term] for term in self.terms.intersection(present)])

    def share(self, present: Collection[str]) -> float:
        """Return the covered share (0..1) of the question's informative characters, weighed by rarity."""
        return self.share_of(self.common(present))

    def share_of(self, common: int) -> float:
        """Return the share that some of the question's own terms cover, given as bits."""
        if not common or not self.total:
            return 0.0
        known = self._known.get(common)
        if known is not None:
            return known
        covered = 0.0
        for each in self._segments:
            if common & each.all_bits:
                covered += each.weight * max([wording.share(common) for wording in each.wordings])
        if len(self._known) < _REMEMBERED:
            self._known[common] = covered / self.total
        return covered / self.total

    def missing(self, present: Collection[str]) -> float:
        """Return the weight (a sum of rarities) of the words that the question names and the text does not hold."""
        common = self.common(present)
        return sum(
            min(each.weight, *[wording.missing(common) for wording in each.wordings])
            if len(each.wordings) > 1
            else each.wordings[0].missing(common)
            for each in self._segments
        )

    def _numbered(self, measured: _Measured) -> _Measured:
        wordings = [(wording, tuple(self._bits[term] for term in wording.terms)) for wording in measured.wordings]
        numbered = tuple(replace(wording, bits=bits, all_bits=sum(set(bits))) for wording, bits in wordings)
        together = 0
        for wording in numbered:
            together |= wording.all_bits
        return replace(measured, wordings=numbered, all_bits=together)


def likeness_of(question: CoverageMeter, other: CoverageMeter) -> tuple[float, float]:
    """Return how far two questions ask the same (0..1), and how much of the other this one says (0..1).

    The former is the harmonic mean of how much each covers of the other.
    """
    both = question.terms & other.terms
    if not both:
        return 0.0, 0.0
    there, back = question.share(both), other.share(both)
    return (2 * there * back / (there + back) if there and back else 0.0), back


def _measure(segment: Segment, rarity: Rarity, light: frozenset[str]) -> _Measured | None:
    """Return the segment's weight and its wordings, None when it says nothing.

    A word with official names weighs as the commonest of them, at most like four characters.
    """
    wordings = tuple(
        word
        for text in (segment.surface, *segment.alternatives)
        if (word := _wording(text, rarity, light, is_word=bool(segment.alternatives)))
    )
    if not wordings:
        return None
    if not segment.alternatives:
        return _Measured(wordings[0].total, wordings)
    lightest = min(wording.total / len(wording.weights) for wording in wordings)
    return _Measured(lightest * min(_LONGEST_WEIGHED, len(segment.surface)), wordings)


def _wording(run: str, rarity: Rarity, light: frozenset[str], *, is_word: bool) -> _Wording | None:
    """Return the run with its weights, None when it says nothing: a single character, or only light ones."""
    if not is_chinese(run) or any(not is_chinese(character) for character in run):
        return _mixed_wording(run, rarity)
    if len(run) < 2:
        return None
    pairs = tuple(run[index : index + 2] for index in range(len(run) - 1))
    rarities = [rarity(pair) for pair in pairs]
    weights = [
        0.0 if character in light and not is_word else min(rarities[max(0, index - 1) : index + 1])
        for index, character in enumerate(run)
    ]
    return _Wording(pairs, tuple(weights), sum(weights), is_word) if sum(weights) else None


def _mixed_wording(run: str, rarity: Rarity) -> _Wording | None:
    """Return a number, a Latin word, or a word that holds one (404医院): each of its terms counts once, all as one word."""
    terms = tuple(dict.fromkeys(term for part in runs_of(run) for term in run_terms(part)))
    weights = tuple(rarity(term) * (min(len(term), _LONGEST_WEIGHED) if term.isascii() else 1) for term in terms)
    return _Wording(terms, weights, sum(weights), is_word=True) if terms else None
