"""From an utterance to its meaning: normalise, extract, classify, decide."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from adapters.embedding.encoder import Encoder
from nlu.artefact import ArtefactCorrupt, ModelFolder
from nlu.classifiers.base import IntentClassifier, Thresholds
from nlu.classifiers.ngram import NgramClassifier, NgramModel
from nlu.entities.extractor import EntityExtractor
from nlu.entities.gazetteer import load_gazetteer
from nlu.interpretation import OUT_OF_SCOPE, Entity, IntentScore, Interpretation, Utterance
from nlu.normalizer import NormalizedText, Normalizer
from nlu.pinyin_input import PinyinReader, ReadText
from nlu.signals import SignalFinder

MOST_ALTERNATIVES = 5
WARM_UP = "预yue"  # reads every table, so that the first citizen does not wait for it


class Extractor(Protocol):
    """Finds the things that an utterance names."""

    def extract(self, utterance: Utterance, expected: frozenset[str] = frozenset()) -> tuple[Entity, ...]:
        """Return the entities with offsets into the original text; total for any string."""
        ...


class Interpreter:
    """Understand utterances; build once, use from anywhere (it has no state)."""

    def __init__(
        self,
        classifier: IntentClassifier,
        extractor: Extractor,
        normalizer: Normalizer | None = None,
        reader: PinyinReader | None = None,
    ) -> None:
        self._classifier = classifier
        self._extractor = extractor
        self._normalizer = normalizer or Normalizer()
        self._reader = reader
        self._signals = SignalFinder()

    @classmethod
    def load(cls, models_folder: Path, encoder: Encoder | None = None) -> "Interpreter":
        """Build one on the current model and its word lists; raises `ArtefactMissing` or `ArtefactCorrupt`."""
        manifest, content = ModelFolder(models_folder).load()
        try:
            model = NgramModel.restore(content.arrays, content.document)
            normalizer = Normalizer(model.lexicon)
            classifier = NgramClassifier(model, normalizer, encoder)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArtefactCorrupt(models_folder / manifest.version, str(error)) from error
        classifier.classify(WARM_UP)
        return cls(classifier, EntityExtractor(model.words), normalizer, PinyinReader(_words_of(model)))

    @property
    def classifier(self) -> IntentClassifier:
        """Return what ranks the intents."""
        return self._classifier

    def interpret(self, utterance: Utterance, expected: frozenset[str] = frozenset()) -> Interpretation:
        """Return the meaning of any text at all; `expected` holds the entity types just asked for. Never raises."""
        normalized = self.normalize(utterance)
        ranked = self._classifier.classify(normalized) if says_something(normalized) else ()
        return self.conclude(utterance, normalized, ranked, self._classifier.thresholds, expected)

    async def interpret_all(
        self, utterances: Sequence[Utterance], expected: frozenset[str] = frozenset()
    ) -> tuple[Interpretation, ...]:
        """Return the meanings of what was said in one message; there is nothing to wait for here."""
        return tuple([self.interpret(utterance, expected) for utterance in utterances])

    def normalize(self, utterance: Utterance) -> NormalizedText:
        """Return the text in standard words, as classifiers want it; what was typed in pinyin is read first."""
        read = self._read(utterance)
        if read is None:
            return self._normalizer.normalize(utterance.text)
        normalized = self._normalizer.normalize(read.text)
        offsets = tuple(read.starts[offset] for offset in normalized.offsets)
        return NormalizedText(normalized.text, offsets, utterance.text)

    def conclude(
        self,
        utterance: Utterance,
        normalized: NormalizedText,
        ranked: Sequence[IntentScore],
        thresholds: Thresholds,
        expected: frozenset[str] = frozenset(),
    ) -> Interpretation:
        """Return the meaning of an utterance whose intents a classifier ranked; nothing was ranked where nothing is said."""
        intent, group, confidence, alternatives = _decide(ranked, thresholds)
        is_ambiguous = (
            intent != OUT_OF_SCOPE
            and bool(alternatives)
            and confidence - alternatives[0].confidence < thresholds.margin
        )
        return Interpretation(
            text=utterance.text,
            normalized_text=normalized.text,
            intent=intent,
            group=group,
            confidence=confidence,
            alternatives=alternatives,
            entities=self._extract(utterance, expected),
            is_ambiguous=is_ambiguous,
            signals=self._signals.find(normalized.text),
            outside=outside(ranked),
        )

    def _extract(self, utterance: Utterance, expected: frozenset[str]) -> tuple[Entity, ...]:
        read = self._read(utterance)
        if read is None:
            return self._extractor.extract(utterance, expected)
        found = self._extractor.extract(replace(utterance, text=read.text), expected)
        return tuple(read.original(entity, utterance.text) for entity in found)

    def _read(self, utterance: Utterance) -> ReadText | None:
        return self._reader.read(utterance.text) if self._reader else None


def _words_of(model: NgramModel) -> Iterator[str]:
    """Yield the words that may be typed in pinyin: names of the city and of the skills, and the services' words."""
    for rows in load_gazetteer().values():
        for row in rows:
            yield from (word for word in (row.get("name"), *row.get("aliases", ())) if word)
    for names in model.words.names.values():
        for name, others in names.items():
            yield from (name, *others)
    for words in model.concepts.values():
        yield from words


def _decide(ranked: Sequence[IntentScore], thresholds: Thresholds) -> tuple[str, str, float, tuple[IntentScore, ...]]:
    """Return intent, group, confidence and alternatives; out of scope where no group is near enough."""
    if not ranked:
        return OUT_OF_SCOPE, OUT_OF_SCOPE, 1.0, ()
    known = tuple(islice((score for score in ranked if score.group != OUT_OF_SCOPE), 1 + MOST_ALTERNATIVES))
    if not known or ranked[0].group == OUT_OF_SCOPE:
        share = sum(score.confidence for score in ranked if score.group == OUT_OF_SCOPE)
        return OUT_OF_SCOPE, OUT_OF_SCOPE, share, known[:MOST_ALTERNATIVES]
    mass = group_mass(ranked, known[0].group)
    if mass < thresholds.group_mass:
        return OUT_OF_SCOPE, OUT_OF_SCOPE, 1.0 - mass, known[:MOST_ALTERNATIVES]
    best = known[0]
    return best.intent, best.group, best.confidence, known[1 : 1 + MOST_ALTERNATIVES]


def says_something(normalized: NormalizedText) -> bool:
    """Tell whether there is a letter or a digit; without one there is nothing to classify."""
    return any(character.isalnum() for character in normalized.text)


def outside(ranked: Sequence[IntentScore]) -> float:
    """Return what is out of scope holds beside the likeliest group in scope; 1 where nothing was ranked.

    A classifier that was taught nothing out of scope is taken at what it leaves to all other groups.
    """
    masses: dict[str, float] = {}
    for score in ranked:
        masses[score.group] = masses.get(score.group, 0.0) + score.confidence
    beyond = masses.pop(OUT_OF_SCOPE, None)
    best = max(masses.values(), default=0.0)
    if beyond is None:
        return max(0.0, 1.0 - best)
    return beyond / max(beyond + best, 1e-12)


def group_mass(ranked: Sequence[IntentScore], group: str) -> float:
    """Return the confidence that all intents of a group hold together."""
    return min(1.0, sum(score.confidence for score in ranked if score.group == group))
