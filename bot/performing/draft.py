"""A turn while it is being taken: events folded as they happen, and what will be said."""

from dataclasses import dataclass, field
from datetime import date

from bot.dialogue.events import Event
from bot.dialogue.tracker import FormState, TrackerState
from bot.dialogue.turn import PendingEffect
from bot.messages import InboundMessage, OutboundMessage, QuotedSource, TurnStatus
from skills.contract import SkillContext


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A moment of a turn: the state, and how much had happened and been said."""

    state: TrackerState
    events: int
    replies: int
    status: TurnStatus | None
    skill: str | None


@dataclass(slots=True)
class TurnDraft:
    """What has happened in this turn so far; `state` is the session's state with it folded in.

    `taken` are the slots of the form on top that this turn has filled and that are still to be said back; `asked_before` is
    the slot that the message may have answered; `recalled` are those to be said again. `others` is on offer beside what was
    taken for somebody who did not choose.
    """

    message: InboundMessage
    sequence: int
    state: TrackerState
    account_id: str
    trace_id: str
    is_retry: bool = False
    lead_in: str = ""
    taken: list[str] = field(default_factory=list)
    corrected: set[str] = field(default_factory=set)
    asked_before: str | None = None
    recalled: list[str] = field(default_factory=list)
    others: tuple[str, ...] = ()
    events: list[Event] = field(default_factory=list)
    replies: list[OutboundMessage] = field(default_factory=list)
    status: TurnStatus | None = None
    skill: str | None = None
    intent: str | None = None
    group: str | None = None
    confidence: float | None = None
    pending_effect: PendingEffect | None = None

    def happen(self, *events: Event) -> None:
        """Record events and fold them into the state."""
        for event in events:
            self.state.apply(event)
            self.events.append(event)

    def say(self, text: str, choices: tuple[str, ...] = (), citations: tuple[QuotedSource, ...] = ()) -> None:
        """Add a reply."""
        self.replies.append(OutboundMessage(text=text, choices=choices, citations=citations))

    def end(self, status: TurnStatus) -> None:
        """Name the turn's ending; the first name stands, since what comes after is only the way back to a form."""
        self.status = self.status or status

    def checkpoint(self) -> "Checkpoint":
        """Return what it takes to go back to this moment."""
        return Checkpoint(self.state.branch(), len(self.events), len(self.replies), self.status, self.skill)

    def restore(self, before: "Checkpoint") -> None:
        """Go back to a moment of this turn, as if nothing had happened since."""
        self.state, self.status, self.skill = before.state.branch(), before.status, before.skill
        del self.events[before.events :], self.replies[before.replies :]
        self.lead_in, self.pending_effect = "", None
        self.forget_taken()

    def forget_taken(self) -> None:
        """Begin anew with what this turn has put into a form: another form is on top now, or it was said already."""
        self.taken.clear()
        self.corrected.clear()
        self.recalled.clear()

    def context(self, key: str = "") -> SkillContext:
        """Return what a skill may know of this turn."""
        return SkillContext(self.account_id, self.message.sent_at, key)

    @property
    def day(self) -> date:
        """Return the day of the message: what holds is asked as of it."""
        return self.message.sent_at.date()

    @property
    def said(self) -> list[str]:
        """Return what was said lately, this turn included."""
        return [*self.state.said, *(reply.text for reply in self.replies)]

    @property
    def open_form(self) -> FormState:
        """Return the form on top; raises `ValueError` when there is none."""
        if self.state.form is None:
            raise ValueError("no form is open")
        return self.state.form


def shown_slots(state: TrackerState) -> dict[str, str]:
    """Return the slots of the form on top, or else of the last one, as they are read back: personal numbers masked."""
    form = state.form or state.last_form
    return {name: slot.shown for name, slot in form.slots.items()} if form else {}
