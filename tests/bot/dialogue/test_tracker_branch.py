"""A branched state folds on without changing the state that it came from."""

from copy import deepcopy

import pytest

from bot.dialogue import events as ev
from bot.dialogue.events import Event, OfferedOption
from bot.dialogue.tracker import TrackerState

BEFORE: tuple[Event, ...] = (
    ev.FormOpened(form_id="f1", skill="a", action="b"),
    ev.SlotFilled(slot="place", value={"id": "x", "name": "中心医院"}, shown="中心医院"),
    ev.FormPaused(reason="digression"),
    ev.FormOpened(form_id="f2", skill="a", action="c"),
    ev.SlotFilled(slot="day", value="2026-11-24", shown="明天"),
    ev.SlotSkipped(slot="doctor"),
    ev.SlotExplained(slot="phone"),
    ev.RequestQueued(text="公积金怎么取"),
    ev.OfferMade(offer="person"),
)
CHANGES: tuple[tuple[Event, ...], ...] = (
    (ev.FormOpened(form_id="f3", skill="a", action="d"),),
    (ev.SlotFilled(slot="day", value="2026-11-25", shown="后天"), ev.SlotFilled(slot="half", value=1, shown="上午")),
    (ev.SlotCleared(slot="day"),),
    (ev.SlotSkipped(slot="half"),),
    (ev.SlotAsked(slot="day", options=(OfferedOption(label="明天", value=1),)),),
    (ev.ConfirmationAsked(), ev.ActionAttempted(key="k", outcome="unknown")),
    (ev.FormClosed(how="completed"), ev.FormResumed(), ev.SlotCleared(slot="place")),
    (ev.FormClosed(how="cancelled"), ev.FormClosed(how="cancelled"), ev.FormResumed(), ev.SlotCleared(slot="place")),
    (ev.FormPaused(reason="asked"),),
    (ev.RequestTaken(), ev.RequestQueued(text="再问")),
    (ev.ClarificationAsked(text="社保", options=()), ev.OfferSettled(), ev.NotUnderstood()),
    (ev.SlotExplained(slot="day"), ev.ControlChanged(control="human", reason="asked")),
)


@pytest.mark.parametrize("changes", CHANGES, ids=lambda events: events[0].type)
def test_what_happens_on_a_branch_stays_there(changes: tuple[Event, ...]) -> None:
    state = TrackerState()
    for event in BEFORE:
        state.apply(event)
    kept = deepcopy(state)
    branch = state.branch()
    assert branch == state
    for event in changes:
        branch.apply(event)
    assert branch != state
    assert state == kept


def test_a_branch_folds_as_a_deep_copy_does() -> None:
    state = TrackerState()
    for event in BEFORE:
        state.apply(event)
    branch, copy = state.branch(), state.model_copy(deep=True)
    for events in CHANGES[:6]:
        for event in events:
            branch.apply(event)
            copy.apply(event)
    assert branch == copy
