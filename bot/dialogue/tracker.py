"""The state of one session, folded from its events."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.dialogue import events as ev
from bot.dialogue.events import Event, OfferedOption

Control = Literal["bot", "queued", "human", "ticket", "closed"]
_KEYS_REMEMBERED = 50
_REPLIES_REMEMBERED = 6


class State(BaseModel):
    """Base of what the tracker holds: strict about unknown fields, changed only by the fold."""

    model_config = ConfigDict(extra="forbid")


class FilledSlot(State):
    """A slot's value as JSON, and the words for it."""

    value: Any
    shown: str


class FormState(State):
    """A form that is being filled; `attempts` counts what was asked of a department on its behalf."""

    form_id: str
    skill: str
    action: str
    slots: dict[str, FilledSlot] = Field(default_factory=dict)
    skipped: list[str] = Field(default_factory=list)
    left_open: dict[str, str] = Field(default_factory=dict)
    turned_down: dict[str, str] = Field(default_factory=dict)
    explained: list[str] = Field(default_factory=list)
    asked: str | None = None
    asked_times: int = 0
    options: list[OfferedOption] = Field(default_factory=list)
    awaits_confirmation: bool = False
    paused: Literal["digression", "asked", "gap"] | None = None
    attempts: int = 0

    @property
    def values(self) -> dict[str, Any]:
        """Return the slots' values without their words."""
        return {name: slot.value for name, slot in self.slots.items()}

    @property
    def is_paused(self) -> bool:
        """Tell whether the form waits."""
        return self.paused is not None

    def branch(self) -> "FormState":
        """Return a copy that the fold can change; what it only replaces as a whole is shared."""
        copy = self.model_copy()
        copy.slots, copy.skipped, copy.explained = dict(self.slots), [*self.skipped], [*self.explained]
        copy.left_open, copy.turned_down = dict(self.left_open), dict(self.turned_down)
        return copy


class Clarification(State):
    """The citizen is asked which intent was meant."""

    text: str
    options: list[OfferedOption]


class Request(State):
    """The last thing that was asked for outside a form."""

    intent: str
    text: str
    spans: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    turn: int = 0


class TrackerState(State):
    """All that a turn needs to know of the turns before; `forms` is a stack whose last member is on top."""

    forms: list[FormState] = Field(default_factory=list)
    draft: FormState | None = None
    last_form: FormState | None = None
    last_form_turn: int = 0
    clarification: Clarification | None = None
    offer: str | None = None
    queued: list[str] = Field(default_factory=list)
    last_request: Request | None = None
    misses: int = 0
    control: Control = "bot"
    control_reason: str = ""
    work_order: str | None = None
    said: list[str] = Field(default_factory=list)
    choices: list[str] = Field(default_factory=list)
    message_keys: list[str] = Field(default_factory=list)
    updated_at: datetime | None = None
    turns: int = 0

    @property
    def form(self) -> FormState | None:
        """Return the form on top, paused or not."""
        return self.forms[-1] if self.forms else None

    @property
    def active_form(self) -> FormState | None:
        """Return the form on top if it is not paused."""
        form = self.form
        return None if form is None or form.is_paused else form

    def was_offered(self, text: str) -> bool:
        """Tell whether the text is, word for word, what the citizen was just offered to choose."""
        options = self.form.options if self.form else []
        return text in self.choices or any(text == option.label for option in options)

    def branch(self) -> "TrackerState":
        """Return a copy that the fold can change without changing this one; a deep copy takes ten times as long."""
        copy = self.model_copy()
        copy.forms, copy.queued = [form.branch() for form in self.forms], [*self.queued]
        copy.draft = self.draft and self.draft.branch()
        copy.last_form = self.last_form and self.last_form.branch()
        return copy

    def apply(self, event: Event) -> None:
        """Fold one event into the state."""
        _FOLDS[type(event)](self, event)


def _form_opened(state: TrackerState, event: ev.FormOpened) -> None:
    state.forms.append(FormState(form_id=event.form_id, skill=event.skill, action=event.action))


def _top(state: TrackerState) -> FormState:
    form = state.form
    if form is None:
        raise ValueError("an event of a form came while no form is open")
    return form


def _slot_filled(state: TrackerState, event: ev.SlotFilled) -> None:
    form = _top(state)
    form.slots[event.slot] = FilledSlot(value=event.value, shown=event.shown)
    form.left_open.pop(event.slot, None)
    form.turned_down.pop(event.slot, None)
    form.awaits_confirmation = False
    if form.asked == event.slot:
        form.asked, form.asked_times, form.options = None, 0, []


def _slot_cleared(state: TrackerState, event: ev.SlotCleared) -> None:
    form = _top(state)
    form.slots.pop(event.slot, None)
    form.awaits_confirmation = False


def _slot_turned_down(state: TrackerState, event: ev.SlotTurnedDown) -> None:
    _top(state).turned_down[event.slot] = event.value


def _slot_skipped(state: TrackerState, event: ev.SlotSkipped) -> None:
    form = _top(state)
    form.skipped.append(event.slot)
    form.asked, form.asked_times, form.options = None, 0, []


