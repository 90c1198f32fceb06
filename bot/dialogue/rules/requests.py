"""Rules for what is asked for anew: a form, a question, several at once, a fragment that refers back."""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.dialogue.matching import gives_particulars, is_question, named_slot, slot_answers
from bot.dialogue.situation import LIKELY, SURE, Situation
from bot.dialogue.steps import (
    AskKnowledge,
    Clarify,
    FillSlots,
    HandOff,
    Inquire,
    Manner,
    NotFitting,
    OfferQuestions,
    OpenForm,
    PauseForm,
    SayText,
    Step,
    TakeUp,
)
from bot.dialogue.tracker import Request, TrackerState
from nlu.interpretation import Interpretation
from skills.contract import Slot, SlotAnswer
from skills.registry import Catalogue, IntentOwner

_CLEARLY = 2.0
_LONGEST_HINT = 20
_NOT_IN_ITS_PLACE = frozenset(
    {"ordinal", "any", "symptom", "age", "relation", "person_name", "amount", "phone", "id_number"}
)
AGAIN_FOR_ANOTHER = re.compile(
    r"(?:也|再|还|另外|顺便).{0,4}(?:帮|给|替|跟)|(?:帮|给|替).{0,6}(?:也|再)|我(?:自己|本人)?也(?:要|想|得)?(?:挂|约|看|办)"
)
_AS_BEFORE = re.compile(r"上[一]?[次回]|上个医生|以前那|之前那|原来那|老地方")
_CALL_ME = re.compile(r"打(?:给|我|过来|个电话)|回(?:个?电话|个?话|电|我)|联系我|人工|真人|找个?人")
_PERSON_BY_NAME = re.compile(r"人工|真人|找个?人")
_BYE = "chitchat.bye"
_OTHERS = re.compile(r"别的|其他|其它|另外的|换一?[个家天]|还有没得|还有没有|还有吗")
_LOOKS_UP = re.compile(r"查|号源|看看|看一?[下哈]|坐诊|排班|[有余]号")
_LONGEST_SUBJECT = 5
_ACTS = re.compile(r"[办领取查交缴转退报补挂换改要想丢开注申评打找去看搬贷租买卖告]")
_TAKES_IT = re.compile(r"(?:挂|就|要|选)(?:第一个|[这那]个|它)(?![是有])")
_LONGEST_FRAGMENT = 12
_LONGEST_EXCHANGE = 24  # 三医院太远了，换成404看得行不
_AND_WHAT = re.compile(r"^那|[呢喃][?？]?$")
_AND_OF_ANOTHER = re.compile(r"那(?:如果|要是|假如)?.{1,8}[呢喃]")
_ENDS_AS_QUESTION = re.compile(r"[呢喃][?？]?$")


def giving_particulars(s: Situation) -> Step | None:
    """Take a number or a name that only a form could want for the beginning of that form: nobody gives them to ask."""
    numbers = s.whole.entities_of("id_number", "phone")
    is_other = s.whole.confidence >= SURE and not s.whole.is_out_of_scope
    if s.form is not None or s.state.form is not None or not numbers or is_other:
        return None
    forms = (_form_for(s.whole, owner, s.catalogue) for owner in s.catalogue.intents.values())
    form = next((form for form in forms if form is not None), None)
    if form is None:
        return None
    guesses = (s.whole.intent, *(score.intent for score in s.whole.alternatives))
    is_told = form.entry.name in guesses or s.whole.entities_of("person_name")
    return _open_form(s.state, s.whole, form, s.catalogue) if is_told else Clarify(s.whole.text, (form.entry.name,))


def asking_which(s: Situation) -> Step | None:
    """Ask which of two intents was meant when they are near and neither is likely."""
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


def _nearer_of_one_skill(s: Situation, owners: list[IntentOwner]) -> IntentOwner | None:
    """Return which of a skill's own intents is meant: a form by what is said, an inquiry by what is asked."""
    if len({owner.manifest.name for owner in owners}) != 1:
        return None
    wanted = "inquiry" if is_question(s.whole) else "form"
    fitting = [owner for owner in owners if owner.entry.handling == wanted]
    return fitting[0] if len(fitting) == 1 else None


