"""Rules for a form that is open or put aside: confirm, choose, fill, correct, digress, come back."""

import re

from bot.dialogue.events import OfferedOption
from bot.dialogue.matching import gives_particulars, is_question, matching_option, named_slot, slot_answers
from bot.dialogue.rules.requests import AGAIN_FOR_ANOTHER, last_time
from bot.dialogue.situation import ALARMING, HARDLY, LIKELY, SURE, VERY_SURE, Situation
from bot.dialogue.steps import Act, CancelForm, ChangeSlot, FillSlots, PutBack, ResumeForm, Step
from bot.dialogue.tracker import FormState
from bot.texts import CHANGE, CONFIRM, DO_NOT
from nlu.interpretation import Interpretation
from skills.contract import SlotAnswer
from skills.registry import IntentOwner

_LONGEST_DESCRIPTION = 15
HAS_NONE = re.compile(r"(?:他|她|娃儿?|娃娃|孩子|小孩)?(?:都|还|也|根本|确实)?(?:没得|没有|莫得|没办|没上)")
_IS_THERE = re.compile(r"^(?:还|那)?(?:有没得|有没有|有不有)(?=.{1,6}$)")
_MAY_DESCRIBE = frozenset({"dialog_control.choose", "dialog_control.change", "dialog_control.anything"})
CHANGES = re.compile(r"换|改|重新选|另外|不是|不要|错了|换成|改成|[早晚]一?[点些天]|推后|推迟|提前")
_ASKS_FOR_IT = re.compile(
    r"(?:有没得|有没有|有不|还有没|得行不|行不行|要得不|可不可以|可以[不吗])(?:号|人|空)?[嘛哦喃呢啊吗]?[?？]?$"
)
GIVES_BACK = re.compile(r"退(?:我|他|她|掉|号|了|那)|(?:只|光|就)退")
_GIVES_IT_BACK = re.compile(
    r"^(?:嗯|好|对|对头|要得|是|是的|行|，|,|\s){0,4}(?:就|给我|帮我|麻烦){0,2}(?:退|取消)(?:了|掉|它|号|嘛|吧|哈|噻){0,3}[。！!]?$"
)
_CHANGES_SOMETHING = re.compile(r"^(?:我?[要想])?(?:修改|改)(?:一?[下哈改]|信息|内容|一项)?[吧嘛噻]?[。！!]?$")


def confirming(s: Situation) -> Step | None:
    """Act on a yes to what was read back; a yes with a correction in it is none."""
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
    if (other := _one_of_the_others(s, form)) is not None:
        return other
    answers = slot_answers(s.whole, s.slots, form)
    gives_back = form.action == "cancel" and _GIVES_IT_BACK.match(text) is not None
    if (s.is_intent("dialog_control.affirm") or gives_back or _says_yes(s)) and not _changes(answers, form):
        return Act()
    if s.is_intent("dialog_control.deny") and not answers:
        return ChangeSlot(named_slot(text, s.slots))
    return None


def _one_of_the_others(s: Situation, form: FormState) -> Step | None:
    """Take the first, which was chosen for somebody, or one of those named beside it: 第二个, or its very words."""
    others = [choice for choice in s.state.choices if choice not in {CONFIRM, CHANGE, DO_NOT}]
    name = next((name for name in form.slots if s.slots[name].default_notice), None)
    if name is None or not others or CONFIRM not in s.state.choices:
        return None
    taken = form.slots[name]
    options = [OfferedOption(label=taken.shown, value=taken.value), *(OfferedOption(label=o, value=o) for o in others)]
    option = matching_option(s.whole, options)
    if option is None:
        return None
    answer = SlotAnswer(option.label, value=taken.value if option is options[0] else None)
    return FillSlots(((name, answer),))


