"""Finds answers in the knowledge base: to what was asked, to the end of a story, to what is asked of the last answer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from bot.dialogue.matching import asks
from bot.dialogue.rules.following import names_no_subject
from bot.dialogue.situation import LIKELY, SURE
from bot.dialogue.tracker import Request
from knowledge.model import Answer
from knowledge.service import Knowledge
from nlu.clauses import clauses_of, last_clause
from nlu.interpretation import Interpretation
from skills.registry import Catalogue, IntentOwner

_FAINT = 0.1
_OF_A_COMPLAINT = 0.9  # how sure one may be that a complaint is about what its laws are about
_HARDLY = 0.02
_SHORTEST_QUESTION = 5
_MOST_NEAR = 3
_LONGEST_FURTHER = 24
_OLD = 60  # 《中华人民共和国老年人权益保障法》第二条
_REFERS = re.compile(r"^那|[他她它]|[那这](?:个|本|张|笔)")
_SUPPOSING = re.compile(r"如果|要是|假如|假设|万一")
_NO_WORDS = re.compile(r"[\W_]|[吗嘛么不没呢喃吧啊哦哈]+[\W_]*$")


@dataclass(frozen=True, slots=True)
class Further:
    """What the documents of the last answer tell of what is asked now; `is_told`: the last answer said it already."""

    answer: Answer
    is_told: bool


class AnswerFinder:
    """Asks the knowledge base in several ways. It says nothing and changes nothing."""

    def __init__(self, knowledge: Knowledge, catalogue: Catalogue) -> None:
        self._knowledge = knowledge
        self._catalogue = catalogue

    def answer_to(self, question: str, day: date, heard: Interpretation | None = None) -> Answer:
        """Return the knowledge base's answer as of a day; what was heard says where to look first."""
        focus, confidence = focus_of(heard, self._catalogue) if heard else ((), 0.0)
        return self._knowledge.ask(question, as_of=day, focus=focus, confidence=confidence)

    def nearest_questions(self, heard: Interpretation, owner: IntentOwner, day: date) -> list[str]:
        """Return the frequent questions of a likely intent's guides that come nearest to what nothing answers."""
        if heard.confidence < LIKELY or owner.entry.handling != "knowledge":
            return []
        guides = owner.entry.guides
        return self._knowledge.nearest_questions(heard.text, documents=guides, as_of=day, limit=_MOST_NEAR)

    def often_asked(self, heard: Interpretation, day: date) -> list[str]:
        """Return questions that the guides of the likely intents answer: those that name the subject, if there are some."""
        likely = [other.intent for other in heard.alternatives if other.confidence >= _HARDLY]
        owners = [owner for name in (heard.intent, *likely) if (owner := self._catalogue.intents.get(name)) is not None]
        guides = dict.fromkeys(guide for owner in owners for guide in owner.entry.guides)
        lists = [self._knowledge.frequent_questions(guide, as_of=day) for guide in guides]
        rounds = zip_longest(*[each for each in lists if each])  # one of each guide at a time
        questions = dict.fromkeys(question for each in rounds for question in each if question)
        naming = [question for question in questions if heard.text.strip() in question]
        return naming if len(naming) > 1 else [*questions]

    def untold(self, document: str, last: Request, day: date) -> list[str]:
        """Return the frequent questions of a document whose answers the last answer did not quote."""
        quoted = [span.rpartition(":")[2].split("-") for span in last.spans if span.startswith(f"{document}:")]
        starts = [int(start) for start, _ in quoted]
        questions = self._knowledge.frequent_questions(document, as_of=day)
        passages = [(question, self._knowledge.passage(document, question)) for question in questions]
        return [q for q, p in passages if p is not None and not any(p.start <= start < p.end for start in starts)]

    def of_laws(self, question: str, owner: IntentOwner | None, day: date) -> Answer:
        """Return what the laws say that an intent names (those that most complaints are about), or any other document."""
        laws = owner.entry.guides if owner else ()
        answer = self._knowledge.ask(question, as_of=day, focus=laws, confidence=_OF_A_COMPLAINT if laws else 0.0)
        if answer.citations or not laws:
            return answer
        return self._knowledge.ask_core(question, as_of=day, focus=laws, confidence=_OF_A_COMPLAINT)

    def best_answer(self, heard: Interpretation, last: Request | None, day: date) -> Answer:
        """Return the answer to the whole message, to its last clause, in standard words, or beside the question before.

        What leads to a question is often a story, and 求助的呢，几天 says its matter only together with what was asked before.
        """
        answer, asked = self.answer_to(heard.text, day, heard), {_words(heard.text)}
        meant = set(focus_of(heard, self._catalogue)[0])
        for question in self._other_wordings(heard, last):
            if answer.citations or len(question) < _SHORTEST_QUESTION or _words(question) in asked:
                continue
            asked.add(_words(question))
            is_whole = _words(question) == _words(heard.normalized_text)
            if not (meant or is_whole):
                continue  # a part of a message says too little to be answered by documents that the whole does not point to
            other = self.answer_to(question, day, heard)
            is_old = last is not None and question.startswith(last.text) and set(spans_of(other)) <= set(last.spans)
            answer = other if other.citations and not is_old and (is_whole or documents_of(other) <= meant) else answer
        return answer

    def _other_wordings(self, heard: Interpretation, last: Request | None) -> Iterator[str]:
        end, owner = last_clause(heard.text), self._catalogue.intents.get(heard.intent)
        supposes = _SUPPOSING.search(heard.text) is not None  # 那如果是被开除的: what was said before no longer holds
        asked = dict.fromkeys((*([end] if end else []), *filter(asks, clauses_of(heard.text))))
        # 要带哪些东西去 says by itself of nothing that it is asked of, and would be answered by any document
        yield from (clause for clause in asked if not names_no_subject(clause))
        yield _of_an_old_person(heard)
        yield heard.normalized_text
        if last and last.intent == heard.intent and not supposes:
            yield f"{last.text}，{heard.text}"
        if owner and end and _asks_of_the_story(heard, end):
            yield f"{owner.entry.title} {end}"

    def in_general(self, heard: Interpretation, owner: IntentOwner | None, day: date) -> Answer | None:
        """Return what holds for everybody where the case that was told is in no document; 多少钱 is not answered by it."""
        if owner is None or heard.confidence < SURE:
            return None
        end = last_clause(heard.text) or heard.text
        if names_no_subject(end):
            section = self._of_guides(end, owner.entry.title, owner.entry.guides, day)
            if section.citations:
                return section
        core = self._knowledge.ask_core(heard.text, as_of=day, focus=owner.entry.guides, confidence=heard.confidence)
        question = owner.entry.asks_at_least
        if not question or (core.citations and not _share_a_word(question, end)):
            return core if core.citations else None
        answer = self.answer_to(question, day, heard)
        is_answer = answer.citations and self._knowledge.gives(heard.text, answer)
        return answer if is_answer else None

    def _of_guides(self, question: str, subject: str, guides: Sequence[str], day: date) -> Answer:
        return self._knowledge.ask_further(question, subject, documents=guides, as_of=day, names_nothing=True)

    def of_form(self, question: str, title: str, skill: str, day: date) -> Answer:
        """Return what the guides of a form's skill tell of a question that names no subject."""
        return self._of_guides(question, title, self._catalogue.manifests[skill].guides, day)

    def further(self, heard: Interpretation, last: Request, day: date) -> Further | None:
        """Return what the documents of the last answer, or else those of its intent, tell of what is asked now."""
        quoted = list(dict.fromkeys(span.rpartition(":")[0] for span in last.spans))
        guides = list(self._catalogue.intents[last.intent].entry.guides)
        if names_no_subject(heard.text):
            # Of these documents alone: another subject's fee or date would be a wrong answer.
            return self._further_of_section(heard.text, last, quoted or guides, day)
        told = None
        for documents in (quoted, guides):
            for question in dict.fromkeys((heard.text, _without_persons(heard))):
                answer = self._knowledge.ask_further(question, last.text, documents=documents, as_of=day)
                if answer.citations and not set(spans_of(answer)) <= set(last.spans):
                    return Further(answer, is_told=False)
                told = told or (Further(answer, is_told=True) if answer.citations else None)
        return told

    def documents_before(self, last: Request) -> set[str]:
        """Return the documents of the last answer, and those of its intent."""
        return {span.rpartition(":")[0] for span in last.spans} | set(self._catalogue.intents[last.intent].entry.guides)

    def _further_of_section(self, question: str, last: Request, documents: Sequence[str], day: date) -> Further | None:
        """Return the section that holds what is asked, told before or not; else what is told beside the last question."""
        section = self._knowledge.ask_section(question, documents=documents, as_of=day)
        if section is not None:
            return Further(section, is_told=set(spans_of(section)) <= set(last.spans))
        answer = self._of_guides(question, last.text, documents, day)
        is_new = answer.citations and not set(spans_of(answer)) <= set(last.spans)
        return Further(answer, is_told=False) if is_new else None

    def is_beside(self, owner: IntentOwner | None, last: Request, heard: Interpretation) -> bool:
        """Tell whether a question that nothing answers by itself may be about what was answered last."""
        before = self._catalogue.intents.get(last.intent)
        is_known = before is not None and before.entry.handling == "knowledge"
        is_near = owner is None or before is None or owner.manifest.name == before.manifest.name
        refers = refers_back(heard.text)
        return is_known and (is_near or refers or heard.confidence < SURE) and len(heard.text) <= _LONGEST_FURTHER


def refers_back(text: str) -> bool:
    """Tell whether words point to somebody or something that was spoken of: 那医药费哪个出, 他那本管几年."""
    return _REFERS.search(text) is not None


def _without_persons(heard: Interpretation) -> str:
    """Return a question without whose case it is: 我老公是自己辞的工，那他领得到不 asks of leaving one's work."""
    text = heard.text
    others = [entity for entity in heard.entities_of("relation") if entity.value.get("relation") != "self"]
    for entity in reversed(others):
        start = entity.start - 1 if text[: entity.start].endswith("我") else entity.start
        text = text[:start] + text[entity.end :]
    return text


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


def _words(question: str) -> str:
    """Return what two wordings of one question have in common: no marks, and no particle at the end."""
    return _NO_WORDS.sub("", question)


def spans_of(answer: Answer) -> tuple[str, ...]:
    """Return what an answer quotes, each as document:start-end."""
    return tuple(f"{c.document_id}:{c.start}-{c.end}" for c in answer.citations)


def documents_of(answer: Answer) -> set[str]:
    """Return the documents that an answer quotes."""
    return {citation.document_id for citation in answer.citations}


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