def naming_a_subject(s: Situation) -> Step | None:
    """Offer what is often asked where only a subject was named: 社保, 生育津贴. To answer one thing of many is to guess."""
    owner, last = s.catalogue.intents.get(s.whole.intent), s.state.last_request
    if s.form is not None or owner is None or owner.entry.handling != "knowledge" or is_question(s.whole):
        return None
    if last is not None and last.intent == s.whole.intent:
        return None
    words = "".join(filter(str.isalnum, s.whole.text))
    is_bare = len(words) <= 2 or (len(words) <= _LONGEST_SUBJECT and _ACTS.search(words) is None)
    return OfferQuestions(s.whole) if is_bare else None


def requesting(s: Situation) -> Step | None:
    """Take an intent for what its manifest says, when it is likely enough."""
    owner = s.catalogue.intents.get(s.whole.intent)
    if owner is not None and owner.entry.handling == "handoff" and is_of_the_form(s):
        return None
    if owner is not None and owner.entry.handling == "handoff" and LIKELY <= s.whole.confidence < SURE:
        return Clarify(s.whole.text, (s.whole.intent,))  # a work order is not written on a guess
    is_text = owner is not None and owner.entry.handling == "text"
    needed = LIKELY if (s.form is None and not is_text) or is_question(s.whole) else SURE
    if s.form is not None and s.whole.intent == _BYE:
        return PauseForm() if s.whole.confidence >= SURE else None
    return request_step(s.state, s.whole, s.catalogue) if s.whole.confidence >= needed else None


def is_of_the_form(s: Situation) -> bool:
    """Tell whether words that sound like a call for a person speak of what the form asks: 有没有主任, 电话一样的."""
    if gives_particulars(s.whole, s.slots, s.form):
        return _PERSON_BY_NAME.search(s.whole.text) is None
    if s.form is None or _CALL_ME.search(s.whole.text):
        return False
    pairs = {s.whole.text[i : i + 2] for i in range(len(s.whole.text) - 1)}
    is_on_offer = any(pair in option.label for option in s.form.options for pair in pairs)
    slot = named_slot(s.whole.text, s.slots)
    return is_on_offer or (slot is not None and s.slots[slot].is_sensitive and s.whole.intent == "handoff.callback")


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
            if (
                form is None
                and heard.entities_of("time")
                and not is_question(heard)
                and not _LOOKS_UP.search(heard.text)
            ):
                form = _form_named_in(heard, owner, catalogue)
            return (
                _open_form(state, heard, form, catalogue)
                if form
                else Inquire(owner.manifest.name, owner.entry.argument, heard)
            )
        case "knowledge":
            form = None if is_question(heard) else _form_named_in(heard, owner, catalogue)
            return _open_form(state, heard, form, catalogue) if form else AskKnowledge(heard)
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


def _form_named_in(heard: Interpretation, owner: IntentOwner, catalogue: Catalogue) -> IntentOwner | None:
    """Return the form of the same skill whose thing is named outright: 中心医院妇产科，我要建档 asks for a visit."""
    mentioned = {entity.type for entity in heard.entities if not entity.value.get("negated")}
    forms = (entry for entry in owner.manifest.intents if entry.handling == "form")
    fitting = [entry for entry in forms if set(entry.hinted_by) & mentioned]
    is_mere_mention = not heard.entities_of("hospital", "time") and len(mentioned) < 2
    return catalogue.intents[fitting[0].name] if fitting and not is_mere_mention else None


def _open_form(state: TrackerState, heard: Interpretation, owner: IntentOwner, catalogue: Catalogue) -> Step:
    skill, action = owner.manifest.name, owner.entry.argument
    active = state.active_form
    slots = catalogue.forms[skill, action].model.slots()
    answers = slot_answers(heard, slots, None)
    if active is not None and (active.skill, active.action) == (skill, action):
        return FillSlots(answers) if answers else NotFitting(heard, may_be_question=False)
    given = {name for name, _ in answers}
    answers += tuple(item for item in last_time(heard, slots, frozenset(given)) if item[0] not in given)
    last = state.last_form
    is_same_kind = last is not None and (last.skill, last.action) == (skill, action)
    return OpenForm(skill, action, answers, is_same_kind and AGAIN_FOR_ANOTHER.search(heard.text) is not None)


