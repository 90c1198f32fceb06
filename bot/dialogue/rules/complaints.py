"""Rules for a complaint: it is filed, added to, asked about, and asked of the law."""

import re

from bot.dialogue.matching import ENDS_AS_QUESTION, is_question
from bot.dialogue.rules.interrupting import KEEPS_NAME, PERSON_WORDS, WHEN_OR_WHETHER, is_about_it, was_told_lately
from bot.dialogue.situation import COMPLAINT, LIKELY, SURE, VERY_SURE, Situation
from bot.dialogue.steps import AskKnowledge, AskWorkOrder, HandOff, Step
from nlu.interpretation import OUT_OF_SCOPE, Interpretation

_LONGEST_SENT = 16
_LONGEST_FRAGMENT = 10
_FILES = re.compile(r"(?:另外|还有|顺便)?(?:我|给我|帮我)?(?:要|想|来)?(?:投诉|举报)(?:一?[下哈])?")
_COMPLAINS = re.compile(r"^[^，。,.]{0,4}(?:我要|我想|我来|我得)(?:投诉|举报)(?!进度|电话|中心$)")
_ADDS = re.compile(r"^(?:哦|对了|还有|另外|再|还|帮我|麻烦|，|\s){0,3}(?:补充|加上|添一?[句条点])")
_SENDS = re.compile(
    r"^(?:对|嗯|要得|好|行|那|就|就是|是的|没问题|可以|，|\s){0,4}(?:确认|提交|报上去|交上去|这样|这些|(?:你|给我|帮我|帮忙){0,2}(?:登记|记(?:一?[下哈]|下来|到)))|^(?:对|是的|确认|提交)"
)
_WHERE = re.compile(r"[^\s，。,.]{2}(?:路|街|小区|楼盘|工地|门口|对面|旁边|背后|隔壁|社区|[村镇乡]|号楼|[栋幢]|单元)")
_DOES_NOT_KNOW = re.compile(r"不晓得|不知道|不清楚|记不[得到清]")
_WHO = ("phone", "person_name", "id_number")
_SHOWS = re.compile(
    r"(?:内容|信息|写的?|记的?)[^，。,.]{0,4}(?:给我)?(?:看|念|读|说)一?[下哈眼遍]?|(?:看|念|读)一?[下哈眼遍]?(?:内容|写|记)"
)
_WHO_IS_TOLD = "举报会泄露我的身份吗"
_LAW = re.compile(r"法律|违法|犯法|合法|规定|政策|[遭受挨该会]罚|罚[不好多款]|处罚|哪条法")
_LONGEST_OF_LAW = 20
_FILES_IT = re.compile(r"投诉|举报|反映|曝光|告(?:他|她|你|状)|管不管")
_ANOTHER = re.compile(r"另外(?:有?一|要?投诉)|另一|还要投诉|(?:别的|其他的?)事|第二[件个]事")
_GOES_ON_ABOUT = re.compile(r"^(?:那|他|她|它|就是|而且|并且|还|又)|(?:给我|帮我|也)(?:记|写|加)(?:到|上|起|进)")
_CALL_BACK = "handoff.callback"


def complaining(s: Situation) -> Step | None:
    """Take 我要投诉中心医院 for what it says it is, whatever it names; what the law says is told beside it."""
    is_sure = s.whole.intent == COMPLAINT and s.whole.confidence >= SURE
    asks_law = any(is_question(part) and _LAW.search(part.text) for part in s.heard.parts)
    asks_law = asks_law or (is_question(s.whole) and _LAW.search(s.whole.text) is not None)
    if is_sure and asks_law and s.form is None:
        return HandOff("complaint", question=_FILES.sub("", s.whole.text))
    is_said = _COMPLAINS.match(s.whole.text) is not None and not is_question(s.whole)
    return HandOff("complaint") if is_said else None


def asking_the_law(s: Situation) -> Step | None:
    """Ask the law of what was just complained of: 你说他这个犯不犯法嘛, 他这种一般要遭罚不."""
    last, text = s.state.last_request, s.whole.text
    is_of_it = last is not None and last.intent == COMPLAINT and s.form is None
    is_asked = is_question(s.whole) and _LAW.search(text) is not None and len(text) <= _LONGEST_OF_LAW
    return AskKnowledge(s.whole, of_law=True) if is_of_it and is_asked else None


