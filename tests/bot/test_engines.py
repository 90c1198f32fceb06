"""Which engine understands: the embedded one keeps the contract, and stands behind a Rasa server that is silent."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest

from adapters.clock import CITY_TIMEZONE, FixedClock
from bot.bootstrap import App, build
from bot.engines import load_engine, opened
from bot.messages import InboundMessage, TurnStatus
from bot.settings import Settings
from bot.turn_log import FallbackLog, Metrics
from nlu.classifiers.base import Thresholds
from nlu.classifiers.rasa import RasaCalibration
from nlu.interpretation import IntentScore, Utterance
from nlu.interpreter import Interpreter
from nlu.rasa.interpreter import RasaInterpreter
from nlu.rasa.model import RasaModel, write_model
from skills.registry import group_of_intent, read_manifests
from tests.contracts.language_engine import Engine, LanguageEngineContract
from tests.nlu.rasa.small_server import GROUPS, TOKEN, SmallRasa

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)


@pytest.fixture(scope="module")
def engine(trained: Path) -> Engine:
    interpreter = Interpreter.load(trained / "models")
    classifier = interpreter.classifier

    async def classify(text: str) -> Sequence[IntentScore]:
        return classifier.classify(text)

    return Engine(classify, classifier.thresholds, interpreter.interpret_all, group_of_intent(read_manifests()))


class TestEmbeddedEngine(LanguageEngineContract):
    pass


@pytest.fixture
async def server() -> AsyncIterator[SmallRasa]:
    small = SmallRasa()
    await small.open()
    yield small
    await small.close()


@pytest.fixture
def rasa_settings(settings: Settings, state: Path, server: SmallRasa) -> Settings:
    """Settings that name the small server, on a state folder without a token and without a Rasa model."""
    (state / "models").symlink_to(settings.state_folder / "models")
    (state / "knowledge").symlink_to(settings.state_folder / "knowledge")
    rasa = settings.nlu.rasa.model_copy(update={"url": server.url, "token": TOKEN, "timeout_seconds": 0.3})
    nlu = settings.nlu.model_copy(update={"engine": "rasa", "rasa": rasa})
    return settings.model_copy(update={"nlu": nlu, "state_folder": state})


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def engine_of(settings: Settings, metrics: Metrics, groups: Mapping[str, str] = GROUPS) -> RasaInterpreter:
    engine = load_engine(settings, groups, FallbackLog(metrics))
    assert isinstance(engine, RasaInterpreter)
    return engine


def fallbacks(metrics: Metrics) -> dict[str, float]:
    """Return how often the embedded engine had to understand, by reason, where it had to."""
    [family] = [family for family in metrics.registry.collect() if family.name == "mianban_nlu_fallbacks"]
    return {
        sample.labels["reason"]: sample.value
        for sample in family.samples
        if sample.name.endswith("_total") and sample.value
    }


def test_the_embedded_engine_is_the_default(settings: Settings, metrics: Metrics) -> None:
    assert isinstance(load_engine(settings, GROUPS, FallbackLog(metrics)), Interpreter)


async def test_the_server_is_asked_with_the_token_of_the_settings(
    rasa_settings: Settings, metrics: Metrics, server: SmallRasa
) -> None:
    engine = engine_of(rasa_settings, metrics)
    async with opened(engine):
        [got] = await engine.interpret_all([Utterance("我要挂号", NOW)])
    assert (got.intent, got.confidence) == ("health_appointment.book", pytest.approx(0.88))
    assert (server.asked, fallbacks(metrics)) == (["我要挂号"], {})


async def test_the_token_that_the_server_left_is_found(rasa_settings: Settings, metrics: Metrics, state: Path) -> None:
    (state / "rasa").mkdir()
    (state / "rasa" / "token").write_text(TOKEN)
    rasa = rasa_settings.nlu.rasa.model_copy(update={"token": ""})
    nlu = rasa_settings.nlu.model_copy(update={"rasa": rasa})
    engine = engine_of(rasa_settings.model_copy(update={"nlu": nlu}), metrics)
    async with opened(engine):
        await engine.ping()


async def test_the_model_brings_its_calibration(rasa_settings: Settings, metrics: Metrics, state: Path) -> None:
    (state / "rasa" / "models").mkdir(parents=True)
    calibration = RasaCalibration(2.0, Thresholds(group_mass=0.99, margin=0.0))
    write_model(state / "rasa", RasaModel("models/x.tar.gz", "0" * 64, "f", 1, 2, 3, calibration))
    assert json.loads((state / "rasa" / "model.json").read_bytes())["calibration"] == asdict(calibration)
    engine = engine_of(rasa_settings, metrics)
    async with opened(engine):
        [got] = await engine.interpret_all([Utterance("我要挂号", NOW)])
    assert got.is_out_of_scope
    assert got.alternatives[0].confidence == pytest.approx(0.88**0.5 / (0.88**0.5 + 3 * 0.04**0.5))


@pytest.fixture
async def app(rasa_settings: Settings, tmp_path: Path) -> AsyncIterator[App]:
    """The whole product on the small server; no department is asked in these tests."""
    built = build(
        rasa_settings,
        department_urls={"hospital": "http://127.0.0.1:9"},
        store_folder=tmp_path / "store",
        clock=FixedClock(NOW),
    )
    async with built.running():
        yield built


def said(number: int, text: str) -> InboundMessage:
    return InboundMessage(
        channel="street", session_id="street:c", message_id=f"c-{number}", user_id="street:c", text=text, sent_at=NOW
    )


async def test_a_conversation_goes_on_when_the_server_falls_silent(app: App, server: SmallRasa) -> None:
    greeted = await app.conversation.handle(said(1, "你好"), 1)
    assert (greeted.intent, greeted.confidence) == ("chitchat.greet", pytest.approx(0.88))
    health = await app.health()
    assert (health["rasa"].state, health["rasa"].is_needed) == ("ok", False)
    await server.close()
    thanked = await app.conversation.handle(said(2, "谢谢你"), 1)
    assert (thanked.intent, thanked.status) == ("chitchat.thanks", TurnStatus.ANSWERED_CHITCHAT)
    assert sum(fallbacks(app.metrics).values()) == 1
    assert not (await app.health())["rasa"].is_ok


async def test_what_waits_in_a_message_is_understood_by_rasa_too(app: App, server: SmallRasa) -> None:
    await app.conversation.handle(said(1, "你好，股票会涨吗"), 1)
    assert server.asked[:3] == ["你好,股票会涨吗", "你好", "股票会涨吗"]
