"""The embedded classifier: a linear model over characters, sounds and concepts; needs numpy alone to answer.

Two linear heads read the same features: one scores intents, one scores groups. The group head corrects the share of
confidence that each group gets, since far more sentences stand behind a group than behind an intent. An encoder's
vector, if there is one, is a further view.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from adapters.embedding.encoder import Encoder
from nlu.classifiers.base import Thresholds
from nlu.classifiers.concepts import Concepts, ConceptTable
from nlu.classifiers.features import views_of
from nlu.classifiers.vectors import Floats, Vectorizer, Vocabulary
from nlu.entities.words import EntityWords
from nlu.interpretation import OUT_OF_SCOPE, IntentScore
from nlu.normalizer import Lexicon, NormalizedText, Normalizer

Matrix = npt.NDArray[np.floating[Any]]

FAINTEST = 0.001
"""Intents in scope with less confidence are not told."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How raw scores become confidences, fitted on sentences that the model had not seen."""

    intent_temperature: float = 6.0
    group_temperature: float = 3.0
    group_share: float = 1.0


def softmax(scores: Matrix) -> Matrix:
    """Return shares that sum to one along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Matrix = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def confidences(intents: Matrix, groups: Matrix, members: Matrix, by: Calibration) -> Matrix:
    """Combine the scores of both heads (last axis) into calibrated confidences of the intents.

    `members` has a row an intent and a column a group, with one 1 a row.
    """
    shares = softmax(by.intent_temperature * intents)
    implied = np.maximum(shares @ members, 1e-9)
    wanted = np.maximum(softmax(by.group_temperature * groups), 1e-9)
    corrected = shares * ((wanted / implied) ** by.group_share @ members.T)
    total: Matrix = corrected / corrected.sum(axis=-1, keepdims=True)
    return total


@dataclass(frozen=True)
class NgramModel:
    """All that was learnt, and the word lists that it was learnt with.

    `weights` has a row a feature, and a column an intent and then a column a group; the rows hold the idf already.
    `encoder_weights` has a row a dimension of the encoder that is named by its identity, none if there is no encoder.
    """

    vocabulary: Vocabulary
    idf: Floats
    weights: Floats
    bias: Floats
    intents: tuple[str, ...]
    groups: tuple[str, ...]
    group_of_intent: Mapping[str, str]
    calibration: Calibration
    thresholds: Thresholds
    lexicon: Lexicon
    concepts: Concepts
    words: EntityWords = field(default_factory=EntityWords)
    encoder_identity: str = ""
    encoder_weights: Floats | None = None
    figures: Mapping[str, float] = field(default_factory=dict)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the numbers to store; weights at half precision, which changes no decision."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "weights": self.weights.astype(np.float16),
            "bias": self.bias,
            "idf": self.idf,
        }
        if self.encoder_weights is not None:
            arrays["encoder_weights"] = self.encoder_weights
        return arrays

    def document(self) -> dict[str, Any]:
        """Return everything else, as JSON."""
        return {
            "vocabulary": [list(features) for features in self.vocabulary],
            "intents": list(self.intents),
            "groups": list(self.groups),
            "group_of_intent": dict(self.group_of_intent),
            "calibration": asdict(self.calibration),
            "thresholds": asdict(self.thresholds),
            "lexicon": asdict(self.lexicon),
            "concepts": {concept: list(words) for concept, words in self.concepts.items()},
            "words": self.words.document(),
            "encoder_identity": self.encoder_identity,
        }

    @classmethod
    def restore(cls, arrays: Mapping[str, npt.NDArray[Any]], document: Mapping[str, Any]) -> "NgramModel":
        """Build the model from what was stored; raises KeyError, TypeError or ValueError if it does not fit together."""
        vocabulary = tuple(tuple(features) for features in document["vocabulary"])
        size, width = sum(map(len, vocabulary)), len(document["intents"]) + len(document["groups"])
        if arrays["weights"].shape != (size, width) or arrays["idf"].shape != (size,):
            raise ValueError(f"weights {arrays['weights'].shape} do not fit {size} features x {width}")
        encoder_weights = arrays.get("encoder_weights")
        if encoder_weights is not None and encoder_weights.shape[1:] != (width,):
            raise ValueError(f"the encoder's weights {encoder_weights.shape} do not fit {width} columns")
        return cls(
            vocabulary,
            arrays["idf"],
            arrays["weights"].astype(np.float32),
            arrays["bias"],
            tuple(document["intents"]),
            tuple(document["groups"]),
            document["group_of_intent"],
            Calibration(**document["calibration"]),
            Thresholds(**document["thresholds"]),
            Lexicon(**document["lexicon"]),
            document["concepts"],
            EntityWords.restore(document["words"]),
            document["encoder_identity"],
            encoder_weights,
        )


class NgramClassifier:
    """Classify with a trained `NgramModel`; has no state of its own."""

    def __init__(self, model: NgramModel, normalizer: Normalizer | None = None, encoder: Encoder | None = None) -> None:
        if model.encoder_identity != (encoder.identity if encoder else ""):
            raise ValueError(
                f"trained with the encoder {model.encoder_identity or 'none'!r}, which is not the one given"
            )
        self._model = model
        self._normalizer = normalizer or Normalizer(model.lexicon)
        self._concepts = ConceptTable(model.concepts, self._normalizer)
        self._vectorizer = Vectorizer(model.vocabulary, model.idf)
        self._longest = tuple(max(map(len, features), default=0) for features in model.vocabulary)
        self._encoder = encoder
        self._names = tuple((intent, model.group_of_intent[intent]) for intent in model.intents)
        self._is_told = np.array(
            [group == OUT_OF_SCOPE for _, group in self._names]
        )  # however faint: others weigh by it
        self._members = membership([group for _, group in self._names], model.groups)

    @property
    def thresholds(self) -> Thresholds:
        """Return the limits that were chosen at training."""
        return self._model.thresholds

    def classify(self, text: NormalizedText | str) -> tuple[IntentScore, ...]:
        """Return the intents that are not all but ruled out, with their calibrated confidences, best first."""
        normalized = self._normalizer.normalize(text) if isinstance(text, str) else text
        scores = self._score(normalized)
        split = len(self._names)
        shares = confidences(scores[:split], scores[split:], self._members, self._model.calibration)
        order = np.argsort(-shares, kind="stable")
        order = order[(self._is_told | (shares >= FAINTEST))[order]]
        ranked = zip(order.tolist(), shares[order].tolist(), strict=True)
        return tuple([IntentScore(self._names[place][0], self._names[place][1], share) for place, share in ranked])

    def _score(self, normalized: NormalizedText) -> Matrix:
        """Return the raw scores of both heads."""
        model = self._model
        rows, scales = self._vectorizer.transform(views_of(normalized, self._concepts, self._longest))
        scores: Matrix = scales @ model.weights.take(rows, axis=0) + model.bias
        if self._encoder and model.encoder_weights is not None:
            scores += self._encoder.encode([normalized.text])[0] @ model.encoder_weights
        return scores


def membership(groups_of_intents: Sequence[str], groups: Sequence[str]) -> Floats:
    """Return the matrix that says which intent (row) is in which group (column)."""
    return np.array([[group == one for one in groups] for group in groups_of_intents], dtype=np.float32)
