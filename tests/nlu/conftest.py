"""A small city of six intents, one engine trained on it for all tests of this folder, and a small Rasa server."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import pytest

from adapters.clock import CITY_TIMEZONE, FixedClock
from adapters.http_exchange import ClientLimits, JsonExchange
from nlu.artefact import ModelManifest
from nlu.classifiers.base import Thresholds
from nlu.classifiers.rasa import RasaCalibration, RasaClassifier
from nlu.interpretation import Interpretation, Utterance
from nlu.interpreter import Interpreter
from nlu.training import train
from nlu.training_data import TrainingSet, gather
from tests.nlu.rasa.small_server import GROUPS, TOKEN, SmallRasa

SKILLS = Path(__file__).with_name("skills")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)
LIMITS = ClientLimits(failures_to_open=3, open_seconds=5)
IMPATIENT = ClientLimits(total_seconds=0.3, failures_to_open=3, open_seconds=5)  # for a silent server alone


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


class Ticker:
    """A monotonic clock that moves only when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
async def server() -> AsyncIterator[SmallRasa]:
    small = SmallRasa()
    await small.open()
    yield small
    await small.close()


@pytest.fixture
def ticker() -> Ticker:
    return Ticker()


@pytest.fixture
async def connect(server: SmallRasa, ticker: Ticker) -> AsyncIterator[Callable[..., RasaClassifier]]:
    """Return a maker of clients of the small server."""
    made: list[RasaClassifier] = []

    def make(token: str = TOKEN, temperature: float = 1.0, limits: ClientLimits = LIMITS) -> RasaClassifier:
        calibration = RasaCalibration(temperature, Thresholds(group_mass=0.4, margin=0.1))
        made.append(RasaClassifier(JsonExchange(server.url, limits, ticker), token, GROUPS, calibration))
        return made[-1]

    yield make
    for client in made:
        await client.close()


@pytest.fixture
async def classifier(connect: Callable[..., RasaClassifier]) -> RasaClassifier:
    client = connect()
    await client.open()
    return client
