"""Decides what to do next: a pure function of the session's state, what was heard, and what the city can do.

`RULES` is the table: the first rule that fits wins. A rule neither reads a clock nor does I/O.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.dialogue.events import OfferedOption
from bot.dialogue.matching import is_question, matching_option, named_slot, slot_answers
from bot.dialogue.steps import (
    Act,
    AskKnowledge,
    AskWorkOrder,
    CancelForm,
    ChangeSlot,
    Clarify,
    Danger,
    Decline,
    ExplainSlot,
    FillSlots,
    HandOff,
    Inquire,
    Manner,
    NotFitting,
    OpenForm,
    PauseForm,
    PutBack,
    RefuseSlot,
    ResumeForm,
    SayText,
    Several,
    SkipSlot,
    Step,
    TakeQueued,
    TakeUp,
)
from bot.dialogue.tracker import FormState, TrackerState
from bot.texts import CHANGE, CONFIRM, DO_NOT, GO_ON, NO, YES
from nlu.interpretation import OUT_OF_SCOPE, Interpretation
from skills.contract import Slot, SlotAnswer
from skills.registry import Catalogue, IntentOwner

SURE = 0.55
LIKELY = 0.35
_VERY_SURE = 0.7
_CLEARLY = 2.0
_LONGEST_DESCRIPTION = 15
_ALARMING = (
    0.88  # what a symptom needs to be an emergency where symptoms are asked for, and a clause beside a plain request
)
_LONGEST_HINT = 20
_AGAIN_FOR_ANOTHER = re.compile(r"(?:也|再|还|另外|顺便).{0,4}(?:帮|给|替|跟)|(?:帮|给|替).{0,6}(?:也|再)")
_GIVES_UP = re.compile(
    r"^(?:算了|莫|不|先不|还是不|都不|我不|那不|那就不|那算了|取消)"
    r"|(?:不想|不用|不|莫)(?:挂|约|办|弄|整|搞|看|预约|要)(?:了|咯|哦|嘛)|(?:取消|算)(?:了|掉|吧|咯)"
)
_STOPS = re.compile(
    r"(?:不|莫|别|都不|先不)(?:想)?(?:挂|约|去|看|办|弄|搞|整)(?:了|咯|哦|嘛|起走)|不想(?:挂|约|去|看|办|弄|搞|整)(?:号|病)?$"
)
_CHANGES = re.compile(r"换|改|重新选|另外|不是|不要|错了|换成|改成")
_AS_BEFORE = re.compile(r"上[一]?[次回]|上个医生|以前那|之前那|原来那|老地方")
_COMPLAINS = re.compile(r"^[^，。,.]{0,4}(?:我要|我想|我来|我得)(?:投诉|举报)(?!进度|电话|中心$)")
_BYE = "chitchat.bye"
_CHANGES_SOMETHING = re.compile(r"^(?:我?[要想])?(?:修改|改)(?:一?[下哈改]|信息|内容|一项)?[吧嘛噻]?[。！!]?$")
_AND_WHAT = re.compile(r"^那|[呢喃][?？]?$")
_IDENTIFIERS = ("id_number", "phone", "credit_code", "plate")
_PERSON_WORDS = re.compile(r"人工(?!智能|流产|耳蜗|湖|降雨|关节|授精|受孕|晶体)|真人(?!吗|嘛|不|么|还是)|活人|客服")


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as it was understood: as a whole, and clause by clause when it has several."""

    whole: Interpretation
    parts: tuple[Interpretation, ...] = ()


@dataclass(frozen=True, slots=True)
class _Situation:
    """What the rules look at."""

    state: TrackerState
    heard: Heard
    catalogue: Catalogue

    @property
    def whole(self) -> Interpretation:
        return self.heard.whole

    @property
    def form(self) -> FormState | None:
        return self.state.active_form

    @property
    def slots(self) -> Mapping[str, Slot]:
        form = self.state.form
        return {} if form is None else slots_of(self.catalogue, form)

    @property
    def asked(self) -> tuple[str, Slot] | None:
        form = self.form
        return None if form is None or form.asked is None else (form.asked, self.slots[form.asked])

    def is_intent(self, *names: str) -> bool:
        return self.whole.intent in names and self.whole.confidence >= LIKELY


