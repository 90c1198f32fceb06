"""Rules for what refers back to the last question or answer: 要钱不 and 去哪里办 name no subject, 那儿科呢 exchanges a name."""

import re
from dataclasses import replace

from bot.dialogue.matching import ENDS_AS_QUESTION, is_question, slot_answers
from bot.dialogue.rules.requests import form_for
from bot.dialogue.situation import LIKELY, SURE, VERY_SURE, Situation
from bot.dialogue.steps import AskKnowledge, Manner, Step, TakeUp
from bot.dialogue.tracker import FormState, Request
from nlu.clauses import last_clause
from nlu.interpretation import OUT_OF_SCOPE, Interpretation
from skills.registry import IntentOwner

_LONGEST = 16
# What such a question is about, and the small words around it; what is left of it without them is its subject.
_ABOUT = (
    "(?:带|准备|要|交|拿)(?:些|点|哪些)?(?:啥子|啥|什么)|好多钱|多少钱|收费|费用|免费|利息|利率|额度|好处|用处|作用|押金|门票|票价|钱|材料|手续|证明|证件|资料|东西|条件|要求|流程|步骤|哪个部门|哪个单位|好久|多久|几天|几年|几个月|几月|几号|几点|啥时候|什么时候"
    "|何时|哪里|哪点儿?|哪哈儿?|哪儿|哪个|哪|网上|手机上|线上|窗口|现场|预约|照相|拍照|代办|本人|亲自|电话|地址|补交|补缴|补办|备案|到账|有效期|期限|截止|一个月(?:有|发|给|领|得)?(?:好多|多少)"
)
_SMALL = (
    "那么|那|明天|明早|明儿|后天|后儿|今天|当天|(?:下|出|拿|办|批|整|弄|搞)(?:得|不)?(?:下来|出来|来|到|完|成|好(?!多))|请问|问一?[下哈]|还要|还|又|一共|总共|大概|最多|最少|最快|最迟|最晚|一般|一定|必须|需要|需|不要|要|得|收|交|缴|带|准备|提供|提交|填|开|关门|开门|下班|上班"
    "|好多|多少|一个月|一年|一个|几|天|个|等|月份|月|年|份|证|卡|件|张|号|时间|之内|以内|内|拿得到|拿到|拿|领|取|批下来|下来|批|办理|办好|办完|办得好|办得到|办|申请|申报|报名|登记|换|补|认证|认|弄|整|搞"
    "|去|在|到|跑|地方|上面|上|能不能|可不可以|可以|得行|行不行|要不要|用不用|能|行|用|没得|没有|有没得|有没有|有|不|没|吗|嘛|么|呢|喃|哦|哈|啊|呀|了|的|就|也|都|先|再|是|给|发|满"
    "|哪个部门|哪个单位|部门|单位|窗口|问|打|到时候|时候|来着|正式的|那张|这张|那个证|那本|报上去|交上去|递上去|结果|答复|回音|消息|娃儿|娃娃|孩子|小孩|老人|老年人|学生|咋个|咋|怎么|怎样|如何|啥子|啥|什么|哪些|些|自己|别人|家人|帮忙|我们|我|你们|你|他|她|人|它|这个|这"
)
_SUPPOSES = re.compile(r"^那?(?:要是|如果|万一|假如|要不是)")
_BY_THE_WAY = re.compile(r"^(?:顺便|再|另外|还想|还|对了|哦|，|,|\s){0,3}(?:问|请教)(?:一?[下哈]子?)?[，,\s]{0,2}")
_ELSEWHERE = frozenset({"emergency", "handoff", "complaint", "chitchat"})
_SUPPOSING_ENDS = re.compile(r"[呢喃嘛]|咋办|怎么办|怎么样")
_THAT_ONE = re.compile(r"(?:刚|刚才|将才|前面|先前|上面)(?:我)?(?:说|问|讲|答)的?(?:那个|这个|那件事|那件|那项)")
_LONGEST_CASE = 28
_SO_CAN_HE = re.compile(
    r"那(?:他|她|我|我妈|我爸|他们|这种|这样|这)?(?:还|也|又)?(?:能不能|可不可以|可以|能)?(?:领|拿|报|办|算|享受|申请)(?:得到|得成|不领得到|不报得到|不算)?[^，。,.]{0,3}(?:不|吗|嘛|没得)?[?？]?$"
)
_MEANWHILE = re.compile(
    r"^(?:那|那么|这)?(?:领|办|请|休|等|交|还|租|读|住|取)?(?:的|起的?|这个)?(?:时候|期间|这段时间|那段时间)"
)
_IS_ABOUT = re.compile(_ABOUT)
_NO_SUBJECT = re.compile(f"{_ABOUT}|{_SMALL}|[\\W_]")
_OTHERS = re.compile(r"别的|其他|其它|另外的|换一?[个家天]|还有没得|还有没有|还有吗")
_TAKES_IT = re.compile(r"(?:挂|就|要|选)(?:第一个|[这那]个|它)(?![是有])")
_LONGEST_FRAGMENT = 12
_LONGEST_EXCHANGE = 24  # 三医院太远了，换成404看得行不
_AND_WHAT = re.compile(r"^那|[呢喃][?？]?$")
_AND_OF_ANOTHER = re.compile(r"那(?:如果|要是|假如)?.{1,8}[呢喃]")
_NOT_IN_ITS_PLACE = frozenset(
    {"ordinal", "any", "symptom", "age", "relation", "person_name", "amount", "phone", "id_number"}
)


