"""An interpreter on the small Rasa server, with the embedded engine of the small city behind it."""

import pytest

from adapters.errors import ExchangeFailed
from nlu.classifiers.rasa import RasaClassifier
from nlu.interpreter import Interpreter
from nlu.rasa.interpreter import RasaInterpreter


class Watcher:
    """Remembers which engine understood."""

    def __init__(self) -> None:
        self.failures: list[ExchangeFailed] = []
        self.answered = 0

    def fell_back(self, failure: ExchangeFailed) -> None:
        self.failures.append(failure)

    def came_back(self) -> None:
        self.answered += 1

    @property
    def reasons(self) -> list[str]:
        return [failure.reason.value for failure in self.failures]


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
def engine(interpreter: Interpreter, classifier: RasaClassifier, watcher: Watcher) -> RasaInterpreter:
    return RasaInterpreter(interpreter, classifier, watcher)