def slots_of(catalogue: Catalogue, form: FormState) -> Mapping[str, Slot]:
    """Return the slots of an open form."""
    return catalogue.forms[form.skill, form.action].model.slots()


def decide(state: TrackerState, heard: Heard, catalogue: Catalogue) -> Step:
    """Return the step that answers what was heard."""
    situation = _Situation(state, Heard(_unguessed(heard.whole), tuple(map(_unguessed, heard.parts))), catalogue)
    return _first_that_fits(situation, RULES)


def _first_that_fits(situation: "_Situation", rules: "tuple[Rule, ...]") -> Step:
    for place, rule in enumerate(rules, 1):
        step = rule(situation)
        if rule is _describing and isinstance(step, FillSlots):
            return replace(step, otherwise=_first_that_fits(situation, rules[place:]))
        if step is not None:
            return step
    return NotFitting(situation.whole)


def _unguessed(heard: Interpretation) -> Interpretation:
    """Drop what was guessed from nothing but a number: an identity number is no cry for help, whatever it looks like."""
    numbers = heard.entities_of(*_IDENTIFIERS)
    words = "".join(c for i, c in enumerate(heard.text) if not any(e.start <= i < e.end for e in numbers))
    digits = sum(c.isdigit() for c in heard.text)
    if sum(c.isalpha() and not c.isascii() for c in words) > 1 or not (numbers or digits >= 6):
        return heard
    return replace(heard, intent=OUT_OF_SCOPE, group=OUT_OF_SCOPE, confidence=0.0, alternatives=(), is_ambiguous=False)


def _danger(s: _Situation) -> Step | None:
    is_other = s.whole.group not in {"emergency", OUT_OF_SCOPE} and s.whole.confidence >= _VERY_SURE
    is_about_symptoms = s.asked is not None and "symptom" in s.asked[1].entities
    for heard in (s.whole, *s.heard.parts):
        is_symptom = is_about_symptoms and bool(heard.entities_of("symptom"))
        needed = _ALARMING if is_symptom or (is_other and heard is not s.whole) else SURE
        if heard.group == "emergency" and heard.confidence >= needed:
            return Danger(heard.intent.partition(".")[2])
    return None


def _person(s: _Situation) -> Step | None:
    is_wanted = s.whole.group == "handoff" and s.whole.confidence >= LIKELY
    is_about_us = s.whole.intent == "chitchat.bot_identity" and s.whole.confidence >= SURE
    is_said = not is_about_us and _PERSON_WORDS.search(s.whole.text) is not None and len(s.whole.text) <= 30
    return HandOff("asked") if is_wanted or is_said else None


def _work_order(s: _Situation) -> Step | None:
    numbers = s.whole.entities_of("work_order")
    if numbers:
        return AskWorkOrder(str(numbers[0].value["number"]))
    is_asked = s.is_intent("complaint.progress") and s.whole.confidence >= SURE
    return AskWorkOrder(None) if is_asked and s.state.work_order is not None else None


def _complaining(s: _Situation) -> Step | None:
    """Take 我要投诉中心医院 for what it says it is, whatever it names."""
    is_said = _COMPLAINS.match(s.whole.text) is not None and not is_question(s.whole)
    return HandOff("complaint") if is_said else None


def _another_of_the_kind(s: _Situation) -> Step | None:
    """也帮我妈约一个, said while the first is not done yet."""
    form, owner = s.form, s.catalogue.intents.get(s.whole.intent)
    if form is None or owner is None or _AGAIN_FOR_ANOTHER.search(s.whole.text) is None:
        return None
    is_same = (owner.manifest.name, owner.entry.argument) == (form.skill, form.action)
    return PutBack(s.whole.text) if is_same and form.slots and s.whole.confidence >= SURE else None


def _clarified(s: _Situation) -> Step | None:
    clarification = s.state.clarification
    if clarification is None:
        return None
    option = matching_option(s.whole, clarification.options)
    return None if option is None else TakeUp(clarification.text, str(option.value))


