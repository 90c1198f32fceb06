"""Carries one step out, and leads back to what was under way before it."""

from collections.abc import Awaitable, Callable
from typing import assert_never

from adapters.errors import DepartmentError, DepartmentRefused
from bot import texts
from bot.dialogue import events as ev
from bot.dialogue.policy import decide
from bot.dialogue.rules.requests import request_step
from bot.dialogue.rules.several import asked_also
from bot.dialogue.situation import Heard
from bot.dialogue.steps import (
    Act,
    AskKnowledge,
    AskWorkOrder,
    CancelForm,
    ChangeSlot,
    Clarify,
    Danger,
    Decline,
    ExplainSlot,
    FillSlots,
    HandOff,
    Inquire,
    Manner,
    NotFitting,
    OfferQuestions,
    OpenForm,
    PauseForm,
    PutBack,
    RefuseSlot,
    ResumeForm,
    SayText,
    Several,
    SkipSlot,
    Step,
    TakeQueued,
    TakeUp,
)
from bot.dialogue.turn import PendingEffect
from bot.messages import TurnStatus
from bot.performing.answers import AnswerSteps
from bot.performing.draft import Checkpoint, TurnDraft
from bot.performing.effects import EffectSteps
from bot.performing.forms import FormSteps
from bot.performing.handoffs import HandoffSteps
from bot.performing.repairs import RepairSteps
from nlu.interpretation import Interpretation
from skills.registry import Catalogue

FormStep = OpenForm | FillSlots | ChangeSlot | SkipSlot | RefuseSlot | Act | CancelForm | PauseForm | ResumeForm
Hearing = Callable[[str, TurnDraft], Awaitable[Heard]]
_ANSWERING = (AskKnowledge, AskWorkOrder, Inquire, SayText, ExplainSlot)


