"""A question without a subject: 要钱不, 几天办得好 and 去哪里办 are about what was answered last."""

import re

from bot.dialogue.matching import is_question
from bot.dialogue.situation import SURE, VERY_SURE, Situation
from bot.dialogue.steps import AskKnowledge, Manner, Step
from skills.registry import IntentOwner

_LONGEST = 16
# What such a question is about, and the small words around it; what is left of it without them is its subject.
_ABOUT = (
    "(?:带|准备|要|交|拿)(?:些|点|哪些)?(?:啥子|啥|什么)|好多钱|多少钱|收费|费用|免费|押金|门票|票价|钱|材料|手续|证明|证件|资料|东西|条件|要求|流程|步骤|好久|多久|几天|几年|几个月|几月|几号|几点|啥时候|什么时候"
    "|何时|哪里|哪儿|哪个|哪|网上|手机上|线上|窗口|现场|预约|照相|拍照|代办|本人|亲自|电话|地址|补交|补缴|补办|备案|到账|有效期|期限|截止"
)
_SMALL = (
    "那么|那|请问|问一?[下哈]|还要|还|又|一共|总共|大概|最多|最少|最快|最迟|最晚|一般|一定|必须|需要|需|不要|要|得|收|交|缴|带|准备|提供|提交|填|开|关门|开门|下班|上班"
    "|好多|多少|一个月|一年|几|天|个|月份|月|年|份|证|卡|件|张|号|时间|之内|以内|内|拿得到|拿到|拿|领|取|批下来|下来|批|办理|办好|办完|办得好|办得到|办|申请|申报|报名|登记|换|补|认证|认|弄|整|搞"
    "|去|在|到|跑|地方|上面|上|能不能|可不可以|可以|得行|行不行|要不要|用不用|能|行|用|没得|没有|有没得|有没有|有|不|没|吗|嘛|么|呢|喃|哦|哈|啊|呀|了|的|就|也|都|先|再|是|给|发|满"
    "|娃儿|娃娃|孩子|小孩|老人|老年人|学生|咋个|咋|怎么|怎样|如何|啥子|啥|什么|哪些|些|自己|别人|家人|帮忙|我们|我|你们|你|他|她|人|它|这个|这"
)
_SUPPOSES = re.compile(r"^那?(?:要是|如果|万一|假如|要不是).+(?:[呢喃嘛]|咋办|怎么办|怎么样)")
_IS_ABOUT = re.compile(_ABOUT)
_NO_SUBJECT = re.compile(f"{_ABOUT}|{_SMALL}|[\\W_]")


def following_up(s: Situation) -> Step | None:
    """Ask the documents of the last answer, and no others: another subject's fee or date would be a wrong answer."""
    last, text = s.state.last_request, s.whole.text.strip()
    owner = s.catalogue.intents.get(last.intent) if last else None
    is_other = s.whole.group in {"emergency", "handoff", "complaint", "chitchat"} and s.whole.confidence >= VERY_SURE
    if s.form is not None or is_other:
        return None
    if not _supposes(s, owner) and (not is_question(s.whole) or not names_no_subject(text)):
        return None
    if owner is not None and owner.entry.handling == "knowledge":
        return AskKnowledge(s.whole, follows=True)
    is_out_of_the_blue = owner is None and s.state.last_form is None and s.state.form is None and not s.state.work_order
    return Manner("of_what") if is_out_of_the_blue else None


def _supposes(s: Situation, owner: IntentOwner | None) -> bool:
    """Tell whether another case of what was answered is put: 要是我自己辞的职喃."""
    is_own = s.whole.confidence < SURE or (owner is not None and s.whole.intent == owner.entry.name)
    is_short = len(s.whole.text) <= _LONGEST and _SUPPOSES.match(s.whole.text.strip()) is not None
    return owner is not None and owner.entry.handling == "knowledge" and is_own and is_short


def names_no_subject(text: str) -> bool:
    """Tell whether a question asks about a fee, a time, a place and the like, and names nothing that has them."""
    if len(text) > _LONGEST:
        return False
    return _IS_ABOUT.search(text) is not None and not _NO_SUBJECT.sub("", text)
