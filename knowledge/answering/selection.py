"""Which sentences of a chunk answer the question."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.index.analysis import terms_of
from knowledge.ingestion.markdown_loader import BULLET
from knowledge.retrieval.query import PreparedQuery
from knowledge.retrieval.ranking import asks_for_list, gives_what_is_asked, is_example, is_list
from knowledge.retrieval.retriever import SearchHit
from knowledge.retrieval.support import CoverageMeter
from knowledge.sentences import sentence_spans

LONGEST_ANSWER = 300
LONGEST_LIST = 600
_SHORT_CHUNK = 130
_MOST_SENTENCES = 3
_MARK_BONUS = 0.15
_NEED_BONUS = 0.2
_DIGIT_BONUS = 0.15
_LEAD_SHARE = 0.75
_LIST_KINDS = {"materials", "condition", "procedure", "requirement", "entitlement", "keeps"}
_EXAMPLE_FACTOR = 0.5
_NO_PREFERENCE = 0.1
_LEADS_IN = ("：", ":")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Selection:
    """Extents of the document's text, the direct answer first; `is_cut` says that more of a list was left out."""

    spans: tuple[Span, ...]
    is_cut: bool = False


def select_spans(query: PreparedQuery, hit: SearchHit, meter: CoverageMeter, *, is_focused: bool = False) -> Selection:
    """Return the extents that answer: a whole list where a list is asked for, else the best sentences.

    When the intent led to the chunk, a question that prefers none of its sentences gets all of them.
    """
    chunk, text = hit.chunk, hit.document.text
    if len(chunk.text) <= _SHORT_CHUNK:
        return Selection(((chunk.start, chunk.end),))
    sentences = list(sentence_spans(text, chunk.start, chunk.end))
    if wants_whole_list(query, hit) or (is_focused and _prefers_none(query, hit, sentences, meter)):
        return _whole_list(sentences)
    chosen = [_with_list(text, span, sentences) for span in _best(query, hit, sentences, meter)]
    return Selection(merge_spans(text, _without_repeats(chosen)))


def wants_whole_list(query: PreparedQuery, hit: SearchHit) -> bool:
    """Tell whether the chunk is a list of which half would be a wrong answer: its materials, conditions or steps."""
    if not is_list(hit.chunk.text):
        return False
    wanted = (word for kind in query.kinds if kind.name in _LIST_KINDS for word in kind.headings)
    return asks_for_list(query) or any(word in heading for word in wanted for heading in hit.chunk.heading_path)


def _prefers_none(query: PreparedQuery, hit: SearchHit, sentences: Sequence[Span], meter: CoverageMeter) -> bool:
    """Tell whether the question is as near to each of the sentences that could answer: three deadlines, all wanted."""
    texts = [hit.document.text[start:end] for start, end in sentences]
    giving = [text for text in texts if gives_what_is_asked(query, text)]
    shares = [meter.share(terms_of(text)) for text in giving]
    is_short = sentences[-1][1] - sentences[0][0] <= (LONGEST_LIST if is_list(hit.chunk.text) else LONGEST_ANSWER)
    return is_short and len(giving) > 1 and max(shares) - min(shares) < _NO_PREFERENCE


def merge_spans(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Join neighbours (nothing but white space between them) so that each quote is one piece; the order is kept."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and merged[-1][1] <= start and not text[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple(merged)


def _best(query: PreparedQuery, hit: SearchHit, sentences: Sequence[Span], meter: CoverageMeter) -> list[Span]:
    """Return the best sentence, then up to two more that are nearly as good (or the one after it: an exception)."""
    scored = [(_score(query, hit.document.text[start:end], meter), (start, end)) for start, end in sentences]
    top = max(score for score, _ in scored)
    lead = next(span for score, span in scored if score == top)
    chosen, length = [lead], lead[1] - lead[0]
    near = [span for score, span in scored if span != lead and score >= _LEAD_SHARE * top and score > 0]
    after = sentences[sentences.index(lead) + 1 :][:1]
    for span in near[: _MOST_SENTENCES - 1] or after:
        length += span[1] - span[0]
        if length <= LONGEST_ANSWER:
            chosen.append(span)
    return chosen


def _score(query: PreparedQuery, sentence: str, meter: CoverageMeter) -> float:
    score = meter.share(terms_of(sentence))
    if any(mark in sentence for kind in query.kinds for mark in kind.marks):
        score += _MARK_BONUS
    if any(kind.needs and kind.needs.search(sentence) for kind in query.kinds):
        score += _NEED_BONUS + (_DIGIT_BONUS if any(character.isdigit() for character in sentence) else 0.0)
    if is_example(query, sentence):
        score *= _EXAMPLE_FACTOR
    return score


def _with_list(text: str, span: Span, sentences: Sequence[Span]) -> Span:
    """Return the sentence together with the list that it leads in."""
    if not text[span[0] : span[1]].endswith(_LEADS_IN):
        return span
    end = span[1]
    for start, stop in sentences[sentences.index(span) + 1 :]:
        if not text[start:stop].startswith(BULLET):
            break
        end = stop
    return span[0], end


def _without_repeats(spans: Sequence[Span]) -> list[Span]:
    """Drop what lies inside another extent."""
    return [
        span
        for index, span in enumerate(spans)
        if not any(
            other[0] <= span[0] and span[1] <= other[1] and (other != span or position < index)
            for position, other in enumerate(spans)
            if position != index
        )
    ]


def _whole_list(sentences: Sequence[Span]) -> Selection:
    """Return the list, or its head with the note that there is more when it is too long for a chat."""
    start, end = sentences[0]
    for _, stop in sentences:
        if stop - start > LONGEST_LIST and end > sentences[0][0]:
            return Selection(((start, end),), is_cut=True)
        end = stop
    return Selection(((start, end),))
