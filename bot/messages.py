"""What comes in by a channel and what goes out again, and the name of every ending that a turn can have."""

from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field


class TurnStatus(StrEnum):
    """How a turn ended. Counts, filters and dashboards use these names and no others."""

    ANSWERED = "answered"
    ANSWERED_PARTLY = "answered_partly"
    ANSWERED_CHITCHAT = "answered_chitchat"
    ASKED = "asked"
    ASKED_CONFIRMATION = "asked_confirmation"
    COMPLETED = "completed"
    COMPLETED_PENDING = "completed_pending"
    COMPLETED_CANCELLED = "completed_cancelled"
    CLARIFICATION = "clarification"
    REFUSED_BY_DEPARTMENT = "refused_by_department"
    REFUSED_INVALID = "refused_invalid"
    REFUSED_SLOT = "refused_slot"
    UNANSWERABLE_NO_SOURCE = "unanswerable_no_source"
    UNANSWERABLE_OTHER_DISTRICT = "unanswerable_other_district"
    UNANSWERABLE_NOT_IN_FORCE = "unanswerable_not_in_force"
    UNANSWERABLE_OUT_OF_SCOPE = "unanswerable_out_of_scope"
    GUARDED_EMERGENCY = "guarded_emergency"
    GUARDED_CRISIS = "guarded_crisis"
    GUARDED_TOO_LONG = "guarded_too_long"
    GUARDED_EMPTY = "guarded_empty"
    GUARDED_UNSUPPORTED = "guarded_unsupported"
    GUARDED_STALE_CHOICE = "guarded_stale_choice"
    GUARDED_MAINTENANCE = "guarded_maintenance"
    HANDED_OFF = "handed_off"
    WITH_AGENT = "with_agent"
    ERROR_DEPARTMENT_UNAVAILABLE = "error_department_unavailable"
    ERROR_INTERNAL = "error_internal"


class Frozen(BaseModel):
    """A value: strict about unknown fields, and never changed after it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class InboundMessage(Frozen):
    """One message as it came: `message_id` is unique within its channel, `session_id` within the product.

    `kind` is text; unsupported (a photo, a voice message: `text` is empty); or news, which a watcher of the product
    put in (the outcome of an effect, a suspended clinic) and whose content is in `payload`. The press of a button says in
    `payload["answers_sequence"]` which turn of the session it answers. `user_id` is the channel's
    account of the person, in the form `channel:account`.
    """

    channel: str
    session_id: str
    message_id: str
    user_id: str
    text: str
    sent_at: datetime
    kind: Literal["text", "unsupported", "news"] = "text"
    payload: dict[str, str] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the id under which the inbox holds this message, unique over all channels."""
        return f"{self.channel}:{self.message_id}"


class QuotedSource(Frozen):
    """A citation as a reader sees it; `url` opens the source at the quoted span."""

    title: str
    document_number: str | None
    heading_path: tuple[str, ...]
    quote: str
    url: str


class OutboundMessage(Frozen):
    """One message to a citizen: text, choices (each is what is sent when it is chosen), and the sources of the text."""

    text: str
    choices: tuple[str, ...] = ()
    citations: tuple[QuotedSource, ...] = ()


class Envelope(Frozen):
    """A reply on its way: `reply_id` is the same at every attempt, so that a receiver can drop a second copy.

    `sequence` grows by one a turn within a session; `position` counts the replies of one turn.
    """

    reply_id: str
    channel: str
    session_id: str
    sequence: int
    position: int
    status: TurnStatus
    trace_id: str
    sent_at: datetime
    message: OutboundMessage


class DeliveryFailed(Exception):
    """A channel could not deliver a reply; `is_permanent` says that trying again is useless (the bot was blocked)."""

    def __init__(self, detail: str, *, is_permanent: bool = False, retry_after_seconds: float | None = None) -> None:
        super().__init__(detail)
        self.is_permanent = is_permanent
        self.retry_after_seconds = retry_after_seconds


class Channel(Protocol):
    """A door: it puts what people write into the inbox, and carries the replies out."""

    name: str

    async def send(self, envelope: Envelope) -> None:
        """Deliver one reply, or raise `DeliveryFailed`."""
        ...


class Acceptance(Protocol):
    """The inbox as a channel sees it."""

    async def accept(self, message: InboundMessage) -> bool:
        """Store the message durably, and only then return; False says that it was there already.

        Raises `StoreUnavailable` when it could not be stored: the channel must not acknowledge it then.
        """
        ...
