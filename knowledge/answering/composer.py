"""Make the answer: sentences of the document, word for word, each with the citation that opens it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.answering.selection import Span, select_spans
from knowledge.answering.texts import say
from knowledge.model import Answer, AnswerStatus, Citation, PolicyDocument
from knowledge.retrieval.filters import Force, city_code, district_name, force_on, is_county
from knowledge.retrieval.query import PreparedQuery
from knowledge.retrieval.retriever import SearchHit
from knowledge.retrieval.support import CoverageMeter

_BLANK_LINES = re.compile(r"\n{2,}")


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that is not checked yet, the documents that it rests on, and those that it only names."""

    answer: Answer
    documents: tuple[PolicyDocument, ...]
    also: tuple[PolicyDocument, ...] = ()

    @property
    def quotes(self) -> str:
        """Return all that it quotes."""
        return "\n".join(citation.quote for citation in self.answer.citations)

    @property
    def speech(self) -> str:
        """Return all that it quotes, with the headings."""
        headings = (heading for citation in self.answer.citations for heading in citation.heading_path)
        return "\n".join((self.quotes, *headings))

    @property
    def frame(self) -> tuple[str, ...]:
        """Return the sentences that it may say without a quote."""
        return frame_sentences(self.documents, self.also)


def compose(
    query: PreparedQuery,
    hit: SearchHit,
    meter: CoverageMeter,
    *,
    notes: Sequence[str] = (),
    is_part: bool = False,
    also: Sequence[PolicyDocument] = (),
    is_focused: bool = False,
) -> Draft:
    """Return the answer from one chunk; `notes` are fixed sentences that stand before it.

    `also` are documents that speak of the same and are named; `is_focused` says that the intent led to the chunk.
    """
    selection = select_spans(query, hit, meter, is_focused=is_focused)
    after = [say("longer_note")] if selection.is_cut else [say("partly_note")] if is_part else []
    return quote([(hit, span) for span in selection.spans], notes=notes, after=after, also=also)


def quote(
    quotes: Sequence[tuple[SearchHit, Span]],
    *,
    notes: Sequence[str] = (),
    after: Sequence[str] = (),
    also: Sequence[PolicyDocument] = (),
) -> Draft:
    """Return the answer that quotes these extents; fixed sentences before and after it make it a part of an answer."""
    citations = tuple(cite(hit.document, hit.chunk.heading_path, start, end) for hit, (start, end) in quotes)
    sources = source_lines([hit.document for hit, _ in quotes], also)
    lines = [*notes, *(citation.quote for citation in citations), *after, *sources]
    status = AnswerStatus.ANSWERED_PARTLY if after or notes else AnswerStatus.ANSWERED
    text = _BLANK_LINES.sub("\n", "\n".join(lines))
    best = quotes[0][0]
    answer = Answer(status, text, citations, scores=(best.score, best.coverage))
    return Draft(answer, tuple(hit.document for hit, _ in quotes), tuple(also))


def county_notes(asked: str, document: PolicyDocument) -> list[str]:
    """Return the note that another county may do otherwise, when a county's document answers and none was named."""
    if asked == city_code() and is_county(document.district):
        return [say("county_note", district=district_name(document.district))]
    return []


def frame_sentences(documents: Sequence[PolicyDocument], also: Sequence[PolicyDocument] = ()) -> tuple[str, ...]:
    """Return the sentences of an answer that need no quote: the notes, and what the documents' own facts say.

    `also` are the documents that the answer names beside those that it quotes.
    """
    notes = (say("county_note", district=district_name(document.district)) for document in documents)
    days = (chinese_day(document.effective_date) for document in documents if document.effective_date)
    return (*notes, *days, say("partly_note"), say("longer_note"), *source_lines(documents, also))


def chinese_day(day: date) -> str:
    """Return a day as documents write it: 2025年1月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def cite(document: PolicyDocument, heading_path: tuple[str, ...], start: int, end: int) -> Citation:
    """Return the citation of an extent of the document."""
    return Citation(
        document_id=document.document_id,
        title=document.title,
        document_number=document.document_number,
        heading_path=heading_path,
        quote=document.text[start:end],
        start=start,
        end=end,
        url=f"/documents/{document.document_id}?start={start}&end={end}",
        effective_date=document.effective_date,
    )


def source_lines(documents: Sequence[PolicyDocument], also: Sequence[PolicyDocument] = ()) -> tuple[str, ...]:
    """Return the line that names the sources, and the one that names where more is said."""
    lines = [say("source", labels=_labels(documents))]
    if also:
        lines.append(say("also", labels=_labels(also)))
    return tuple(lines)


def _labels(documents: Sequence[PolicyDocument]) -> str:
    return "、".join(dict.fromkeys(label_of(document) for document in documents))


def label_of(document: PolicyDocument) -> str:
    """Return 《标题》 with the document number behind it when it has one."""
    title = document.title if document.title.startswith("《") else f"《{document.title}》"
    return f"{title}（{document.document_number}）" if document.document_number else title


def no_source() -> Answer:
    """Return the answer when nothing supports one: it says so, and where to turn."""
    return Answer(AnswerStatus.NO_SOURCE, say("no_source"))


def other_district(document: PolicyDocument, asked: str) -> Draft:
    """Return the answer when only another district's document speaks about the question."""
    text = say(
        "other_district",
        district=district_name(document.district),
        label=label_of(document),
        asked=district_name(asked),
    )
    return Draft(Answer(AnswerStatus.OTHER_DISTRICT, text), (document,))


def not_in_force(document: PolicyDocument, day: date) -> Draft:
    """Return the answer when only a document that is not in force on `day` speaks about the question."""
    force = force_on(document, day)
    if force is Force.NOT_YET and document.effective_date:
        text = say("not_yet", label=label_of(document), day=chinese_day(document.effective_date))
    else:
        text = say("repealed" if force is Force.REPEALED else "expired", label=label_of(document))
    return Draft(Answer(AnswerStatus.NOT_IN_FORCE, text), (document,))
