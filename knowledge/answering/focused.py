"""The answer from the documents that an intent points to: a row, a few lines that answer together, or a section."""

import re
from collections.abc import Sequence

from knowledge.answering import composer
from knowledge.answering.rows import birth_rows
from knowledge.answering.selection import LONGEST_LIST, Span
from knowledge.model import PolicyDocument
from knowledge.retrieval.births import birth_in, is_for_one_birth
from knowledge.retrieval.filters import nearness, speaks_of_the_place
from knowledge.retrieval.focus import FocusedHit, focus_rule
from knowledge.retrieval.query import PreparedQuery
from knowledge.retrieval.ranking import gives_what_is_asked, is_frequent_question
from knowledge.retrieval.retriever import Retriever, SearchHit

_MOST_TOGETHER = 4
_ASKS_WHEN = re.compile(
    r"(?:好久|多久|什么时候|啥子?时候|哪[一]?年|几岁|多少岁|好多岁|好大)[^，。,.]{0,4}(?:退休|退得)"
)


def row_answer(query: PreparedQuery, found: Sequence[FocusedHit]) -> composer.Draft | None:
    """Return the rows of a table that the birth in the question picks, None when it tells none or asks something else."""
    birth = birth_in(query.text)
    is_of_age = _ASKS_WHEN.search(query.text) is not None
    if birth is None or (not is_of_age and any(word in query.text for word in focus_rule().not_about_age)):
        return None
    rows = birth_rows(birth, [each.hit for each in found])
    return composer.quote(rows) if rows else None


def chunk_answer(
    query: PreparedQuery, retriever: Retriever, supported: Sequence[FocusedHit], asked: str, *, is_part: bool = False
) -> composer.Draft | None:
    """Return the answer from the best supported chunk that gives what is asked, None when none does.

    `supported` are in order, `asked` is the citizen's district; of two documents that answer as well, the one nearer to the citizen's district answers and
    the other is named. `is_part` says that some of the question was left out, which the answer then says.
    """
    rule, meter = focus_rule(), retriever.meter(query)
    near = [each for each in supported if each.score >= supported[0].score - rule.near_the_best]
    giving = [
        each
        for each in near
        if gives_what_is_asked(query, each.hit.chunk.text) and not is_for_one_birth(each.hit.chunk.text)
    ]
    for each in _nearest_first(giving):
        also = _also(each, giving)
        notes = composer.county_notes(asked, each.hit.document)
        if together := _siblings(query, each, supported):
            return composer.quote(together, notes=notes, also=also)
        is_less = is_part or each.support < rule.full_from
        draft = composer.compose(query, each.hit, meter, notes=notes, is_part=is_less, also=also, is_focused=True)
        if gives_what_is_asked(query, draft.quotes) and speaks_of_the_place(query.text, draft.speech):
            return draft
    return None


def section_answer(query: PreparedQuery, hits: Sequence[SearchHit]) -> composer.Draft | None:
    """Return the section that holds what is asked (所需材料 for 要带些啥子), whole; None when there is no such section.

    `hits` are the chunks of the documents that the question is about, in order. It need not name its subject: that is known.
    """
    for word in dict.fromkeys(word for kind in query.kinds for word in kind.headings):
        of_word = [hit for hit in hits if _is_section_of(hit, word) and gives_what_is_asked(query, hit.chunk.text)]
        section = [hit for hit in of_word if _place(hit) == _place(of_word[0])]
        if section and sum(len(hit.chunk.text) for hit in section) <= LONGEST_LIST:
            return composer.quote([(hit, (hit.chunk.start, hit.chunk.end)) for hit in section])
    return None


def _place(hit: SearchHit) -> tuple[str, ...]:
    """Return the document and the section in which a chunk stands."""
    return (hit.document.document_id, *hit.chunk.heading_path)


def _is_section_of(hit: SearchHit, word: str) -> bool:
    """Tell whether the chunk stands in a section of that name, and is no frequent question."""
    path = hit.chunk.heading_path
    return bool(path) and word in path[-1] and not is_frequent_question(hit.chunk)


def _nearest_first(giving: Sequence[FocusedHit]) -> list[FocusedHit]:
    """Put the nearer district's document first among those whose scores hardly differ."""
    least = giving[0].score - focus_rule().hardly_differs if giving else 0.0
    level = [each for each in giving if each.score >= least]
    level.sort(key=lambda each: -nearness(each.hit.document.district))
    return [*level, *(each for each in giving if each.score < least)]


def _also(chosen: FocusedHit, giving: Sequence[FocusedHit]) -> list[PolicyDocument]:
    """Return the one other document that answers as well, to be named."""
    least = chosen.score - focus_rule().hardly_differs
    others = [each.hit.document for each in giving if each.score >= least]
    return [document for document in others if document is not chosen.hit.document][:1]


def _siblings(
    query: PreparedQuery, chosen: FocusedHit, supported: Sequence[FocusedHit]
) -> list[tuple[SearchHit, Span]] | None:
    """Return the frequent questions that only together answer a general one: 几天答复 of 咨询, 求助 and 投诉."""
    if not _is_narrower(chosen.hit) or not query.kinds:
        return None
    least = chosen.score - focus_rule().sibling_within
    same = [
        each.hit
        for each in supported
        if each.hit.document is chosen.hit.document
        and each.score >= least
        and _is_narrower(each.hit)
        and gives_what_is_asked(query, each.hit.chunk.text)
    ]
    if len(same) < 2 or sum(len(hit.chunk.text) for hit in same) > LONGEST_LIST:
        return None
    same.sort(key=lambda hit: hit.chunk.start)
    return [(hit, (hit.chunk.start, hit.chunk.end)) for hit in same[:_MOST_TOGETHER]]


def _is_narrower(hit: SearchHit) -> bool:
    """Tell whether the chunk answers a frequent question of the kind that is asked, about something that was not said."""
    evidence = hit.evidence
    return (
        is_frequent_question(hit.chunk)
        and evidence.is_of_kind
        and not evidence.clashes
        and evidence.heading_covered < focus_rule().narrower_below
    )