def _offered(s: _Situation) -> Step | None:
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


def _confirming(s: _Situation) -> Step | None:
    form = s.form
    if form is None or not form.awaits_confirmation:
        return None
    text = s.whole.text.strip()
    if text == CONFIRM:
        return Act()
    if text == CHANGE:
        return ChangeSlot(None)
    if text == DO_NOT:
        return CancelForm()
    answers = slot_answers(s.whole, s.slots, form)
    if (s.is_intent("dialog_control.affirm") or _says_yes_first(s)) and not _changes(answers, form):
        return Act()
    if s.is_intent("dialog_control.deny") and not answers:
        return ChangeSlot(named_slot(text, s.slots))
    return None


def _says_yes_first(s: _Situation) -> bool:
    """Tell whether it begins with a yes, and nothing takes it back; 对头，退了 is a yes to giving something back."""
    first, *rest = s.heard.parts or (s.whole,)
    if first.intent != "dialog_control.affirm" or first.confidence < SURE:
        return False
    is_giving_back = s.form is not None and s.form.action == "cancel"
    taken_back = {"dialog_control.deny", "dialog_control.change"} | (
        set() if is_giving_back else {"dialog_control.cancel"}
    )
    return not any(part.intent in taken_back or is_question(part) for part in rest)


def _changes(answers: tuple[tuple[str, SlotAnswer], ...], form: FormState) -> bool:
    """Tell whether any of the answers is about a slot that has a value: a yes with a correction is not a yes."""
    return any(name in form.slots for name, _ in answers)


def _giving_up(s: _Situation) -> Step | None:
    is_said = s.is_intent("dialog_control.cancel")
    form = s.form
    if form is None:
        if not is_said:
            return None
        if s.state.form:
            return CancelForm()
        return _on_what_was_done(s, "cancel") or (CancelForm() if s.state.draft else Manner("nothing_to_cancel"))
    answers = slot_answers(s.whole, s.slots, form)
    if answers and not (is_said and _STOPS.search(s.whole.text) and _CHANGES.search(s.whole.text) is None):
        return None
    means_another = s.whole.intent.endswith(".cancel") or is_said or s.whole.intent == "dialog_control.deny"
    is_brief = len(s.whole.text) <= 14 and _GIVES_UP.search(s.whole.text) is not None
    return CancelForm() if is_said or (is_brief and means_another) else None


def _on_what_was_done(s: _Situation, action: str) -> Step | None:
    """Take 不要了，退了 and 改到后天 as about what was done, or asked for, last; it is read back before it is done."""
    last_form, last_request = s.state.last_form, s.state.last_request
    skills = [last_form.skill] if last_form else []
    skills += [last_request.intent.partition(".")[0]] if last_request else []
    owners = [owner for skill in skills if (owner := s.catalogue.intents.get(f"{skill}.{action}")) is not None]
    forms = [owner for owner in owners if owner.entry.handling == "form"]
    return _open_form(s.state, s.whole, forms[0], s.catalogue) if forms else None


def _dialog_control(s: _Situation) -> Step | None:
    if s.whole.group != "dialog_control" or s.whole.confidence < LIKELY:
        return None
    form, asked = s.form, s.asked
    name = s.whole.intent.partition(".")[2]
    anywhere: dict[str, Step] = {
        "repeat": Manner("repeat"),
        "simplify": Manner("simplify"),
        "confused": Manner("simplify"),
        "help": Manner("help"),
        "wait": Manner("wait"),
    }
    if name in anywhere:
        return anywhere[name]
    if name == "resume":
        if s.state.form or s.state.draft:
            return ResumeForm()
        return TakeQueued() if s.state.queued else Manner("nothing_to_resume")
    if form is None:
        return _on_what_was_done(s, "reschedule") if name == "change" and s.whole.entities_of("time") else None
    in_form: dict[str, Step] = {"pause": PauseForm(), "restart": CancelForm(restarts=True)}
    if asked is not None:
        slot, spec = asked
        in_form |= {
            "why": ExplainSlot(_named_in_full(s.whole.text, s.slots) or slot),
            "skip": SkipSlot(slot) if spec.is_optional else RefuseSlot(slot),
            "refuse": SkipSlot(slot) if spec.is_optional else RefuseSlot(slot),
            "back": ChangeSlot(list(form.slots)[-1] if form.slots else None),
        }
        if form.options and not slot_answers(s.whole, s.slots, form):
            in_form["anything"] = FillSlots(((slot, SlotAnswer(s.whole.text, is_any=True)),))
    elif name == "back":
        return ChangeSlot(list(form.slots)[-1] if form.slots else None)
    return in_form.get(name)


