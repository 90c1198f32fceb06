"""What the rules of the policy look at: the state, what was heard, and what the city can do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.dialogue.tracker import FormState, TrackerState
from nlu.interpretation import OUT_OF_SCOPE, Interpretation
from skills.contract import Slot
from skills.registry import Catalogue

SURE = 0.55
LIKELY = 0.35
HARDLY = 0.2
VERY_SURE = 0.7
ALARMING = 0.88  # what a symptom needs where symptoms are asked for, and a clause beside a plain request
COMPLAINT = "complaint.file"  # the intent of what somebody complains of
_IDENTIFIERS = ("id_number", "phone", "credit_code", "plate")


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as it was understood: as a whole, and clause by clause when it has several.

    `is_red_flag`: signs of an acute illness are told of; `is_history`: illness is spoken of as what is long over.
    """

    whole: Interpretation
    parts: tuple[Interpretation, ...] = ()
    is_red_flag: bool = False
    is_history: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rules look at."""

    state: TrackerState
    heard: Heard
    catalogue: Catalogue

    @property
    def whole(self) -> Interpretation:
        """Return the whole message as it was understood."""
        return self.heard.whole

    @property
    def form(self) -> FormState | None:
        """Return the form on top unless it waits."""
        return self.state.active_form

    @property
    def slots(self) -> Mapping[str, Slot]:
        """Return the slots of the form on top, also of one that waits."""
        form = self.state.form
        return {} if form is None else slots_of(self.catalogue, form)

    @property
    def asked(self) -> tuple[str, Slot] | None:
        """Return the slot that is asked for just now."""
        form = self.form
        return None if form is None or form.asked is None else (form.asked, self.slots[form.asked])

    def is_intent(self, *names: str) -> bool:
        """Tell whether one of these intents is likely."""
        return self.whole.intent in names and self.whole.confidence >= LIKELY


def slots_of(catalogue: Catalogue, form: FormState) -> Mapping[str, Slot]:
    """Return the slots of an open form."""
    return catalogue.forms[form.skill, form.action].model.slots()


def unguessed(heard: Interpretation) -> Interpretation:
    """Drop what was guessed from nothing but a number: an identity number is no cry for help, whatever it looks like."""
    numbers = heard.entities_of(*_IDENTIFIERS)
    words = "".join(c for i, c in enumerate(heard.text) if not any(e.start <= i < e.end for e in numbers))
    digits = sum(c.isdigit() for c in heard.text)
    if sum(c.isalpha() and not c.isascii() for c in words) > 1 or not (numbers or digits >= 6):
        return heard
    return replace(heard, intent=OUT_OF_SCOPE, group=OUT_OF_SCOPE, confidence=0.0, alternatives=(), is_ambiguous=False)
