"""Rasa ranks while it answers; whenever it does not, the embedded engine understands, and somebody is told."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import pytest
from aiohttp import web

from adapters.clock import CITY_TIMEZONE
from adapters.http_exchange import ClientLimits
from nlu.classifiers.rasa import RasaClassifier
from nlu.interpretation import Utterance
from nlu.interpreter import Interpreter
from nlu.rasa.interpreter import RasaInterpreter
from tests.nlu.conftest import IMPATIENT, LIMITS, Ticker
from tests.nlu.rasa.conftest import Watcher
from tests.nlu.rasa.small_server import SmallRasa, answering, hang

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)
GREETING = '{"intent_ranking": [{"name": "chitchat.greet", "confidence": 0.9}]}'


def said(*texts: str) -> list[Utterance]:
    return [Utterance(text, NOW) for text in texts]


async def test_rasa_ranks_and_the_rest_is_ours(engine: RasaInterpreter, watcher: Watcher) -> None:
    [got] = await engine.interpret_all(said("我想掛明天中心医院的号,挂号"), frozenset({"time"}))
    assert (got.intent, got.group, got.confidence) == (
        "health_appointment.book",
        "health_appointment",
        pytest.approx(0.88),
    )
    assert {"hospital", "time"} <= {entity.type for entity in got.entities}
    assert got.normalized_text == "我想挂明天中心医院的号,挂号"
    assert (watcher.reasons, watcher.answered) == ([], 1)


async def test_rasa_has_limits_of_its_own(engine: RasaInterpreter, server: SmallRasa) -> None:
    server.misbehave = answering(
        '{"intent_ranking": [{"name": "chitchat.greet", "confidence": 0.45}, {"name": "out_of_scope", "confidence": 0.19},'
        ' {"name": "social_insurance.pension", "confidence": 0.36}]}'
    )
    [near] = await engine.interpret_all(said("您好退休"))
    assert (near.intent, near.is_ambiguous) == ("chitchat.greet", True)
    assert [score.intent for score in near.alternatives] == ["social_insurance.pension"]
    server.misbehave = None
    [nothing] = await engine.interpret_all(said("完全不相干"))
    assert nothing.is_out_of_scope


@pytest.mark.parametrize("text", ["", "  ", "？？？", "😀", "\ud800\x00"])
async def test_what_says_nothing_is_not_asked(engine: RasaInterpreter, server: SmallRasa, text: str) -> None:
    [got] = await engine.interpret_all(said(text))
    assert (got.is_out_of_scope, got.confidence, got.text) == (True, 1.0, text)
    assert server.asked == []


async def test_all_that_was_said_in_a_message_keeps_its_order(engine: RasaInterpreter, server: SmallRasa) -> None:
    got = await engine.interpret_all(said("挂号,退休", "挂号", "退休", "你好"))
    assert [one.text for one in got] == ["挂号,退休", "挂号", "退休", "你好"]
    assert [one.intent for one in got[1:]] == [
        "health_appointment.book",
        "social_insurance.pension",
        "chitchat.greet",
    ]
    assert await engine.interpret_all([]) == ()
    assert len(server.asked) == 4


async def test_a_silent_server_is_waited_for_once_a_message(
    connect: Callable[..., RasaClassifier], interpreter: Interpreter, server: SmallRasa, watcher: Watcher
) -> None:
    classifier = connect(limits=IMPATIENT)
    await classifier.open()
    engine = RasaInterpreter(interpreter, classifier, watcher)
    server.misbehave = hang
    texts = said("我想挂号,退休,你好", "我想挂号", "退休", "你好")
    got = await engine.interpret_all(texts)
    assert list(got) == [interpreter.interpret(utterance) for utterance in texts]
    assert watcher.reasons == ["timeout"]
    assert len(server.asked) == 1


async def test_a_message_is_understood_by_one_engine(
    engine: RasaInterpreter, interpreter: Interpreter, server: SmallRasa, watcher: Watcher
) -> None:
    texts = said("退休,你好", "退休", "你好")
    everything = server.asked

    async def fail_the_second(request: web.Request) -> web.StreamResponse:
        return await (answering("", 500) if len(everything) == 2 else answering(GREETING))(request)

    server.misbehave = fail_the_second
    got = await engine.interpret_all(texts)
    assert list(got) == [interpreter.interpret(utterance) for utterance in texts]
    assert watcher.reasons == ["bad_status"]
    assert len(server.asked) == 3


async def test_the_loop_goes_on_while_the_server_thinks(engine: RasaInterpreter, server: SmallRasa) -> None:
    server.delay_seconds = 0.2
    asking = asyncio.create_task(engine.interpret_all(said("挂号")))
    ticks = 0
    while not asking.done():
        await asyncio.sleep(0.005)
        ticks += 1
    assert ticks > 10
    assert (await asking)[0].intent == "health_appointment.book"


async def test_an_open_circuit_costs_nothing_and_a_probe_closes_it(
    engine: RasaInterpreter, server: SmallRasa, ticker: Ticker, watcher: Watcher
) -> None:
    server.misbehave = answering("", 500)
    for _ in range(10):
        await engine.interpret_all(said("挂号,退休", "挂号", "退休"))
    assert len(server.asked) == LIMITS.failures_to_open, "an open circuit keeps the rest away"
    assert watcher.reasons == ["bad_status"] * 3 + ["circuit_open"] * 7
    ticker.seconds += LIMITS.open_seconds
    await engine.interpret_all(said("挂号"))
    assert watcher.reasons[-1] == "bad_status"
    server.misbehave = None
    await engine.interpret_all(said("挂号"))
    assert watcher.reasons[-1] == "circuit_open"
    ticker.seconds += LIMITS.open_seconds
    got = await engine.interpret_all(said("挂号,退休", "挂号", "退休"))
    assert (got[1].intent, watcher.answered) == ("health_appointment.book", 1)


async def test_a_server_that_restarts_is_used_again(
    engine: RasaInterpreter, server: SmallRasa, ticker: Ticker, watcher: Watcher
) -> None:
    await engine.ping()
    await server.close()
    for _ in range(5):
        await engine.interpret_all(said("挂号"))
    assert set(watcher.reasons) <= {"unreachable", "connection_lost", "circuit_open"}
    assert watcher.answered == 0
    await server.open()
    ticker.seconds += LIMITS.open_seconds
    await engine.interpret_all(said("挂号"))
    assert watcher.answered == 1


async def test_more_than_there_are_places_for_is_understood_at_once(
    connect: Callable[..., RasaClassifier], interpreter: Interpreter, server: SmallRasa, watcher: Watcher
) -> None:
    classifier = connect(limits=ClientLimits(queue_seconds=0.05, concurrency=2))
    await classifier.open()
    engine = RasaInterpreter(interpreter, classifier, watcher)
    server.delay_seconds = 0.5
    got = await asyncio.gather(*(engine.interpret_all(said("挂号")) for _ in range(6)))
    assert [one.intent for [one] in got] == ["health_appointment.book"] * 6
    assert watcher.reasons == ["busy"] * 4
    assert watcher.answered == 2


async def test_who_gives_up_waiting_leaves_the_line_in_order(
    engine: RasaInterpreter, server: SmallRasa, watcher: Watcher
) -> None:
    server.delay_seconds = 0.2
    waiting = asyncio.create_task(engine.interpret_all(said("挂号")))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    server.delay_seconds = 0
    await engine.interpret_all(said("挂号"))
    assert (watcher.reasons, watcher.answered) == ([], 1)
