"""What the policy may decide: one step, plain data, carried out by the conversation."""

from dataclasses import dataclass
from typing import Literal

from nlu.interpretation import Interpretation
from skills.contract import SlotAnswer


@dataclass(frozen=True, slots=True)
class Danger:
    """Somebody may be in danger: the emergency line comes before everything."""

    kind: str


@dataclass(frozen=True, slots=True)
class HandOff:
    """A person is wanted, or needed; `adds`: what was said belongs to the work order that was just written.

    `question` is asked of the documents in the same breath: what the law says of what is complained of.

    `withdraws`: it says that nobody is wanted any more, which whoever reads the order should see.
    """

    reason: Literal["asked", "complaint", "misses", "refused", "error"]
    adds: bool = False
    withdraws: bool = False
    question: str = ""


@dataclass(frozen=True, slots=True)
class OpenForm:
    """Begin a form with what was said already; `carries_over` takes what still holds from the last one of its kind.

    `replaces` drops the form on top: who gives an appointment back does not go on moving it.
    """

    skill: str
    action: str
    answers: tuple[tuple[str, SlotAnswer], ...] = ()
    carries_over: bool = False
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class FillSlots:
    """Give slots of the form on top their values, or other values; `question` is asked in the same breath.

    `heard` is what was understood: should none of the answers turn out to be one, it did not fit, or `otherwise` is done.
    """

    answers: tuple[tuple[str, SlotAnswer], ...]
    question: Interpretation | None = None
    heard: Interpretation | None = None
    otherwise: "Step | None" = None


@dataclass(frozen=True, slots=True)
class ChangeSlot:
    """Ask a slot anew, without its present value among the options; None asks what is to be changed."""

    slot: str | None


@dataclass(frozen=True, slots=True)
class SkipSlot:
    """Leave an optional slot empty."""

    slot: str


@dataclass(frozen=True, slots=True)
class RefuseSlot:
    """The citizen does not want to answer: explain once, then offer a person."""

    slot: str


@dataclass(frozen=True, slots=True)
class ExplainSlot:
    """Say why a slot is asked, from the service guide."""

    slot: str


@dataclass(frozen=True, slots=True)
class Act:
    """The confirmed form is carried out."""


@dataclass(frozen=True, slots=True)
class CancelForm:
    """Drop the form on top, keeping a draft; `restarts` opens it anew."""

    restarts: bool = False


@dataclass(frozen=True, slots=True)
class PauseForm:
    """Put the form on top aside."""


@dataclass(frozen=True, slots=True)
class ResumeForm:
    """Go on with the paused form or the draft; `answers` were given in the same breath."""

    answers: tuple[tuple[str, SlotAnswer], ...] = ()


@dataclass(frozen=True, slots=True)
class AskKnowledge:
    """A policy question; `follows`: it names no subject (要钱不, 几天办好) and is about what was answered last.

    `of_form`: it names none either, and is asked in the middle of a form: that is what it is about. `is_also`: it stood in
    one message with the question before, whose answer may have said it already. `of_law`: it asks what the law says of
    the complaint that was just made.
    """

    interpretation: Interpretation
    follows: bool = False
    of_form: bool = False
    is_also: bool = False
    of_law: bool = False


@dataclass(frozen=True, slots=True)
class OfferQuestions:
    """A subject was named, and nothing asked about it (社保): offer what is often asked.

    `of_the_last`: more is wanted of what was answered last (说详细点).
    """

    interpretation: Interpretation
    of_the_last: bool = False


@dataclass(frozen=True, slots=True)
class Inquire:
    """A question that a skill answers from its department."""

    skill: str
    name: str
    interpretation: Interpretation


@dataclass(frozen=True, slots=True)
class SayText:
    """An intent that its manifest answers with a sentence."""

    intent: str


@dataclass(frozen=True, slots=True)
class Clarify:
    """Two intents are near: ask which."""

    text: str
    intents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakeUp:
    """Take a text that was put aside as if it were said now; `intent` is what the citizen says it means."""

    text: str
    intent: str | None = None


@dataclass(frozen=True, slots=True)
class TakeQueued:
    """Take up the first waiting request, with what is said to it now."""

    beside: str = ""


@dataclass(frozen=True, slots=True)
class Decline:
    """The offer that was in the air is not wanted."""

    offer: str


@dataclass(frozen=True, slots=True)
class Several:
    """Several requests in one message: do the first, keep the others."""

    first: Interpretation
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PutBack:
    """Another request that must wait until the form on top is done."""

    text: str


@dataclass(frozen=True, slots=True)
class AskWorkOrder:
    """How far a work order is: the one of this number, or the session's latest; `with_words`: and what is written in it."""

    number: str | None
    with_words: bool = False


@dataclass(frozen=True, slots=True)
class Manner:
    """How the citizen wants to be talked to: say it again, simpler; help; a moment, please; thanks, and so on."""

    manner: Literal[
        "repeat",
        "simplify",
        "help",
        "wait",
        "nothing_to_cancel",
        "nothing_to_resume",
        "ready",
        "which",
        "listen",
        "relieved",
        "insist",
        "insist_on_leaving",
        "calls_for_help",
        "help_is_coming",
        "of_what",
    ]


@dataclass(frozen=True, slots=True)
class NotFitting:
    """Nothing fits what was said. Knowledge is asked before giving up when `may_be_question`."""

    interpretation: Interpretation
    may_be_question: bool = True


Step = (
    Danger
    | HandOff
    | OpenForm
    | FillSlots
    | ChangeSlot
    | SkipSlot
    | RefuseSlot
    | ExplainSlot
    | Act
    | CancelForm
    | PauseForm
    | ResumeForm
    | AskKnowledge
    | OfferQuestions
    | Inquire
    | SayText
    | Clarify
    | TakeUp
    | TakeQueued
    | Decline
    | Several
    | PutBack
    | AskWorkOrder
    | Manner
    | NotFitting
)
