"""Rules for what was offered or asked outside a form: which of two, yes or no, one of the last reply's choices."""

import re

from bot.dialogue.events import OfferedOption
from bot.dialogue.matching import ENDS_AS_QUESTION, is_question, matching_option
from bot.dialogue.situation import SURE, Situation
from bot.dialogue.steps import Decline, HandOff, Manner, ResumeForm, Step, TakeQueued, TakeUp
from bot.texts import GO_ON, NO, PERSON, YES
from nlu.interpretation import Interpretation

_LONGEST_BARE = 6
_LONGEST_NOISE = 3
_BOOKS = re.compile(r"[挂约]")
_THAT_ONE = re.compile(r"这|那|就|最早|第一")
_TAKES_IT = re.compile(r"^[那就嗯好行要得嘛吧哈，,\s]{0,6}(?:给我|帮我|我要|我想|我)?[挂约订](?!了|过)")
_THEN = re.compile(r"^(?:那|要得|好|嗯|可以|行|，|\s){0,4}就")
_LONGEST_TAKEN = 20
_TAKES_BACK = re.compile(r"不|莫|取消|退|改")
_COMPLETING = frozenset({"time", "hospital", "doctor", "relation", "ordinal", "any"})


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
    if offer == "queued_request" and _is_of_what_waits(s, s.state.queued[0]):
        return TakeQueued(text)
    takes_words = s.asked is not None and s.asked[1].is_free_text and not (s.form and s.form.options)
    is_value = takes_words and s.is_intent("dialog_control.deny")
    if text == NO or (s.is_intent("dialog_control.deny", "dialog_control.cancel") and not is_value):
        return Decline(offer)
    return None


def _is_of_what_waits(s: Situation, waiting: str) -> bool:
    """Tell whether somebody goes on with what was put back, and says more of it: 那我妈的喃，也是那天上午."""
    persons = [entity.text.removeprefix("我") for entity in s.whole.entities_of("relation")]
    return any(person in waiting for person in persons)


def picking(s: Situation) -> Step | None:
    """Take 第二个, or a yes, for what the last reply offered to choose from: each choice is what would be said."""
    choices = s.state.choices
    if not choices or s.state.offer or s.state.clarification or (s.form is not None and s.form.options):
        return None
    options = [OfferedOption(label=choice, value=choice) for choice in choices]
    option = matching_option(s.whole, options)
    is_bare_number = s.whole.text.strip().isdecimal()
    if s.form is not None and s.form.awaits_confirmation and s.whole.entities_of("ordinal") and not is_bare_number:
        return None  # 第一个 may still be meant for what was on offer before: it is no yes
    if option is not None and s.whole.text.strip() != option.label:
        return TakeUp(str(option.value))
    if s.form is not None or s.state.form is not None:
        return None
    if (form := _form_offered(s)) is not None:
        return TakeUp(_completed(choices[0], s.whole), form)
    if s.is_intent("dialog_control.affirm"):
        meant = [choice for choice in choices if choice != PERSON]  # a yes to nothing calls for nobody
        return TakeUp(meant[0]) if len(meant) == 1 else Manner("which") if meant else None
    return TakeUp(choices[0]) if len(choices) == 1 and _means_the_choice(s, choices[0]) else None


def _completed(choice: str, heard: Interpretation) -> str:
    """Return the choice with what was said to it: the new words come last, and count; 上午嘛 is a half of its own day."""
    halves = [e for e in heard.entities_of("time") if e.value.get("implied_date") and e.value["grain"] == "half_day"]
    if len(halves) != 1 or choice[-1:] != "日":
        return f"{choice}，{heard.text}"
    return f"{choice}{halves[0].text}，{heard.text[: halves[0].start]}{heard.text[halves[0].end :]}"


def _form_offered(s: Situation) -> str | None:
    """Return the form's intent when the words complete what was just offered: 给我约这个嘛, or only 后天.

    What was offered after a question (挂中医医院骨科11月25日) holds the answer's hospital, clinic and day.
    """
    last, whole = s.state.last_request, s.whole
    asked = s.catalogue.intents.get(last.intent) if last else None
    if asked is None or asked.entry.handling != "inquiry" or not _BOOKS.match(s.state.choices[0]) or is_question(whole):
        return None
    forms = [entry.name for entry in asked.manifest.intents if entry.handling == "form"]
    types = {entity.type for entity in whole.entities if not entity.value.get("negated")}
    if not forms or not types <= _COMPLETING or ENDS_AS_QUESTION.search(whole.text):
        return None
    is_request = whole.intent == forms[0] and whole.confidence >= SURE and _THAT_ONE.search(whole.text) is not None
    is_choice = _TAKES_IT.search(whole.text) is not None and _TAKES_BACK.search(whole.text) is None
    is_taken = bool(types) and _THEN.match(whole.text) is not None and len(whole.text) <= _LONGEST_TAKEN
    is_fragment = bool(types) and len(whole.text) - sum(len(entity.text) for entity in whole.entities) <= _LONGEST_NOISE
    return forms[0] if is_request or is_choice or is_taken or is_fragment else None


def _means_the_choice(s: Situation, choice: str) -> bool:
    """Tell whether a bare request (挂一个) is for the one thing that was just offered (挂中医院针灸科)."""
    owner = s.catalogue.intents.get(s.whole.intent)
    is_form = owner is not None and owner.entry.handling == "form" and s.whole.confidence >= SURE
    is_bare = len(s.whole.text) <= _LONGEST_BARE and not s.whole.entities
    return is_form and is_bare and s.whole.text[0] == choice[0]