def _says_yes(s: Situation) -> bool:
    """Tell whether a clause is a yes, and no other takes it back; 对头，退了 is a yes to giving something back."""
    parts = s.heard.parts or (s.whole,)
    first, *rest = parts
    is_first = first.intent == "dialog_control.affirm" and first.confidence >= SURE
    if not is_first and not any(p.intent == "dialog_control.affirm" and p.confidence >= VERY_SURE for p in parts):
        return False
    rest = rest if is_first else list(parts)
    is_giving_back = s.form is not None and s.form.action == "cancel"
    taken_back = {"dialog_control.deny", "dialog_control.change"} | (
        set() if is_giving_back else {"dialog_control.cancel"}
    )
    return not any(part.intent in taken_back or is_question(part) for part in rest)


def _is_a_yes(s: Situation) -> bool:
    return (s.is_intent("dialog_control.affirm") and not is_question(s.whole)) or _says_yes(s)


def _changes(answers: tuple[tuple[str, SlotAnswer], ...], form: FormState) -> bool:
    """Tell whether any of the answers is about a slot that has a value: a yes with a correction is not a yes."""
    return any(name in form.slots for name, _ in answers)


def choosing(s: Situation) -> Step | None:
    """Take what picks one of the options on offer, or says that any will do."""
    form = s.form
    if form is None or form.asked is None:
        return None
    clauses = () if any(is_question(part) for part in s.heard.parts) else reversed(s.heard.parts)
    options = (matching_option(heard, form.options) for heard in (s.whole, *clauses) if not _names_another(heard, s))
    option = next((option for option in options if option is not None), None)
    if option is None and len(form.options) == 1 and s.is_intent("dialog_control.affirm"):
        option = form.options[0]
    if option is not None:
        others = () if matching_option(s.whole, form.options) else slot_answers(s.whole, s.slots, form)
        beside = tuple((name, answer) for name, answer in others if name != form.asked)
        return FillSlots(((form.asked, SlotAnswer(s.whole.text, value=option.value)), *beside))
    if (
        form.options
        and s.slots[form.asked].default_notice
        and _is_a_yes(s)
        and not slot_answers(s.whole, s.slots, form)
    ):
        return FillSlots(((form.asked, SlotAnswer(s.whole.text, value=form.options[0].value)),))
    if s.whole.entities_of("any") and form.options and not slot_answers(s.whole, s.slots, form):
        return FillSlots(((form.asked, SlotAnswer(s.whole.text, is_any=True)),))
    return None


def _names_another(heard: Interpretation, s: Situation) -> bool:
    """Tell whether words are the name of another slot's value, not part of an option's: 那就骨科, beside the 骨科医院."""
    asked = s.asked[1].entities if s.asked else ()
    others = {kind for slot in s.slots.values() for kind in slot.entities if kind not in asked and kind != "time"}
    return bool(heard.entities_of(*others)) and not heard.entities_of(*asked, "ordinal")


def describing(s: Situation) -> Step | None:
    """Let the skill try words that may describe what is on offer (专家，最便宜的) before they are taken for anything else."""
    asked, form, owner = s.asked, s.form, s.catalogue.intents.get(s.whole.intent)
    if form is None or asked is None or not (asked[1].is_free_text and form.options):
        return None
    is_talk = owner is not None and owner.entry.handling == "text" and s.whole.confidence >= ALARMING
    text = _IS_THERE.sub("", s.whole.text.strip())
    if (
        is_talk
        or (is_question(s.whole) and text == s.whole.text.strip())
        or len(s.whole.text) > _LONGEST_DESCRIPTION
        or slot_answers(s.whole, s.slots, form)
    ):
        return None
    if s.whole.group == "dialog_control" and s.whole.intent not in _MAY_DESCRIBE:
        return None
    if CHANGES.search(s.whole.text) and (named_slot(s.whole.text, s.slots) or _CHANGES_SOMETHING.match(s.whole.text)):
        return None
    return FillSlots(((asked[0], SlotAnswer(text)),), heard=s.whole)


