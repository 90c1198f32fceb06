"""Rules for how a conversation is steered: stop, pause, resume, again, why, skip."""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.dialogue.matching import gives_particulars, is_question, slot_answers
from bot.dialogue.rules.forms import GIVES_BACK, HAS_NONE
from bot.dialogue.rules.numbers import KEEPS, named_in_full
from bot.dialogue.rules.requests import on_what_is_meant, on_what_was_done, request_step
from bot.dialogue.situation import LIKELY, VERY_SURE, Situation
from bot.dialogue.steps import (
    CancelForm,
    ChangeSlot,
    ExplainSlot,
    FillSlots,
    Manner,
    OfferQuestions,
    OpenForm,
    PauseForm,
    RefuseSlot,
    ResumeForm,
    SkipSlot,
    Step,
    TakeQueued,
    TakeUp,
)
from bot.dialogue.tracker import FormState
from skills.contract import SlotAnswer

_GIVES_UP = re.compile(
    r"^(?:算了|莫|不|先不|还是不|都不|我不|那不|那就不|那算了|取消)"
    r"|(?:不想|不用|不|莫)(?:挂|约|办|弄|整|搞|看|预约|要|填)(?:了|咯|哦|嘛)|(?:取消|算)(?:了|掉|吧|咯)"
)
_STOPS = re.compile(
    r"(?:不|莫|别|都不|先不)(?:想)?(?:挂|约|去|看|办|弄|搞|整|填)(?:了|咯|哦|嘛|起走)|不想(?:挂|约|去|看|办|弄|搞|整)(?:号|病)?$"
)

_CALLS_OFF = re.compile(
    r"^(?:那|哎|哦|算了|，|,|\s){0,3}(?:还是|就|暂时|先){0,2}(?:不|别|莫)(?:要|想|用|给我|帮我){0,2}(?:挂|约|预约|办|弄|整|搞|填)(?:号|它|这个)?(?:了|咯|嘛|吧|$|[，,。！!\s])"
)
_AFTER_ALL = re.compile(
    r"(?:^.{0,6}|[，。,.\s])还是(?:要|想|得|帮我|给我)?(?:挂|办|约|弄|看|继续)(?:号|下去|上|起)?[嘛吧了哈算]{0,2}(?=$|[，。！,.\s])"
)
_IN_DETAIL = re.compile(r"(?:细|具体)一?[点些]|多(?:说|讲|介绍)[点些几]|展开|详细(?:说|讲|介绍)|还有些?(?:啥|什么)规定")
_TIME_AT_THE_END = 1
_THAT_FIRST = re.compile(
    r"^(?:那|嗯|，|\s){0,2}先(?:说|讲|问|弄|办|看)(?:一下|哈)?(?P<what>[^，。,.\s不我]{2,8}?)(?:吧|嘛|哈|的事|噻|再说){0,2}$"
)
_ELSE = re.compile(r"换|改|而是|不是|(?:只|就|还是|先)(?:挂|约|要|看)")
_ANYWHERE: Mapping[str, Step] = {
    "repeat": Manner("repeat"),
    "simplify": Manner("simplify"),
    "confused": Manner("simplify"),
    "help": Manner("help"),
    "wait": Manner("wait"),
}
_MINE_FIRST = re.compile(r"先.{0,3}我|我的?.{0,2}先")


def giving_up(s: Situation) -> Step | None:
    """Take 算了 and 不挂了 for the end of what is open, or for what was done last."""
    is_said = s.is_intent("dialog_control.cancel")
    form = s.form
    if form is None:
        if not is_said:
            means_that = s.whole.intent.endswith(".cancel") and s.whole.confidence < LIKELY
            return on_what_was_done(s, "cancel") if means_that else None
        if s.state.form:
            return CancelForm()
        return on_what_was_done(s, "cancel") or (CancelForm() if s.state.draft else Manner("nothing_to_cancel"))
    if (back := _giving_back(s, form)) is not None:
        return back
    stops = any(part.intent == "dialog_control.cancel" and part.confidence >= VERY_SURE for part in s.heard.parts)
    is_said = is_said or (stops and _STOPS.search(s.whole.text) is not None)
    answers = [name for name, answer in slot_answers(s.whole, s.slots, form) if not _is_of_a_relation(answer)]
    if answers and not (is_said and _STOPS.search(s.whole.text) and _ELSE.search(s.whole.text) is None):
        return None
    means_another = s.whole.intent.endswith(".cancel") or is_said or s.whole.intent == "dialog_control.deny"
    is_brief = len(s.whole.text) <= 14 and _GIVES_UP.search(s.whole.text) is not None
    is_fed_up = not answers and bool(s.whole.signals & {"angry"}) and _STOPS.search(s.whole.text) is not None
    calls_off = _CALLS_OFF.search(s.whole.text) and _ELSE.search(s.whole.text) is None and not is_question(s.whole)
    return CancelForm() if is_said or (is_brief and means_another) or is_fed_up or calls_off else None


def _is_of_a_relation(answer: SlotAnswer) -> bool:
    """Tell whether nothing but a relation was named: 算了，孩子妈说已经约好了 puts nobody in."""
    return answer.entity is not None and answer.entity.type == "relation"


def _giving_back(s: Situation, form: FormState) -> Step | None:
    """Take 算了，帮我退了 while an appointment is being moved for the wish to cancel it, not only the move."""
    if form.action != "reschedule" or GIVES_BACK.search(s.whole.text) is None or is_question(s.whole):
        return None
    step = on_what_is_meant(s, form.skill, "cancel")
    return replace(step, replaces=True) if isinstance(step, OpenForm) else None


