"""The state is the fold of the events, and nothing else."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from bot.dialogue import events as ev
from bot.dialogue.tracker import TrackerState, remember_turn
from tests.bot.dialogue.teahouse import AT, OPENED, ROOM, SEAT, TEA, asks, state_after


def test_a_filled_slot_is_no_longer_asked() -> None:
    state = state_after(OPENED, asks("tea", "绿茶"), TEA)
    assert state.form is not None
    assert (state.form.values, state.form.asked, state.form.options) == ({"tea": "绿茶"}, None, [])


def test_filling_another_slot_keeps_the_question() -> None:
    state = state_after(OPENED, asks("tea", "绿茶"), ROOM)
    assert state.form is not None
    assert (state.form.asked, len(state.form.options)) == ("tea", 1)


def test_a_correction_takes_the_confirmation_back() -> None:
    state = state_after(OPENED, TEA, ROOM, SEAT, ev.ConfirmationAsked())
    assert state.form is not None
    assert state.form.awaits_confirmation
    state.apply(ev.SlotFilled(slot="tea", value="红茶", shown="红茶"))
    assert not state.form.awaits_confirmation


@pytest.mark.parametrize(
    "event", [ev.SlotCleared(slot="tea"), asks("room"), ev.ActionAttempted(key="k", outcome="rejected")]
)
def test_what_else_takes_it_back(event: ev.Event) -> None:
    state = state_after(OPENED, TEA, ev.ConfirmationAsked(), event)
    assert state.form is not None
    assert not state.form.awaits_confirmation


def test_asked_again_is_counted_and_asked_otherwise_is_not() -> None:
    state = state_after(OPENED, asks("tea"), asks("tea"))
    assert state.form is not None
    assert state.form.asked_times == 2
    state.apply(asks("room"))
    assert state.form.asked_times == 1


def test_forms_are_a_stack() -> None:
    above = ev.FormOpened(form_id="g", skill="tea", action="cancel")
    state = state_after(OPENED, TEA, ev.FormPaused(reason="digression"), above)
    assert state.form is not None
    assert state.form.form_id == "g"
    state.apply(ev.FormClosed(how="completed"))
    assert state.form is not None
    assert (state.form.form_id, state.active_form) == ("f", None)
    state.apply(ev.FormResumed())
    assert state.active_form is not None
    assert state.active_form.values == {"tea": "绿茶"}


def test_a_cancelled_form_is_kept_as_draft_and_comes_back() -> None:
    state = state_after(OPENED, TEA, ev.FormClosed(how="cancelled"))
    assert (state.form, state.draft is not None) == (None, True)
    state.apply(ev.FormResumed())
    assert state.form is not None
    assert (state.form.values, state.draft) == ({"tea": "绿茶"}, None)


def test_a_dropped_form_leaves_no_draft() -> None:
    assert state_after(OPENED, TEA, ev.FormClosed(how="dropped")).draft is None


def test_closing_forgets_what_it_says() -> None:
    phone = ev.SlotFilled(slot="phone", value="13900001111", shown="139****")
    state = state_after(OPENED, TEA, phone, ev.FormClosed(how="completed", forgets=("phone",)))
    assert state.last_form is not None
    assert "13900001111" not in state.model_dump_json()
    assert state.last_form.values["tea"] == "绿茶"


def test_attempts_are_counted_so_that_each_has_its_key() -> None:
    state = state_after(
        OPENED, ev.ActionAttempted(key="a", outcome="rejected"), ev.ActionAttempted(key="b", outcome="rejected")
    )
    assert state.form is not None
    assert state.form.attempts == 2


def test_misses_in_a_row() -> None:
    state = state_after(ev.NotUnderstood(), ev.NotUnderstood())
    assert state.misses == 2
    state.apply(ev.WasUnderstood())
    assert state.misses == 0


def test_requests_wait_in_line() -> None:
    state = state_after(ev.RequestQueued(text="一"), ev.RequestQueued(text="二"), ev.RequestTaken())
    assert state.queued == ["二"]


def test_what_was_in_the_air_is_settled() -> None:
    asked = ev.ClarificationAsked(text="茶", options=())
    state = state_after(ev.OfferMade(offer="person"), asked, ev.OfferSettled())
    assert (state.offer, state.clarification) == (None, None)


def test_events_of_a_form_need_a_form() -> None:
    with pytest.raises(ValueError, match="no form is open"):
        state_after(TEA)


def test_only_so_much_is_remembered() -> None:
    state = TrackerState()
    for number in range(60):
        remember_turn(state, f"k{number}", (f"说{number}",), AT + timedelta(minutes=number), (f"选{number}",))
    assert len(state.message_keys) == 50
    assert state.message_keys[-1] == "k59"
    assert state.said == [f"说{number}" for number in range(54, 60)]
    assert state.choices == ["选59"]
    assert state.turns == 60


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        TrackerState.model_validate({"mood": "good"})
