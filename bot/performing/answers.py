"""The steps that answer: from the knowledge base, from a department, or with a sentence of a manifest."""

import re
from collections.abc import Mapping
from itertools import zip_longest

from adapters.errors import DepartmentError, DepartmentRefused
from bot import texts
from bot.dialogue import events as ev
from bot.dialogue.matching import asks
from bot.dialogue.rules.following import names_no_subject
from bot.dialogue.situation import LIKELY, SURE
from bot.dialogue.steps import AskKnowledge, ExplainSlot, Inquire, OfferQuestions, SayText
from bot.dialogue.tracker import Request
from bot.messages import QuotedSource, TurnStatus
from bot.performing.draft import TurnDraft
from bot.performing.forms import FormSteps
from knowledge.model import Answer, Citation
from knowledge.service import Knowledge
from nlu.clauses import clauses_of, last_clause
from nlu.interpretation import Entity, Interpretation
from skills.contract import Inquiry, Skill
from skills.registry import Catalogue, IntentOwner

_FAINT = 0.1
_HARDLY = 0.02
_FEWEST_OFFERED, _MOST_OFFERED = 2, 4
_SHORTEST_QUESTION = 5
_LONGEST_NOTED = 200
_LONGEST_SUBJECT = 30
_LONGEST_FURTHER = 20
_OLD = 60  # 《中华人民共和国老年人权益保障法》第二条
_SUPPOSING = re.compile(r"如果|要是|假如|假设|万一")
_NO_WORDS = re.compile(r"[\W_]|[吗嘛么不没呢喃吧啊哦哈]+[\W_]*$")


