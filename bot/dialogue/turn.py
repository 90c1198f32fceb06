"""A turn as it is kept: what came, what happened, what was said, and how it ended."""

from datetime import datetime
from typing import Any

from bot.dialogue.events import Event
from bot.messages import Frozen, OutboundMessage, TurnStatus


class PendingEffect(Frozen):
    """An effect whose outcome is not known yet: it is asked for with its key until it is.

    `values` are those of the confirmed form, so that a department which never saw the request can be asked once more; they
    are dropped as soon as the outcome is known. None says that nobody confirmed it for certain (the turn failed): then it
    is looked up, and never asked for.
    """

    key: str
    account_id: str
    skill: str
    action: str
    title: str
    values: dict[str, Any] | None = None


class Turn(Frozen):
    """One turn of a session: the `sequence`-th, and final once stored.

    `text` is what the citizen wrote, masked. `fencing_token` is that of the lease under which the turn was taken.
    """

    session_id: str
    sequence: int
    message_key: str
    channel: str
    user_id: str
    text: str
    at: datetime
    status: TurnStatus
    intent: str | None = None
    group: str | None = None
    confidence: float | None = None
    skill: str | None = None
    events: tuple[Event, ...] = ()
    replies: tuple[OutboundMessage, ...] = ()
    pending_effect: PendingEffect | None = None
    trace_id: str
    fencing_token: int
    seconds: float = 0.0

    @property
    def key(self) -> str:
        """Return the key under which the turn is stored: taken twice, one of the two loses."""
        return f"{self.session_id}#{self.sequence:08d}"

    def document(self) -> dict[str, Any]:
        """Return the turn as a JSON document."""
        return self.model_dump(mode="json")