def following_up(s: Situation) -> Step | None:
    """Ask the documents of the last answer, and no others: another subject's fee or date would be a wrong answer."""
    last, text = s.state.last_request, _without_preface(s.whole)
    owner = s.catalogue.intents.get(last.intent) if last else None
    is_other = s.whole.group in _ELSEWHERE and s.whole.confidence >= VERY_SURE
    if is_other and not (s.whole.group == "chitchat" and names_no_subject(text)):
        return None
    if s.form is not None and not _was_just_asked(s):
        return _of_the_form(s, s.form, text)
    if s.form is None and _is_of_what_was_done(s, text):
        return AskKnowledge(replace(s.whole, text=text), of_form=True)
    refers = owner is not None and (_MEANWHILE.match(text) is not None or _of_another_person(s))
    is_of_it = _supposes(s, owner) or refers or _is_a_fragment(s)
    if not is_of_it and (not is_question(s.whole) or not names_no_subject(text)):
        return None
    if owner is not None and owner.entry.handling == "knowledge":
        return AskKnowledge(s.whole if is_of_it else replace(s.whole, text=text), follows=True)
    is_out_of_the_blue = (
        owner is None
        and s.form is None
        and s.state.last_form is None
        and s.state.form is None
        and not s.state.work_order
    )
    return Manner("of_what") if is_out_of_the_blue else None


def _of_the_form(s: Situation, form: FormState, text: str) -> Step | None:
    """Ask the form's own guides what names no subject in the middle of it: 要钱不 while a visit is booked."""
    owner = s.catalogue.intents.get(s.whole.intent)
    is_of_skill = owner is not None and owner.manifest.name == form.skill and s.whole.confidence >= LIKELY
    is_bare = is_question(s.whole) and names_no_subject(text) and not slot_answers(s.whole, s.slots, form)
    return AskKnowledge(s.whole, of_form=True) if is_bare and not is_of_skill else None


def _is_of_what_was_done(s: Situation, text: str) -> bool:
    """Tell whether a question that names no subject follows on what was just done: 谢谢哈，那我明天要带啥子去喃."""
    last = s.state.last_request
    is_latest = s.state.last_form is not None and (last is None or last.turn <= s.state.last_form_turn)
    return is_latest and is_question(s.whole) and names_no_subject(text)


def _is_a_fragment(s: Situation) -> bool:
    """Tell whether a few words ask the last question of another case: 剖腹产的呢."""
    last, text = s.state.last_request, s.whole.text.strip()
    is_fragment = len(text) <= _LONGEST_FRAGMENT and ENDS_AS_QUESTION.search(text) is not None
    named = {kind for kind, _ in last.named} if last else set()
    is_exchange = any(entity.type in named for entity in s.whole.entities)
    return is_fragment and last is not None and bool(last.spans) and not is_exchange