def _picking(s: _Situation) -> Step | None:
    """Take 第二个, or a yes, for what the last reply offered to choose from: each choice is what would be said."""
    choices = s.state.choices
    if not choices or s.state.offer or s.state.clarification or (s.form is not None and s.form.options):
        return None
    options = [OfferedOption(label=choice, value=choice) for choice in choices]
    option = matching_option(s.whole, options)
    if option is not None and s.whole.text.strip() != option.label:
        return TakeUp(str(option.value))
    if s.form is None and s.state.form is None and s.is_intent("dialog_control.affirm"):
        return TakeUp(choices[0]) if len(choices) == 1 else Manner("which")
    return None


def _named_in_full(text: str, slots: Mapping[str, Slot]) -> str | None:
    """Return the slot that a question is about: 要电话干啥 is about the phone, whatever is asked just now."""
    name = named_slot(text, slots)
    return name if name and any(len(word) > 1 and word in text for word in slots[name].names) else None


def _choosing(s: _Situation) -> Step | None:
    form = s.form
    if form is None or form.asked is None:
        return None
    option = matching_option(s.whole, form.options)
    if option is None and len(form.options) == 1 and s.is_intent("dialog_control.affirm"):
        option = form.options[0]
    if option is not None:
        return FillSlots(((form.asked, SlotAnswer(s.whole.text, value=option.value)),))
    if s.whole.entities_of("any") and form.options and not slot_answers(s.whole, s.slots, form):
        return FillSlots(((form.asked, SlotAnswer(s.whole.text, is_any=True)),))
    return None


def _describing(s: _Situation) -> Step | None:
    """Let the skill try words that may describe what is on offer (专家，最便宜的) before they are taken for anything else."""
    asked, form, owner = s.asked, s.form, s.catalogue.intents.get(s.whole.intent)
    if form is None or asked is None or not (asked[1].is_free_text and form.options):
        return None
    is_talk = owner is not None and owner.entry.handling == "text" and s.whole.confidence >= _ALARMING
    if (
        is_talk
        or is_question(s.whole)
        or len(s.whole.text) > _LONGEST_DESCRIPTION
        or slot_answers(s.whole, s.slots, form)
    ):
        return None
    if s.whole.group == "dialog_control" and s.whole.intent not in {"dialog_control.choose", "dialog_control.change"}:
        return None
    if _CHANGES.search(s.whole.text) and (named_slot(s.whole.text, s.slots) or _CHANGES_SOMETHING.match(s.whole.text)):
        return None
    return FillSlots(((asked[0], SlotAnswer(s.whole.text.strip())),), heard=s.whole)


def _answering_and_asking(s: _Situation) -> Step | None:
    """Take an answer and a question in one message: 中医医院，那医保能报好多."""
    form = s.form
    if form is None or len(s.heard.parts) < 2:
        return None
    question = next((part for part in s.heard.parts if is_question(part) and _is_digression(s, part)), None)
    if question is None:
        return None
    for part in s.heard.parts:
        answers = slot_answers(part, s.slots, form)
        if part is not question and answers and not is_question(part):
            return FillSlots(answers, question=question)
    return None


