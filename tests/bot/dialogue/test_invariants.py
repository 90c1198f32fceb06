"""What holds in every dialogue, tried on random ones."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue.events import ActionAttempted, SlotAsked, SlotCleared, SlotFilled
from bot.dialogue.tracker import FormState, TrackerState, remember_turn
from bot.dialogue.turn import Turn
from bot.messages import TurnStatus
from tests.bot.dialogue.teahouse import Teahouse
from tests.bot.dialogue.town import MEANINGS, Town, clock, found, open_store

TALK = st.lists(
    st.tuples(st.sampled_from(sorted(MEANINGS)), st.sampled_from([0.5, 0.5, 0.5, 45.0, 10080.0])),
    min_size=3,
    max_size=16,
)
OPENING = [("订花茶，竹厅", 0.5)]
COMPLETE = [*OPENING, ("第一个", 0.5), ("跳过", 0.5), ("13900001111", 0.5)]
DIGRESSIONS = ["有什么规矩", "有什么茶", "谢谢", "月亮上有什么规定", "为啥子要这个", "再说一遍", "你会啥"]
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TURN_OVER = {"asked", "asked_times", "options", "explained", "awaits_confirmation"}


def held(
    talk: list[tuple[str, float]], look: Callable[[Town], Awaitable[None]] | None = None, tea: Teahouse | None = None
) -> Town:
    """Hold a dialogue on a store of its own and return the town."""

    async def hold() -> Town:
        with tempfile.TemporaryDirectory() as folder:
            time = clock()
            store = await open_store(Path(folder), time)
            town = await found(store, time, tea)
            for text, minutes in talk:
                await town.say(text, minutes)
            if look is not None:
                await look(town)
            await store.close()
            return town

    return asyncio.run(hold())


@given(TALK)
@QUICK
def test_every_turn_ends_in_a_named_status_with_a_reply(talk: list[tuple[str, float]]) -> None:
    for _, turn in held(talk).history:
        assert turn.status is not TurnStatus.ERROR_INTERNAL
        assert turn.replies
        assert all(reply.text.strip() for reply in turn.replies)


@given(TALK)
@QUICK
def test_no_effect_before_a_confirmation(talk: list[tuple[str, float]]) -> None:
    town = held(talk)
    for before, turn in town.history:
        if any(isinstance(event, ActionAttempted) for event in turn.events):
            assert before.form is not None
            assert before.form.awaits_confirmation
            assert MEANINGS[_said(turn)].intent == "dialog_control.affirm" or _said(turn) == "第一个"
    attempts = [event for _, turn in town.history for event in turn.events if isinstance(event, ActionAttempted)]
    assert len(town.tea.sold) <= len(attempts)


@given(TALK)
@QUICK
def test_the_events_make_the_state(talk: list[tuple[str, float]]) -> None:
    replayed: list[TrackerState] = []
    stored: list[TrackerState] = []

    async def look(town: Town) -> None:
        stored.append(await town.state())
        state = TrackerState()
        for turn in await town.trackers.turns_after("s", 0):
            for event in turn.events:
                state.apply(event)
            said = tuple(reply.text for reply in turn.replies)
            remember_turn(state, turn.message_key, said, turn.at, turn.replies[-1].choices)
        replayed.append(state)

    held(talk, look)
    assert _without_personal(replayed[0]) == _without_personal(stored[0])


@given(TALK)
@QUICK
def test_the_same_talk_gives_the_same_turns(talk: list[tuple[str, float]]) -> None:
    first, second = held(talk), held(talk)
    assert [_as_said(turn) for _, turn in first.history] == [_as_said(turn) for _, turn in second.history]


@given(TALK, st.sampled_from(DIGRESSIONS))
@QUICK
def test_a_digression_leaves_the_form_as_it_was(talk: list[tuple[str, float]], digression: str) -> None:
    town = held([*talk, (digression, 0.5)])
    before, turn = town.history[-1]
    changed = [event for event in turn.events if isinstance(event, SlotFilled | SlotCleared)]
    assert not changed
    after = before.model_copy(deep=True)
    for event in turn.events:
        after.apply(event)
    assert [_core(form) for form in before.forms] == [_core(form) for form in after.forms]


@given(st.lists(st.sampled_from(DIGRESSIONS), min_size=1, max_size=6))
@QUICK
def test_digressions_on_the_way_do_not_change_what_is_done(digressions: list[str]) -> None:
    straight = held([*COMPLETE, ("确认", 0.5)])
    steps = [*OPENING]
    for answer, digression in zip(COMPLETE[1:], [*digressions, *digressions, *digressions], strict=False):
        steps += [(digression, 0.5), answer]
    winding = held([*steps, ("确认", 0.5)])
    assert list(straight.tea.sold.values()) == list(winding.tea.sold.values())
    assert winding.history[-1][1].status is TurnStatus.COMPLETED


@given(TALK)
@QUICK
def test_nothing_is_asked_that_the_guide_does_not_explain(talk: list[tuple[str, float]]) -> None:
    town = held(talk)
    forms = {(skill, action): form for skill in ("tea",) for action, form in town.tea.forms.items()}
    for before, turn in town.history:
        state = before.model_copy(deep=True)
        for event in turn.events:
            state.apply(event)
            if isinstance(event, SlotAsked):
                assert state.form is not None
                slot = forms[state.form.skill, state.form.action].model.slots()[event.slot]
                assert slot.why is not None
                assert not slot.is_hint
                assert slot.prompt


@given(TALK, st.sets(st.integers(0, 15), max_size=5))
@QUICK
def test_a_silent_department_breaks_nothing(talk: list[tuple[str, float]], silent: set[int]) -> None:
    async def hold() -> Town:
        with tempfile.TemporaryDirectory() as folder:
            time = clock()
            store = await open_store(Path(folder), time)
            town = await found(store, time)
            for number, (text, minutes) in enumerate(talk):
                town.tea.is_down = number in silent
                turn = await town.say(text, minutes)
                assert turn.status is not TurnStatus.ERROR_INTERNAL
                before = town.history[-1][0]
                if turn.status is TurnStatus.ERROR_DEPARTMENT_UNAVAILABLE and before.form is not None:
                    state = await town.state()
                    assert [form.values for form in state.forms] == [form.values for form in before.forms]
            await store.close()
            return town

    asyncio.run(hold())


def test_a_seat_is_sold_once_however_often_it_is_confirmed() -> None:
    town = held([*COMPLETE, ("确认", 0.5), ("确认", 0.5), ("要得", 0.5)])
    assert len(town.tea.sold) == 1


def _said(turn: Turn) -> str:
    return turn.text


def _core(form: FormState) -> dict[str, object]:
    """Return what of a form must not change by a digression: all but what was asked, how often, and explained."""
    return form.model_dump(exclude={*TURN_OVER, "paused"})


def _as_said(turn: Turn) -> tuple[object, ...]:
    return turn.status, turn.events, turn.replies, turn.skill, turn.pending_effect


def _without_personal(state: TrackerState) -> dict[str, object]:
    """Return a state without the values that are forgotten once a form is closed."""
    document = state.model_dump(mode="json")
    for form in [*document["forms"], document["draft"], document["last_form"]]:
        if form is not None:
            form["slots"].pop("phone", None)
    return document
