"""Rules for what was offered or asked outside a form: which of two, yes or no, one of the last reply's choices."""

from bot.dialogue.events import OfferedOption
from bot.dialogue.matching import matching_option
from bot.dialogue.situation import SURE, Situation
from bot.dialogue.steps import Decline, HandOff, Manner, ResumeForm, Step, TakeQueued, TakeUp
from bot.texts import GO_ON, NO, YES

_LONGEST_BARE = 6


def clarified(s: Situation) -> Step | None:
    """Take the answer to which of two was meant."""
    clarification = s.state.clarification
    if clarification is None:
        return None
    option = matching_option(s.whole, clarification.options)
    return None if option is None else TakeUp(clarification.text, str(option.value))


def offered(s: Situation) -> Step | None:
    """Take a yes or a no to what was offered."""
    offer, text = s.state.offer, s.whole.text.strip()
    if offer is None:
        return None
    if text == YES or (offer == "resume" and text == GO_ON) or s.is_intent("dialog_control.affirm"):
        accepted: dict[str, Step] = {"person": HandOff("asked"), "resume": ResumeForm(), "queued_request": TakeQueued()}
        return accepted[offer]
    takes_words = s.asked is not None and s.asked[1].is_free_text and not (s.form and s.form.options)
    is_value = takes_words and s.is_intent("dialog_control.deny")
    if text == NO or (s.is_intent("dialog_control.deny", "dialog_control.cancel") and not is_value):
        return Decline(offer)
    return None


def picking(s: Situation) -> Step | None:
    """Take 第二个, or a yes, for what the last reply offered to choose from: each choice is what would be said."""
    choices = s.state.choices
    if not choices or s.state.offer or s.state.clarification or (s.form is not None and s.form.options):
        return None
    options = [OfferedOption(label=choice, value=choice) for choice in choices]
    option = matching_option(s.whole, options)
    if option is not None and s.whole.text.strip() != option.label:
        return TakeUp(str(option.value))
    if s.form is not None or s.state.form is not None:
        return None
    if s.is_intent("dialog_control.affirm"):
        return TakeUp(choices[0]) if len(choices) == 1 else Manner("which")
    return TakeUp(choices[0]) if len(choices) == 1 and _means_the_choice(s, choices[0]) else None


def _means_the_choice(s: Situation, choice: str) -> bool:
    """Tell whether a bare request (挂一个) is for the one thing that was just offered (挂中医院针灸科)."""
    owner = s.catalogue.intents.get(s.whole.intent)
    is_form = owner is not None and owner.entry.handling == "form" and s.whole.confidence >= SURE
    is_bare = len(s.whole.text) <= _LONGEST_BARE and not s.whole.entities
    return is_form and is_bare and s.whole.text[0] == choice[0]