def asking_on(s: Situation) -> Step | None:
    """Take a question that sounds like a complaint for one more on what was answered last: 他们逼我签自愿离职，我签不签."""
    last = s.state.last_request
    owner = s.catalogue.intents.get(last.intent) if last else None
    is_after_answer = last is not None and last.turn == s.state.turns - 1 and owner is not None
    is_after_answer = is_after_answer and owner is not None and owner.entry.handling == "knowledge"
    is_complaint = s.whole.intent == COMPLAINT and _FILES_IT.search(s.whole.text) is None
    is_asked = is_question(s.whole) and WHEN_OR_WHETHER.search(s.whole.text) is None
    return AskKnowledge(s.whole) if s.form is None and is_after_answer and is_complaint and is_asked else None


def adding_to_complaint(s: Situation) -> Step | None:
    """Take what follows a complaint as a part of it: where it is, since when, who it was."""
    if not _is_filed(s) or (_ANOTHER.search(s.whole.text) and s.whole.group == "complaint"):
        return None
    is_lately, text = was_told_lately(s), s.whole.text
    if is_lately and KEEPS_NAME.search(text):
        return HandOff("complaint", adds=True, question=_WHO_IS_TOLD)
    asks = is_question(s.whole) and _DOES_NOT_KNOW.search(text) is None
    if asks or _calls(s):
        return None
    goes_on = _GOES_ON_ABOUT.search(text) is not None and s.whole.group == "complaint"
    is_place = _is_just_filed(s) and _WHERE.search(text) is not None
    is_of_it = (is_lately and (goes_on or _is_particular(s.whole))) or is_place
    if _ADDS.match(text) or (is_of_it and not is_about_it(s.whole)):
        return HandOff("complaint", adds=True)
    return None


def about_the_complaint(s: Situation) -> Step | None:
    """Tell of the work order what is asked of a complaint; what is said right behind it, and is nothing else, belongs to it."""
    if not _is_filed(s) or not was_told_lately(s) or _calls(s) or _ANOTHER.search(s.whole.text):
        return None
    if _SHOWS.search(s.whole.text) or _is_its_other_matter(s):
        return AskWorkOrder(None, with_words=True)
    if _sends(s):
        return AskWorkOrder(None)
    if not _is_just_filed(s) or is_about_it(s.whole):
        return None
    if s.is_intent("dialog_control.affirm"):
        return AskWorkOrder(None)
    asks = is_question(s.whole) and _DOES_NOT_KNOW.search(s.whole.text) is None
    is_own = s.whole.group in {"complaint", OUT_OF_SCOPE}
    is_other = s.whole.group == "chitchat" or (s.whole.confidence >= SURE and not is_own)
    if is_other or (asks and s.whole.group != "complaint"):
        return None
    return AskWorkOrder(None) if asks else HandOff("complaint", adds=True)


def _is_filed(s: Situation) -> bool:
    """Tell whether the last work order is a complaint, and nothing else is under way."""
    is_complaint = s.state.control == "ticket" and s.state.control_reason == "complaint"
    return is_complaint and s.state.work_order is not None and s.form is None


def _is_just_filed(s: Situation) -> bool:
    """Tell whether the last reply named the work order."""
    return bool(s.state.said) and str(s.state.work_order) in s.state.said[-1]


def _sends(s: Situation) -> bool:
    """Tell whether somebody asks that what was written down be sent off, which it was: 行，那就提交."""
    return _SENDS.match(s.whole.text) is not None and len(s.whole.text) <= _LONGEST_SENT


def _calls(s: Situation) -> bool:
    """Tell whether a person, or one's own data, is meant and not the complaint."""
    calls = PERSON_WORDS.search(s.whole.text) is not None or s.whole.group in {"handoff", "privacy"}
    return calls and not s.whole.entities_of(*_WHO) and not _sends(s)


def _is_its_other_matter(s: Situation) -> bool:
    """Tell whether it is asked what became of one of the things that were complained of together: 那垃圾那个喃."""
    last, text = s.state.last_request, s.whole.text
    is_short = len(text) <= _LONGEST_FRAGMENT and ENDS_AS_QUESTION.search(text) is not None
    is_of_it = last is not None and last.intent == COMPLAINT
    return is_short and is_of_it and any(text[i : i + 2] in last.text for i in range(len(text) - 1) if last)


def _is_particular(heard: Interpretation) -> bool:
    """Tell whether an utterance is where, since when or who, of which nothing can be asked by itself."""
    is_other = heard.confidence >= VERY_SURE and heard.group not in {"complaint", "dialog_control", OUT_OF_SCOPE}
    is_who = bool(heard.entities_of(*_WHO))
    is_other = is_other and not (is_who and (heard.intent == _CALL_BACK or not is_question(heard)))
    is_where = bool(heard.entities_of("district")) or _WHERE.search(heard.text) is not None
    is_when = bool(heard.entities_of("time")) and heard.confidence < LIKELY
    return not is_other and (is_who or is_where or is_when)
