"""Rules that come before what is under way: a person, a work order."""

import re

from bot.dialogue.matching import is_question
from bot.dialogue.rules.requests import is_of_the_form, request_step
from bot.dialogue.situation import LIKELY, SURE, VERY_SURE, Situation
from bot.dialogue.steps import AskWorkOrder, HandOff, Manner, ResumeForm, Step
from nlu.interpretation import OUT_OF_SCOPE, Interpretation

PERSON_WORDS = re.compile(
    r"(?:给我|帮我)(?:找|喊|叫|请|换)个?(?:人|师傅|工作人员)(?:来|跟|问|说|讲|接|帮)|人工(?!智能|流产|耳蜗|湖|降雨|关节|授精|受孕|晶体)|真人(?!吗|嘛|不|么|还是)|活人|客服"
)


_NO_PERSON = re.compile(
    r"(?:莫|别|甭|不要|不用|不想|不得|不找|不转|不需要|懒得)[给帮跟我再又去要想]{0,4}[转找叫喊接打等]?[到给]?(?:人工|真人|客服|接线员)"
)

WHEN_OR_WHETHER = re.compile(
    r"好久|多久|几时|啥时候|什么时候|哪天|管不管|[弄办修管处理]没[弄办修管处理]|有没得人|有没有人|来不来|处理没|进度|[哪啥]一?步|[咋怎].{0,2}(?:处理|解决|弄)"
)
_MAY_BE_ABOUT_IT = frozenset({"complaint", "handoff", "dialog_control", "chitchat", OUT_OF_SCOPE})
_LONGEST_ABOUT_IT = 16
_LONGEST_NUMBER_WISH = 10
_LATELY = 3
_DROPS_COMPLAINT = re.compile(
    r"(?:不(?!是)|莫|别(?!的)|取消|算了)[^，。,.\s]{0,2}(?:投诉|举报|反映|告(?!诉))(?!不行)|(?:撤|撤销|撤回|取消)(?:了|掉|投诉|工单|吧|嘛)"
)
KEEPS_NAME = re.compile(
    r"(?:不|莫|别)(?:想|要|得|敢|能)?[^，。,.]{0,3}(?:留|说|写|登|暴露|公开)[^，。,.]{0,4}(?:名|姓|身份)|名字[^，。,.]{0,4}不(?:想|要|留)|匿名|报复|保密"
    r"|(?:不|莫|别)[^，。,.]{0,2}(?:跟|给|对)[^，。,.]{0,6}(?:说|讲)"
    r"|(?:不|莫|别|会不会|得不得)[^，。,.]{0,6}(?:告诉|透露|泄露|说给)[^，。,.]{0,6}(?:他|她|老板|对方|人家|别个)"
)
_TAKES_BACK = re.compile(r"^[^，。,.]{0,4}(?:不|莫)(?:想)?(?:投诉|举报|反映|找人)了|撤(?:销|回|掉)")
_GOES_ON = re.compile(r"(?:继续|接着|还是)(?:挂|办|约|弄|填|整|搞)|(?:继续|接着)[嘛吧来]?$")
_ITS_NUMBER = re.compile(r"单号|工单号?|编号")


def person(s: Situation) -> Step | None:
    """Hand over when a person is asked for, in whatever words; a number that was asked for (电话139…) asks for nobody."""
    if _NO_PERSON.search(s.whole.text):
        return None
    is_answer = s.asked is not None and s.asked[1].is_sensitive and bool(s.whole.entities_of(*s.asked[1].entities))
    is_wanted = s.whole.group == "handoff" and s.whole.confidence >= LIKELY and not is_answer and not is_of_the_form(s)
    is_about_us = s.whole.intent == "chitchat.bot_identity" and s.whole.confidence >= SURE
    is_said = not is_about_us and PERSON_WORDS.search(s.whole.text) is not None and len(s.whole.text) <= 30
    return HandOff("asked") if is_wanted or is_said else None


def no_person(s: Situation) -> Step | None:
    """Go on by ourselves when no person is wanted, with what was said beside it: 莫转人工，你说提前几天放号."""
    if _NO_PERSON.search(s.whole.text) is None:
        return None
    for part in s.heard.parts:
        owner = s.catalogue.intents.get(part.intent)
        if owner is not None and owner.entry.handling in {"form", "inquiry", "knowledge"} and part.confidence >= LIKELY:
            return request_step(s.state, part, s.catalogue)
    return Manner("ready" if s.form is None else "repeat")


def work_order(s: Situation) -> Step | None:
    """Tell how far a work order is when its number is named."""
    numbers = s.whole.entities_of("work_order")
    if numbers:
        return AskWorkOrder(str(numbers[0].value["number"]))
    number = s.state.work_order
    if number is None:
        return None
    is_fresh = s.state.control == "ticket" and was_told_lately(s)
    if is_fresh and KEEPS_NAME.search(s.whole.text):
        return None
    if is_fresh and s.form is None and is_about_it(s.whole):
        return AskWorkOrder(None)
    is_asked = s.is_intent("complaint.progress") and s.whole.confidence >= SURE
    is_brief = is_question(s.whole) or len(s.whole.text) <= _LONGEST_NUMBER_WISH
    is_number = s.form is None and is_brief and _ITS_NUMBER.search(s.whole.text) is not None
    return AskWorkOrder(None) if is_asked or is_number else None


def withdrawing(s: Situation) -> Step | None:
    """Take 算了，不用了 right after a person was called for what it says; the order stays, with a note.

    算了，没人就继续挂嘛 goes on with the form that was open.
    """
    number, last = s.state.work_order, s.state.said[-1] if s.state.said else ""
    is_just_written = s.state.control == "ticket" and bool(number) and str(number) in last and s.form is None
    if is_just_written and s.state.form is not None and _GOES_ON.search(s.whole.text) and not is_question(s.whole):
        return ResumeForm()
    is_said = (
        s.is_intent("dialog_control.cancel", "dialog_control.deny") or _TAKES_BACK.search(s.whole.text) is not None
    )
    if s.state.control_reason == "complaint" and s.state.control == "ticket" and s.form is None:
        is_named = _DROPS_COMPLAINT.search(s.whole.text) is not None and was_told_lately(s)
        is_named = is_named and not is_question(s.whole)
        return HandOff("complaint", adds=True, withdraws=True) if is_named or (is_just_written and is_said) else None
    return HandOff("asked", adds=True, withdraws=True) if is_just_written and is_said else None


def was_told_lately(s: Situation) -> bool:
    """Tell whether one of the last few replies named the work order."""
    return any(str(s.state.work_order) in said for said in s.state.said[-_LATELY:])


def is_about_it(heard: Interpretation) -> bool:
    """Tell whether it is asked when, or whether, somebody sees to what was just written down: 要等好久嘛."""
    is_other = heard.confidence >= VERY_SURE and heard.group not in _MAY_BE_ABOUT_IT
    is_short = len(heard.text) <= _LONGEST_ABOUT_IT and (not is_other or heard.intent == "gov_affairs.progress")
    return is_short and WHEN_OR_WHETHER.search(heard.text) is not None