def _filling(s: _Situation) -> Step | None:
    form = s.form
    if form is None or _is_digression(s, s.whole) or _wants_other_form(s) is not None:
        return None
    answers = slot_answers(s.whole, s.slots, form)
    if answers:
        return FillSlots(answers, heard=s.whole)
    if before := _as_before(s):
        return FillSlots(before, heard=s.whole)
    if _CHANGES.search(s.whole.text) or s.is_intent("dialog_control.change", "dialog_control.deny"):
        slot = named_slot(s.whole.text, s.slots)
        if slot is not None or (form.slots and _CHANGES_SOMETHING.match(s.whole.text.strip())):
            return ChangeSlot(slot)
    if s.asked is not None and s.asked[1].is_free_text and _is_plain_answer(s.whole, bool(form.options)):
        return FillSlots(((s.asked[0], SlotAnswer(s.whole.text.strip())),), heard=s.whole)
    return None


def _as_before(s: _Situation) -> tuple[tuple[str, SlotAnswer], ...]:
    """Return the slots for which last time's value is wanted: 还是上次那个医生 means the hospital and the clinic, too."""
    return () if s.form is None or is_question(s.whole) else _last_time(s.whole, s.slots, frozenset(s.form.slots))


def _last_time(
    heard: Interpretation, slots: Mapping[str, Slot], filled: frozenset[str]
) -> tuple[tuple[str, SlotAnswer], ...]:
    if _AS_BEFORE.search(heard.text) is None:
        return ()
    named = [name for name, slot in slots.items() if any(word in heard.text for word in slot.names)]
    carried = [name for name, slot in slots.items() if slot.is_carried_over and not slot.is_volatile]
    wanted = [name for name in carried if name in named or (name not in filled and not slots[name].is_hint)]
    return tuple((name, SlotAnswer(heard.text, is_as_before=True)) for name in wanted) if named else ()


def _is_plain_answer(heard: Interpretation, has_options: bool) -> bool:
    """Tell whether words may be meant as a value: a yes or an "again" is none, but a "no, I have none" may be."""
    if is_question(heard):
        return False
    if has_options and heard.intent == "dialog_control.change":
        return True
    if heard.group != "dialog_control":
        return bool(heard.text.strip())
    return heard.intent in {"dialog_control.deny", "dialog_control.choose"} or heard.confidence < SURE


def _is_digression(s: _Situation, heard: Interpretation) -> bool:
    """Tell whether this asks for something beside the form: a policy question, an inquiry, small talk, a complaint.

    A statement that answers something is an answer, whatever it reminds of; a complaint is one even if it names a hospital.
    """
    owner = s.catalogue.intents.get(heard.intent)
    if owner is None or heard.is_out_of_scope or owner.entry.handling in {"form", "control"}:
        return False
    answers = slot_answers(heard, s.slots, s.state.form)
    is_asked = is_question(heard)
    if owner.entry.handling == "handoff" and heard.confidence >= _VERY_SURE:
        return True
    fits_asked = s.asked is not None and any(name == s.asked[0] for name, _ in answers)
    is_elsewhere = s.form is not None and owner.manifest.name != s.form.skill and heard.confidence >= _ALARMING
    if answers and owner.entry.handling == "knowledge" and is_elsewhere and not fits_asked:
        return True
    if answers and not (is_asked and owner.entry.handling != "text"):
        return False
    if not is_asked and _begins_with_a_no(s):
        return False
    return heard.confidence >= (LIKELY if is_asked and not fits_asked else SURE)


def _begins_with_a_no(s: _Situation) -> bool:
    """Tell whether free text was asked for and this says that there is none: 没得，还没上户口."""
    first = s.heard.parts[0] if s.heard.parts else s.whole
    return s.asked is not None and s.asked[1].is_free_text and first.intent == "dialog_control.deny"


def _wants_other_form(s: _Situation) -> IntentOwner | None:
    form, owner = s.form, s.catalogue.intents.get(s.whole.intent)
    if owner is None or owner.entry.handling != "form" or s.whole.confidence < SURE:
        return None
    if form is not None and (owner.manifest.name, owner.entry.argument) == (form.skill, form.action):
        return None
    if form is not None and slot_answers(s.whole, s.slots, form) and _CHANGES.search(s.whole.text):
        return None
    return owner


