"""Rules that come before what is under way: a person, a work order, a complaint."""

import re

from bot.dialogue.matching import is_question
from bot.dialogue.rules.requests import is_of_the_form, request_step
from bot.dialogue.situation import LIKELY, SURE, VERY_SURE, Situation
from bot.dialogue.steps import AskWorkOrder, HandOff, Manner, ResumeForm, Step
from nlu.interpretation import OUT_OF_SCOPE, Interpretation

_FILES = re.compile(r"(?:另外|还有|顺便)?(?:我|给我|帮我)?(?:要|想|来)?(?:投诉|举报)(?:一?[下哈])?")
_COMPLAINS = re.compile(r"^[^，。,.]{0,4}(?:我要|我想|我来|我得)(?:投诉|举报)(?!进度|电话|中心$)")
_PERSON_WORDS = re.compile(
    r"(?:给我|帮我)(?:找|喊|叫|请|换)个?(?:人|师傅|工作人员)(?:来|跟|问|说|讲|接|帮)|人工(?!智能|流产|耳蜗|湖|降雨|关节|授精|受孕|晶体)|真人(?!吗|嘛|不|么|还是)|活人|客服"
)


_NO_PERSON = re.compile(
    r"(?:莫|别|甭|不要|不用|不想|不得|不找|不转|不需要|懒得)[给帮跟我再又去要想]{0,4}[转找叫喊接打等]?[到给]?(?:人工|真人|客服|接线员)"
)

_WHEN_OR_WHETHER = re.compile(
    r"好久|多久|几时|啥时候|什么时候|哪天|管不管|有没得人|有没有人|来不来|处理没|进度|[哪啥]一?步|[咋怎].{0,2}(?:处理|解决|弄)"
)
_ADDS = re.compile(r"^(?:哦|对了|还有|另外|再|还|帮我|麻烦|，|\s){0,3}(?:补充|加上|添一?[句条点])")
_SENDS = re.compile(
    r"^(?:对|嗯|要得|好|行|就|就是|是的|可以|，|\s){0,3}(?:确认|提交|报上去|交上去|这样|这些|(?:你|给我|帮我|帮忙){0,2}(?:登记|记(?:一?[下哈]|下来|到)))|^(?:对|是的|确认|提交)"
)
_WHERE = re.compile(r"[^\s，。,.]{2}(?:路|街|小区|楼盘|工地|门口|对面|旁边|背后|隔壁|社区|[村镇乡]|号楼|[栋幢]|单元)")
_DOES_NOT_KNOW = re.compile(r"不晓得|不知道|不清楚|记不[得到清]")
_MAY_BE_ABOUT_IT = frozenset({"complaint", "handoff", "dialog_control", "chitchat", OUT_OF_SCOPE})
_WHO = ("phone", "person_name", "id_number")
_LONGEST_ABOUT_IT = 16
_LONGEST_NUMBER_WISH = 10
_LATELY = 3
_DROPS_COMPLAINT = re.compile(
    r"(?:不(?!是)|莫|别(?!的)|取消|算了)[^，。,.\s]{0,2}(?:投诉|举报|反映|告(?!诉))(?!不行)|(?:撤|撤销|撤回|取消)(?:了|掉|投诉|工单|吧|嘛)"
)
_SHOWS = re.compile(
    r"(?:内容|信息|写的?|记的?)[^，。,.]{0,4}(?:给我)?(?:看|念|读|说)一?[下哈眼遍]?|(?:看|念|读)一?[下哈眼遍]?(?:内容|写|记)"
)
_KEEPS_NAME = re.compile(
    r"(?:不|莫|别)(?:想|要|得|敢|能)?[^，。,.]{0,3}(?:留|说|写|登|暴露|公开)[^，。,.]{0,4}(?:名|姓|身份)|名字[^，。,.]{0,4}不(?:想|要|留)|匿名|报复|保密"
    r"|(?:不|莫|别|会不会|得不得)[^，。,.]{0,6}(?:告诉|透露|泄露|说给)[^，。,.]{0,6}(?:他|她|老板|对方|人家|别个)"
)
_WHO_IS_TOLD = "举报会泄露我的身份吗"
_LAW = re.compile(r"法律|违法|犯法|合法|规定|政策")
_ANOTHER = re.compile(r"另外(?:有?一|要?投诉)|另一|还要投诉|(?:别的|其他的?)事|第二[件个]事")
_GOES_ON_ABOUT = re.compile(r"^(?:那|他|她|它|就是|而且|并且|还|又)|(?:给我|帮我|也)(?:记|写|加)(?:到|上|起|进)")
_CALL_BACK = "handoff.callback"
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
    is_said = not is_about_us and _PERSON_WORDS.search(s.whole.text) is not None and len(s.whole.text) <= 30
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
    is_fresh = s.state.control == "ticket" and _was_told_lately(number, s)
    if is_fresh and _KEEPS_NAME.search(s.whole.text):
        return None
    if is_fresh and s.form is None and _is_about_it(s.whole):
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
        is_named = _DROPS_COMPLAINT.search(s.whole.text) is not None and _was_told_lately(str(number), s)
        is_named = is_named and not is_question(s.whole)
        return HandOff("complaint", adds=True, withdraws=True) if is_named or (is_just_written and is_said) else None
    return HandOff("asked", adds=True, withdraws=True) if is_just_written and is_said else None


