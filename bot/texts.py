"""Every sentence that the city says and that belongs to no single skill. Several wordings are used in turn."""

from collections.abc import Sequence

CONFIRM, CHANGE, DO_NOT = "确认", "修改", "不办了"
YES, NO, GO_ON, PERSON = "好", "不用了", "接着办", "转人工"

WELCOME = "您好，我是绵办智能助手，可以帮您预约挂号、解答办事政策，也可以转给工作人员。请直接说您要办的事，比如“明天上午挂中心医院儿科”。"
HELP = (
    "您直接说要办的事就行，方言也可以。我能：\n• 挂号、改约、退号、查预约\n• 回答社保、医保、入学、证件等政策问题，并注明出处\n"
    "• 登记投诉和建议，给您工单号\n随时说“人工”可以找工作人员，说“算了”可以不办。"
)
READY = ("好的。请问您要办什么事？", "我在的。您想办什么，直接说就行。", "嗯，请说您要办的事。")
WAIT = ("好的，不着急，您准备好了再告诉我。", "没关系，您慢慢来，我等着。")
NOTHING_TO_CANCEL = ("您现在没有正在办理的事。需要办什么，直接告诉我。", "目前没有在办的事项，不用取消。您还想办什么？")
NOTHING_TO_RESUME = ("没有找到没办完的事。您想办什么，直接说就行。", "之前的事都办完了，没有要接着办的。您想办什么？")
NOTHING_TO_REPEAT = "我还没有说过什么。您想办什么，直接说就行。"

CANCELLED = "好的，{title}先不办了，没有提交任何东西。已填的内容给您留着，想继续时说“接着办”。"
RESTARTED = "好的，我们从头来办{title}。"
PAUSED = "好的，{title}先放着，已填的内容都在。想继续时说“接着办”。"
RESUMED = "好的，我们接着办{title}。"
STILL_OPEN = "另外，您的{title}还没办完，要接着办吗？"
BACK_TO_FORM = "我们接着办{title}。"
ASKED_LATER = "好的，{title}稍后再选。"
ALSO_ASKED = "您刚才还说了“{text}”，现在办吗？"
DECLINED = ("好的。还有别的事，随时告诉我。", "好的，听您的。需要的时候再叫我。")

WHICH_OF_THESE = ("您选哪一个？回复序号也行。", "好的，请从下面选一个。")
TAKEN = "好的，{what}。"
SO_FAR = "已选{what}。"
WHAT_TO_CHANGE = "好的，您想改哪一项？"
WHICH_MEANT = "您是想{options}？"
WHICH_MEANT_AGAIN = "我想再确认一下，您要办的是{options}？"
WHICH_QUESTION = "关于“{subject}”，您想问哪一样？点下面的，或者直接说您的情况都行。"
PUT_BACK = "好的，这个办完我接着帮您办“{text}”。"
WORK_ORDER_STATE = (
    "工单 {number}：{status}，{opened} 登记，最迟 {due} 前答复您。着急的话可以拨打12345（24小时）。",
    "工单 {number} 是 {opened} 登记的，现在{status}，最迟 {due} 前答复您。着急的话可以拨打12345（24小时）。",
)
WORK_ORDER_UNKNOWN = "没有查到您名下的工单 {number}，请核对一下单号（像 MY-20261123-000001），或者拨打12345查询。"
NOT_FITTING = (
    "抱歉，这句我没有完全明白。您可以换个说法，或者直接说要办的事，比如“挂号”“查社保政策”。",
    "还是没弄明白您的意思，不好意思。要不要我转给工作人员？",
    "我这边确实没能理解，已为您转给工作人员。",
)
OF_WHAT = (
    "您问的是哪件事？请连事情一起说，比如“社保卡补办要钱不”“挂号要带啥子”。",
    "是问哪一件事呢？把要办的事也说上，我才好查。",
)
NOT_IN_THERE = (
    "关于“{subject}”，这一点我手上的资料里没有写，不敢随便答您。可以拨打12345问清楚，或者回复“人工”找工作人员。"
)
SLOT_AGAIN = ("“{text}”我没对上号。", "抱歉，我还是没听准。", "不好意思，再说一次好吗？")
SORRY = (
    "抱歉，让您着急了。要找工作人员，直接说“人工”。",
    "对不起，给您添麻烦了，我抓紧办。需要的话，说“人工”找工作人员。",
)
SLOT_HARD = "抱歉，{title}这一项我还是没听准。您可以换个说法再说一次；要是不方便，我可以把您转给工作人员，您看要不要？"
SLOT_YES_TO_NOTHING = "好的。"
STILL_WRONG = ("这个{title}还是不对。", "抱歉，这个{title}还是用不了。", "{title}还是没对上。")
PERSON_INSTEAD = "要找工作人员，直接说“人工”。"
OFFER_PERSON = "要是不方便，我可以把您转给工作人员，您看要不要？"
REFUSED_ONCE = "理解您的顾虑。这一项是办理必须的：{why}"
REFUSED_TWICE = "没有这一项，网上确实办不了。可以转人工，请工作人员帮您想办法，您看要不要？"
NO_REASON_FOUND = "这一项是对方单位办理时要求填写的。您不方便的话，可以说“人工”找工作人员。"