def _coming_back(s: _Situation) -> Step | None:
    """An answer to a form that was put aside takes it up again."""
    form = s.state.form
    if form is None or not form.is_paused or form.asked is None:
        return None
    owner = s.catalogue.intents.get(s.whole.intent)
    is_other = owner is not None and owner.entry.handling != "control" and s.whole.confidence >= SURE
    option = matching_option(s.whole, form.options)
    if option is not None:
        return ResumeForm(((form.asked, SlotAnswer(s.whole.text, value=option.value)),))
    answers = slot_answers(s.whole, s.slots, form)
    same = owner is not None and (owner.manifest.name, owner.entry.argument) == (form.skill, form.action)
    is_correction = bool(answers) and any(n in form.slots for n, _ in answers) and _CHANGES.search(s.whole.text)
    if same or (answers and not is_other) or is_correction:
        return ResumeForm(answers)
    return None


def _several(s: _Situation) -> Step | None:
    """Two requests in one message are done one after the other."""
    if s.form is not None or len(s.heard.parts) < 2:
        return None
    wanted: list[Interpretation] = []
    for part in s.heard.parts:
        owner = s.catalogue.intents.get(part.intent)
        needed = SURE if is_question(part) else _VERY_SURE
        if owner is None or owner.entry.handling in {"control", "text"} or part.confidence < needed:
            continue
        is_asking = owner.entry.handling in {"form", "handoff"} or is_question(part)
        if is_asking and all(part.intent != other.intent for other in wanted):
            wanted.append(part)
    if len(wanted) < 2:
        return None
    return Several(wanted[0], tuple(part.text for part in wanted[1:3]))


def _asking_which(s: _Situation) -> Step | None:
    whole = s.whole
    if s.form is not None or not whole.is_ambiguous or whole.confidence >= SURE or not whole.alternatives:
        return None
    if whole.confidence >= _CLEARLY * whole.alternatives[0].confidence:
        return None
    intents = [whole.intent, *(score.intent for score in whole.alternatives[:1])]
    owners = [s.catalogue.intents.get(intent) for intent in intents]
    if any(owner is None or owner.entry.handling in {"control", "text"} for owner in owners):
        return None
    nearer = _nearer_of_one_skill(s, [owner for owner in owners if owner is not None])
    if nearer is not None:
        return request_step(s.state, replace(whole, intent=nearer.entry.name), s.catalogue)
    handlings = {owner.entry.handling for owner in owners if owner is not None}
    return None if handlings == {"knowledge"} else Clarify(whole.text, tuple(intents))


def _nearer_of_one_skill(s: _Situation, owners: list[IntentOwner]) -> IntentOwner | None:
    """Return which of a skill's own intents is meant: a form by what is said, an inquiry by what is asked."""
    if len({owner.manifest.name for owner in owners}) != 1:
        return None
    wanted = "inquiry" if is_question(s.whole) else "form"
    fitting = [owner for owner in owners if owner.entry.handling == wanted]
    return fitting[0] if len(fitting) == 1 else None


def _requesting(s: _Situation) -> Step | None:
    owner = s.catalogue.intents.get(s.whole.intent)
    if owner is not None and owner.entry.handling == "handoff" and LIKELY <= s.whole.confidence < SURE:
        return Clarify(s.whole.text, (s.whole.intent,))  # a work order is not written on a guess
    is_text = owner is not None and owner.entry.handling == "text"
    needed = LIKELY if (s.form is None and not is_text) or is_question(s.whole) else SURE
    if s.form is not None and s.whole.intent == _BYE:
        return PauseForm() if s.whole.confidence >= SURE else None
    return request_step(s.state, s.whole, s.catalogue) if s.whole.confidence >= needed else None


def request_step(state: TrackerState, heard: Interpretation, catalogue: Catalogue) -> Step | None:
    """Return the step for an intent as its manifest wants it, or None for one that the dialogue alone understands."""
    owner = catalogue.intents.get(heard.intent)
    if owner is None:
        return None
    match owner.entry.handling:
        case "form":
            return _open_form(state, heard, owner, catalogue)
        case "inquiry":
            form = None if is_question(heard) else _form_for(heard, owner, catalogue)
            return (
                _open_form(state, heard, form, catalogue)
                if form
                else Inquire(owner.manifest.name, owner.entry.argument, heard)
            )
        case "knowledge":
            return AskKnowledge(heard)
        case "handoff":
            return HandOff("asked" if owner.group == "handoff" else "complaint")
        case "text":
            return None if heard.is_out_of_scope else SayText(heard.intent)
        case "control":
            return None


