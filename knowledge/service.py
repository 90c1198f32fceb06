"""The knowledge service: opens a release and answers from it."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache, reduce
from pathlib import Path

import structlog

from knowledge.answering import composer
from knowledge.answering.composer import Draft
from knowledge.answering.focused import chunk_answer, row_answer, section_answer
from knowledge.answering.guardrails import check_answer
from knowledge.index.release import ReleaseIndex
from knowledge.ingestion.pipeline import IngestReport, ingest
from knowledge.model import Answer, AnswerStatus, Citation, PolicyDocument
from knowledge.repository import Entry, Repository
from knowledge.retrieval.filters import Eligibility, eligible, named_district, speaks_of_the_place, without_our_places
from knowledge.retrieval.focus import (
    FocusedHit,
    answers_from,
    focus_rule,
    focused_hits,
    further_rule,
    is_off_topic,
    is_sure,
    may_focus,
    speaks_for_itself,
)
from knowledge.retrieval.query import PreparedQuery, Segment, prepare_query
from knowledge.retrieval.ranking import gives_what_is_asked, is_frequent_question, is_part, is_supported
from knowledge.retrieval.retriever import Retriever, SearchHit

SEED_FOLDER = Path(__file__).with_name("seed")
_CANDIDATES = 12
_BEST_DOCUMENTS = 3
_NEAR_THE_BEST = 0.6
_REMEMBERED_DAYS = 64
_LEAST_OF_A_CORE = 2
_log = structlog.get_logger(__name__)


class Knowledge:
    """One release of the policy documents, open for questions. Synchronous; safe to share between threads."""

    def __init__(self, entries: Sequence[Entry], index: ReleaseIndex, release: str) -> None:
        self.release = release
        self._documents = {entry.document.document_id: entry.document for entry in entries}
        chunks = {chunk.chunk_id: chunk for entry in entries for chunk in entry.chunks}
        self._retriever = Retriever(index, self._documents, chunks)
        self._passages = {(c.document_id, c.heading_path[-1]): c for c in reversed(chunks.values()) if c.heading_path}
        self._eligible = lru_cache(maxsize=_REMEMBERED_DAYS)(self._sort_documents)
        self._retriever.warm_up()

    @classmethod
    def open(cls, folder: Path, *, seed: Path | None = SEED_FOLDER) -> "Knowledge":
        """Open the current release in `folder`; first take in what changed in `seed` (a second start rebuilds nothing).

        Raises `NoRelease` when there is none and `seed` is None, `BrokenRelease` when it is not what was written.
        """
        repository = Repository(folder)
        if seed is not None:
            cls.ingest(folder, [seed])
        return cls._read(repository)

    @classmethod
    def ingest(cls, folder: Path, paths: Sequence[Path]) -> IngestReport:
        """Take files and folders into a new release in `folder`; an open service keeps the release that it has."""
        report = ingest(paths, Repository(folder))
        for row in report.files:
            if row.reason and row.fate == "refused":
                _log.warning("document refused", file=row.file, reason=row.reason)
        return report

    @classmethod
    def _read(cls, repository: Repository) -> "Knowledge":
        index_folder = repository.index_folder
        return cls(repository.entries(), ReleaseIndex.open(index_folder), repository.release or "")

    def ask(
        self,
        question: str,
        *,
        as_of: date,
        district: str = "510700",
        focus: Collection[str] = (),
        confidence: float = 0.0,
    ) -> Answer:
        """Answer from the documents in force on `as_of` in the citizen's district, or say that nothing does.

        `focus` are ids of documents that the recognised intent points to, the nearest first, and `confidence` (0..1)
        is how sure that intent is: they are asked first, and less of the wording must then be met.
        """
        query, loose = prepare_query(question), prepare_query(question, is_loose=True)
        asked = named_district(query.text) or district
        allowed = self._eligible(as_of, asked)
        owners = [owner for owner in focus if owner in allowed.answering]
        answer = self._focused_answer(loose, asked, owners, confidence)
        if answer is None and (anywhere := without_our_places(question)) != question:
            answer = self._focused_answer(prepare_query(anywhere, is_loose=True), asked, owners, confidence)
        answer = answer or self._answer(query, asked, allowed.answering, owners, confidence)
        answer = answer or self._searched_answer(loose, asked, allowed.answering, owners, confidence)
        if answer is None and (hits := self._supported(query, allowed.other_districts)):
            answer = self._checked(composer.other_district(hits[0].document, asked))
        if answer is None and (hits := self._supported(query, allowed.not_in_force)):
            answer = self._checked(composer.not_in_force(hits[0].document, as_of))
        return replace(answer or composer.no_source(), release=self.release)

    def ask_further(
        self,
        question: str,
        before: str,
        *,
        documents: Sequence[str],
        as_of: date,
        names_nothing: bool = False,
        district: str = "510700",
    ) -> Answer:
        """Answer what is asked of an answer just given to `before`, from the documents that it rests on, or say that they do not tell.

        要带些啥子 names no subject (`names_nothing`, if that is known already): the section that holds such answers
        gives it. 医保断不断 does: it is asked beside what was asked before.
        """
        query = prepare_query(question, is_loose=True)
        owners = self._in_force(documents, query, as_of, district)
        named = [segment for segment in query.segments if len(segment.surface) > 1 and not names_nothing]
        subjects = [segment for segment in named if not any(kind.cues.search(segment.surface) for kind in query.kinds)]
        if not subjects and (section := self._section(query, owners)):
            return section
        for wording in (*([question] if subjects else []), f"{before}，{question}"):
            answer = self.ask(wording, as_of=as_of, district=district, focus=owners, confidence=1.0)
            is_of_them = bool(answer.citations) and {cited.document_id for cited in answer.citations} <= set(owners)
            says = "\n".join(cited.quote for cited in answer.citations)
            met = sum(_is_met(segment, says) for segment in subjects)
            if is_of_them and gives_what_is_asked(query, says) and 2 * met >= len(subjects):
                return answer
        nearest = self._nearest_section(query, named_district(query.text) or district, owners)
        return replace(nearest or composer.no_source(), release=self.release)

    def ask_section(
        self, question: str, *, documents: Sequence[str], as_of: date, district: str = "510700"
    ) -> Answer | None:
        """Return the section of the documents that holds what is asked (所需材料 for 要带些啥子), None where there is none."""
        query = prepare_query(question, is_loose=True)
        return self._section(query, self._in_force(documents, query, as_of, district))

    def _in_force(self, documents: Sequence[str], query: PreparedQuery, as_of: date, district: str) -> list[str]:
        answering = self._eligible(as_of, named_district(query.text) or district).answering
        return [document for document in documents if document in answering]

    def _nearest_section(self, query: PreparedQuery, asked: str, owners: Sequence[str]) -> Answer | None:
        """Return the answer of the section of which people ask in such words, None when none is near."""
        rule = further_rule()
        found = focused_hits(query, self._retriever, owners, 1.0, rule)
        return self._best_of(query, asked, found, rule.answered_from)

    def _section(self, query: PreparedQuery, owners: Sequence[str]) -> Answer | None:
        answer = self._checked(section_answer(query, self._retriever.within(query, owners)))
        return replace(answer, release=self.release) if answer else None

    def gives(self, question: str, answer: Answer) -> bool:
        """Tell whether an answer holds what the question cannot do without: an amount for 多少钱, a time for 几天."""
        return gives_what_is_asked(prepare_query(question, is_loose=True), "\n".join(c.quote for c in answer.citations))

    def search(self, query: str, *, limit: int = 10, as_of: date, district: str = "510700") -> list[SearchHit]:
        """Return the best chunks of the documents in force, best first, whether or not they support an answer."""
        prepared = prepare_query(query)
        allowed = self._eligible(as_of, named_district(prepared.text) or district)
        return self._retriever.search(prepared, limit=limit, owners=allowed.answering)

    def document(self, document_id: str) -> PolicyDocument | None:
        """Return a document, None when this release has no such id."""
        return self._documents.get(document_id)

    def frequent_questions(self, document_id: str, *, as_of: date, district: str = "510700") -> list[str]:
        """Return the questions that a document's 常见问题 answer, in its order; none of a document that does not hold now."""
        if document_id not in self._eligible(as_of, district).answering:
            return []
        return [
            chunk.heading_path[-1] for chunk in self._retriever.chunks_of(document_id) if is_frequent_question(chunk)
        ]

    def nearest_questions(
        self, question: str, *, documents: Sequence[str], as_of: date, limit: int, district: str = "510700"
    ) -> list[str]:
        """Return the frequent questions of these documents that come nearest to one that nothing answers, nearest first."""
        query = prepare_query(question, is_loose=True)
        owners = self._in_force(documents, query, as_of, district)
        found = focused_hits(query, self._retriever, owners, 1.0, further_rule())
        near = [each.hit.chunk for each in found if each.hit.evidence.asked > 0 or each.hit.evidence.own > 0]
        return list(dict.fromkeys(c.heading_path[-1] for c in near if is_frequent_question(c)))[:limit]

    def passage(self, document_id: str, heading: str) -> Citation | None:
        """Return the passage of a document under a heading, cited; None when there is no such place."""
        chunk = self._passages.get((document_id, heading))
        if chunk is None:
            return None
        return composer.cite(self._documents[document_id], chunk.heading_path, chunk.start, chunk.end)

    def documents(self) -> Sequence[PolicyDocument]:
        """Return all documents of the release by id, whatever their status."""
        return tuple(self._documents.values())

    def _sort_documents(self, day: date, district: str) -> Eligibility:
        return eligible(self._documents.values(), day=day, district=district)

    def _supported(self, query: PreparedQuery, owners: Collection[str]) -> list[SearchHit]:
        """Return the hits that speak about enough of the question, best first."""
        hits = self._retriever.search(query, limit=_CANDIDATES, owners=owners) if owners else []
        least = hits[0].score * _NEAR_THE_BEST if hits else 0.0
        return [hit for hit in hits if hit.score >= least and is_supported(query, hit.chunk, hit.evidence)]

    def _focused_answer(
        self, query: PreparedQuery, asked: str, owners: Sequence[str], confidence: float, *, is_part: bool = False
    ) -> Answer | None:
        """Return the answer of the documents that the intent points to, None when it is unsure or they have none."""
        if not may_focus(owners, confidence):
            return None
        found = focused_hits(query, self._retriever, owners, confidence)
        least = answers_from(confidence)
        return self._checked(row_answer(query, found)) or self._best_of(query, asked, found, least, is_part=is_part)

    def ask_core(
        self, story: str, *, as_of: date, focus: Collection[str], confidence: float, district: str = "510700"
    ) -> Answer:
        """Answer a story by what the documents of a sure intent speak of; that something was left out is said."""
        query = prepare_query(story, is_loose=True)
        asked = named_district(query.text) or district
        allowed = self._eligible(as_of, asked)
        owners = [owner for owner in focus if owner in allowed.answering] if is_sure(confidence) else []
        answer = self._answer_to_the_core(query, asked, owners, confidence)
        return replace(answer or composer.no_source(), release=self.release)

    def _answer_to_the_core(
        self, query: PreparedQuery, asked: str, owners: Sequence[str], confidence: float
    ) -> Answer | None:
        strange = [s.surface for s in query.segments if not any(self._speaks_of(s, owner) for owner in owners)]
        core = reduce(lambda text, words: text.replace(words, " "), strange, query.text)
        reduced = prepare_query(core, is_loose=True)
        if not strange or sum(len(segment.surface) > 1 for segment in reduced.segments) < _LEAST_OF_A_CORE:
            return None
        return self._focused_answer(reduced, asked, owners, confidence, is_part=True)

    def _speaks_of(self, segment: Segment, document_id: str) -> bool:
        """Tell whether a document holds what was said, or an official word for it."""
        return _is_met(segment, self._documents[document_id].text)

    def _searched_answer(
        self, query: PreparedQuery, asked: str, owners: Collection[str], focus: Collection[str], confidence: float
    ) -> Answer | None:
        """Return the answer of the documents that a search in everyday words finds, None unless it is well supported."""
        hits = self._retriever.search(query, limit=_CANDIDATES, owners=owners) if owners else []
        nearest = list(dict.fromkeys(hit.document.document_id for hit in hits))[:_BEST_DOCUMENTS]
        rule, found = focus_rule(), focused_hits(query, self._retriever, nearest, 0.0)
        on_topic = [
            each
            for each in found
            if speaks_for_itself(query, each.hit)
            and (
                each.hit.document.document_id in focus
                or not is_sure(confidence)
                or each.support >= rule.search_outside_from
            )
        ]
        return self._best_of(query, asked, on_topic, rule.search_from)

    def _best_of(
        self, query: PreparedQuery, asked: str, found: Sequence[FocusedHit], least: float, *, is_part: bool = False
    ) -> Answer | None:
        supported = [each for each in found[:_CANDIDATES] if each.support >= least]
        if not supported:
            return None
        return self._checked(chunk_answer(query, self._retriever, supported, asked, is_part=is_part))

    def _answer(
        self, query: PreparedQuery, asked: str, owners: Collection[str], focus: Collection[str], confidence: float
    ) -> Answer | None:
        """Return the answer from the first supported hit that gives what is asked, None when there is none."""
        meter = self._retriever.meter(query)
        for hit in self._supported(query, owners):
            if hit.document.document_id not in focus and is_off_topic(hit, confidence):
                continue
            notes = composer.county_notes(asked, hit.document)
            draft = composer.compose(query, hit, meter, notes=notes, is_part=is_part(hit.evidence))
            if gives_what_is_asked(query, draft.quotes) and speaks_of_the_place(query.text, draft.speech):
                return self._checked(draft)
        return None

    def _checked(self, draft: Draft | None) -> Answer | None:
        """Let nothing out that its quotes do not hold; what is caught here is a fault of ours, and is logged."""
        if draft is None:
            return None
        violations = check_answer(draft.answer, self.document, draft.frame)
        if violations:
            _log.error("answer stopped by guardrails", violations=violations)
            return None
        return draft.answer


def _is_met(segment: Segment, text: str) -> bool:
    """Tell whether a text speaks of what was said, in these words or in the official ones."""
    return any(word in text for word in (segment.surface, *segment.alternatives))


def is_answered(answer: Answer) -> bool:
    """Tell whether the answer answers, wholly or partly."""
    return answer.status in {AnswerStatus.ANSWERED, AnswerStatus.ANSWERED_PARTLY}