def answering_and_asking(s: Situation) -> Step | None:
    """Take an answer and a question in one message: 中医医院，那医保能报好多."""
    form = s.form
    if form is None or len(s.heard.parts) < 2:
        return None
    question = next((part for part in s.heard.parts if is_question(part) and _is_digression(s, part)), None)
    if question is None or _ASKS_FOR_IT.search(question.text.strip()):
        return None
    for part in s.heard.parts:
        answers = slot_answers(part, s.slots, form)
        if part is not question and answers and not is_question(part):
            owner = s.catalogue.intents.get(question.intent)
            is_new = any(name not in form.slots for name, _ in answers)
            is_the_answer = (
                is_new and owner is not None and {e.type for e in part.entities} & set(owner.entry.hinted_by)
            )
            if is_the_answer:  # 不晓得挂啥子科，肚子痛: what was asked is answered by what is filled
                return FillSlots(slot_answers(s.whole, s.slots, form), heard=s.whole)
            return FillSlots(answers, question=question)
    return None


def filling(s: Situation) -> Step | None:
    """Take what names a value of a slot, a change of one, or the free text that was asked for."""
    form = s.form
    if form is None or _is_digression(s, s.whole) or _wants_other_form(s) is not None:
        return None
    answers = slot_answers(s.whole, s.slots, form)
    if s.asked is not None and s.asked[1].is_free_text and not form.options and HAS_NONE.match(s.whole.text):
        return FillSlots(((s.asked[0], SlotAnswer(s.whole.text.strip())),), heard=s.whole)
    if answers:
        return FillSlots(answers, heard=s.whole)
    if before := _as_before(s):
        return FillSlots(before, heard=s.whole)
    if CHANGES.search(s.whole.text) or s.is_intent("dialog_control.change", "dialog_control.deny"):
        slot = named_slot(s.whole.text, s.slots)
        if slot is not None or (form.slots and _CHANGES_SOMETHING.match(s.whole.text.strip())):
            return ChangeSlot(slot)
    if s.asked is not None and s.asked[1].is_free_text and _is_plain_answer(s.whole, bool(form.options)):
        return FillSlots(((s.asked[0], SlotAnswer(s.whole.text.strip())),), heard=s.whole)
    return None


def _as_before(s: Situation) -> tuple[tuple[str, SlotAnswer], ...]:
    """Return the slots for which last time's value is wanted: 还是上次那个医生 means the hospital and the clinic, too."""
    return () if s.form is None or is_question(s.whole) else last_time(s.whole, s.slots, frozenset(s.form.slots))


def _is_plain_answer(heard: Interpretation, has_options: bool) -> bool:
    """Tell whether words may be meant as a value: a yes or an "again" is none, but a "no, I have none" may be."""
    if is_question(heard):
        return False
    if has_options and heard.intent == "dialog_control.change":
        return True
    if heard.group != "dialog_control":
        return bool(heard.text.strip())
    if heard.intent == "dialog_control.choose":
        return has_options
    return heard.intent == "dialog_control.deny" or heard.confidence < SURE


def _is_digression(s: Situation, heard: Interpretation) -> bool:
    """Tell whether this asks for something beside the form: a policy question, an inquiry, small talk, a complaint.

    A statement that answers something is an answer, whatever it reminds of; a complaint is one even if it names a hospital.
    """
    owner = s.catalogue.intents.get(heard.intent)
    if owner is None or heard.is_out_of_scope or owner.entry.handling in {"form", "control"}:
        return False
    answers = slot_answers(heard, s.slots, s.state.form)
    is_asked = is_question(heard)
    fits_asked = s.asked is not None and any(name == s.asked[0] for name, _ in answers)
    if owner.group != "complaint" and gives_particulars(heard, s.slots, s.form):
        return False
    if owner.entry.handling == "handoff" and heard.confidence >= (ALARMING if fits_asked else VERY_SURE):
        return True
    is_elsewhere = s.form is not None and owner.manifest.name != s.form.skill and heard.confidence >= ALARMING
    if fits_asked and not is_elsewhere and _ASKS_FOR_IT.search(heard.text.strip()):
        return False  # 周六有没得 answers what was asked
    if any(s.slots[name].is_sensitive for name, _ in answers) and heard.confidence < ALARMING:
        return False  # 我的电话可以不 139… gives a number
    if answers and owner.entry.handling == "knowledge" and is_elsewhere and not fits_asked:
        return True
    if answers and not (is_asked and owner.entry.handling != "text"):
        return False
    if not is_asked and _begins_with_a_no(s):
        return False
    return heard.confidence >= (LIKELY if is_asked and not fits_asked else SURE)


