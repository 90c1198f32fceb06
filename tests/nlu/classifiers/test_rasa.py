"""The client of a Rasa server against one that answers, and one that answers what it should not."""

import json
from collections.abc import Callable

import pytest

from adapters.errors import ExchangeFailed
from nlu.classifiers.rasa import ENDS, RasaClassifier
from tests.nlu.conftest import IMPATIENT, LIMITS
from tests.nlu.rasa.small_server import (
    GROUPS,
    Misbehaviour,
    SmallRasa,
    answering,
    cut,
    cut_in_the_body,
    drip,
    hang,
    redirect,
)


def ranked(*listed: tuple[object, object]) -> Misbehaviour:
    """Answer with this ranking, whatever was asked."""
    return answering(json.dumps({"intent_ranking": [{"name": name, "confidence": share} for name, share in listed]}))


async def test_intents_come_with_their_groups_best_first(classifier: RasaClassifier) -> None:
    scores = await classifier.classify("我要挂号")
    assert (scores[0].intent, scores[0].confidence) == ("health_appointment.book", pytest.approx(0.88))
    assert {score.intent: score.group for score in scores} == GROUPS
    assert [score.confidence for score in scores] == sorted((score.confidence for score in scores), reverse=True)


async def test_the_server_gets_standard_words(classifier: RasaClassifier, server: SmallRasa) -> None:
    await classifier.classify("掛耗咋個整")
    assert server.asked == ["挂号怎么弄"]


async def test_of_a_long_text_both_ends_are_sent(classifier: RasaClassifier, server: SmallRasa) -> None:
    scores = await classifier.classify("我想挂号," + "甲乙丙丁" * 12_500 + ",就是这样")
    assert len(server.asked[0]) == 2 * ENDS
    assert server.asked[0].startswith("我想挂号")
    assert server.asked[0].endswith("就是这样")
    assert scores[0].intent == "health_appointment.book"


@pytest.mark.parametrize("text", ["\ud800挂号\udfff", "挂\x00号", "挂号😀\u200b"])
async def test_what_json_cannot_carry_is_not_sent(classifier: RasaClassifier, server: SmallRasa, text: str) -> None:
    assert (await classifier.classify(text))[0].intent == "health_appointment.book"
    assert "挂号" in server.asked[0]


@pytest.mark.parametrize("text", ["/handoff.person", " //挂号", '/restart{"a": 1}', "／挂号", "/ \u3000/挂号"])
async def test_nobody_dictates_an_intent(classifier: RasaClassifier, server: SmallRasa, text: str) -> None:
    await classifier.classify(text)
    assert not server.asked[0].strip().startswith("/")


async def test_where_the_server_knows_no_word_all_intents_are_alike(classifier: RasaClassifier) -> None:
    assert {score.confidence for score in await classifier.classify("")} == {0.25}


async def test_the_temperature_flattens_or_sharpens(connect: Callable[..., RasaClassifier]) -> None:
    flat, sharp = connect(temperature=2.0), connect(temperature=0.5)
    for client in (flat, sharp):
        await client.open()
    raw, flattened, sharpened = 0.88, 0.88**0.5, 0.88**2
    assert (await flat.classify("挂号"))[0].confidence == pytest.approx(flattened / (flattened + 3 * 0.04**0.5))
    assert (await sharp.classify("挂号"))[0].confidence == pytest.approx(sharpened / (sharpened + 3 * 0.04**2))
    assert flattened / (flattened + 3 * 0.04**0.5) < raw < sharpened / (sharpened + 3 * 0.04**2)


async def test_an_intent_that_no_skill_has_keeps_its_share_and_is_not_answered_with(
    classifier: RasaClassifier, server: SmallRasa
) -> None:
    server.misbehave = ranked(("old.intent", 0.7), ("chitchat.greet", 0.2), ("out_of_scope", 0.1))
    scores = await classifier.classify("你好")
    assert [(score.intent, score.confidence) for score in scores] == [
        ("chitchat.greet", pytest.approx(0.2)),
        ("out_of_scope", pytest.approx(0.1)),
    ]


@pytest.mark.parametrize(
    ("misbehaviour", "reason"),
    [
        (hang, "timeout"),
        (drip, "timeout"),
        (cut, "connection_lost"),
        (cut_in_the_body, "connection_lost"),
        (redirect, "bad_status"),
        (answering("", 500), "bad_status"),
        (answering("<html>", 502, "text/html"), "bad_status"),
        (answering('{"code": "no_model", "detail": "none"}', 409), "bad_status"),
        (answering("<html>", 200, "text/html"), "bad_body"),
        (answering('{"intent_ranking": ['), "bad_body"),
        (answering("[" * 100_000), "bad_body"),
        (answering("null"), "bad_body"),
        (answering("[]"), "bad_body"),
        (answering('{"intent": {"name": "chitchat.greet"}}'), "bad_body"),
        (answering('{"intent_ranking": [{"name": "chitchat.greet", "confidence": NaN}]}'), "bad_body"),
        (ranked(("chitchat.greet", 1.5)), "bad_body"),
        (ranked(("chitchat.greet", -0.1)), "bad_body"),
        (ranked((None, 0.5)), "bad_body"),
        (ranked(("chitchat.greet", "very")), "bad_body"),
        (ranked(("chitchat.greet", 0.0), ("out_of_scope", 0.0)), "bad_body"),
        (ranked(("old.intent", 1.0)), "bad_body"),
        (answering('{"intent_ranking": [' + '{"name": "x", "confidence": 0.1},' * 200_000 + "]}"), "bad_body"),
    ],
)
async def test_every_misbehaviour_has_its_reason(
    connect: Callable[..., RasaClassifier], server: SmallRasa, misbehaviour: Misbehaviour, reason: str
) -> None:
    classifier = connect(limits=IMPATIENT if reason == "timeout" else LIMITS)
    await classifier.open()
    server.misbehave = misbehaviour
    with pytest.raises(ExchangeFailed) as caught:
        await classifier.classify("挂号")
    assert caught.value.reason.value == reason
    assert len(server.asked) == 1


async def test_a_wrong_token_is_a_bad_status_and_is_told_to_nobody(connect: Callable[..., RasaClassifier]) -> None:
    client = connect(token="another-token")
    await client.open()
    with pytest.raises(ExchangeFailed) as caught:
        await client.classify("挂号")
    assert caught.value.reason.value == "bad_status"
    assert "another-token" not in str(caught.value)


async def test_a_ping_asks_for_a_ranking(classifier: RasaClassifier, server: SmallRasa) -> None:
    await classifier.ping()
    assert server.asked == ["你好"]


async def test_nobody_there(classifier: RasaClassifier, server: SmallRasa) -> None:
    await server.close()
    with pytest.raises(ExchangeFailed) as caught:
        await classifier.ping()
    assert caught.value.reason.value == "unreachable"