class Performer:
    """Dispatches a step to those who carry it out."""

    def __init__(
        self,
        catalogue: Catalogue,
        forms: FormSteps,
        answers: AnswerSteps,
        handoffs: HandoffSteps,
        repairs: RepairSteps,
        effects: EffectSteps,
    ) -> None:
        self._catalogue = catalogue
        self._forms = forms
        self._answers = answers
        self._handoffs = handoffs
        self._repairs = repairs
        self._effects = effects

    async def perform(self, step: Step, draft: TurnDraft, hear: Hearing) -> None:
        """Carry the step out; then return to the form that waits, or offer what else is open.

        `hear` understands a text that was put aside and is taken up now.
        """
        open_before = draft.state.form.form_id if draft.state.form else None
        before = draft.checkpoint()
        try:
            done = await self._try(step, draft, hear)
            await self._lead_back(done, open_before, draft, hear)
        except DepartmentError as error:
            self._say_it_failed(error, before, draft)

    async def _try(self, step: Step, draft: TurnDraft, hear: Hearing) -> Step:
        """Carry the step out, or what it says to do if its answers are none; return the one that was carried out."""
        if isinstance(step, FillSlots) and step.otherwise is not None:
            is_answered = await self._forms.fill(step, draft)
            return step if is_answered else await self._try(step.otherwise, draft, hear)
        if not isinstance(step, NotFitting | Clarify | FillSlots | SayText) and draft.state.misses:
            draft.happen(ev.WasUnderstood())
        await self._carry_out(step, draft, hear)
        return step

    def effect_under_way(self, draft: TurnDraft) -> PendingEffect | None:
        """Return the effect that a turn which failed may have asked for, or None."""
        return self._effects.effect_under_way(draft)

    def _say_it_failed(self, error: DepartmentError, before: Checkpoint, draft: TurnDraft) -> None:
        """Say that a department refused or was silent, as if nothing had been said; but what was done stays done."""
        if any(isinstance(event, ev.ActionAttempted) for event in draft.events):
            draft.end(TurnStatus.ERROR_DEPARTMENT_UNAVAILABLE)
            return
        draft.restore(before)
        form = draft.state.active_form
        draft.skill = form.skill if form else draft.skill
        if isinstance(error, DepartmentRefused):
            draft.say(error.reason, (texts.PERSON,))
            draft.end(TurnStatus.REFUSED_BY_DEPARTMENT)
            return
        wordings = texts.DEPARTMENT_SILENT if draft.state.form else texts.DEPARTMENT_SILENT_AT_FIRST
        if draft.state.form is None and not draft.state.queued:
            draft.happen(ev.RequestQueued(text=draft.message.text[:200]))
        draft.say(texts.pick(wordings, draft.said), (texts.PERSON,))
        draft.end(TurnStatus.ERROR_DEPARTMENT_UNAVAILABLE)

    async def _carry_out(self, step: Step, draft: TurnDraft, hear: Hearing) -> None:
        match step:
            case Danger():
                await self._handoffs.danger(step, draft)
            case HandOff():
                await self._handoffs.hand_off(step, draft)
                self._answers.beside(step.question, draft)
            case NotFitting():
                await self._repairs.not_fitting(step, draft)
            case Clarify():
                self._repairs.clarify(step, draft)
            case Manner():
                await self._repairs.manner(step, draft)
            case AskKnowledge() | OfferQuestions() | AskWorkOrder() | Inquire() | SayText() | ExplainSlot():
                await self._answer(step, draft)
            case TakeUp() | TakeQueued() | Decline() | Several() | PutBack():
                await self._take_up(step, draft, hear)
            case _:
                await self._work_on_form(step, draft)

    async def _work_on_form(self, step: FormStep, draft: TurnDraft) -> None:
        match step:
            case OpenForm():
                await self._forms.open(step, draft)
            case FillSlots():
                if step.question is not None:
                    await self._answer_question(step.question, draft)
                await self._fill(step, draft)
            case ChangeSlot():
                await self._forms.change(step, draft)
            case SkipSlot():
                await self._forms.skip(step, draft)
            case RefuseSlot():
                await self._repairs.refuse(step, draft)
            case _:
                await self._end_form(step, draft)

    async def _fill(self, step: FillSlots, draft: TurnDraft) -> None:
        if not await self._forms.fill(step, draft) and step.heard is not None:
            await self._repairs.not_fitting(NotFitting(step.heard), draft)

    async def _end_form(self, step: Act | CancelForm | PauseForm | ResumeForm, draft: TurnDraft) -> None:
        match step:
            case Act():
                await self._effects.act(draft)
            case CancelForm():
                await self._cancel(step, draft)
            case PauseForm():
                self._forms.pause(draft)
            case ResumeForm():
                await self._forms.resume(step, draft)
            case _:
                assert_never(step)

    async def _answer(
        self,
        step: AskKnowledge | OfferQuestions | AskWorkOrder | Inquire | SayText | ExplainSlot,
        draft: TurnDraft,
    ) -> None:
        match step:
            case AskKnowledge():
                self._answers.knowledge(step, draft)
            case OfferQuestions():
                self._answers.offer_questions(step, draft)
            case AskWorkOrder():
                await self._handoffs.tell_progress(step, draft)
            case Inquire():
                await self._answers.inquire(step, draft)
            case SayText():
                self._answers.text(step, draft)
            case ExplainSlot():
                self._answers.explain(step, draft)

    async def _answer_question(self, question: Interpretation, draft: TurnDraft) -> None:
        step = request_step(draft.state, question, self._catalogue)
        if isinstance(step, _ANSWERING):
            await self._answer(step, draft)

    async def _cancel(self, step: CancelForm, draft: TurnDraft) -> None:
        form = draft.state.form
        self._forms.cancel(step, draft)
        if step.restarts and form is not None:
            title = self._catalogue.forms[form.skill, form.action].title
            draft.say(texts.RESTARTED.format(title=title))
            draft.status = None
            await self._forms.open(OpenForm(form.skill, form.action), draft)

    async def _take_up(
        self, step: TakeUp | TakeQueued | Decline | Several | PutBack, draft: TurnDraft, hear: Hearing
    ) -> None:
        match step:
            case TakeUp():
                await self._take_text(step.text, step.intent, draft, hear)
            case TakeQueued():
                text = "，".join(filter(None, (draft.state.queued[0], step.beside)))
                draft.happen(ev.RequestTaken())
                await self._take_text(text, None, draft, hear)
            case Decline():
                if step.offer == "queued_request":
                    draft.happen(ev.RequestTaken())
                draft.say(texts.pick(texts.DECLINED, draft.said))
                draft.end(TurnStatus.ANSWERED)
                await self._forms.ask_again(draft)
            case PutBack():
                draft.happen(ev.RequestQueued(text=step.text[:200]))
                draft.say(texts.PUT_BACK.format(text=step.text[:40]))
                draft.end(TurnStatus.ASKED)
                await self._forms.ask_again(draft)
            case Several():
                await self._take_several(step, draft, hear)

    async def _take_several(self, step: Several, draft: TurnDraft, hear: Hearing) -> None:
        """Do the first; a question beside a form is answered at once, anything else waits, and is said to."""
        first = request_step(draft.state, step.first, self._catalogue) or NotFitting(step.first)
        for text in step.waiting:
            heard = await hear(text, draft)
            other = request_step(draft.state, heard.whole, self._catalogue)
            if isinstance(first, OpenForm) and isinstance(other, AskKnowledge | Inquire):
                await self._answer(other, draft)
                continue
            draft.happen(ev.RequestQueued(text=text[:200]))
            if isinstance(first, OpenForm):
                draft.say(texts.PUT_BACK.format(text=text[:40]))
        answered_as, draft.status = draft.status, None
        await self._carry_out(first, draft, hear)
        draft.end(answered_as or TurnStatus.ASKED)

    async def _take_text(self, text: str, intent: str | None, draft: TurnDraft, hear: Hearing) -> None:
        heard = await hear(text, draft)
        if intent is None:
            await self._carry_out(decide(draft.state, heard, self._catalogue), draft, hear)
            return
        owner = self._catalogue.intents[intent]
        whole = heard.whole
        meant = Interpretation(text, whole.normalized_text, intent, owner.group, 1.0, (), whole.entities)
        await self._carry_out(request_step(draft.state, meant, self._catalogue) or NotFitting(meant), draft, hear)

    async def _lead_back(self, step: Step, open_before: str | None, draft: TurnDraft, hear: Hearing) -> None:
        """After an answer ask the open slot again; after a form is closed go on with the one below; then what waits."""
        form = draft.state.form
        is_beside = isinstance(step, _ANSWERING) or (isinstance(step, HandOff) and step.reason == "complaint")
        if is_beside and draft.state.active_form is not None:
            await self._forms.ask_again(draft)
            return
        if (
            form is not None
            and form.paused == "digression"
            and (form.form_id != open_before or isinstance(step, OpenForm))
        ):
            draft.happen(ev.FormResumed())
            await self._forms.ask_again(draft)
            return
        if self._may_offer_queued(step, open_before, draft):
            await self._offer_queued(draft, hear)
        elif form is not None and form.paused == "gap" and isinstance(step, _ANSWERING):
            draft.say(texts.STILL_OPEN.format(title=self._forms.title(draft)), (texts.GO_ON, texts.NO))
            draft.happen(ev.OfferMade(offer="resume"))

    def _may_offer_queued(self, step: Step, open_before: str | None, draft: TurnDraft) -> bool:
        """Tell whether now is the time for what waits: after the first of several is done, or after a form is closed."""
        if not draft.state.queued or draft.state.active_form is not None or draft.status is TurnStatus.HANDED_OFF:
            return False
        is_closed = open_before is not None and draft.state.form is None
        return is_closed or isinstance(step, Several | TakeQueued)

    async def _offer_queued(self, draft: TurnDraft, hear: Hearing) -> None:
        """Answer a waiting question at once; ask before beginning anything longer."""
        text = draft.state.queued[0]
        heard = await hear(text, draft)
        step = asked_also(draft.state, heard.whole, self._catalogue)
        is_done_talking = draft.status in {TurnStatus.ANSWERED, TurnStatus.ANSWERED_PARTLY} or (
            draft.status is not None and draft.status.startswith("unanswerable")
        )
        if is_done_talking and isinstance(step, AskKnowledge | Inquire):
            draft.happen(ev.RequestTaken())
            await self._answer(step, draft)
            if draft.state.queued:
                await self._offer_queued(draft, hear)
            return
        draft.say(texts.ALSO_ASKED.format(text=text), (texts.YES, texts.NO))
        draft.happen(ev.OfferMade(offer="queued_request"))