def after_all(s: Situation) -> Step | None:
    """Take 哦等哈，还是挂嘛 for the form that was just given up."""
    is_meant = s.form is None and s.state.draft is not None and not is_question(s.whole)
    return ResumeForm() if is_meant and _AFTER_ALL.search(s.whole.text) else None


def putting_first(s: Situation) -> Step | None:
    """Take 先说津贴吧 for the question that was asked beside the form, not for a wish to stop."""
    last, found = s.state.last_request, _THAT_FIRST.search(s.whole.text.strip())
    if s.form is None or last is None or found is None:
        return None
    return TakeUp(last.text, last.intent) if found["what"] in last.text else None


def dialog_control(s: Situation) -> Step | None:
    """Take 再说一遍, 为啥要这个, 跳过, 接着办 and the like for what they ask of the conversation."""
    if s.whole.group != "dialog_control" or s.whole.confidence < LIKELY or gives_particulars(s.whole, s.slots, s.form):
        return None
    name = s.whole.intent.partition(".")[2]
    if name == "repeat" and s.form is not None and slot_answers(s.whole, s.slots, s.form):
        return None  # 医生随便，信息给我看一眼 fills, and is read back anyway
    if name == "wait" and (question := _question_behind(s)) is not None:
        return question
    if _wants_more(s):
        return OfferQuestions(s.whole, of_the_last=True)
    if name in _ANYWHERE:
        return _ANYWHERE[name]
    if name == "resume":
        if s.state.form or s.state.draft:
            return ResumeForm()
        return TakeQueued() if s.state.queued else Manner("nothing_to_resume")
    if s.form is None:
        return on_what_was_done(s, "reschedule") if name == "change" and s.whole.entities_of("time") else None
    if name == "pause" and _ends_with_a_time(s):
        return None  # 哎明天要开会，后天 names another day
    return _in_form(s, s.form, name)


def _wants_more(s: Situation) -> bool:
    """Tell whether more is wanted of the answer just given: 再说细点, not 说清楚点."""
    last = s.state.last_request
    is_last = last is not None and bool(last.spans) and last.turn == s.state.turns - 1
    return s.form is None and is_last and _IN_DETAIL.search(s.whole.text) is not None


def _question_behind(s: Situation) -> Step | None:
    """Return the step for what is asked behind 等哈: 等哈，我要是到时候去不成会咋个."""
    for part in s.heard.parts:
        owner = s.catalogue.intents.get(part.intent)
        is_asked = owner is not None and owner.entry.handling in {"knowledge", "inquiry"} and is_question(part)
        if is_asked and part.confidence >= LIKELY:
            return request_step(s.state, part, s.catalogue)
    return None


def _in_form(s: Situation, form: FormState, name: str) -> Step | None:
    """Return what is asked of the form on top."""
    asked = s.asked
    in_form: dict[str, Step] = {"pause": _pause(s), "restart": CancelForm(restarts=True)}
    if asked is not None:
        slot, spec = asked
        in_form |= {
            "why": ExplainSlot(named_in_full(s.whole.text, s.slots) or slot),
            "skip": SkipSlot(slot) if spec.is_optional else RefuseSlot(slot),
            "refuse": SkipSlot(slot) if spec.is_optional else RefuseSlot(_refused(s, slot)),
            "back": _back(s, form),
        }
        if spec.is_free_text and not form.options and HAS_NONE.match(s.whole.text):
            given = FillSlots(((slot, SlotAnswer(s.whole.text.strip())),), heard=s.whole, otherwise=in_form["refuse"])
            in_form |= {"refuse": given, "skip": given}
        if form.options and not slot_answers(s.whole, s.slots, form):
            in_form["anything"] = FillSlots(((slot, SlotAnswer(s.whole.text, is_any=True)),))
    elif name == "back":
        return _back(s, form)
    return in_form.get(name)


def _ends_with_a_time(s: Situation) -> bool:
    """Tell whether a message to an open form ends with a time that the form takes, and with nothing behind it."""
    times = s.whole.entities_of("time")
    takes = s.form is not None and any("time" in slot.entities for slot in s.slots.values())
    is_day = bool(times) and times[-1].value["grain"] in {"day", "half_day", "week"}
    return takes and is_day and len(s.whole.text.rstrip("。！!. ")) - times[-1].end <= _TIME_AT_THE_END


def _pause(s: Situation) -> Step:
    """Put the form aside; 先弄我的嘛 while somebody else's waits wants what is on top already."""
    return Manner("repeat") if s.state.queued and _MINE_FIRST.search(s.whole.text) else PauseForm()


def _back(s: Situation, form: FormState) -> Step:
    """Return to what is named (回到骨科), or a step back."""
    named = slot_answers(s.whole, s.slots, form)
    return FillSlots(named) if named else ChangeSlot(list(form.slots)[-1] if form.slots else None)


def _refused(s: Situation, asked: str) -> str:
    """Return the slot that is refused: 还是不给 where a clinic is to be chosen speaks of the number to come."""
    if name := named_in_full(s.whole.text, s.slots):
        return name
    to_come = [n for n, slot in s.slots.items() if slot.is_sensitive and s.form is not None and n not in s.form.slots]
    is_of_those = not s.slots[asked].is_sensitive and KEEPS.search(s.whole.text) is not None
    return next((n for n in to_come if "id_number" in s.slots[n].entities), asked) if is_of_those else asked
