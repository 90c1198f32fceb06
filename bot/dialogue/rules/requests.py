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
)
from bot.dialogue.tracker import FormState, TrackerState
from nlu.interpretation import Interpretation
from skills.contract import Slot, SlotAnswer
from skills.registry import Catalogue, IntentOwner

_CLEARLY = 2.0
_LONGEST_HINT = 20
_LONGEST_REMARK = 8
AGAIN_FOR_ANOTHER = re.compile(
    r"(?:也|再|还|另外|顺便).{0,4}(?:帮|给|替|跟)|照(?:这个|这样|样|刚才)|一样的(?:再|也)?(?:挂|约|来)|同样的?(?:挂|约|来)|(?:帮|给|替).{0,6}(?:也|再)|我(?:自己|本人)?也(?:要|想|得)?(?:挂|约|看|办)"
    r"|同样的?(?:医院|科|时间|医生|号)|(?:医院|科室?|时间|医生)(?:都|也|还是)?(?:一样|不变)|(?:该|轮到)我?[^，。,.\s]{1,3}了"
)
_LIKE_IT = re.compile(r"(?:照(?:这个|这样|样|刚才)|一样的?|同样)[^，。,.]{0,4}(?:挂|约|办)")  # 老二也照这个挂一个
_ALSO = re.compile(r"也|还是(?!算)|一样|照样")
_MOVES = re.compile(r"(?:改|换|挪|推|调)(?:到|成|在|期|约|个)")
_LEAST_OF_ONE_MORE = 2
_AS_BEFORE = re.compile(r"上[一]?[次回]|上个医生|以前那|之前那|原来那|老地方")
_CALL_ME = re.compile(r"打(?:给|我|过来|个电话)|回(?:个?电话|个?话|电|我)|联系我|人工|真人|找个?人")
_PERSON_BY_NAME = re.compile(r"人工|真人|找个?人")
_BYE = "chitchat.bye"
_LOOKS_UP = re.compile(r"查|号源|看看|看一?[下哈]|坐诊|排班|[有余]号")
_LONGEST_SUBJECT = 5
_ACTS = re.compile(r"[办领取查交缴转退报补挂换改要想丢掉落开注申评打找去看搬贷租买卖告]")


def giving_particulars(s: Situation) -> Step | None:
    """Take a number or a name that only a form could want for the beginning of that form: nobody gives them to ask."""
    numbers = s.whole.entities_of("id_number", "phone")
    is_other = s.whole.confidence >= SURE and not s.whole.is_out_of_scope
    if s.form is not None or s.state.form is not None or not numbers or is_other:
        return None
    forms = (form_for(s.whole, owner, s.catalogue) for owner in s.catalogue.intents.values())
    form = next((form for form in forms if form is not None), None)
    if form is None:
        return None
    guesses = (s.whole.intent, *(score.intent for score in s.whole.alternatives))
    is_told = form.entry.name in guesses or s.whole.entities_of("person_name")
    return _open_form(s.state, s.whole, form, s.catalogue) if is_told else Clarify(s.whole.text, (form.entry.name,))


def once_more(s: Situation) -> Step | None:
    """Take 老汉儿是看骨科，也是明天上午 after a visit was booked for one more, of which the rest is as before."""
    last = s.state.last_form
    if s.form is not None or s.state.form is not None or last is None or is_question(s.whole):
        return None
    form = s.catalogue.forms[last.skill, last.action]
    owner = next((o for o in s.catalogue.intents.values() if _opens(o, last)), None)
    answers = slot_answers(s.whole, form.model.slots(), None)
    is_named = owner is not None and bool(s.whole.entities_of(*owner.entry.hinted_by))
    wants = s.catalogue.intents.get(s.whole.intent)
    is_same = (
        wants is not None
        and wants.manifest.name == last.skill
        and (_opens(wants, last) or wants.entry.handling == "inquiry")
    )
    is_other = s.whole.confidence >= SURE and not is_same
    if s.whole.group == "dialog_control" and _LIKE_IT.search(s.whole.text):
        return OpenForm(last.skill, last.action, answers, carries_over=True)
    if not is_named or is_other or len(answers) < _LEAST_OF_ONE_MORE or _ALSO.search(s.whole.text) is None:
        return None
    return OpenForm(last.skill, last.action, answers, carries_over=True)


def _opens(owner: IntentOwner, form: FormState) -> bool:
    return owner.entry.handling == "form" and (owner.manifest.name, owner.entry.argument) == (form.skill, form.action)


def moving_it(s: Situation) -> Step | None:
    """Take 突然要加班，改到星期四行不 after a visit was booked or listed for the wish to move it."""
    is_named = s.whole.is_out_of_scope or s.whole.intent.endswith((".reschedule", ".change"))
    is_sure = s.whole.confidence >= SURE and not is_named
    if s.form is not None or s.state.form is not None or is_sure or not s.whole.entities_of("time", "shift"):
        return None
    is_moved = bool(s.whole.entities_of("shift")) or _MOVES.search(s.whole.text) is not None
    return on_what_was_done(s, "reschedule") if is_moved else None


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
    if wanted == "inquiry" and owners[0].entry.handling == "knowledge":
        return None  # 住院部几点就不准探视了 is no wish for a list of hospitals
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
            form = None if is_question(heard) else form_for(heard, owner, catalogue)
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


def form_for(heard: Interpretation, owner: IntentOwner, catalogue: Catalogue) -> IntentOwner | None:
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
    last = state.last_form
    is_same_kind = last is not None and (last.skill, last.action) == (skill, action)
    is_again = is_same_kind and AGAIN_FOR_ANOTHER.search(heard.text) is not None
    if is_again:  # 医院时间都一样 leaves nothing to us: it is what the first was
        answers = tuple(item for item in answers if not item[1].is_any)
    given = {name for name, _ in answers}
    answers += tuple(item for item in last_time(heard, slots, frozenset(given)) if item[0] not in given)
    return OpenForm(skill, action, answers, is_again)


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


def hinted(s: Situation) -> Step | None:
    """A bare mention (我头痛) means the intent that its manifest says, when nothing else was understood."""
    whole = s.whole
    is_talk = whole.group in {"dialog_control", "out_of_scope", "chitchat"}
    is_open = (is_talk or whole.confidence < LIKELY) and not whole.entities_of("any", "ordinal")
    if s.form is not None or not is_open or len(whole.text) > _LONGEST_HINT:
        return None
    told = len(whole.text) - sum(len(entity.text) for entity in whole.entities)
    if is_question(whole) and whole.group != "dialog_control" and told > _LONGEST_REMARK:
        return None  # 人民医院住院部晚上几点就不准探视了 is no wish for a list of hospitals
    mentioned = {entity.type for entity in whole.entities if not entity.value.get("negated")}
    for owner in s.catalogue.intents.values():
        if mentioned & set(owner.entry.hinted_by):
            meant = replace(whole, intent=owner.entry.name, group=owner.group, confidence=SURE)
            return request_step(s.state, meant, s.catalogue)
    return None


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
    steps = (on_what_is_meant(s, skill, action) for skill in skills)
    return next((step for step in steps if step is not None), None)


def on_what_is_meant(s: Situation, skill: str, action: str) -> Step | None:
    """Open the form of a skill that does this, with what was said; None when it has none."""
    owner = s.catalogue.intents.get(f"{skill}.{action}")
    is_form = owner is not None and owner.entry.handling == "form"
    return _open_form(s.state, s.whole, owner, s.catalogue) if owner is not None and is_form else None
