"""The embedded engine as the product uses it, trained on any examples."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from adapters.clock import CITY_TIMEZONE
from nlu.classifiers.base import IntentClassifier
from nlu.classifiers.ngram import NgramClassifier
from nlu.engines.base import Reading
from nlu.interpretation import Entity, Utterance
from nlu.interpreter import Extractor, Interpreter
from nlu.training import fit
from nlu.training_data import TrainingSet

SPOKEN_AT = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)

Learn = Callable[[TrainingSet, int], IntentClassifier]


class NoEntities:
    """An extractor for what names nothing of this city."""

    def extract(self, utterance: Utterance, expected: frozenset[str] = frozenset()) -> tuple[Entity, ...]:
        """Return nothing."""
        return ()


class InterpreterReader:
    """Reads with an interpreter, decision of scope and ambiguity included."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter

    def read(self, text: str) -> Reading:
        """Return the interpretation as a reading."""
        got = self._interpreter.interpret(Utterance(text, SPOKEN_AT))
        others = [score.intent for score in got.alternatives]
        ranked = others if got.is_out_of_scope else [got.intent, *others]
        guess, second, *_ = *ranked, "", ""
        return Reading(guess, got.intent, got.confidence, got.outside, second, got.is_ambiguous)


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
        yield InterpreterReader(Interpreter(self._learn(training_set, seed), self._extractor))


def learn_ngrams(training_set: TrainingSet, seed: int) -> NgramClassifier:
    """Train the default classifier."""
    return NgramClassifier(fit(training_set, seed=seed, progress=_say_nothing, fewest=1))


def _say_nothing(_: str) -> None: ...
