"""Find many fixed words in a text in one pass."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any


@dataclass(frozen=True, slots=True)
class Term:
    """What a word stands for: an entity type and its value."""

    type: str
    value: Mapping[str, Any]


class WordLengths:
    """How long the words are that begin with the same two signs, so that most places of a text cost one look."""

    def __init__(self) -> None:
        self._lengths: dict[tuple[str, str], tuple[int, ...]] = {}
        self._alone: set[str] = set()

    def add(self, signs: Sequence[str]) -> None:
        """Note a word, as the signs that it is made of: characters or syllables."""
        if len(signs) == 1:
            self._alone.add(signs[0])
            return
        known = self._lengths.get((signs[0], signs[1]), ())
        if len(signs) not in known:
            self._lengths[signs[0], signs[1]] = tuple(sorted((*known, len(signs)), reverse=True))

    def places(self, signs: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Yield start and end of all that may be a word, the longest first at each place."""
        get, alone, total = self._lengths.get, self._alone, len(signs)
        for start, pair in enumerate(zip_longest(signs, signs[1:], fillvalue="")):
            for length in get(pair, ()):
                if start + length <= total:
                    yield start, start + length
            if pair[0] in alone:
                yield start, start + 1


class TermTree:
    """Words and what they stand for; a search costs one look for each character, and more only where a word may begin."""

    def __init__(self) -> None:
        self._terms: dict[str, tuple[Term, ...]] = {}
        self._lengths = WordLengths()

    def add(self, word: str, term: Term) -> None:
        """Add a word; one word may stand for several things."""
        known = self._terms.get(word, ())
        if word and term not in known:
            self._terms[word] = (*known, term)
            self._lengths.add(word)

    def find(self, folded: str) -> Iterator[tuple[int, int, Term]]:
        """Yield start, end and meaning of the longest word of each type at each place."""
        place, types = -1, set[str]()
        for start, end in self._lengths.places(folded):
            if start != place:
                place, types = start, set()
            for term in self._terms.get(folded[start:end], ()):
                if term.type not in types and _is_whole(folded, start, end):
                    types.add(term.type)
                    yield start, end, term

    def holds(self, folded: str) -> bool:
        """Tell whether this is one of the words."""
        return folded in self._terms


def _is_whole(folded: str, start: int, end: int) -> bool:
    """Tell whether a word that begins or ends in a letter or figure is not part of a longer one (404 in 14045)."""
    return not (
        (_is_latin(folded[start]) and start > 0 and _is_latin(folded[start - 1]))
        or (_is_latin(folded[end - 1]) and end < len(folded) and _is_latin(folded[end]))
    )


def _is_latin(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in ".-")