HANDED_OFF = {
    "asked": "已为您转工作人员。现在座席还没有人在线，我给您登记了工单 {number}，最迟 {due} 前会在这里答复您。着急的话请直接拨打12345（24小时）。",
    "complaint": "您反映的情况我记下了，已登记工单 {number}，由工作人员受理，最迟 {due} 前答复您。地点、时间还没说全的，接着说，我补充进去；也可以拨打12345。",
    "misses": "几次都没帮上您，抱歉。我已登记工单 {number}，工作人员最迟 {due} 前会在这里答复您。着急的话请直接拨打12345（24小时）。",
    "refused": "好的，不填也没关系。我已登记工单 {number}，请工作人员帮您办，最迟 {due} 前在这里答复您。着急的话请拨打12345（24小时）。",
    "error": "刚才出了点问题，我已登记工单 {number}，工作人员最迟 {due} 前会处理。着急的话请拨打12345（24小时）。",
}
HANDED_OFF_ALREADY = (
    "您的工单 {number} 已经登记，工作人员会在 {due} 前在这里答复您。补充的情况我也记在工单里了。着急的话请拨打12345（24小时）。",
    "您说的我也补充到工单 {number} 里了，{due} 前在这里答复您。等不及的话，12345 是24小时的。",
)
ADDED_TO_ORDER = (
    "好的，这些我补充到工单 {number} 里了，最迟 {due} 前答复您。",
    "记下了，也补充到工单 {number} 里了。最迟 {due} 前答复您，着急的话请拨打12345（24小时）。",
)
WITHDRAWN = (
    "好的，您说不用了，我记在工单 {number} 里了。改主意了，再说“人工”。",
    "好的，工单 {number} 上我已注明您不需要了。要找工作人员，随时说“人工”。",
)
WITH_AGENT = "已转给工作人员，请稍等。"