def _form_for(heard: Interpretation, owner: IntentOwner, catalogue: Catalogue) -> IntentOwner | None:
    """Return the form of the same skill for which personal particulars were given: nobody gives them to ask something."""
    for entry in owner.manifest.intents:
        form = catalogue.forms.get((owner.manifest.name, entry.argument)) if entry.handling == "form" else None
        slots = form.model.slots() if form else {}
        if any(slots[name].is_sensitive for name, _ in slot_answers(heard, slots, None)):
            return catalogue.intents[entry.name]
    return None


def _open_form(state: TrackerState, heard: Interpretation, owner: IntentOwner, catalogue: Catalogue) -> Step:
    skill, action = owner.manifest.name, owner.entry.argument
    active = state.active_form
    slots = catalogue.forms[skill, action].model.slots()
    answers = slot_answers(heard, slots, None)
    if active is not None and (active.skill, active.action) == (skill, action):
        return FillSlots(answers) if answers else NotFitting(heard, may_be_question=False)
    given = {name for name, _ in answers}
    answers += tuple(item for item in _last_time(heard, slots, frozenset(given)) if item[0] not in given)
    last = state.last_form
    is_same_kind = last is not None and (last.skill, last.action) == (skill, action)
    return OpenForm(skill, action, answers, is_same_kind and _AGAIN_FOR_ANOTHER.search(heard.text) is not None)


def _referring_back(s: _Situation) -> Step | None:
    """A fragment such as 那儿科呢 asks the last question again with another name in it."""
    last = s.state.last_request
    if s.form is not None or last is None or len(s.whole.text) > 12 or not s.whole.entities:
        return None
    owner = s.catalogue.intents.get(last.intent)
    if owner is None or owner.entry.handling not in {"inquiry", "knowledge"}:
        return None
    mentioned = s.catalogue.intents.get(s.whole.intent)
    is_request = mentioned is not None and mentioned.entry.handling not in {"text", "control", owner.entry.handling}
    if s.whole.confidence >= SURE and is_request and not _AND_WHAT.search(s.whole.text):
        return None
    return TakeUp(f"{s.whole.text} {last.text}", last.intent)  # the new name comes first, and counts


def _hinted(s: _Situation) -> Step | None:
    """A bare mention (我头痛) means the intent that its manifest says, when nothing else was understood."""
    whole = s.whole
    is_open = whole.group in {"dialog_control", "out_of_scope", "chitchat"} and not whole.entities_of("any", "ordinal")
    if s.form is not None or not is_open or len(whole.text) > _LONGEST_HINT:
        return None
    mentioned = {entity.type for entity in whole.entities if not entity.value.get("negated")}
    for owner in s.catalogue.intents.values():
        if mentioned & set(owner.entry.hinted_by):
            meant = replace(whole, intent=owner.entry.name, group=owner.group, confidence=SURE)
            return request_step(s.state, meant, s.catalogue)
    return None


def _and_what(s: _Situation) -> Step | None:
    """那儿科呢 asks again even where the bare name would mean something by itself."""
    return _referring_back(s) if _AND_WHAT.search(s.whole.text) else None


def _out_of_place(s: _Situation) -> Step | None:
    """A yes, a no or a choice with nothing in the air."""
    if s.form is None and s.whole.group == "dialog_control" and s.whole.confidence >= LIKELY:
        return Manner("ready")
    return None


Rule = Callable[[_Situation], Step | None]
RULES: tuple[Rule, ...] = (
    _danger,
    _person,
    _work_order,
    _complaining,
    _clarified,
    _offered,
    _picking,
    _confirming,
    _choosing,
    _giving_up,
    _another_of_the_kind,
    _describing,
    _coming_back,
    _and_what,
    _hinted,
    _dialog_control,
    _answering_and_asking,
    _filling,
    _several,
    _referring_back,
    _asking_which,
    _requesting,
    _out_of_place,
)
