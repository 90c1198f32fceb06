"""Which sentences of a chunk answer the question."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.index.analysis import terms_of
from knowledge.ingestion.markdown_loader import BULLET
from knowledge.model import PolicyDocument
from knowledge.retrieval.query import PreparedQuery
from knowledge.retrieval.retriever import SearchHit
from knowledge.retrieval.support import CoverageMeter
from knowledge.sentences import sentence_spans

LONGEST_ANSWER = 300
LONGEST_LIST = 600
_SHORT_CHUNK = 130
_MOST_SENTENCES = 3
_MARK_BONUS = 0.25
_LEAD_SHARE = 0.7
_LIST_KINDS = {"materials", "condition", "procedure", "place"}
_WHOLE_LIST_WORDS = (
    "哪些",
    "有什么",
    "有啥",
    "都有",
    "什么条件",
    "流程",
    "步骤",
    "材料",
    "清单",
    "哪几",
    "名单",
    "介绍",
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Extents of the document's text, the direct answer first; `is_cut` says that more of a list was left out."""

    spans: tuple[tuple[int, int], ...]
    is_cut: bool = False


def select_spans(query: PreparedQuery, hit: SearchHit, meter: CoverageMeter) -> Selection:
    """Return the extents that answer: a whole list where a list is asked for, else the best sentences."""
    chunk, text = hit.chunk, hit.document.text
    sentences = list(sentence_spans(text, chunk.start, chunk.end))
    if len(chunk.text) <= _SHORT_CHUNK:
        return Selection(((chunk.start, chunk.end),))
    if wants_whole_list(query, hit):
        if len(chunk.text) <= LONGEST_LIST:
            return Selection(((chunk.start, chunk.end),))
        return Selection(_head_of(sentences, LONGEST_LIST), is_cut=True)
    return Selection(merge_spans(text, _best(query, hit, sentences, meter)))


def gives_what_is_asked(query: PreparedQuery, answer: str) -> bool:
    """Tell whether the answer holds what its kind of question cannot do without: an amount for 多少钱, a time for 几天."""
    needs = [kind.needs for kind in query.kinds if kind.needs]
    return not needs or len(needs) < len(query.kinds) or any(need.search(answer) for need in needs)


def wants_whole_list(query: PreparedQuery, hit: SearchHit) -> bool:
    """Tell whether the chunk is a list of which half would be a wrong answer: its materials, conditions or steps."""
    if not is_list(hit.chunk.text):
        return False
    if any(word in query.text for word in _WHOLE_LIST_WORDS):
        return True
    wanted = (kind for kind in query.kinds if kind.name in _LIST_KINDS)
    return any(word in heading for kind in wanted for word in kind.headings for heading in hit.chunk.heading_path)


def is_list(text: str) -> bool:
    """Tell whether most lines are items: bullets, （一）, 1., 第一步."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    items = sum(line.startswith((BULLET, "（", "(", "第")) or line[:1].isdigit() for line in lines)
    return len(lines) > 1 and items * 2 >= len(lines)


def merge_spans(text: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join neighbours (nothing but white space between them) so that each quote is one piece; the order is kept."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and merged[-1][1] <= start and not text[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple(merged)


def _best(
    query: PreparedQuery, hit: SearchHit, sentences: Sequence[tuple[int, int]], meter: CoverageMeter
) -> list[tuple[int, int]]:
    scored = [(_score(query, hit.document, span, meter), span) for span in sentences]
    top = max(score for score, _ in scored)
    lead = next(span for score, span in scored if score == top)
    chosen, length = [lead], lead[1] - lead[0]
    rest = [span for score, span in scored if span != lead and score >= _LEAD_SHARE * top and score > 0]
    for span in rest[: _MOST_SENTENCES - 1] or _next_to(lead, sentences):
        length += span[1] - span[0]
        if length <= LONGEST_ANSWER:
            chosen.append(span)
    return chosen


def _next_to(lead: tuple[int, int], sentences: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the sentence after the lead: it often holds the exception."""
    index = sentences.index(lead)
    return list(sentences[index + 1 : index + 2])


def _score(query: PreparedQuery, document: PolicyDocument, span: tuple[int, int], meter: CoverageMeter) -> float:
    sentence = document.text[span[0] : span[1]]
    marks = any(mark in sentence for kind in query.kinds for mark in kind.marks)
    return meter.share(terms_of(sentence)) + (_MARK_BONUS if marks else 0.0)


def _head_of(sentences: Sequence[tuple[int, int]], longest: int) -> tuple[tuple[int, int], ...]:
    start = end = sentences[0][0]
    for _, stop in sentences:
        if stop - start > longest:
            break
        end = stop
    return ((start, end if end > start else sentences[0][1]),)
