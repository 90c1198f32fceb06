"""Random talk with the whole product: real interpreter, real knowledge, real city. What must hold, holds."""

import asyncio
import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue import events as ev
from bot.dialogue.tracker import FormState, TrackerState
from bot.messages import TurnStatus
from tests.dialogues.conftest import Staging
from tests.dialogues.script import read_dialogues

pytestmark = pytest.mark.timeout(240, func_only=True)
AT = datetime(2026, 11, 23, 9, 0)
SAID = sorted(
    {text for _, d in read_dialogues() for text in (*d.before, *(turn.say for turn in d.turns if turn.say)) if text}
)
QUESTIONS = ["爽约了会怎么样", "居民医保一年交好多钱", "退休年龄是怎么算的", "异地就医要不要备案", "身份证掉了咋个补"]
FEW = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


@given(st.lists(st.sampled_from(SAID), min_size=6, max_size=14))
@FEW
def test_any_talk_ends_well(stage: Staging, talk: list[str]) -> None:
    async def hold() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with stage(Path(folder), AT) as raised:
                attempts = 0
                for text in talk:
                    was_confirming = (
                        raised.state.active_form is not None and raised.state.active_form.awaits_confirmation
                    )
                    turn = await raised.say(text)
                    assert turn.status is not TurnStatus.ERROR_INTERNAL, text
                    assert turn.replies, text
                    assert all(reply.text.strip() for reply in turn.replies), text
                    acted = sum(isinstance(event, ev.ActionAttempted) for event in turn.events)
                    assert acted == 0 or was_confirming, text
                    attempts += acted
                assert await raised.standing_appointments() <= attempts

    asyncio.run(hold())


@given(
    st.lists(st.sampled_from(["中心医院", "儿科", "后天上午", "第一个", "张伟", "510703199001011237"]), max_size=6),
    st.sampled_from(QUESTIONS),
)
@FEW
def test_a_policy_answer_never_changes_a_slot(stage: Staging, answers: list[str], question: str) -> None:
    async def hold() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with stage(Path(folder), AT) as raised:
                for text in ["我要挂号", *answers]:
                    await raised.say(text)
                before = raised.state.model_copy(deep=True)
                turn = await raised.say(question)
                assert not [event for event in turn.events if isinstance(event, ev.SlotFilled | ev.SlotCleared)]
                assert _cores(raised.state) == _cores(before)

    asyncio.run(hold())


def _cores(state: TrackerState) -> list[dict[str, object]]:
    return [_core(form) for form in state.forms]


def _core(form: FormState) -> dict[str, object]:
    return form.model_dump(include={"form_id", "skill", "action", "slots", "skipped", "attempts"})
