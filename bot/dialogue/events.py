"""What happened in a conversation, in the past tense; a tracker's state is nothing but the fold of these."""

from typing import Annotated, Any, Literal

from pydantic import Field

from bot.messages import Frozen


class OfferedOption(Frozen):
    """A value that was offered for a slot, and the words under which it was offered."""

    label: str
    value: Any


class FormOpened(Frozen):
    """A form was opened; `form_id` is made from the session and the turn, so that a replay makes the same one."""

    type: Literal["form_opened"] = "form_opened"
    form_id: str
    skill: str
    action: str


class SlotFilled(Frozen):
    """A slot got a value; `shown` is how it is read back to the citizen. A correction is a second filling."""

    type: Literal["slot_filled"] = "slot_filled"
    slot: str
    value: Any
    shown: str


class SlotCleared(Frozen):
    """A slot lost its value: what it depended on has changed, or the citizen wants another."""

    type: Literal["slot_cleared"] = "slot_cleared"
    slot: str


class SlotTurnedDown(Frozen):
    """A number would not do; `value` is kept so that its end can be put right (最后一位是2)."""

    type: Literal["slot_turned_down"] = "slot_turned_down"
    slot: str
    value: Any


class SlotSkipped(Frozen):
    """An optional slot will not be asked again."""

    type: Literal["slot_skipped"] = "slot_skipped"
    slot: str


class SlotLeftOpen(Frozen):
    """What is wanted of a slot that cannot be chosen yet: any value (医生随便), or one of a kind (`wish`: 普通号)."""

    type: Literal["slot_left_open"] = "slot_left_open"
    slot: str
    wish: str = ""


class SlotAsked(Frozen):
    """A slot was asked for, with these options."""

    type: Literal["slot_asked"] = "slot_asked"
    slot: str
    options: tuple[OfferedOption, ...] = ()


class ConfirmationAsked(Frozen):
    """The complete form was read back; only a yes to this lets it be acted on."""

    type: Literal["confirmation_asked"] = "confirmation_asked"


class ActionAttempted(Frozen):
    """A department was asked to act under `key`; `outcome` is done, rejected or unknown."""

    type: Literal["action_attempted"] = "action_attempted"
    key: str
    outcome: Literal["done", "rejected", "unknown"]


class FormClosed(Frozen):
    """The form on top is done with: completed, or cancelled (then a draft is kept to resume).

    `forgets` names its sensitive slots: their values are of no more use, and are taken out of the stored turns.
    """

    type: Literal["form_closed"] = "form_closed"
    how: Literal["completed", "cancelled", "dropped"]
    forgets: tuple[str, ...] = ()


class FormPaused(Frozen):
    """The form on top waits: something else is done first, the citizen wants it so, or a long time has passed."""

    type: Literal["form_paused"] = "form_paused"
    reason: Literal["digression", "asked", "gap"]


class FormResumed(Frozen):
    """The latest paused form, or else the kept draft, is on top again."""

    type: Literal["form_resumed"] = "form_resumed"


class ClarificationAsked(Frozen):
    """The citizen was asked which of these intents was meant; `text` is what they had said."""

    type: Literal["clarification_asked"] = "clarification_asked"
    text: str
    options: tuple[OfferedOption, ...]


class OfferMade(Frozen):
    """Something was offered that a yes accepts: a person, going on with a draft, or the request that was put back."""

    type: Literal["offer_made"] = "offer_made"
    offer: Literal["person", "resume", "queued_request"]


class OfferSettled(Frozen):
    """The offer or question in the air is no longer in the air."""

    type: Literal["offer_settled"] = "offer_settled"


class RequestQueued(Frozen):
    """A second request of one message waits for the first to be done."""

    type: Literal["request_queued"] = "request_queued"
    text: str


class RequestTaken(Frozen):
    """The first waiting request is taken up, or declined."""

    type: Literal["request_taken"] = "request_taken"


class RequestUnderstood(Frozen):
    """An intent was acted on outside a form: what "那儿科呢" refers back to; `spans` (document:start-end) answered it.

    `named` are its entities as (type, text).
    """

    type: Literal["request_understood"] = "request_understood"
    intent: str
    text: str
    spans: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()


class NotUnderstood(Frozen):
    """Nothing fitted what was said."""

    type: Literal["not_understood"] = "not_understood"


class WasUnderstood(Frozen):
    """Something fitted: the count of misses starts again."""

    type: Literal["was_understood"] = "was_understood"


class SlotExplained(Frozen):
    """The citizen was told why a slot is asked: a second refusal is met with the offer of a person."""

    type: Literal["slot_explained"] = "slot_explained"
    slot: str


class ControlChanged(Frozen):
    """The session passed into other hands (see bot/handoff.py)."""

    type: Literal["control_changed"] = "control_changed"
    control: Literal["bot", "queued", "human", "ticket", "closed"]
    reason: str


class WorkOrderOpened(Frozen):
    """A work order was written for a person to take up."""

    type: Literal["work_order_opened"] = "work_order_opened"
    number: str


class SourcesCited(Frozen):
    """These chunks of this release were quoted, so that the answer can be replayed as of its day."""

    type: Literal["sources_cited"] = "sources_cited"
    release: str
    spans: tuple[str, ...]


Event = Annotated[
    FormOpened
    | SlotFilled
    | SlotCleared
    | SlotTurnedDown
    | SlotSkipped
    | SlotLeftOpen
    | SlotAsked
    | ConfirmationAsked
    | ActionAttempted
    | FormClosed
    | FormPaused
    | FormResumed
    | ClarificationAsked
    | OfferMade
    | OfferSettled
    | RequestQueued
    | RequestTaken
    | RequestUnderstood
    | NotUnderstood
    | WasUnderstood
    | SlotExplained
    | ControlChanged
    | WorkOrderOpened
    | SourcesCited,
    Field(discriminator="type"),
]