def complaining(s: Situation) -> Step | None:
    """Take 我要投诉中心医院 for what it says it is, whatever it names; what the law says is told beside it."""
    is_sure = s.whole.intent == "complaint.file" and s.whole.confidence >= SURE
    asks_law = any(is_question(part) and _LAW.search(part.text) for part in s.heard.parts)
    asks_law = asks_law or (is_question(s.whole) and _LAW.search(s.whole.text) is not None)
    if is_sure and asks_law and s.form is None:
        return HandOff("complaint", question=_FILES.sub("", s.whole.text))
    is_said = _COMPLAINS.match(s.whole.text) is not None and not is_question(s.whole)
    return HandOff("complaint") if is_said else None


def adding_to_complaint(s: Situation) -> Step | None:
    """Take what follows a complaint as a part of it: where it is; when somebody comes is asked of the work order."""
    number, last = s.state.work_order, s.state.said[-1] if s.state.said else ""
    is_filed = s.state.control == "ticket" and s.state.control_reason == "complaint" and number is not None
    calls = _PERSON_WORDS.search(s.whole.text) is not None or s.whole.group in {"handoff", "privacy"}
    is_just_filed = str(number) in last
    if _ANOTHER.search(s.whole.text) and s.whole.group == "complaint":
        return None
    if is_filed and s.form is None and _was_told_lately(str(number), s) and _KEEPS_NAME.search(s.whole.text):
        return HandOff("complaint", adds=True, question=_WHO_IS_TOLD)
    sends = bool(_SENDS.match(s.whole.text)) and len(s.whole.text) <= _LONGEST_ABOUT_IT
    if not is_filed or s.form is not None or (calls and not s.whole.entities_of(*_WHO) and not sends):
        return None
    asks = is_question(s.whole) and _DOES_NOT_KNOW.search(s.whole.text) is None
    goes_on = _GOES_ON_ABOUT.search(s.whole.text) is not None and s.whole.group == "complaint"
    if (_ADDS.match(s.whole.text) or (goes_on and _was_told_lately(str(number), s))) and not asks:
        return HandOff("complaint", adds=True)
    is_of_it = _is_particular(s.whole) and not asks and _was_told_lately(str(number), s)
    if is_of_it and not _is_about_it(s.whole):
        return HandOff("complaint", adds=True)
    if _SHOWS.search(s.whole.text) and _was_told_lately(str(number), s):
        return AskWorkOrder(None, with_words=True)
    if not is_just_filed or _is_about_it(s.whole):
        return None
    if s.is_intent("dialog_control.affirm") or sends:
        return AskWorkOrder(None)
    is_other = s.whole.group == "chitchat" or (
        s.whole.confidence >= SURE and s.whole.group not in {"complaint", OUT_OF_SCOPE}
    )
    if is_other or (asks and s.whole.group != "complaint"):
        return None
    return AskWorkOrder(None) if asks else HandOff("complaint", adds=True)


def _was_told_lately(number: str, s: Situation) -> bool:
    """Tell whether one of the last few replies named the work order."""
    return any(number in said for said in s.state.said[-_LATELY:])


def _is_about_it(heard: Interpretation) -> bool:
    """Tell whether it is asked when, or whether, somebody sees to what was just written down: 要等好久嘛."""
    is_other = heard.confidence >= VERY_SURE and heard.group not in _MAY_BE_ABOUT_IT
    is_short = len(heard.text) <= _LONGEST_ABOUT_IT and (not is_other or heard.intent == "gov_affairs.progress")
    return is_short and _WHEN_OR_WHETHER.search(heard.text) is not None


def _is_particular(heard: Interpretation) -> bool:
    """Tell whether an utterance is where, since when or who, of which nothing can be asked by itself."""
    is_other = heard.confidence >= VERY_SURE and heard.group not in {"complaint", "dialog_control", OUT_OF_SCOPE}
    is_who = bool(heard.entities_of(*_WHO))
    is_other = is_other and not (is_who and (heard.intent == _CALL_BACK or not is_question(heard)))
    is_where = bool(heard.entities_of("district")) or _WHERE.search(heard.text) is not None
    is_when = bool(heard.entities_of("time")) and heard.confidence < LIKELY
    return not is_other and (is_who or is_where or is_when)
