"""What every intent classifier can be asked, and the limits by which its confidences are judged."""

from dataclasses import dataclass
from typing import Protocol

from nlu.interpretation import IntentScore
from nlu.normalizer import NormalizedText


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits chosen at training on sentences that the model had not seen.

    A group that holds less than `group_mass` of the confidence is out of scope; a second intent that is nearer to the
    first than `margin` makes the utterance ambiguous.
    """

    group_mass: float = 0.2
    margin: float = 0.05


class IntentClassifier(Protocol):
    """Tells which intents an utterance may have."""

    @property
    def thresholds(self) -> Thresholds:
        """Return the limits that fit this classifier's confidences."""
        ...

    def classify(self, text: NormalizedText | str) -> tuple[IntentScore, ...]:
        """Return every intent with its calibrated confidence, best first; total for any string."""
        ...
