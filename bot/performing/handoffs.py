"""The steps that bring a person in: handoff, danger, a message that could not be handled."""

from bot import texts
from bot.dialogue import events as ev
from bot.dialogue.situation import COMPLAINT
from bot.dialogue.steps import AskWorkOrder, Danger, HandOff
from bot.handoff import Desk, Packet, WorkOrder, WorkOrders, due_words, events_of_ticket, is_still_open, move
from bot.messages import TurnStatus
from bot.performing.draft import TurnDraft
from bot.performing.forms import FormSteps
from bot.redaction import mask

_LONGEST_ECHO = 40
_LONGEST_NOTED = 200
_REASONS_OF_ONE_ORDER = frozenset({"asked", "misses", "refused"})


class HandoffSteps:
    """Carries out the steps that end with a person."""

    def __init__(self, desk: Desk, work_orders: WorkOrders, forms: FormSteps) -> None:
        self._desk = desk
        self._work_orders = work_orders
        self._forms = forms

    async def hand_off(self, step: HandOff, draft: TurnDraft) -> None:
        """Pass the session to a person, or write a work order when nobody is at the desk."""
        draft.skill = _skill_of(step.reason)
        if (step.adds or step.reason in _REASONS_OF_ONE_ORDER) and await self._add_to_open_order(step, draft):
            return
        is_staffed = await self._desk.is_staffed()
        if draft.state.active_form is not None and (is_staffed or step.reason != "complaint"):
            draft.happen(ev.FormPaused(reason="asked"))
        if is_staffed:
            draft.happen(move(draft.state.control, "queued", step.reason))
            draft.say(texts.WITH_AGENT)
        else:
            order = await self._open_order(step.reason, draft)
            self._back_to_bot(draft)
            draft.happen(*events_of_ticket(draft.state, step.reason, order))
            words = _shortened(mask(draft.message.text))
            text = texts.HANDED_OFF[step.reason]
            draft.say(text.format(number=order.number, due=due_words(order.due_date), words=words))
        if step.reason == "complaint":
            draft.happen(ev.RequestUnderstood(intent=COMPLAINT, text=draft.message.text[:_LONGEST_NOTED]))
        draft.happen(ev.WasUnderstood())
        draft.end(TurnStatus.HANDED_OFF)

    async def danger(self, step: Danger, draft: TurnDraft) -> None:
        """Name the emergency line at once, and tell a person; a form that was under way is kept."""
        order = await self._open_order("emergency", draft)
        lines = [texts.EMERGENCY[step.kind], texts.EMERGENCY_RECORDED.format(number=order.number)]
        if draft.state.active_form is not None:
            lines.append(texts.FORM_KEPT.format(title=self._forms.title(draft)))
            draft.happen(ev.FormPaused(reason="asked"))
        draft.happen(ev.WorkOrderOpened(number=order.number), ev.WasUnderstood())
        draft.say("\n".join(lines))
        draft.skill = "emergency"
        draft.end(TurnStatus.GUARDED_CRISIS if step.kind == "suicide" else TurnStatus.GUARDED_EMERGENCY)

    async def tell_progress(self, step: AskWorkOrder, draft: TurnDraft) -> None:
        """Say how far a work order is, to the citizen whose it is."""
        number = step.number or draft.state.work_order or ""
        draft.skill = _skill_of(draft.state.control_reason)
        order = await self._work_orders.get(number)
        if order is None or order.user_id != draft.message.user_id:
            draft.say(texts.WORK_ORDER_UNKNOWN.format(number=number), (texts.PERSON,))
            draft.end(TurnStatus.UNANSWERABLE_NO_SOURCE)
            return
        opened, due = due_words(order.opened_date), due_words(order.due_date)
        wordings = [
            text.format(number=number, status=order.status, opened=opened, due=due) for text in texts.WORK_ORDER_STATE
        ]
        words = texts.WORDS_OF_ORDER.format(words="；".join(order.words)) if step.with_words else ""
        draft.say(f"{texts.pick(wordings, draft.said)}{words}")
        draft.end(TurnStatus.ANSWERED)

    async def give_up(self, draft: TurnDraft) -> None:
        """Tell the citizen that a message could not be handled, and leave it to a person."""
        order = await self._open_order("error", draft)
        draft.happen(ev.WorkOrderOpened(number=order.number))
        draft.say(texts.GAVE_UP.format(number=order.number, due=due_words(order.due_date)))
        draft.end(TurnStatus.ERROR_INTERNAL)

    def _back_to_bot(self, draft: TurnDraft) -> None:
        if draft.state.control in {"ticket", "closed"}:
            draft.happen(move(draft.state.control, "bot", "another matter"))

    async def _add_to_open_order(self, step: HandOff, draft: TurnDraft) -> bool:
        """Add to the work order that a person already has for this session, if its day is still to come."""
        if draft.state.control != "ticket" or draft.state.work_order is None:
            return False
        if not step.adds and draft.state.control_reason not in _REASONS_OF_ONE_ORDER:
            return False
        order = await self._work_orders.get(draft.state.work_order)
        if order is None or not is_still_open(order, draft.message.sent_at):
            return False
        await self._work_orders.add_note(order.number, draft.message.key, mask(draft.message.text))
        due = due_words(order.due_date)
        if step.withdraws:
            wordings = texts.WITHDRAWN
        else:
            wordings = texts.ADDED_TO_ORDER if step.adds else texts.HANDED_OFF_ALREADY
        words = _shortened(mask(draft.message.text))
        draft.say(texts.pick([t.format(number=order.number, due=due, words=words) for t in wordings], draft.said))
        draft.happen(ev.WasUnderstood())
        draft.end(TurnStatus.ANSWERED if step.withdraws else TurnStatus.HANDED_OFF)
        return True

    async def _open_order(self, reason: str, draft: TurnDraft) -> WorkOrder:
        form = draft.state.form
        packet = Packet(
            reason=reason,
            session_id=draft.message.session_id,
            user_id=draft.message.user_id,
            text=mask(draft.message.text),
            form_title=self._forms.title(draft) if form else "",
            slots={name: mask(slot.shown) for name, slot in form.slots.items()} if form else {},
            recent_replies=tuple(mask(text) for text in draft.state.said),
            trace_id=draft.trace_id,
        )
        return await self._work_orders.open(f"{draft.message.session_id}/{draft.sequence}/{reason}", packet)


def _shortened(words: str) -> str:
    """Return what is said back of a message."""
    return words if len(words) <= _LONGEST_ECHO else f"{words[:_LONGEST_ECHO]}……"


def _skill_of(reason: str) -> str:
    """Return the skill that a turn with a work order belongs to."""
    return "complaint" if reason == "complaint" else "handoff"
