"""Rules for danger: it comes before everything, and nobody is let go before help is on its way."""

import re

from bot.dialogue.matching import asks, is_question, slot_answers
from bot.dialogue.situation import ALARMING, SURE, VERY_SURE, Situation
from bot.dialogue.steps import CancelForm, Danger, Manner, PauseForm, Step
from bot.texts import CALLS_FOR_HELP, EMERGENCY, HELP_IS_COMING, INSISTED, INSISTED_ON_LEAVING
from nlu.entities.infants import is_infant_with_fever
from nlu.interpretation import OUT_OF_SCOPE

_HELP_HAS_COME = re.compile(
    r"(?:120|急救车|救护车|110|119|消防|警察)[^没不未无咋怎催等]{0,4}(?:拉走|接走|来了|到了|送走|送到|送去)(?!没|不|[吗么])"
    r"|(?:已经|都)(?:送|拉|到|住)(?:到|进|去|了)?[^没不未无]{0,4}(?:医院|急诊|院)"
)
_ON_THE_WAY = re.compile(
    r"(?:120|119|110|救护车?|急救车?|消防|他们|医生)[^没不未]{0,4}(?:打了|打过了|喊了|叫了|在路上|在来|要到了|马上到|出发)|在路上了"
    r"|(?:^|[\s，。,.!！])(?:我|我们|他|已经|都|早就|刚刚?|将才){0,3}(?:打|拨|喊|叫)(?:了|过了)(?:(?:电话|120|119|110|急救|救护)|(?=$|[\s，。,.!！]))"
    r"|(?:车子?|人家|医生)(?:已经|都|马上)?(?:来了|到了|要到了|在路上|出发)(?![没不吗么])"
)
_NOT_THROUGH = re.compile(r"(?:120|119|110|救护|急救|打)[^，。\s]{0,6}(?:没|不通|占线|打不进)")
_IN_HOSPITAL = re.compile(
    r"(?:送到|到了|住进|拉到|进了)[^没不未无\s，。]{0,4}(?:医院|急诊|病房|抢救)|住院了|(?:在|到)(?:医院|急诊)了|医生在(?:看|救|抢)"
)
_DROPS = re.compile(r"号[^，。\s]{0,4}(?:不要|不用|不挂|不约|取消|退)|(?:取消|退|不要|不挂)[^，。\s]{0,3}号")
_NOT_COMING = re.compile(r"没有?(?:得|人|来|到|接|打|喊|叫|通|看)|没[嘛呢啊]?$|不通|占线|不到|还不|未")
_PLAYS_DOWN = re.compile(
    r"[睡歇躺缓]一?(?:觉|[下哈会])|(?:不得|没得好?大|没好?大|没多大)事|不严重|没(?:得|有)?(?:那么|好)严重|(?:不用|不想|不得|莫|懒得)(?:打|喊|叫|去医院|去急诊)"
    r"|等[哈下一]?[哈下]?看|明天再|[忍扛拖熬]一?[下哈]|先(?:把号|挂号|挂个号|约个号)|等(?:到)?天亮|(?:骑|开|坐|打)[^，。]{0,4}车[^，。]{0,6}(?:去|送|带|拉)|[背抬扶][他她起到]"
    r"|有(?:这么|那么|好)?(?:凶|严重|吓人|恼火)|小题大做|莫吓|别吓|老毛病|过(?:一?[下哈会])?就好|[缓好](?:过来|点|些|转)了|花钱|费钱|麻烦人家"
)
_ABOUT_A_BIRTH = re.compile(r"产假|陪产|护理假|生育(?:假|津贴|保险|金)|出生(?:证|医学)|上户")
_ILL = "emergency.medical"
_CRASH = "emergency.traffic"
_BEFORE_TODAY = re.compile(r"昨天|前天|大前天|上(?:个?星期|周|个?月|回|次)|去年|前年|那天|那回")
_RESUME = "dialog_control.resume"
_LATELY = 3  # replies
_BITE = "health_appointment.animal_bite"
_ABOUT_SHOTS = re.compile(r"预防针|疫苗|打针|接种")
_MAY_BE_ILL = frozenset({"health_appointment", "emergency", "dialog_control", OUT_OF_SCOPE})
_SUDDEN = re.compile(
    r"现在|突然|忽然|刚才|刚刚|刚|一下子|今[天早晚]|昨[天晚]|正在|这[哈会]|起来就|就不|了$|了[，,。！!]"
)
_GAS = re.compile(r"(?:天然气|煤气|燃气|液化气|瓦斯)[^，。,.？?]{0,6}(?:味|漏|臭)|漏(?:天然气|煤气|燃气|液化气|气了)")
_SMELT = re.compile(r"闻到|闻得到|越闻|臭鸡蛋|头晕|脑壳昏|好大一股")
_NEARLY = re.compile(
    r"(?:差点|差一点|险些|差滴点)(?:儿|就|都|把|给)?[^，。,.！!]{0,6}(?:掉|落|摔|绊|跌|撞|砸|滑)"
)  # 差点掉下去: nobody was hurt
_LIFELINE = "12356"
_OF_DEATH = re.compile(r"人?走了|死|不在了|去世|遗[书产嘱属]|后事|丧葬|抚恤|莫劝|别劝|不要劝")
_EMERGENCY_LINE = re.compile(r"拨打 ?1(?:20|10|19)")
_CALLS = re.compile(
    r"我(?:马上|这就|现在|就|去){0,2}(?:打|拨|喊|叫)(?:电话|嘛|哈|噻|吧|$|[\s，,。])|(?:我|这就|马上|已经|正在|刚)[^，。不没]{0,3}(?:打|拨|喊|叫)(?:了|过)?(?:120|119|110|急救|救护)"
)