def _of_another_person(s: Situation) -> bool:
    """Tell whether the same is asked of somebody else's case: 我老公是自己辞的工，那他领得到不."""
    is_other = s.whole.confidence >= VERY_SURE
    return not is_other and is_question(s.whole) and _SO_CAN_HE.search(s.whole.text) is not None


def _was_just_asked(s: Situation) -> bool:
    """Tell whether the last turn answered a question beside the form, and this does not fill it."""
    last = s.state.last_request
    return last is not None and last.turn == s.state.turns - 1 and not slot_answers(s.whole, s.slots, s.form)


def _without_preface(heard: Interpretation) -> str:
    """Return what is asked behind words about the writer, or about what was said (不好意思刚去接娃儿了，那多久能拿到; 刚说的那个要带啥)."""
    end = last_clause(heard.text)
    is_talk = heard.group in {"dialog_control", "chitchat", OUT_OF_SCOPE} or heard.confidence < SURE
    text = (end if end is not None and is_talk else heard.text).strip()
    return _THAT_ONE.sub("", text)


def _supposes(s: Situation, owner: IntentOwner | None) -> bool:
    """Tell whether another case of what was answered is put: 要是我自己辞的职喃."""
    is_own = s.whole.confidence < SURE or (owner is not None and s.whole.intent == owner.entry.name)
    asks = _SUPPOSING_ENDS.search(s.whole.text) is not None or is_question(s.whole)
    text = _BY_THE_WAY.sub("", s.whole.text.strip())
    is_short = len(text) <= _LONGEST_CASE and asks and _SUPPOSES.match(text) is not None
    return owner is not None and owner.entry.handling == "knowledge" and is_own and is_short


def names_no_subject(text: str) -> bool:
    """Tell whether a question asks about a fee, a time, a place and the like, and names nothing that has them."""
    if len(text) > _LONGEST:
        return False
    return _IS_ABOUT.search(text) is not None and not _NO_SUBJECT.sub("", text)


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
    is_known_form = own_handling != "form" or s.state.last_form is not None or not _turns_down(s.whole)
    says_enough = s.whole.confidence >= SURE and own_handling not in {"", "control"} and not is_same_inquiry
    says_enough = says_enough and is_known_form  # 三医院太远了，换成404看得行不 moves nothing
    if says_enough and not wants_others and not ENDS_AS_QUESTION.search(s.whole.text):
        return None  # 那养老保险要交几年 says by itself what it asks
    if (onward := _leading_on(s, owner, types)) is not None:
        return onward
    exchanged = _exchanged(s, last) if owner.entry.handling == "knowledge" else None
    if exchanged is not None:
        return TakeUp(exchanged)
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


def booking_what_was_looked_up(s: Situation) -> Step | None:
    """Take 那就明天上午，娃儿叫王梓涵… after a look at a hospital's clinics for a booking there: the names were said."""
    last = s.state.last_request
    if s.form is not None or last is None or last.turn != s.state.turns - 1 or is_question(s.whole):
        return None
    owner = s.catalogue.intents.get(last.intent)
    if owner is None or owner.entry.handling != "inquiry":
        return None
    form = form_for(s.whole, owner, s.catalogue)
    if form is None:
        return None
    slots = s.catalogue.forms[form.manifest.name, form.entry.argument].model.slots()
    kinds = {kind for slot in slots.values() if slot.is_carried_over for kind in slot.entities}
    names = [text for kind, text in last.named if kind in kinds and not s.whole.entities_of(kind)]
    return TakeUp("，".join((*names, s.whole.text)), form.entry.name) if names else None


def _turns_down(heard: Interpretation) -> bool:
    return any(entity.value.get("negated") for entity in heard.entities if entity.type != "symptom")


def and_what(s: Situation) -> Step | None:
    """那儿科呢, or 三医院太远了，404呢, asks again even where the bare name would mean something by itself."""
    return referring_back(s) if _AND_WHAT.search(s.whole.text) or _turns_down(s.whole) else None