class AnswerSteps:
    """Carries out the steps that answer a question. None of them changes a slot."""

    def __init__(
        self, knowledge: Knowledge, skills: Mapping[str, Skill], catalogue: Catalogue, forms: FormSteps
    ) -> None:
        self._knowledge = knowledge
        self._skills = skills
        self._catalogue = catalogue
        self._forms = forms

    def knowledge(self, step: AskKnowledge, draft: TurnDraft) -> None:
        """Answer a policy question with its sources, or say that there is none."""
        heard = step.interpretation
        if step.follows and draft.state.last_request is not None:
            self._follow(heard, draft.state.last_request, draft)
            return
        if step.of_form:
            self._of_form(heard, draft)
            return
        answer, owner = self.best_answer(heard, draft), self._catalogue.intents.get(heard.intent)
        last = draft.state.last_request
        if not answer.citations and last is not None and self._is_beside(owner, last, heard):
            further = self._further(heard, last, draft)
            if further is not None:
                self._say_further(further, last, draft)
                return
        if not answer.citations and (general := self._in_general(heard, owner, draft)) is not None:
            draft.say(texts.IN_GENERAL)
            answer = general
        is_lost = last is not None and bool(last.spans) and not answer.citations and heard.confidence < SURE
        if not is_lost:  # 咋个整 leaves the last question the last
            self._note_request(heard, draft, spans_of(answer), in_form=bool(answer.citations))
        draft.skill = draft.skill or (owner.manifest.name if owner else None)
        self.say_answer(answer, draft, self._instead(owner))

    def _of_form(self, heard: Interpretation, draft: TurnDraft) -> None:
        """Answer what is asked of the form on top from the guides that its skill rests on."""
        form, title = draft.open_form, self._forms.title(draft)
        guides = self._catalogue.manifests[form.skill].guides
        day = draft.message.sent_at.date()
        answer = self._knowledge.ask_further(heard.text, title, documents=guides, as_of=day, names_nothing=True)
        draft.skill = form.skill
        if answer.citations:
            self.say_answer(answer, draft)
            return
        draft.say(texts.NOT_IN_THERE.format(subject=title), (texts.PERSON,))
        draft.end(TurnStatus.UNANSWERABLE_NO_SOURCE)

    def _follow(self, heard: Interpretation, last: Request, draft: TurnDraft) -> None:
        """Answer what was asked of the last answer from its documents, or say that they do not tell."""
        further = self._further(heard, last, draft)
        if further is None and not names_no_subject(heard.text):  # 如果是被开除的: by itself it may say enough
            answer = self.best_answer(heard, draft)
            further = answer if answer.citations else None
        if further is not None:
            self._say_further(further, last, draft)
            return
        draft.skill = draft.skill or self._catalogue.intents[last.intent].manifest.name
        draft.say(texts.NOT_IN_THERE.format(subject=last.text.strip()[:_LONGEST_SUBJECT]), (texts.PERSON,))
        draft.end(TurnStatus.UNANSWERABLE_NO_SOURCE)

    def _further(self, heard: Interpretation, last: Request, draft: TurnDraft) -> Answer | None:
        """Return what the documents of the last answer, or else those of its intent, tell of what is asked now."""
        quoted = list(dict.fromkeys(span.rpartition(":")[0] for span in last.spans))
        guides = list(self._catalogue.intents[last.intent].entry.guides)
        for documents in (quoted, guides):
            if documents is guides and quoted and names_no_subject(heard.text):
                break  # another subject's fee or date would be a wrong answer
            day = draft.message.sent_at.date()
            answer = self._knowledge.ask_further(
                heard.text, last.text, documents=documents, as_of=day, names_nothing=names_no_subject(heard.text)
            )
            if answer.citations and not set(spans_of(answer)) <= set(last.spans):
                return answer
        return None

    def _say_further(self, answer: Answer, last: Request, draft: TurnDraft) -> None:
        """Say what was asked of the last answer; the question that it belongs to stays the last."""
        draft.skill = draft.skill or self._catalogue.intents[last.intent].manifest.name
        spans = (*last.spans, *spans_of(answer))
        draft.happen(ev.RequestUnderstood(intent=last.intent, text=last.text, spans=spans, named=last.named))
        self.say_answer(answer, draft)

    def _is_beside(self, owner: IntentOwner | None, last: Request, heard: Interpretation) -> bool:
        """Tell whether a question that nothing answers by itself may be about what was answered last."""
        before = self._catalogue.intents.get(last.intent)
        is_known = before is not None and before.entry.handling == "knowledge"
        is_near = owner is None or before is None or owner.manifest.name == before.manifest.name
        return is_known and (is_near or heard.confidence < SURE) and len(heard.text) <= _LONGEST_FURTHER

    def beside(self, question: str, draft: TurnDraft) -> None:
        """Answer what was asked beside something else, if a source does; silence is no answer to it, and is not said."""
        answer = self.answer_to(question, draft) if question else None
        if answer is not None and answer.citations:
            self.say_answer(answer, draft)

    def offer_questions(self, step: OfferQuestions, draft: TurnDraft) -> None:
        """Offer what is often asked about a subject; one of which little is known is answered as a question."""
        heard = step.interpretation
        questions = self._often_asked(heard, draft)
        if len(questions) < _FEWEST_OFFERED:
            self.knowledge(AskKnowledge(heard), draft)
            return
        self._note_request(heard, draft)
        draft.skill = draft.skill or self._catalogue.intents[heard.intent].manifest.name
        draft.say(texts.WHICH_QUESTION.format(subject=heard.text.strip()), (*questions, texts.PERSON))
        draft.end(TurnStatus.CLARIFICATION)

    def _often_asked(self, heard: Interpretation, draft: TurnDraft) -> list[str]:
        """Return a few questions that the guides of the likely intents answer: those that name the subject, if there are."""
        likely = [other.intent for other in heard.alternatives if other.confidence >= _HARDLY]
        owners = [owner for name in (heard.intent, *likely) if (owner := self._catalogue.intents.get(name)) is not None]
        guides = dict.fromkeys(guide for owner in owners for guide in owner.entry.guides)
        day = draft.message.sent_at.date()
        lists = [self._knowledge.frequent_questions(guide, as_of=day) for guide in guides]
        rounds = zip_longest(*[each for each in lists if each])  # one of each guide at a time
        questions = dict.fromkeys(question for each in rounds for question in each if question)
        naming = [question for question in questions if heard.text.strip() in question]
        return (naming if len(naming) >= _FEWEST_OFFERED else [*questions])[:_MOST_OFFERED]

    def best_answer(self, heard: Interpretation, draft: TurnDraft) -> Answer:
        """Return the answer to the whole message, to its last clause, in standard words, or beside the question before.

        What leads to a question is often a story, and 求助的呢，几天 says its matter only together with what was asked before.
        """
        answer = self.answer_to(heard.text, draft, heard)
        last, end = draft.state.last_request, last_clause(heard.text)
        owner = self._catalogue.intents.get(heard.intent)
        supposes = _SUPPOSING.search(heard.text) is not None  # 那如果是被开除的: what was said before no longer holds
        others = [
            *([end] if end else []),
            *(clause for clause in clauses_of(heard.text) if asks(clause)),
            *([old] if (old := _of_an_old_person(heard)) else []),
            heard.normalized_text,
            *([f"{last.text}，{heard.text}"] if last and last.intent == heard.intent and not supposes else []),
            *([f"{owner.entry.title} {end}"] if owner and end and _asks_of_the_story(heard, end) else []),
        ]
        asked = {_words(heard.text)}
        for question in others:
            if answer.citations or len(question) < _SHORTEST_QUESTION or _words(question) in asked:
                continue
            asked.add(_words(question))
            other = self.answer_to(question, draft, heard)
            answer = other if other.citations else answer
        return answer

    def _in_general(self, heard: Interpretation, owner: IntentOwner | None, draft: TurnDraft) -> Answer | None:
        """Return what holds for everybody where the case that was told is in no document; 多少钱 is not answered by it."""
        if owner is None or heard.confidence < SURE:
            return None
        day, end = draft.message.sent_at.date(), last_clause(heard.text) or heard.text
        if names_no_subject(end):
            section = self._knowledge.ask_further(
                end, owner.entry.title, documents=owner.entry.guides, as_of=day, names_nothing=True
            )
            if section.citations:
                return section
        core = self._knowledge.ask_core(heard.text, as_of=day, focus=owner.entry.guides, confidence=heard.confidence)
        question = owner.entry.asks_at_least
        if not question or (core.citations and not _share_a_word(question, end)):
            return core if core.citations else None
        answer = self.answer_to(question, draft, heard)
        is_answer = answer.citations and self._knowledge.gives(heard.text, answer)
        return answer if is_answer else None

    def _instead(self, owner: IntentOwner | None) -> tuple[str, ...]:
        """Return what else the skill of an unanswered question can do: the titles of its first form."""
        intents = owner.manifest.intents if owner else ()
        return tuple(entry.title for entry in intents if entry.handling == "form")[:1]

    def answer_to(self, question: str, draft: TurnDraft, heard: Interpretation | None = None) -> Answer:
        """Return the knowledge base's answer as of the day of the message; what was heard says where to look first."""
        focus, confidence = focus_of(heard, self._catalogue) if heard else ((), 0.0)
        day = draft.message.sent_at.date()
        return self._knowledge.ask(question, as_of=day, focus=focus, confidence=confidence)

    def say_answer(self, answer: Answer, draft: TurnDraft, instead: tuple[str, ...] = ()) -> None:
        """Say an answer and record what it quotes; where there is none, offer what can be done `instead`."""
        if draft.state.active_form is not None:
            instead = ()
        draft.say(
            answer.text,
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


def _share_a_word(one: str, other: str) -> bool:
    """Tell whether two wordings have two characters in a row in common."""
    return any(one[i : i + 2] in other for i in range(len(one) - 1))


def _of_an_old_person(heard: Interpretation) -> str:
    """Return the question with 老年人 in the place of an age from 60 on, as documents call them; "" where there is none."""
    ages = [e for e in heard.entities_of("age") if e.value.get("years") and float(e.value["years"]) >= _OLD]
    return heard.text.replace(ages[0].text, "老年人") if ages else ""


def _asks_of_the_story(heard: Interpretation, end: str) -> bool:
    """Tell whether a story ends with a question that names no subject (…，要准备啥子), and only one group can be meant."""
    rivals = [other for other in heard.alternatives if other.confidence >= _HARDLY]
    is_one_group = all(other.intent.partition(".")[0] == heard.group for other in rivals)
    return heard.confidence >= LIKELY and is_one_group and names_no_subject(end)


def spans_of(answer: Answer) -> tuple[str, ...]:
    """Return what an answer quotes, each as document:start-end."""
    return tuple(f"{c.document_id}:{c.start}-{c.end}" for c in answer.citations)


def _words(question: str) -> str:
    """Return what two wordings of one question have in common: no marks, and no particle at the end."""
    return _NO_WORDS.sub("", question)


def focus_of(heard: Interpretation, catalogue: Catalogue) -> tuple[tuple[str, ...], float]:
    """Return the documents that what was heard points to, the likeliest first, and how sure (0..1) it is of them.

    A question that no document of its intent could answer points to none: how sure it is still warns of other documents.
    """
    guesses = [(heard.intent, heard.confidence)] if not heard.is_out_of_scope else []
    guesses += [(other.intent, other.confidence) for other in heard.alternatives if other.confidence >= _FAINT]
    entries = [(owner.entry, share) for intent, share in guesses if (owner := catalogue.intents.get(intent))]
    known = [(entry.guides, share) for entry, share in entries if entry.handling == "knowledge" and entry.guides]
    guides = dict.fromkeys(guide for each, _ in known for guide in each)
    if not guides:
        return (), max((share for entry, share in entries if entry.handling == "knowledge"), default=0.0)
    return tuple(guides), min(1.0, sum(share for _, share in known))


def quoted_source(citation: Citation) -> QuotedSource:
    """Return a citation as a reader sees it."""
    return QuotedSource(
        title=citation.title,
        document_number=citation.document_number,
        heading_path=citation.heading_path,
        quote=citation.quote,
        url=citation.url,
    )
