"""The steps that answer: from the knowledge base, from a department, or with a sentence of a manifest."""

from collections.abc import Mapping

from adapters.errors import DepartmentError, DepartmentRefused
from bot import texts
from bot.dialogue import events as ev
from bot.dialogue.rules.following import names_no_subject
from bot.dialogue.situation import ALARMING, SURE
from bot.dialogue.steps import AskKnowledge, ExplainSlot, Inquire, OfferQuestions, SayText
from bot.dialogue.tracker import Request
from bot.messages import QuotedSource, TurnStatus
from bot.performing.draft import TurnDraft
from bot.performing.finding import AnswerFinder, documents_of, refers_back, spans_of
from bot.performing.forms import FormSteps
from knowledge.model import Answer, Citation
from knowledge.service import Knowledge
from nlu.interpretation import Entity, Interpretation
from skills.contract import Inquiry, Skill
from skills.registry import Catalogue, IntentOwner

_FEWEST_OFFERED, _MOST_OFFERED = 2, 4
_MOST_TOLD = 6
_LONGEST_NOTED = 200
_LONGEST_SUBJECT = 30
_LONGEST_ASIDE = 8
_LATELY = 2  # turns


class AnswerSteps:
    """Carries out the steps that answer a question. None of them changes a slot."""

    def __init__(
        self, knowledge: Knowledge, skills: Mapping[str, Skill], catalogue: Catalogue, forms: FormSteps
    ) -> None:
        self._knowledge = knowledge
        self._finder = AnswerFinder(knowledge, catalogue)
        self._skills = skills
        self._catalogue = catalogue
        self._forms = forms

    def knowledge(self, step: AskKnowledge, draft: TurnDraft) -> None:
        """Answer a policy question with its sources, or say that there is none."""
        last = draft.state.last_request
        if step.follows and last is not None:
            self._follow(step, last, draft)
        elif step.of_law and last is not None:
            self._of_law(step.interpretation, last, draft)
        elif step.of_form:
            self._of_form(step.interpretation, draft)
        else:
            self._ask(step, last, draft)

    def _ask(self, step: AskKnowledge, last: Request | None, draft: TurnDraft) -> None:
        heard, day = step.interpretation, draft.day
        answer, owner = self.best_answer(heard, draft), self._catalogue.intents.get(heard.intent)
        if step.is_also and last is not None and last.intent == heard.intent:
            is_told = set(spans_of(answer)) <= set(last.spans)
            self._say_further(answer, last, draft, is_silent=is_told)
            return
        may_refer = refers_back(heard.text) or self._is_of_one_skill(owner, last)
        may_refer = may_refer and not heard.entities_of("venue")  # 那图书馆喃 names what it is about
        is_doubtful = heard.confidence < (ALARMING if may_refer else SURE)
        is_unclear = not answer.citations or (is_doubtful and self._is_right_after(last, draft))
        if is_unclear and last is not None and self._finder.is_beside(owner, last, heard):
            further = self._finder.further(heard, last, day)
            if further is not None and (step.is_also or not further.is_told):
                self._say_further(further.answer, last, draft, is_silent=further.is_told)
                return
        if not answer.citations and (general := self._finder.in_general(heard, owner, day)) is not None:
            draft.say(texts.IN_GENERAL)
            answer = general
        is_lost = last is not None and bool(last.spans) and not answer.citations
        is_lost = is_lost and (heard.confidence < SURE or len(heard.text) <= _LONGEST_ASIDE)
        if not is_lost:  # 咋个整 leaves the last question the last
            self._note_request(heard, draft, spans_of(answer), in_form=bool(answer.citations))
        draft.skill = draft.skill or (owner.manifest.name if owner else None)
        self.say_answer(answer, draft, () if answer.citations else self._instead(owner, heard, draft))

    def of_the_last(self, heard: Interpretation, draft: TurnDraft) -> bool:
        """Answer what was not understood from the documents of the answer just given, if they tell of it."""
        last = draft.state.last_request
        if last is None or not self._is_right_after(last, draft):
            return False
        further = self._finder.further(heard, last, draft.day)
        if further is None or further.is_told:
            return False
        self._say_further(further.answer, last, draft)
        return True

    def _is_of_one_skill(self, owner: IntentOwner | None, last: Request | None) -> bool:
        before = self._catalogue.intents.get(last.intent) if last else None
        return owner is not None and before is not None and owner.manifest.name == before.manifest.name

    def _is_right_after(self, last: Request | None, draft: TurnDraft) -> bool:
        """Tell whether a question was just answered: what says little by itself is asked of that answer."""
        return last is not None and bool(last.spans) and last.turn >= draft.state.turns - _LATELY

    def _of_form(self, heard: Interpretation, draft: TurnDraft) -> None:
        """Answer what is asked of the form on top, or of what was just done, from the guides that its skill rests on."""
        form = draft.state.form or draft.state.last_form
        if form is None:
            raise ValueError("no form is open, and none was done")
        title = self._catalogue.forms[form.skill, form.action].title
        answer = self._finder.of_form(heard.text, title, form.skill, draft.day)
        draft.skill = form.skill
        if answer.citations:
            self.say_answer(answer, draft)
            return
        self._say_not_in_there(title, draft)

    def _of_law(self, heard: Interpretation, complaint: Request, draft: TurnDraft) -> None:
        """Say what the law says of a complaint: 他这种要遭罚不."""
        owner = self._catalogue.intents.get(complaint.intent)
        draft.skill = owner.manifest.name if owner else None
        answer = self._finder.of_laws(f"{complaint.text}，{heard.text}", owner, draft.day)
        if answer.citations:
            self.say_answer(answer, draft)
            return
        self._say_not_in_there(heard.text, draft)

    def _follow(self, step: AskKnowledge, last: Request, draft: TurnDraft) -> None:
        """Answer what was asked of the last answer from its documents, or say that they do not tell."""
        heard, is_bare = step.interpretation, names_no_subject(step.interpretation.text)
        further = self._finder.further(heard, last, draft.day)
        if not is_bare and (further is None or further.is_told):  # 如果是被开除的: by itself it may say enough
            answer = self.best_answer(heard, draft)
            is_of_it = documents_of(answer) <= self._finder.documents_before(last)
            if answer.citations and (is_of_it or heard.confidence >= SURE):
                self._say_further(answer, last, draft)
                return
        if further is not None:
            self._say_further(further.answer, last, draft, is_silent=further.is_told and step.is_also)
            return
        draft.skill = draft.skill or self._catalogue.intents[last.intent].manifest.name
        self._say_not_in_there(heard.text if step.is_also else last.text, draft)

    def _say_not_in_there(self, subject: str, draft: TurnDraft) -> None:
        draft.say(texts.NOT_IN_THERE.format(subject=subject.strip()[:_LONGEST_SUBJECT]), (texts.PERSON,))
        draft.end(TurnStatus.UNANSWERABLE_NO_SOURCE)

    def _say_further(self, answer: Answer, last: Request, draft: TurnDraft, *, is_silent: bool = False) -> None:
        """Say what was asked of the last answer, unless this turn has said it; the question that it belongs to stays the last."""
        draft.skill = draft.skill or self._catalogue.intents[last.intent].manifest.name
        if is_silent:
            draft.end(TurnStatus.ANSWERED)
            return
        if draft.status is TurnStatus.UNANSWERABLE_NO_SOURCE:
            draft.replies.clear()  # that one of the questions has no source is no news beside the answer to another
            draft.status = None
        spans = tuple(dict.fromkeys((*last.spans, *spans_of(answer))))
        draft.happen(ev.RequestUnderstood(intent=last.intent, text=last.text, spans=spans, named=last.named))
        self.say_answer(answer, draft)

    def best_answer(self, heard: Interpretation, draft: TurnDraft) -> Answer:
        """Return the answer to a message in whichever wording finds one."""
        return self._finder.best_answer(heard, draft.state.last_request, draft.day)

    def answer_to(self, question: str, draft: TurnDraft) -> Answer:
        """Return the answer to a question as it stands."""
        return self._finder.answer_to(question, draft.day)

    def beside(self, question: str, draft: TurnDraft) -> None:
        """Answer what was asked beside something else, if a source does; silence is no answer to it, and is not said."""
        if not question:
            return
        answer = self._finder.answer_to(question, draft.day)
        if not answer.citations:
            answer = self._finder.of_laws(question, self._catalogue.intents.get(draft.intent or ""), draft.day)
        if answer.citations:
            self.say_answer(answer, draft)

    def offer_questions(self, step: OfferQuestions, draft: TurnDraft) -> None:
        """Offer what is often asked about a subject; one of which little is known is answered as a question."""
        heard, last = step.interpretation, draft.state.last_request
        if step.of_the_last and last is not None:
            self._offer_more(last, draft)
            return
        questions = self._finder.often_asked(heard, draft.day)
        if len(questions) < _FEWEST_OFFERED:
            self.knowledge(AskKnowledge(heard), draft)
            return
        self._note_request(heard, draft)
        draft.skill = draft.skill or self._catalogue.intents[heard.intent].manifest.name
        choices = (*questions[:_MOST_OFFERED], texts.PERSON)
        draft.say(texts.WHICH_QUESTION.format(subject=heard.text.strip()), choices)
        draft.end(TurnStatus.CLARIFICATION)

    def _offer_more(self, last: Request, draft: TurnDraft) -> None:
        """Offer what else the first document of the last answer tells, in the questions that people ask of it."""
        owner, document = self._catalogue.intents.get(last.intent), last.spans[0].rpartition(":")[0]
        draft.skill = draft.skill or (owner.manifest.name if owner else None)
        questions = self._finder.untold(document, last, draft.day)
        found = self._knowledge.document(document)
        if len(questions) < _FEWEST_OFFERED or found is None:
            self._say_not_in_there(last.text, draft)
            return
        draft.say(texts.MORE_OF_IT.format(title=found.title), (*questions[:_MOST_TOLD], texts.PERSON))
        draft.end(TurnStatus.CLARIFICATION)

    def _instead(self, owner: IntentOwner | None, heard: Interpretation, draft: TurnDraft) -> tuple[str, ...]:
        """Return what may help beside a question that nothing answers: the skill's first form, and the nearest questions."""
        if owner is None or draft.state.active_form is not None:
            return ()
        titles = tuple(entry.title for entry in owner.manifest.intents if entry.handling == "form")[:1]
        return (*titles, *self._finder.nearest_questions(heard, owner, draft.day))

    def say_answer(self, answer: Answer, draft: TurnDraft, instead: tuple[str, ...] = ()) -> None:
        """Say an answer and record what it quotes; where there is none, offer what may help `instead`."""
        draft.say(
            f"{answer.text}\n{texts.NEAR_IT}" if instead else answer.text,
            () if answer.citations else (*instead, texts.PERSON),
            tuple(quoted_source(citation) for citation in answer.citations),
        )
        if answer.citations:
            draft.happen(ev.SourcesCited(release=answer.release, spans=spans_of(answer)))
        draft.end(TurnStatus(answer.status.value))

    async def inquire(self, step: Inquire, draft: TurnDraft) -> None:
        """Ask a skill's department."""
        heard = step.interpretation
        draft.skill = step.skill
        inquiry = Inquiry(step.name, heard.text, (*heard.entities, *self._taken_for_granted(step.skill, draft)))
        self._note_request(heard, draft)
        try:
            reply = await self._skills[step.skill].inquire(inquiry, draft.context())
        except DepartmentRefused as refusal:
            draft.say(refusal.reason)
            draft.end(TurnStatus.REFUSED_BY_DEPARTMENT)
        except DepartmentError:
            draft.say(texts.INQUIRY_UNAVAILABLE, (texts.PERSON,))
            draft.end(TurnStatus.ERROR_DEPARTMENT_UNAVAILABLE)
        else:
            draft.say(reply.text, () if draft.state.active_form else reply.choices)
            draft.end(TurnStatus.ANSWERED)

    def _taken_for_granted(self, skill: str, draft: TurnDraft) -> tuple[Entity, ...]:
        """Return what a question within a form need not name again: 周几有号 is about the form's hospital and department."""
        form = draft.state.active_form
        if form is None or form.skill != skill:
            return ()
        slots = self._forms.filling.slots(draft)
        known = [(slot, form.slots[name].shown) for name, slot in slots.items() if name in form.slots]
        return tuple(
            Entity(slot.entities[0], shown, 0, 0, {"name": shown})
            for slot, shown in known
            if slot.entities and slot.is_carried_over and not slot.is_volatile
        )

    def text(self, step: SayText, draft: TurnDraft) -> None:
        """Say one of the sentences that an intent's manifest holds."""
        owner = self._catalogue.intents[step.intent]
        draft.skill = draft.skill or owner.manifest.name
        draft.say(texts.pick(owner.entry.texts, draft.said))
        draft.end(TurnStatus.ANSWERED_CHITCHAT if owner.group == "chitchat" else TurnStatus.ANSWERED)

    def explain(self, step: ExplainSlot, draft: TurnDraft) -> None:
        """Say why a slot is asked, in the words of the service guide."""
        slot = self._forms.filling.slots(draft)[step.slot]
        draft.happen(ev.SlotExplained(slot=step.slot))
        citation = self.reason(slot.why)
        if citation is None:
            draft.say(texts.NO_REASON_FOUND)
        else:
            draft.say(citation.quote, (), (quoted_source(citation),))
        draft.end(TurnStatus.ANSWERED)

    def reason(self, why: tuple[str, str] | None) -> Citation | None:
        """Return the passage of a service guide that a slot points to."""
        return None if why is None else self._knowledge.passage(*why)

    def _note_request(
        self, heard: Interpretation, draft: TurnDraft, spans: tuple[str, ...] = (), *, in_form: bool = False
    ) -> None:
        if draft.state.active_form is None or in_form:
            named = tuple((entity.type, entity.text) for entity in heard.entities if not entity.value.get("negated"))
            draft.happen(
                ev.RequestUnderstood(intent=heard.intent, text=heard.text[:_LONGEST_NOTED], spans=spans, named=named)
            )


def quoted_source(citation: Citation) -> QuotedSource:
    """Return a citation as a reader sees it."""
    return QuotedSource(
        title=citation.title,
        document_number=citation.document_number,
        heading_path=citation.heading_path,
        quote=citation.quote,
        url=citation.url,
    )
