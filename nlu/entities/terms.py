"""Find many fixed words in a text in one pass."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Term:
    """What a word stands for: an entity type and its value."""

    type: str
    value: Mapping[str, Any]


@dataclass(slots=True)
class _Node:
    """A place in the tree of words."""

    children: dict[str, "_Node"] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()


class TermTree:
    """A tree of folded words; a search costs at most the longest word for each character."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, word: str, term: Term) -> None:
        """Add a word; one word may stand for several things."""
        node = self._root
        for character in word:
            node = node.children.setdefault(character, _Node())
        if term not in node.terms:
            node.terms = (*node.terms, term)

    def find(self, folded: str) -> Iterator[tuple[int, int, Term]]:
        """Yield start, end and meaning of the longest word of each type at each place."""
        for start in range(len(folded)):
            for end, term in self._longest_at(folded, start).values():
                if _is_whole(folded, start, end):
                    yield start, end, term

    def holds(self, folded: str) -> bool:
        """Tell whether this is one of the words."""
        node: _Node | None = self._root
        for character in folded:
            node = node.children.get(character) if node else None
        return bool(node and node.terms)

    def _longest_at(self, folded: str, start: int) -> dict[str, tuple[int, Term]]:
        found: dict[str, tuple[int, Term]] = {}
        node: _Node | None = self._root
        position = start
        while position < len(folded) and node and (node := node.children.get(folded[position])):
            position += 1
            for term in node.terms:
                found[term.type] = (position, term)
        return found


def _is_whole(folded: str, start: int, end: int) -> bool:
    """Tell whether a word that begins or ends in a letter or figure is not part of a longer one (404 in 14045)."""
    return not (
        (_is_latin(folded[start]) and start > 0 and _is_latin(folded[start - 1]))
        or (_is_latin(folded[end - 1]) and end < len(folded) and _is_latin(folded[end]))
    )


def _is_latin(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in ".-")