def _begins_with_a_no(s: Situation) -> bool:
    """Tell whether free text was asked for and this says that there is none: 没得，还没上户口."""
    first = s.heard.parts[0] if s.heard.parts else s.whole
    return s.asked is not None and s.asked[1].is_free_text and first.intent == "dialog_control.deny"


def _wants_other_form(s: Situation) -> IntentOwner | None:
    form, owner = s.form, s.catalogue.intents.get(s.whole.intent)
    if owner is None or owner.entry.handling != "form":
        return None
    gives_back = owner.entry.argument == "cancel" and GIVES_BACK.search(s.whole.text) is not None
    if s.whole.confidence < (HARDLY if gives_back else SURE):
        return None
    if form is not None and (owner.manifest.name, owner.entry.argument) == (form.skill, form.action):
        return None
    is_none_given_back = owner.entry.argument == "cancel" and GIVES_BACK.search(s.whole.text) is None
    if form is not None and is_none_given_back and slot_answers(s.whole, s.slots, form):
        return None  # 骨科不看了，看眼科 gives nothing back
    if form is not None and CHANGES.search(s.whole.text):
        is_filled = named_slot(s.whole.text, s.slots) in form.slots and owner.manifest.name == form.skill
        if is_filled or slot_answers(s.whole, s.slots, form):
            return None
    return owner


def coming_back(s: Situation) -> Step | None:
    """An answer to a form that was put aside takes it up again."""
    form = s.state.form
    if form is None or not form.is_paused or form.asked is None:
        return None
    if any(p.intent == "dialog_control.resume" and p.confidence >= VERY_SURE for p in s.heard.parts):
        return ResumeForm(slot_answers(s.whole, s.slots, form))
    owner = s.catalogue.intents.get(s.whole.intent)
    is_other = owner is not None and owner.entry.handling != "control" and s.whole.confidence >= SURE
    option = matching_option(s.whole, form.options)
    if option is not None:
        return ResumeForm(((form.asked, SlotAnswer(s.whole.text, value=option.value)),))
    answers = slot_answers(s.whole, s.slots, form)
    same = owner is not None and (owner.manifest.name, owner.entry.argument) == (form.skill, form.action)
    is_correction = bool(answers) and any(n in form.slots for n, _ in answers) and CHANGES.search(s.whole.text)
    guesses = (s.whole.intent, *(score.intent for score in s.whole.alternatives[:2]))
    is_meant = (
        not is_question(s.whole)
        and s.whole.confidence < SURE
        and any(
            (guess := s.catalogue.intents.get(name)) is not None
            and (guess.manifest.name, guess.entry.argument) == (form.skill, form.action)
            for name in guesses
        )
    )
    if same or is_meant or (answers and not is_other) or is_correction:
        return ResumeForm(answers)
    return None


def another_of_the_kind(s: Situation) -> Step | None:
    """也帮我妈约一个, said while the first is not done yet."""
    form, owner = s.form, s.catalogue.intents.get(s.whole.intent)
    if form is None or owner is None or AGAIN_FOR_ANOTHER.search(s.whole.text) is None:
        return None
    is_same = (owner.manifest.name, owner.entry.argument) == (form.skill, form.action)
    return PutBack(s.whole.text) if is_same and form.slots and s.whole.confidence >= SURE else None
