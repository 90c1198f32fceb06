"""Words that mean much the same here, so that an example with one of them teaches all of them (`concepts.yml`)."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

from nlu.normalizer import Normalizer, PhraseTable

CONCEPTS = Path(__file__).with_name("concepts.yml")
FIRST_SYMBOL = 0xE000  # the private use area: the normalizer drops its characters, so that no text has them

Concepts = Mapping[str, Sequence[str]]
"""The words of each concept."""


class ConceptTable:
    """Find the concepts of a normalised text; linear in its length. A concept is written as one character, its symbol."""

    def __init__(self, concepts: Concepts, normalizer: Normalizer) -> None:
        self.symbols = {concept: chr(FIRST_SYMBOL + place) for place, concept in enumerate(sorted(concepts))}
        self._symbols_of: dict[str, str] = {}
        for concept, symbol in self.symbols.items():
            for word in dict.fromkeys(normalizer.normalize(word).text for word in concepts[concept]):
                self._symbols_of[word] = self._symbols_of.get(word, "") + symbol
        self._phrases = PhraseTable(dict.fromkeys(self._symbols_of, ""))

    def words(self) -> tuple[str, ...]:
        """Return every word of every concept, as the normalizer gives it."""
        return tuple(self._symbols_of)

    def find(self, text: str) -> tuple[str, str]:
        """Return the concepts in the order of the text, and the text with the first concept of each word in its place."""
        found: list[str] = []
        frame: list[str] = []
        position = 0
        for start, end, _ in self._phrases.edits(text):
            symbols = self._symbols_of[text[start:end]]
            found.append(symbols)
            frame += (text[position:start], symbols[0])
            position = end
        return "".join(found), "".join((*frame, text[position:]))


@cache
def load_concepts() -> Concepts:
    """Read the concepts that come with the product."""
    content = yaml.load(CONCEPTS.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {concept: tuple(map(str, words)) for concept, words in content.items()}
