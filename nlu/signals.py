"""Notice feelings and manners in a text: angry, desperate, question, negation (`signals.yml`)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from nlu.normalizer import PhraseTable

SIGNALS = Path(__file__).with_name("signals.yml")
HARMLESS = "harmless"


class SignalFinder:
    """Find the signals of a normalised text; linear in its length."""

    def __init__(self, words: Mapping[str, Sequence[str]] | None = None) -> None:
        content = words or yaml.load(SIGNALS.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        self._signals_of: dict[str, frozenset[str]] = {}
        for signal, listed in content.items():
            for word in listed:
                known = self._signals_of.get(word, frozenset())
                self._signals_of[word] = known if signal == HARMLESS else known | {signal}
        self._phrases = PhraseTable(dict.fromkeys(self._signals_of, ""))

    def find(self, text: str) -> frozenset[str]:
        """Return the signals that occur."""
        found = {self._signals_of[text[start:end]] for start, end, _ in self._phrases.edits(text)}
        return frozenset().union(*found)