def danger(s: Situation) -> Step | None:
    """Put danger first; beside a plain request it must be very clear, and once help has come it is over."""
    if _HELP_HAS_COME.search(s.whole.text) and not is_question(s.whole):
        was_told = s.state.said and _EMERGENCY_LINE.search(s.state.said[-1])
        is_talk = s.whole.group in {"chitchat", "dialog_control", "emergency", OUT_OF_SCOPE}
        is_more = s.whole.confidence >= SURE and not is_talk
        return Manner("relieved") if was_told and not is_more and s.state.form is None else None
    is_other = s.whole.group not in {"emergency", OUT_OF_SCOPE} and s.whole.confidence >= VERY_SURE
    is_about_symptoms = s.asked is not None and "symptom" in s.asked[1].entities
    is_answer = s.asked is not None and s.asked[1].is_sensitive and bool(s.whole.entities_of(*s.asked[1].entities))
    is_bite = s.whole.intent == _BITE and s.whole.confidence >= SURE  # 流血了 beside it is no haemorrhage
    parts = () if is_bite or (is_other and _ABOUT_A_BIRTH.search(s.whole.text)) else s.heard.parts
    is_infant = is_infant_with_fever(s.whole.entities) and s.whole.group in _MAY_BE_ILL
    is_infant = is_infant and _ABOUT_SHOTS.search(s.whole.text) is None
    if is_infant or _is_urgent(s):
        return Danger("medical")
    is_smelt = _SMELT.search(s.whole.text) is not None
    if _GAS.search(s.whole.text) and not is_other and (is_smelt or not is_question(s.whole)):
        return Danger("disaster")
    for heard in (s.whole, *parts):
        is_aside = heard is not s.whole and s.form is not None and s.whole.group == "dialog_control"
        is_symptom = is_about_symptoms and bool(heard.entities_of("symptom"))
        needed = ALARMING if is_symptom or is_answer or is_aside or (is_other and heard is not s.whole) else SURE
        is_over = heard.intent == _CRASH and is_other and _BEFORE_TODAY.search(s.whole.text) is not None
        is_none = is_over or (heard.intent == _ILL and (s.heard.is_history or _NEARLY.search(heard.text) is not None))
        if heard.group == "emergency" and heard.confidence >= needed and not is_none:
            return Danger(heard.intent.partition(".")[2])
    return Danger("medical") if s.heard.is_red_flag else None


