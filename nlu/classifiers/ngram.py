"""The embedded classifier: a linear model over characters, sounds and concepts; needs numpy alone to answer.

Two linear heads read the same features: one scores intents, one scores groups. The group head corrects the share of
confidence that each group gets, since far more sentences stand behind a group than behind an intent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nlu.classifiers.base import Thresholds
from nlu.classifiers.features import views_of
from nlu.classifiers.vectors import Floats, Vectorizer
from nlu.interpretation import IntentScore
from nlu.normalizer import NormalizedText, Normalizer

Matrix = npt.NDArray[np.floating[Any]]


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


def confidences(intents: Matrix, groups: Matrix, group_of: npt.NDArray[np.int64], by: Calibration) -> Matrix:
    """Combine the scores of both heads (rows: utterances) into calibrated confidences of the intents."""
    shares = softmax(by.intent_temperature * intents)
    members = np.eye(groups.shape[-1])[group_of]
    implied = np.maximum(shares @ members, 1e-9)
    wanted = np.maximum(softmax(by.group_temperature * groups), 1e-9)
    corrected = shares * ((wanted / implied) ** by.group_share)[..., group_of]
    total: Matrix = corrected / corrected.sum(axis=-1, keepdims=True)
    return total


@dataclass(frozen=True)
class NgramModel:
    """All that was learnt: weights have one row a feature, a column an intent and then a column a group."""

    vectorizer: Vectorizer
    weights: Floats
    bias: Floats
    intents: tuple[str, ...]
    groups: tuple[str, ...]
    group_of_intent: Mapping[str, str]
    calibration: Calibration
    thresholds: Thresholds
    figures: Mapping[str, float] = field(default_factory=dict)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the numbers to store; weights at half precision, which changes no decision."""
        return {"weights": self.weights.astype(np.float16), "bias": self.bias, "idf": self.vectorizer.idf}

    def document(self) -> dict[str, Any]:
        """Return everything else, as JSON."""
        return {
            "vocabulary": list(self.vectorizer.vocabulary),
            "intents": list(self.intents),
            "groups": list(self.groups),
            "group_of_intent": dict(self.group_of_intent),
            "calibration": asdict(self.calibration),
            "thresholds": asdict(self.thresholds),
        }

    @classmethod
    def restore(cls, arrays: Mapping[str, npt.NDArray[Any]], document: Mapping[str, Any]) -> "NgramModel":
        """Build the model from what was stored; raises KeyError, TypeError or ValueError if it does not fit together."""
        vocabulary: Sequence[str] = document["vocabulary"]
        width = len(document["intents"]) + len(document["groups"])
        if arrays["weights"].shape != (len(vocabulary), width) or arrays["idf"].shape != (len(vocabulary),):
            raise ValueError(f"weights {arrays['weights'].shape} do not fit {len(vocabulary)} features x {width}")
        return cls(
            Vectorizer(vocabulary, arrays["idf"]),
            arrays["weights"].astype(np.float32),
            arrays["bias"],
            tuple(document["intents"]),
            tuple(document["groups"]),
            document["group_of_intent"],
            Calibration(**document["calibration"]),
            Thresholds(**document["thresholds"]),
        )


class NgramClassifier:
    """Classify with a trained `NgramModel`; has no state of its own."""

    def __init__(self, model: NgramModel, normalizer: Normalizer | None = None) -> None:
        self._model = model
        self._normalizer = normalizer or Normalizer()
        index = {group: place for place, group in enumerate(model.groups)}
        self._names = tuple((intent, model.group_of_intent[intent]) for intent in model.intents)
        self._group_of = np.array([index[model.group_of_intent[intent]] for intent in model.intents], dtype=np.int64)

    @property
    def thresholds(self) -> Thresholds:
        """Return the limits that were chosen at training."""
        return self._model.thresholds

    def classify(self, text: NormalizedText | str) -> tuple[IntentScore, ...]:
        """Return every intent with its calibrated confidence, best first."""
        normalized = self._normalizer.normalize(text) if isinstance(text, str) else text
        model = self._model
        rows, values = model.vectorizer.transform(views_of(normalized))
        scores = values @ model.weights[rows] + model.bias
        split = len(model.intents)
        shares = confidences(scores[:split], scores[split:], self._group_of, model.calibration)
        order, held = np.argsort(-shares, kind="stable").tolist(), shares.tolist()
        return tuple([IntentScore(self._names[place][0], self._names[place][1], held[place]) for place in order])