EMERGENCY = {
    "medical": "请马上拨打 120，或者立刻去最近的医院急诊，不要等预约，也不要自己开车。打电话时说清地点、病人情况和联系电话。",
    "fire": "请马上离开危险的地方，拨打 119。不要回去拿东西，不要坐电梯；有人受伤同时拨打 120。",
    "crime": "请先到安全的地方，马上拨打 110。有人受伤同时拨打 120。",
    "traffic": "请先到安全的地方，马上拨打 122 报交通事故；有人受伤立即拨打 120。",
    "suicide": "先保证安全：请马上拨打 110 或 120，说清地点。如果是您自己很难受，也可以现在拨打心理援助热线 12356，会有人听您说；先别一个人待着，让身边的人陪着您。",
    "disaster": "请马上离开危险的地方，到空旷或高处，拨打 119 或 110；有人受伤拨打 120。闻到燃气味不要开关电器，到室外再打电话。",
}
LISTEN = (
    "我在听，您慢慢说。我是程序，帮得有限，但 12356 那头有人会听您说，现在就能打；身边有人的话，请先别一个人待着。",
    "您愿意说，我都听着。请把电话拨到 12356，有人陪您聊；觉得撑不住了，马上打 120 或者 110。",
)
RELIEVED = (
    "那就好，听医生的安排。要挂号复诊、问医保报销，随时跟我说。",
    "平安就好。后面要办什么，直接跟我说就行。",
)
EMERGENCY_RECORDED = "我已把这条情况记为紧急工单 {number} 提醒工作人员，但请不要等回复，先打电话。"
FORM_KEPT = "您刚才办的{title}我先放着，人安全了再说“接着办”。"

STALE_CHOICE = (
    "这个按钮是之前的，已经过期了，没有办理。请看最新的消息，或者直接打字告诉我。",
    "这个按钮也过期了，没有办理。请直接打字说您要办的事。",
)
TOO_LONG = "这条消息太长了（{length} 个字），我一次最多看 {limit} 个字。请分几条发给我，或者先说最要紧的一句。"
EMPTY = ("我没有收到文字。请把要办的事打字告诉我。", "这条是空的。请直接打字说您要办的事。")
UNSUPPORTED = (
    "我现在只看得懂文字，图片和语音还不行。请打字告诉我，或者说“人工”找工作人员。",
    "这条不是文字，我读不了，抱歉。请打字说一下要办的事。",
)
MAINTENANCE = "系统正在维护，暂时办不了事。您的消息已经收到；着急请拨打12345（24小时）。"

PENDING = "您的{title}已经提交给对方，对方还没有回话，正在处理中。结果一出来我马上告诉您，请先不要重复提交。"
DEPARTMENT_UNAVAILABLE = (
    "{title}的对方系统暂时连不上，刚才这一步没有办成，已填的内容都在。请过几分钟说“接着办”再试，或者说“人工”。"
)
DEPARTMENT_SILENT = (
    "对方系统暂时连不上，这一步没有办成，已填的内容都在。请过几分钟再发一次，或者说“人工”。",
    "对方系统还是连不上，已填的内容都在。您可以晚点再来说“接着办”，也可以说“人工”，或者拨打12345。",
)
DEPARTMENT_SILENT_AT_FIRST = (
    "对方系统暂时连不上，现在办不了，您说的我记下了。请过几分钟说“接着办”，我就接着帮您办；也可以说“人工”。",
    "对方系统还是连不上，您说的我留着。晚点说“接着办”就行，着急的话说“人工”，或者拨打12345。",
)
INQUIRY_UNAVAILABLE = "对方系统暂时连不上，这个现在查不了。请过几分钟再试，或者拨打12345。"
INTERNAL_ERROR = "抱歉，我这边出了点问题，这句没有处理好，您办的事没有丢。请再说一次，或者说“人工”。（编号 {trace}）"
GAVE_UP = "抱歉，您刚才那条消息我几次都没能处理好。已登记工单 {number}，工作人员最迟 {due} 前会在这里答复您。"
SOMETHING_STALE = "刚才填的有变化：{notice}"


def pick(wordings: Sequence[str], said: Sequence[str]) -> str:
    """Return the first wording that is in none of the last replies; the least recently said when all are."""
    for wording in wordings:
        if not any(wording in reply for reply in said):
            return wording
    return min(wordings, key=lambda wording: max(i for i, reply in enumerate(said) if wording in reply))


def join_choices(titles: Sequence[str]) -> str:
    """Return titles as people list them: “甲”，还是“乙”."""
    quoted = [f"“{title}”" for title in titles]
    return "，还是".join(quoted)
