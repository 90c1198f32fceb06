"""What an engine can be asked: learn from examples, then read one text after the other."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from nlu.training_data import TrainingDataError, TrainingSet


class EngineUnavailable(Exception):
    """An engine cannot run on this machine; the message says what is missing and how to get it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How an engine understood a text.

    `guess` is the likeliest intent in scope, even where the text was then refused; `taken` is what was decided: the
    guess, or `out_of_scope`. `confidence` belongs to what was taken. `outside` (0..1) orders texts by how far they are
    from every intent in scope. `second` is the runner-up.
    """

    guess: str
    taken: str
    confidence: float
    outside: float
    second: str = ""
    is_ambiguous: bool = False


class Reader(Protocol):
    """A trained engine."""

    def read(self, text: str) -> Reading:
        """Return how any text at all is understood."""
        ...


class Engine(Protocol):
    """Learns intents; an example of the intent `out_of_scope` teaches what to refuse."""

    @property
    def name(self) -> str:
        """Return the name under which figures are kept."""
        ...

    @property
    def title(self) -> str:
        """Return what a table calls it, in Chinese."""
        ...

    def fit(self, training_set: TrainingSet, seed: int) -> AbstractContextManager[Reader]:
        """Learn; the reader lasts as long as the context, which ends what it needs (a process, files).

        Raises `EngineUnavailable` where it cannot run, `TrainingDataError` where the examples cannot be learnt.
        """
        ...


def require_two_intents(training_set: TrainingSet) -> None:
    """Raise `TrainingDataError` where there is nothing to choose between."""
    count = len({example.intent for example in training_set.examples})
    if count < 2:
        raise TrainingDataError([f"{count} intents have examples, needs 2"])
