"""The embedded engine as the product uses it, trained on any examples."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from adapters.clock import CITY_TIMEZONE
from nlu.classifiers.base import IntentClassifier
from nlu.classifiers.ngram import NgramClassifier
from nlu.engines.base import Reading
from nlu.interpretation import Entity, Utterance
from nlu.interpreter import Extractor, Interpreter
from nlu.novelty import Novelty
from nlu.training import fit
from nlu.training_data import TrainingSet

SPOKEN_AT = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)
WEIGHT_OF_NOVELTY = 6.0
USUAL_NOVELTY = 0.5
"""Only centres the score; the order does not depend on it."""

Learn = Callable[[TrainingSet, int], IntentClassifier]


class NoEntities:
    """An extractor for what names nothing of this city."""

    def extract(self, utterance: Utterance, expected: frozenset[str] = frozenset()) -> tuple[Entity, ...]:
        """Return nothing."""
        return ()


class InterpreterReader:
    """Reads with an interpreter, decision of scope and ambiguity included.

    The score of scope joins the interpreter's with the novelty of the words (docs/adr/0007).
    """

    def __init__(self, interpreter: Interpreter, novelty: Novelty) -> None:
        self._interpreter = interpreter
        self._novelty = novelty

    def read(self, text: str) -> Reading:
        """Return the interpretation as a reading."""
        got = self._interpreter.interpret(Utterance(text, SPOKEN_AT))
        others = [score.intent for score in got.alternatives]
        ranked = others if got.is_out_of_scope else [got.intent, *others]
        guess, second, *_ = *ranked, "", ""
        far = join(got.outside, self._novelty.of(got.normalized_text))
        return Reading(guess, got.intent, got.confidence, far, second, got.is_ambiguous)


class EmbeddedEngine:
    """Learns a classifier and puts the product's interpreter around it.

    `learn` may be another classifier's training: that is how variants of the features are compared. Without an
    `extractor` no entities are looked for, as there is nothing of this city in anybody's data.
    """

    def __init__(
        self,
        learn: Learn | None = None,
        extractor: Extractor | None = None,
        name: str = "embedded",
        title: str = "绵办内置引擎",
    ) -> None:
        self._learn = learn or learn_ngrams
        self._extractor = extractor or NoEntities()
        self.name = name
        self.title = title

    @contextmanager
    def fit(self, training_set: TrainingSet, seed: int) -> Iterator[InterpreterReader]:
        """Learn; intents with a single example are learnt, too."""
        interpreter = Interpreter(self._learn(training_set, seed), self._extractor)
        yield InterpreterReader(interpreter, Novelty(training_set.examples))


def join(outside: float, novelty: float) -> float:
    """Add what is new in a text to the logarithm of the odds that it is out of scope."""
    share = min(max(outside, 1e-6), 1 - 1e-6)
    odds = math.log(share / (1 - share)) + WEIGHT_OF_NOVELTY * (novelty - USUAL_NOVELTY)
    return 1 / (1 + math.exp(-odds))


def learn_ngrams(training_set: TrainingSet, seed: int) -> NgramClassifier:
    """Train the default classifier."""
    return NgramClassifier(fit(training_set, seed=seed, progress=_say_nothing, fewest=1))


def _say_nothing(_: str) -> None: ...