def after_an_alarm(s: Situation) -> Step | None:
    """Stay with somebody who was told to call for help, whatever else is spoken of, until it is called or over."""
    if s.form is not None or not any(map(_alarm, s.state.said[-_LATELY:])):
        return None
    is_resumed = any(p.intent == _RESUME and p.confidence >= SURE for p in (s.whole, *s.heard.parts))
    if is_resumed and s.state.form is not None:
        return None
    asks_on = s.state.form is not None and is_question(s.whole) and s.whole.intent.startswith(s.state.form.skill)
    if _HELP_HAS_COME.search(s.whole.text) or _IN_HOSPITAL.search(s.whole.text):
        is_dropped = s.state.form is not None and _DROPS.search(s.whole.text) and not is_question(s.whole)
        return CancelForm() if is_dropped else Manner("relieved") if asks_on else None
    last = s.state.said[-1]
    if _is_coming(s.whole.text):
        return Manner("help_is_coming")
    if asks_on and last.startswith((*CALLS_FOR_HELP, *HELP_IS_COMING)):
        return PauseForm()  # which says that it is kept
    return _insisting(s, _alarm(last), is_new=last not in INSISTED) if _alarm(last) else None


def _insisting(s: Situation, kind: str, *, is_new: bool) -> Step | None:
    """Say it again to whoever does not call; going on with what was put aside counts as that, the first time."""
    is_alarm = s.whole.group == "emergency" and s.whole.confidence >= SURE
    if is_alarm and s.whole.intent != f"emergency.{kind}" and _CALLS.search(s.whole.text) is None:
        return None  # another danger
    is_played_down = _PLAYS_DOWN.search(s.whole.text) is not None
    is_yes = s.is_intent("dialog_control.affirm") and s.whole.confidence >= SURE and not is_played_down
    if _CALLS.search(s.whole.text) or is_yes:
        return Manner("calls_for_help")
    form = s.state.form
    is_of_form = form is not None and (s.whole.intent.startswith(form.skill) or slot_answers(s.whole, s.slots, form))
    is_other = (s.whole.confidence >= VERY_SURE and not is_alarm) or s.whole.group in {"handoff", "chitchat"}
    if is_other and not (is_new and is_of_form) and not is_played_down and not _NOT_THROUGH.search(s.whole.text):
        return None
    return Manner("insist" if kind == "medical" else "insist_on_leaving")


def _is_coming(text: str) -> bool:
    """Tell whether help was called or is near: 打了 车子来了, whatever is asked behind it."""
    found = _ON_THE_WAY.search(text)
    return found is not None and not asks(text[: found.end()]) and _NOT_COMING.search(text) is None


def _alarm(last: str) -> str:
    """Return the kind of danger that the last reply sent somebody to the telephone for, or an empty text."""
    if last in INSISTED:
        return "medical"
    if last in INSISTED_ON_LEAVING:
        return "fire"
    return next((kind for kind in ("medical", "fire", "disaster") if EMERGENCY[kind] in last), "")


def _is_urgent(s: Situation) -> bool:
    """Tell whether a symptom is said to have come on that belongs to 120 first, whatever is asked for beside it."""
    if s.whole.group not in _MAY_BE_ILL:
        return False
    urgent = [e for e in s.whole.entities_of("symptom") if e.value.get("urgent") and not e.value.get("negated")]
    return bool(urgent) and _SUDDEN.search(s.whole.text) is not None and not s.heard.is_history


def listening(s: Situation) -> Step | None:
    """Stay with somebody who spoke of suicide a moment ago, whatever the words are now."""
    last = s.state.said[-1] if s.state.said else ""
    is_other = s.whole.confidence >= VERY_SURE and s.whole.group not in {"chitchat", "dialog_control", OUT_OF_SCOPE}
    is_other = is_other and _OF_DEATH.search(s.whole.text) is None
    return Manner("listen") if _LIFELINE in last and s.form is None and not is_other else None