def _slot_left_open(state: TrackerState, event: ev.SlotLeftOpen) -> None:
    _top(state).left_open[event.slot] = event.wish


def _slot_asked(state: TrackerState, event: ev.SlotAsked) -> None:
    form = _top(state)
    form.left_open.pop(event.slot, None)
    form.asked_times = form.asked_times + 1 if form.asked == event.slot else 1
    form.asked, form.options = event.slot, list(event.options)
    form.awaits_confirmation = False


def _confirmation_asked(state: TrackerState, _: ev.ConfirmationAsked) -> None:
    form = _top(state)
    form.awaits_confirmation = True
    form.asked, form.asked_times, form.options = None, 0, []


def _action_attempted(state: TrackerState, _: ev.ActionAttempted) -> None:
    form = _top(state)
    form.attempts += 1
    form.awaits_confirmation = False


def _form_closed(state: TrackerState, event: ev.FormClosed) -> None:
    form = state.forms.pop()
    for slot in event.forgets:
        form.slots.pop(slot, None)
        form.turned_down.pop(slot, None)
    if event.how == "completed":
        state.last_form, state.last_form_turn = form, state.turns
        state.draft = None if state.draft and state.draft.form_id == form.form_id else state.draft
    elif event.how == "cancelled":
        state.draft = form


def _form_paused(state: TrackerState, event: ev.FormPaused) -> None:
    _top(state).paused = event.reason


def _form_resumed(state: TrackerState, _: ev.FormResumed) -> None:
    if state.form is None and state.draft is not None:
        state.forms.append(state.draft)
        state.draft = None
    _top(state).paused = None


def _clarification_asked(state: TrackerState, event: ev.ClarificationAsked) -> None:
    state.clarification = Clarification(text=event.text, options=list(event.options))


def _offer_made(state: TrackerState, event: ev.OfferMade) -> None:
    state.offer = event.offer


def _offer_settled(state: TrackerState, _: ev.OfferSettled) -> None:
    state.offer, state.clarification = None, None


def _request_queued(state: TrackerState, event: ev.RequestQueued) -> None:
    state.queued.append(event.text)


def _request_taken(state: TrackerState, _: ev.RequestTaken) -> None:
    state.queued.pop(0)


def _request_understood(state: TrackerState, event: ev.RequestUnderstood) -> None:
    state.last_request = Request(
        intent=event.intent, text=event.text, spans=event.spans, named=event.named, turn=state.turns
    )


def _not_understood(state: TrackerState, _: ev.NotUnderstood) -> None:
    state.misses += 1


def _was_understood(state: TrackerState, _: ev.WasUnderstood) -> None:
    state.misses = 0


def _slot_explained(state: TrackerState, event: ev.SlotExplained) -> None:
    _top(state).explained.append(event.slot)


def _control_changed(state: TrackerState, event: ev.ControlChanged) -> None:
    state.control, state.control_reason = event.control, event.reason


def _work_order_opened(state: TrackerState, event: ev.WorkOrderOpened) -> None:
    state.work_order = event.number


def _unchanged(_: TrackerState, __: Event) -> None:
    """Some events are kept for those who read the record; the state does not need them."""


_FOLDS: dict[type[Any], Callable[[TrackerState, Any], None]] = {
    ev.FormOpened: _form_opened,
    ev.SlotFilled: _slot_filled,
    ev.SlotCleared: _slot_cleared,
    ev.SlotTurnedDown: _slot_turned_down,
    ev.SlotSkipped: _slot_skipped,
    ev.SlotLeftOpen: _slot_left_open,
    ev.SlotAsked: _slot_asked,
    ev.ConfirmationAsked: _confirmation_asked,
    ev.ActionAttempted: _action_attempted,
    ev.FormClosed: _form_closed,
    ev.FormPaused: _form_paused,
    ev.FormResumed: _form_resumed,
    ev.ClarificationAsked: _clarification_asked,
    ev.OfferMade: _offer_made,
    ev.OfferSettled: _offer_settled,
    ev.RequestQueued: _request_queued,
    ev.RequestTaken: _request_taken,
    ev.RequestUnderstood: _request_understood,
    ev.NotUnderstood: _not_understood,
    ev.WasUnderstood: _was_understood,
    ev.SlotExplained: _slot_explained,
    ev.ControlChanged: _control_changed,
    ev.WorkOrderOpened: _work_order_opened,
    ev.SourcesCited: _unchanged,
}


def remember_turn(
    state: TrackerState, message_key: str, said: tuple[str, ...], at: datetime, choices: tuple[str, ...] = ()
) -> None:
    """Note that a turn has ended: which message it took and what was said, as far back as is useful, and the choices."""
    state.choices = list(choices)
    state.message_keys = [*state.message_keys, message_key][-_KEYS_REMEMBERED:]
    state.said = [*state.said, *said][-_REPLIES_REMEMBERED:]
    state.updated_at = at
    state.turns += 1
