"""The steps of repair: not understood, which of two, say it again, simpler, a refusal."""

import re

from bot import texts
from bot.dialogue import events as ev
from bot.dialogue.events import OfferedOption
from bot.dialogue.matching import is_question
from bot.dialogue.situation import SURE
from bot.dialogue.steps import Clarify, HandOff, Manner, NotFitting, RefuseSlot
from bot.messages import TurnStatus
from bot.performing.answers import AnswerSteps
from bot.performing.draft import TurnDraft
from bot.performing.forms import MISSES_TO_OFFER, FormSteps, is_cross
from bot.performing.handoffs import HandoffSteps
from bot.redaction import mask
from knowledge.model import AnswerStatus
from nlu.interpretation import Interpretation
from skills.registry import Catalogue

_MISSES_TO_HAND_OVER = 3
_OUT_OF_SCOPE = "out_of_scope"
_SIMPLY, _AGAIN = "简单说：", "再说一遍："
_REMARKS = frozenset({"age", "relation"})
_BEGINS_WITH_A_YES = re.compile(r"(?:行|好|好嘛|好的|要得|可以|得行|嗯|对|对头|是的)(?:[，,。.！!\s]|$)")


class RepairSteps:
    """Carries out the steps that mend a conversation."""

    def __init__(self, catalogue: Catalogue, forms: FormSteps, answers: AnswerSteps, handoffs: HandoffSteps) -> None:
        self._catalogue = catalogue
        self._forms = forms
        self._answers = answers
        self._handoffs = handoffs

    async def not_fitting(self, step: NotFitting, draft: TurnDraft) -> None:
        """Try knowledge, then say so; twice in a row offer a person, three times hand over."""
        is_open = draft.state.active_form is None or is_question(step.interpretation)
        if step.may_be_question and is_open and self._answer_anyway(step, draft):
            await self._forms.ask_again(draft)
            return
        if draft.state.active_form is None and is_clearly_beside(step.interpretation):
            self._say_beside(step, draft)
            return
        draft.happen(ev.NotUnderstood())
        misses = draft.state.misses
        if misses >= _MISSES_TO_HAND_OVER:
            await self._handoffs.hand_off(HandOff("misses"), draft)
            return
        if draft.state.active_form is not None:
            await self._ask_slot_again(step, misses, draft)
        elif misses >= MISSES_TO_OFFER:
            draft.say(texts.NOT_FITTING[1], (texts.YES, texts.NO))
            draft.happen(ev.OfferMade(offer="person"))
            draft.end(TurnStatus.UNANSWERABLE_OUT_OF_SCOPE)
        else:
            self._say_beside(step, draft)

    def _answer_anyway(self, step: NotFitting, draft: TurnDraft) -> bool:
        """Answer from knowledge if it is sure of a source, whatever the intent looked like."""
        if is_question(step.interpretation) and self._answers.of_the_last(step.interpretation, draft):
            return True
        answer = self._answers.best_answer(step.interpretation, draft)
        if answer.status is not AnswerStatus.ANSWERED:
            return False
        self._answers.say_answer(answer, draft)
        return True

    def _say_beside(self, step: NotFitting, draft: TurnDraft) -> None:
        """Say that something is beside what the city does, or that a question has no source, or that it was unclear."""
        out_of_scope = self._catalogue.intents.get(_OUT_OF_SCOPE)
        if step.interpretation.is_out_of_scope and out_of_scope is not None:
            draft.say(texts.pick(out_of_scope.entry.texts, draft.said), (texts.PERSON,))
            draft.end(TurnStatus.UNANSWERABLE_OUT_OF_SCOPE)
        elif step.may_be_question and is_question(step.interpretation):
            self._answers.say_answer(self._answers.answer_to(step.interpretation.text, draft), draft)
        else:
            draft.say(texts.NOT_FITTING[0], (texts.PERSON,))
            draft.end(TurnStatus.UNANSWERABLE_OUT_OF_SCOPE)

    async def _ask_slot_again(self, step: NotFitting, misses: int, draft: TurnDraft) -> None:
        form = draft.open_form
        draft.skill = form.skill
        if misses >= MISSES_TO_OFFER and form.asked is not None:
            title = self._forms.filling.slots(draft)[form.asked].title
            draft.say(texts.SLOT_HARD.format(title=title), (*(option.label for option in form.options), texts.PERSON))
            draft.happen(ev.OfferMade(offer="person"))
        else:
            said = mask(step.interpretation.text)[:20]
            missed = self._missed(step.interpretation, said, draft)
            draft.say(missed)
            if missed == texts.SLOT_YES_TO_NOTHING:
                self._forms.recall(draft)
            await self._forms.go_on(draft)
            if misses >= MISSES_TO_OFFER:
                last = draft.replies.pop()
                draft.say(f"{last.text}\n{texts.PERSON_INSTEAD}", (*last.choices, texts.PERSON))
        draft.status = TurnStatus.CLARIFICATION

    def _missed(self, heard: Interpretation, said: str, draft: TurnDraft) -> str:
        """Return how to say that something was no answer: a yes was one of sorts, and anger is met with an apology."""
        owner, form = self._catalogue.intents.get(heard.intent), draft.open_form
        is_same = owner is not None and (owner.manifest.name, owner.entry.argument) == (form.skill, form.action)
        is_choice = heard.intent in {"dialog_control.choose", "dialog_control.anything"} and not form.options
        is_yes = heard.intent == "dialog_control.affirm" or _BEGINS_WITH_A_YES.match(heard.text) is not None
        is_angry = is_cross(heard) or heard.intent == "chitchat.scold_bot"
        is_remark = bool(heard.entities) and {e.type for e in heard.entities} <= _REMARKS and not is_question(heard)
        if is_yes or is_choice or is_same or (is_remark and not is_angry):
            return texts.SLOT_YES_TO_NOTHING
        if is_angry:
            return texts.pick(texts.SORRY, draft.said)
        return texts.pick([wording.format(text=said) for wording in texts.SLOT_AGAIN], draft.said)

    def clarify(self, step: Clarify, draft: TurnDraft) -> None:
        """Ask which of two intents was meant."""
        entries = [self._catalogue.intents[intent].entry for intent in step.intents]
        options = tuple(OfferedOption(label=entry.title, value=entry.name) for entry in entries)
        draft.happen(ev.ClarificationAsked(text=step.text[:500], options=options))
        titles = texts.join_choices([option.label for option in options])
        wording = texts.pick(
            (texts.WHICH_MEANT.format(options=titles), texts.WHICH_MEANT_AGAIN.format(options=titles)), draft.said
        )
        draft.say(wording, (*(option.label for option in options), texts.PERSON))
        draft.end(TurnStatus.CLARIFICATION)

    async def refuse(self, step: RefuseSlot, draft: TurnDraft) -> None:
        """Explain a required slot once; after that offer a person."""
        form = draft.open_form
        draft.skill = form.skill
        slot = self._forms.filling.slots(draft)[step.slot]
        if texts.REFUSED_TWICE in draft.state.said:
            await self._handoffs.hand_off(HandOff("refused"), draft)
            return
        if step.slot in form.explained:
            draft.say(texts.REFUSED_TWICE, (texts.YES, texts.NO))
            draft.happen(ev.OfferMade(offer="person"))
            draft.end(TurnStatus.REFUSED_SLOT)
            return
        reason = self._answers.reason(slot.why)
        draft.happen(ev.SlotExplained(slot=step.slot))
        draft.say(texts.REFUSED_ONCE.format(why=reason.quote) if reason else texts.NO_REASON_FOUND)
        draft.end(TurnStatus.REFUSED_SLOT)
        await self._forms.ask_again(draft)

    async def manner(self, step: Manner, draft: TurnDraft) -> None:
        """Say it again, simpler; help; wait."""
        wordings = {
            "wait": texts.WAIT,
            "ready": texts.READY,
            "nothing_to_cancel": texts.NOTHING_TO_CANCEL,
            "nothing_to_resume": texts.NOTHING_TO_RESUME,
            "which": texts.WHICH_OF_THESE,
            "listen": texts.LISTEN,
            "relieved": texts.RELIEVED,
            "insist": texts.INSISTED,
            "insist_on_leaving": texts.INSISTED_ON_LEAVING,
            "calls_for_help": texts.CALLS_FOR_HELP,
            "help_is_coming": texts.HELP_IS_COMING,
            "of_what": texts.OF_WHAT,
            "help": (texts.HELP, texts.WELCOME),
        }
        if step.manner in {"repeat", "simplify"}:
            await self._say_again(step.manner == "simplify", draft)
            return
        choices = tuple(draft.state.choices) if step.manner == "which" else ()
        text = texts.pick(wordings[step.manner], draft.said)
        if step.manner == "help_is_coming" and draft.state.form is not None:
            text = f"{text}\n{texts.FORM_KEPT.format(title=self._forms.title(draft))}"
        draft.say(text, choices)
        draft.end(TurnStatus.ASKED if choices else TurnStatus.ANSWERED)
        if step.manner == "help":
            await self._forms.ask_again(draft)

    async def _say_again(self, is_simpler: bool, draft: TurnDraft) -> None:
        if draft.state.active_form is not None:
            self._forms.recall(draft)
            await self._forms.go_on(draft)
            return
        if draft.state.said:
            last = draft.state.said[-1].removeprefix(_SIMPLY).removeprefix(_AGAIN)
            draft.say(simpler(last) if is_simpler else f"{_AGAIN}{last}")
        else:
            draft.say(texts.NOTHING_TO_REPEAT)
        draft.status = TurnStatus.ANSWERED


def is_clearly_beside(heard: Interpretation) -> bool:
    """Tell whether this was understood, and understood to be none of the city's business."""
    return heard.is_out_of_scope and heard.confidence >= SURE and is_question(heard)


def simpler(text: str) -> str:
    """Return the first sentence of a reply: what is most to the point comes first in all that we say."""
    first = text.split("\n", 1)[0]
    end = next((i for i, character in enumerate(first) if character in "。！？" and i >= 8), len(first) - 1)
    return f"{_SIMPLY}{first[: end + 1]}"