def last_time(
    heard: Interpretation, slots: Mapping[str, Slot], filled: frozenset[str]
) -> tuple[tuple[str, SlotAnswer], ...]:
    """Return the slots whose value of last time is wanted: 还是上次那个医生."""
    if _AS_BEFORE.search(heard.text) is None:
        return ()
    named = [name for name, slot in slots.items() if any(word in heard.text for word in slot.names)]
    carried = [name for name, slot in slots.items() if slot.is_carried_over and not slot.is_volatile]
    wanted = [name for name in carried if name in named or (name not in filled and not slots[name].is_hint)]
    return tuple((name, SlotAnswer(heard.text, is_as_before=True)) for name in wanted) if named else ()


def referring_back(s: Situation) -> Step | None:
    """A fragment such as 那儿科呢 asks the last question again with another name in it."""
    last = s.state.last_request
    is_of_another = _AND_OF_ANOTHER.match(s.whole.text) is not None
    longest = _LONGEST_EXCHANGE if _turns_down(s.whole) or is_of_another else _LONGEST_FRAGMENT
    if s.form is not None or last is None or len(s.whole.text) > longest:
        return None
    types = {entity.type for entity in s.whole.entities}
    owner = s.catalogue.intents.get(last.intent)
    if owner is None or owner.entry.handling not in {"inquiry", "knowledge"} or "symptom" in types:
        return None
    wants_others = owner.entry.handling == "inquiry" and _OTHERS.search(s.whole.text) is not None
    if is_of_another and owner.entry.handling == "knowledge" and s.whole.confidence < SURE:
        return TakeUp(s.whole.text, last.intent)  # 那我老婆呢，她七五年三月的: the same is asked, of other facts
    if types <= _NOT_IN_ITS_PLACE and not wants_others:
        return None
    mentioned = s.catalogue.intents.get(s.whole.intent)
    own_handling = mentioned.entry.handling if mentioned else ""
    is_same_inquiry = own_handling == owner.entry.handling == "inquiry" and s.whole.confidence >= LIKELY
    says_enough = s.whole.confidence >= SURE and own_handling not in {"", "control"} and not is_same_inquiry
    if says_enough and not wants_others and not _ENDS_AS_QUESTION.search(s.whole.text):
        return None  # 那养老保险要交几年 says by itself what it asks
    if (onward := _leading_on(s, owner, types)) is not None:
        return onward
    exchanged = _exchanged(s, last) if owner.entry.handling == "knowledge" else None
    if exchanged is not None:
        is_clear = own_handling == "knowledge" and s.whole.confidence >= SURE
        return TakeUp(exchanged, s.whole.intent if is_clear else last.intent)
    return TakeUp(f"{s.whole.text} {last.text}", last.intent)  # the new name comes first, and counts


def _exchanged(s: Situation, last: Request) -> str | None:
    """Return the last question with the new name in the place of its own: 博物馆周一开门不, 那图书馆喃."""
    new = {entity.type: entity.text for entity in s.whole.entities if not entity.value.get("negated")}
    text = last.text
    for kind, old in last.named:
        text = text.replace(old, new[kind]) if kind in new else text
    return text if text != last.text else None


def _leading_on(s: Situation, owner: IntentOwner, types: set[str]) -> Step | None:
    """After advice, 骨科嘛，中医医院的 is a booking and 那明天早上有没得 asks for seats, of the first that was offered."""
    following = [s.catalogue.intents[name].entry for name in owner.entry.leads_to]
    wanted = "inquiry" if is_question(s.whole) else "form"
    meant = next((entry.name for entry in following if entry.handling == wanted), None)
    if meant is None:
        return None
    is_named = any(types & set(entry.hinted_by) for entry in following)
    words = (s.whole.text,) if is_named else (s.whole.text, *s.state.choices[:1])
    return TakeUp("，".join(words), meant)


