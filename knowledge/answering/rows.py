"""The rows of a table that a birth picks: a person born in March 1965 gets the row of January to April 1965."""

from collections.abc import Sequence

from knowledge.answering.selection import Span
from knowledge.retrieval.births import Birth, rows_for
from knowledge.retrieval.retriever import SearchHit
from knowledge.sentences import sentence_spans

_MOST_ROWS = 4


def birth_rows(birth: Birth, hits: Sequence[SearchHit]) -> list[tuple[SearchHit, Span]]:
    """Return the sentences with the narrowest range of births that holds this one, each with the hit it stands in."""
    found: list[tuple[int, SearchHit, Span]] = []
    for hit in hits:
        text = hit.document.text
        for start, end in sentence_spans(text, hit.chunk.start, hit.chunk.end):
            days = rows_for(birth, text[start:end])
            if days is not None:
                found.append((days, hit, (start, end)))
    narrowest = min((days for days, _, _ in found), default=0)
    near = [(hit, span) for days, hit, span in found if days <= narrowest * 2]
    first = [pair for pair in near if pair[0].document is near[0][0].document]
    return first[:_MOST_ROWS]
