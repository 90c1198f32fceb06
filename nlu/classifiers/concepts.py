"""Words that mean much the same here, so that an example with one of them teaches all of them (`concepts.yml`)."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import yaml

from nlu.normalizer import Normalizer, PhraseTable

CONCEPTS = Path(__file__).with_name("concepts.yml")


class ConceptTable:
    """Find the concepts of a normalised text; linear in its length."""

    def __init__(self, concepts: Mapping[str, Sequence[str]]) -> None:
        self._concepts_of: dict[str, tuple[str, ...]] = {}
        for concept, words in concepts.items():
            for word in dict.fromkeys(words):
                self._concepts_of[word] = (*self._concepts_of.get(word, ()), concept)
        self._phrases = PhraseTable(dict.fromkeys(self._concepts_of, ""))

    def words(self) -> tuple[str, ...]:
        """Return every word of every concept."""
        return tuple(self._concepts_of)

    def find(self, text: str) -> tuple[list[str], list[str]]:
        """Return the concepts in the order of the text, and the text with each such word as one symbol `<concept>`."""
        concepts: list[str] = []
        symbols: list[str] = []
        position = 0
        while position < len(text):
            word = self._phrases.match(text, position)
            if word is None:
                symbols.append(text[position])
                position += 1
                continue
            concepts.extend(self._concepts_of[word])
            symbols.append(f"<{self._concepts_of[word][0]}>")
            position += len(word)
        return concepts, symbols


@lru_cache(maxsize=1)
def load_concepts() -> ConceptTable:
    """Read the concepts that come with the product, each word as the normalizer would give it."""
    content = yaml.load(CONCEPTS.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    normalizer = Normalizer()
    return ConceptTable(
        {concept: [normalizer.normalize(str(word)).text for word in words] for concept, words in content.items()}
    )