def taking_advice(s: Situation) -> Step | None:
    """Take 那就挂这个嘛，三医院有没得 after advice for a booking in the department that was advised first."""
    last, choices = s.state.last_request, s.state.choices
    owner = s.catalogue.intents.get(last.intent) if last else None
    if s.form is not None or owner is None or not owner.entry.leads_to or not choices:
        return None
    entries = [s.catalogue.intents[name].entry for name in owner.entry.leads_to]
    form = next((entry.name for entry in entries if entry.handling == "form"), None)
    is_named = bool(s.whole.entities_of(*owner.entry.hinted_by))
    takes_it = form is not None and not is_named and _TAKES_IT.search(s.whole.text) is not None
    return TakeUp(f"{s.whole.text}，{choices[0]}", form) if takes_it and form is not None else None


def telling_more(s: Situation) -> Step | None:
    """Take 挂哪个科 after 我遭狗咬了咋办 together with what was told before: an inquiry that leads on wants the matter."""
    last, owner = s.state.last_request, s.catalogue.intents.get(s.whole.intent)
    if s.form is not None or last is None or owner is None or not owner.entry.leads_to or last.intent == s.whole.intent:
        return None
    names_nothing = not any(entity.type in owner.entry.hinted_by for entity in s.whole.entities)
    is_short = len(s.whole.text) <= _LONGEST_FRAGMENT and s.whole.confidence >= LIKELY
    is_near = last.intent.partition(".")[0] == owner.manifest.name
    return TakeUp(f"{last.text}，{s.whole.text}", s.whole.intent) if names_nothing and is_short and is_near else None


def _turns_down(heard: Interpretation) -> bool:
    return any(entity.value.get("negated") for entity in heard.entities if entity.type != "symptom")


def hinted(s: Situation) -> Step | None:
    """A bare mention (我头痛) means the intent that its manifest says, when nothing else was understood."""
    whole = s.whole
    is_talk = whole.group in {"dialog_control", "out_of_scope", "chitchat"}
    is_open = (is_talk or whole.confidence < LIKELY) and not whole.entities_of("any", "ordinal")
    if s.form is not None or not is_open or len(whole.text) > _LONGEST_HINT:
        return None
    mentioned = {entity.type for entity in whole.entities if not entity.value.get("negated")}
    for owner in s.catalogue.intents.values():
        if mentioned & set(owner.entry.hinted_by):
            meant = replace(whole, intent=owner.entry.name, group=owner.group, confidence=SURE)
            return request_step(s.state, meant, s.catalogue)
    return None


def and_what(s: Situation) -> Step | None:
    """那儿科呢, or 三医院太远了，404呢, asks again even where the bare name would mean something by itself."""
    return referring_back(s) if _AND_WHAT.search(s.whole.text) or _turns_down(s.whole) else None


def out_of_place(s: Situation) -> Step | None:
    """A yes or a no with nothing in the air; a choice where nothing was offered is not understood."""
    is_choice = s.is_intent("dialog_control.choose")
    if s.form is None and s.whole.group == "dialog_control" and s.whole.confidence >= LIKELY and not is_choice:
        return Manner("ready")
    return None


def on_what_was_done(s: Situation, action: str) -> Step | None:
    """Take 不要了，退了 and 改到后天 as about what was done, or asked for, last; it is read back before it is done."""
    last_form, last_request = s.state.last_form, s.state.last_request
    skills = [last_form.skill] if last_form else []
    if last_request is not None and last_request.intent.endswith(".list"):
        skills.append(last_request.intent.partition(".")[0])
    owners = [owner for skill in skills if (owner := s.catalogue.intents.get(f"{skill}.{action}")) is not None]
    forms = [owner for owner in owners if owner.entry.handling == "form"]
    return _open_form(s.state, s.whole, forms[0], s.catalogue) if forms else None
