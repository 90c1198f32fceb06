"""Rasa itself: trained on a reduced file, calibrated, served, asked, and ended. It takes a few minutes the first time.

It needs .venv-rasa (`make test` builds it where there is a Python 3.10). Without it these tests are skipped, which the
end of the run says aloud; with MIANBAN_REQUIRE_RASA=1 they fail.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from adapters.clock import CITY_TIMEZONE, FixedClock
from adapters.http_exchange import ClientLimits, JsonExchange
from bot.bootstrap import build
from bot.messages import InboundMessage
from bot.settings import ROOT, Settings, load_settings
from nlu.classifiers.rasa import RasaClassifier
from nlu.interpretation import Utterance
from nlu.interpreter import Interpreter
from nlu.rasa.collection import TrainingPlan, collect
from nlu.rasa.environment import require_built
from nlu.rasa.errors import RasaError, RasaModelError, RasaServerError
from nlu.rasa.interpreter import RasaInterpreter
from nlu.rasa.model import checked_file, read_model
from nlu.rasa.server import RunningRasa, running, stop
from nlu.rasa.training import train
from nlu.training_data import gather
from skills.registry import SKILLS_FOLDER, group_of_intent, read_manifests
from tests.contracts.language_engine import Engine, LanguageEngineContract
from tests.nlu.rasa.conftest import Watcher

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(1200)]
in_one_loop = pytest.mark.asyncio(loop_scope="module")

AT = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)
REDUCED = TrainingPlan(
    epochs=30,
    examples_per_intent=40,
    intents=(
        "health_appointment.book", "health_appointment.cancel", "social_insurance.retirement_age",
        "culture.venue_hours", "transport.parking", "handoff.person", "chitchat.greet", "chitchat.thanks", "chitchat.bye",
        "dialog_control.affirm", "out_of_scope",
    ),
)  # fmt: skip
CITIZEN = "我叫张示例，身份证尾号八八六六，想挂号"
LIMITS = ClientLimits(total_seconds=10)


@pytest.fixture(scope="module")
def folder(trained: Path) -> Path:
    """Return the folder of a Rasa model that was trained on the reduced file; a second run finds it trained."""
    try:
        require_built()
    except RasaError as missing:
        if os.environ.get("MIANBAN_REQUIRE_RASA") == "1":
            pytest.fail(f"MIANBAN_REQUIRE_RASA is set: {missing}")
        pytest.skip(str(missing))
    folder = trained / "rasa-reduced" / "rasa"
    train(gather(SKILLS_FOLDER), folder, REDUCED, print)
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(folder: Path) -> AsyncIterator[RunningRasa]:
    async with running(checked_file(folder, read_model(folder)), folder / "server.log") as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def classifier(folder: Path, server: RunningRasa) -> AsyncIterator[RasaClassifier]:
    groups = collect(gather(SKILLS_FOLDER), REDUCED).groups
    exchange = JsonExchange(server.url, LIMITS)
    client = RasaClassifier(exchange, server.token, groups, read_model(folder).calibration)
    await client.open()
    yield client
    await client.close()


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture(scope="module")
def embedded(trained: Path) -> Interpreter:
    return Interpreter.load(trained / "models")


@pytest_asyncio.fixture(loop_scope="module")
async def engine(embedded: Interpreter, classifier: RasaClassifier, watcher: Watcher) -> AsyncIterator[Engine]:
    interpreter = RasaInterpreter(embedded, classifier, watcher)
    groups = {score.intent: score.group for score in await classifier.classify("你好")}
    yield Engine(classifier.classify, classifier.thresholds, interpreter.interpret_all, groups)
    assert watcher.reasons == [], "the embedded engine answered for Rasa, so Rasa was not tested"


@in_one_loop
class TestRasa(LanguageEngineContract):
    async def test_it_knows_all_that_it_was_trained_on(self, engine: Engine) -> None:
        known = group_of_intent(read_manifests())
        assert engine.group_of_intent == {intent: known[intent] for intent in REDUCED.intents}


def test_the_model_says_what_it_is(folder: Path) -> None:
    model = read_model(folder)
    collected = collect(gather(SKILLS_FOLDER), REDUCED)
    assert (model.intents, model.epochs, model.examples) == (
        len(REDUCED.intents),
        REDUCED.epochs,
        len(collected.learnt),
    )
    assert model.fingerprint == collected.fingerprint()
    assert model.figures["held_out_group_accuracy"] > 0.65
    assert sorted(path.name for path in (folder / "models").glob("*.tar.gz")) == [Path(model.file).name]


def test_what_is_trained_already_is_not_trained_again(folder: Path) -> None:
    said: list[str] = []
    assert train(gather(SKILLS_FOLDER), folder, REDUCED, said.append) == read_model(folder)
    assert said == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/model"),
        ("DELETE", "/model"),
        ("POST", "/model/train"),
        ("POST", "/model/test/intents"),
        ("POST", "/model/predict"),
        ("POST", "/model/parse/"),
        ("POST", "//model/parse"),
        ("GET", "/model/parse"),
        ("GET", "/"),
        ("GET", "/domain"),
        ("GET", "/conversations/x/tracker"),
        ("POST", "/conversations/x/messages"),
        ("POST", "/webhooks/rest/webhook"),
    ],
)
@in_one_loop
async def test_all_doors_but_two_are_closed_with_the_token_too(server: RunningRasa, method: str, path: str) -> None:
    async with aiohttp.ClientSession() as http:
        for query in ({}, {"token": server.token}):
            body = {"model_file": "/tmp/x.tar.gz", "text": "你好", "message": "你好"}  # noqa: S108
            async with http.request(method, server.url + path, params=query, json=body) as response:
                assert response.status == 404, (path, query)


@pytest.mark.parametrize("token", ["", "wrong"])
@in_one_loop
async def test_the_open_doors_ask_for_the_token(server: RunningRasa, token: str) -> None:
    async with aiohttp.ClientSession() as http:
        for method, path in (("POST", "/model/parse"), ("GET", "/status")):
            async with http.request(method, f"{server.url}{path}", params={"token": token}, json={"text": "x"}) as got:
                assert got.status == 401


def test_it_listens_on_loopback_alone(server: RunningRasa) -> None:
    listening = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()
    port = f"{int(server.url.rpartition(':')[2]):04X}"
    places = {line.split()[1] for line in listening if line.split()[1].endswith(f":{port}") and line.split()[3] == "0A"}
    assert places == {f"0100007F:{port}"}


@in_one_loop
async def test_what_citizens_write_is_in_no_log(classifier: RasaClassifier, folder: Path) -> None:
    await classifier.classify(CITIZEN)
    logged = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
    assert "示例" not in logged
    assert "挂号" not in logged


@in_one_loop
async def test_a_body_that_no_sentence_needs_is_refused(server: RunningRasa) -> None:
    async with aiohttp.ClientSession() as http:
        body = {"text": "挂" * 100_000}
        async with http.post(f"{server.url}/model/parse", params={"token": server.token}, json=body) as response:
            assert response.status == 413


@in_one_loop
async def test_what_cannot_be_served_is_said_at_once(folder: Path, tmp_path: Path, server: RunningRasa) -> None:
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(RasaServerError, match=f"127.0.0.1:{port}: Address already in use"):
        async with running(checked_file(folder, read_model(folder)), tmp_path / "log", port=port):
            pass
    (tmp_path / "models").mkdir()
    (tmp_path / "model.json").write_bytes((folder / "model.json").read_bytes())
    (tmp_path / read_model(folder).file).write_bytes(b"broken")
    with pytest.raises(RasaModelError, match="哈希不符"):
        checked_file(tmp_path, read_model(tmp_path))
    with pytest.raises(RasaServerError, match="退出码"):
        async with running(tmp_path / read_model(folder).file, tmp_path / "log"):
            pass


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def rasa_settings(trained: Path, folder: Path, state: Path) -> Settings:
    """Settings for the command that serves and the product that asks: one port, one folder, no token given."""
    for name in ("models", "knowledge"):
        (state / name).symlink_to(trained / name)
    (state / "rasa").symlink_to(folder)
    nlu = {"engine": "rasa", "rasa": {"url": f"http://127.0.0.1:{free_port()}", "timeout_seconds": 5}}
    return load_settings(state_folder=state, nlu=nlu)


@in_one_loop
async def test_the_command_serves_the_product_and_ends_in_order(rasa_settings: Settings, tmp_path: Path) -> None:
    environment = {
        "MIANBAN_STATE_FOLDER": str(rasa_settings.state_folder),
        "MIANBAN_NLU__RASA__URL": rasa_settings.nlu.rasa.url,
    }
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "main.py", "rasa", "serve", cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log
        )
    try:
        app = build(
            rasa_settings,
            department_urls={"hospital": "http://127.0.0.1:9"},
            store_folder=tmp_path / "store",
            clock=FixedClock(AT),
        )
        async with app.running():
            async with asyncio.timeout(180):
                while not (await app.health())["rasa"].is_ok:
                    assert process.returncode is None, (tmp_path / "log").read_text(encoding="utf-8")
                    await asyncio.sleep(1)
            turn = await app.conversation.handle(said(1, "谢谢"), 1)
            assert turn.intent == "chitchat.thanks"
            assert app.metrics.registry.get_sample_value("mianban_nlu_fallbacks_total", {"reason": "timeout"}) == 0
            os.kill(process.pid, signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 20) == 0
            assert "Traceback" not in (tmp_path / "log").read_text(encoding="utf-8")
            assert (await app.conversation.handle(said(2, "谢谢"), 1)).intent == "chitchat.thanks"
            assert not (await app.health())["rasa"].is_ok
    finally:
        await stop(process)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(rasa_settings.nlu.rasa.url.rpartition(":")[2]))) != 0


def said(number: int, text: str) -> InboundMessage:
    return InboundMessage(
        channel="street", session_id="street:c", message_id=f"c-{number}", user_id="street:c", text=text, sent_at=AT
    )


@in_one_loop
async def test_a_killed_server_is_fallen_back_from(
    embedded: Interpreter, server: RunningRasa, classifier: RasaClassifier, watcher: Watcher
) -> None:
    """The last test of this file: nobody can ask the server after it."""
    engine = RasaInterpreter(embedded, classifier, watcher)
    server.process.kill()
    await server.process.wait()
    [got] = await engine.interpret_all([Utterance("谢谢", AT)])
    assert got.intent == "chitchat.thanks"
    assert watcher.reasons[0] in {"connection_lost", "unreachable"}
