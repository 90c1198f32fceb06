"""What every engine that understands must do; an engine's own test class inherits this and gives an `engine` fixture."""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pytest

from adapters.clock import CITY_TIMEZONE
from nlu.classifiers.base import Thresholds
from nlu.interpretation import GROUPS, IntentScore, Interpretation, Utterance

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)
HUGE = 50_000
SECONDS_FOR_HUGE = 2.0
LEAST_TOLD = 1e-3
HOSTILE = {
    "empty": "",
    "blank": " \t\n　",
    "NUL": "\x00",
    "NUL inside": "挂\x00号",
    "lone surrogate": "\ud800",
    "surrogates around": "\udfff挂号\ud83d",
    "emoji": "😀👨‍👩‍👧‍👦🏥",
    "marks only": "？？？！……",
    "right to left": "\u202e号挂\u202c",
    "combining": "挂" + "\u0301" * 300,
    "other scripts": "مرحبا здравствуйте हैलो",
    "JSON": '{"text": "挂号"}\\"\\u0000',
    "markup of the training data": "[中心医院](hospital){\"entity\": \"x\"}",
    "Rasa's own command": "/restart{\"a\": 1}",
    "50 KB of one character": "挂" * HUGE,
    "50 KB of words": "我想挂号 " * (HUGE // 5),
    "50 KB of digits": "1" * HUGE,
    "50 KB of brackets": "（" * HUGE,
    "50 KB of emoji": "😀" * (HUGE // 4),
    "50 KB of surrogates": "\ud800" * HUGE,
}  # fmt: skip
CLEAR = {
    "我想挂个号": "health_appointment.book",
    "把那个号退了": "health_appointment.cancel",
    "取消预约": "health_appointment.cancel",
    "转人工": "handoff.person",
    "你好": "chitchat.greet",
    "谢谢": "chitchat.thanks",
    "再见": "chitchat.bye",
    "图书馆几点开门": "culture.venue_hours",
    "停车费怎么收": "transport.parking",
}
IN_OTHER_WORDS = {
    "我想掛個號": "health_appointment.book",
    "給我轉人工": "handoff.person",
    "喊个真人来": "handoff.person",
    "谢谢你哈": "chitchat.thanks",
    "停车咋个收费": "transport.parking",
    "图书馆好久开门": "culture.venue_hours",
}


@dataclass(frozen=True)
class Engine:
    """An engine as the suite sees it: its classifier, its limits, and the whole of it."""

    classify: Callable[[str], Awaitable[Sequence[IntentScore]]]
    thresholds: Thresholds
    interpret_all: Callable[..., Awaitable[Sequence[Interpretation]]]
    group_of_intent: Mapping[str, str]

    async def interpret(self, text: str, *expected: str) -> Interpretation:
        """Return the meaning of one text."""
        [meaning] = await self.interpret_all([Utterance(text, NOW)], frozenset(expected))
        return meaning


def random_texts(count: int) -> list[str]:
    """Return texts of any characters at all, always the same ones."""
    chance = random.Random(20201117)
    pools = (
        "挂号退休社保你好图书馆停车谢谢",
        "abcXYZ0123456789",
        "，。？！ \t\n",
        "😀👍🏽\u200d",
        "\x00\x1f\ud800\udfff\u202e",
    )
    return ["".join(chance.choice(chance.choice(pools)) for _ in range(chance.randint(0, 40))) for _ in range(count)]


class LanguageEngineContract:
    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    async def test_any_text_gets_the_intents_ranked(self, engine: Engine, text: str) -> None:
        """Those that are all but ruled out may be left out, and only those: the others hold all but a little."""
        ranked = await engine.classify(text)
        told = {score.intent: score.group for score in ranked}
        assert told.items() <= engine.group_of_intent.items()
        assert len(ranked) == len(told)
        shares = [score.confidence for score in ranked]
        assert all(math.isfinite(share) and 0 <= share <= 1 for share in shares)
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) == pytest.approx(1, abs=LEAST_TOLD * len(engine.group_of_intent))

    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    async def test_any_text_has_a_meaning(self, engine: Engine, text: str) -> None:
        began = time.perf_counter()
        got = await engine.interpret(text, "time", "person_name")
        assert time.perf_counter() - began < SECONDS_FOR_HUGE
        self.assert_sound(engine, text, got)

    async def test_random_texts_have_a_meaning(self, engine: Engine) -> None:
        for text in random_texts(60):
            self.assert_sound(engine, text, await engine.interpret(text, "hospital"))

    async def test_what_says_nothing_is_out_of_scope_for_sure(self, engine: Engine) -> None:
        for name in ("empty", "blank", "NUL", "lone surrogate", "marks only", "50 KB of surrogates"):
            got = await engine.interpret(HOSTILE[name])
            assert (got.intent, got.confidence, got.alternatives) == ("out_of_scope", 1.0, ()), name

    @pytest.mark.parametrize(("text", "intent"), CLEAR.items())
    async def test_a_clear_sentence_is_understood(self, engine: Engine, text: str, intent: str) -> None:
        got = await engine.interpret(text)
        assert (got.intent, got.group) == (intent, engine.group_of_intent[intent])

    @pytest.mark.parametrize(("text", "intent"), IN_OTHER_WORDS.items())
    async def test_script_and_dialect_make_no_difference(self, engine: Engine, text: str, intent: str) -> None:
        assert (await engine.interpret(text)).intent == intent

    async def test_the_same_text_has_the_same_meaning(self, engine: Engine) -> None:
        first = [await engine.interpret(text) for text in CLEAR]
        assert [await engine.interpret(text) for text in reversed(CLEAR)] == first[::-1]

    async def test_texts_asked_at_once_do_not_mix(self, engine: Engine) -> None:
        texts = [*CLEAR, *IN_OTHER_WORDS, *random_texts(10)]
        alone = [await engine.classify(text) for text in texts]
        assert await asyncio.gather(*map(engine.classify, texts)) == alone

    async def test_the_meanings_of_a_message_come_in_its_order(self, engine: Engine) -> None:
        said = [Utterance(text, NOW) for text in ("我想挂个号，停车费怎么收", "我想挂个号", "停车费怎么收")]
        together = await engine.interpret_all(said)
        assert [got.text for got in together] == [utterance.text for utterance in said]
        assert list(together) == [await engine.interpret(utterance.text) for utterance in said]
        assert list(await engine.interpret_all([])) == []

    async def test_entities_come_whichever_engine_classifies(self, engine: Engine) -> None:
        got = await engine.interpret("帮我挂明天上午中心医院的消化内科")
        assert {"hospital", "department", "time"} <= {entity.type for entity in got.entities}

    async def test_its_limits_are_shares(self, engine: Engine) -> None:
        assert 0 < engine.thresholds.group_mass < 1
        assert 0 <= engine.thresholds.margin < 1

    @staticmethod
    def assert_sound(engine: Engine, text: str, got: Interpretation) -> None:
        assert got.text == text
        assert got.group in GROUPS
        assert got.intent == "out_of_scope" or engine.group_of_intent[got.intent] == got.group
        assert 0 <= got.confidence <= 1 + 1e-9
        assert got.intent not in {score.intent for score in got.alternatives}
        assert list(got.alternatives) == sorted(got.alternatives, key=lambda score: -score.confidence)
        assert all(text[entity.start : entity.end] == entity.text for entity in got.entities)
