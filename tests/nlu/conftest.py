"""A small city of six intents, and one engine trained on it for all tests of this folder."""

from datetime import datetime
from pathlib import Path

import pytest

from adapters.clock import CITY_TIMEZONE, FixedClock
from nlu.artefact import ModelManifest
from nlu.interpretation import Interpretation, Utterance
from nlu.interpreter import Interpreter
from nlu.training import train
from nlu.training_data import TrainingSet, gather

SKILLS = Path(__file__).with_name("skills")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)


@pytest.fixture(scope="session")
def training_set() -> TrainingSet:
    return gather(SKILLS)


@pytest.fixture(scope="session")
def trained(training_set: TrainingSet, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ModelManifest]:
    folder = tmp_path_factory.mktemp("models")
    return folder, train(training_set, folder, seed=7, progress=lambda line: None, clock=FixedClock(NOW))


@pytest.fixture(scope="session")
def interpreter(trained: tuple[Path, ModelManifest]) -> Interpreter:
    return Interpreter.load(trained[0])


@pytest.fixture
def understand(interpreter: Interpreter):
    def interpret(text: str, *expected: str) -> Interpretation:
        return interpreter.interpret(Utterance(text, NOW), frozenset(expected))

    return interpret
