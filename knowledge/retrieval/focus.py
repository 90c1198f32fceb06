"""Which chunk of the documents that an intent points to answers best, and whether it answers at all.

The intent has said what the question is about, so less of its wording must be met; what is left to decide is which
attribute is asked, and whether the question names something that none of these documents speaks of.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.retrieval.query import PreparedQuery
from knowledge.retrieval.ranking import (
    asks_for_list,
    gives_what_is_asked,
    is_frequent_question,
    is_list,
    is_other_section,
    is_side_section,
    is_wanted_section,
)
from knowledge.retrieval.retriever import Retriever, SearchHit

_RULE_FILE = Path(__file__).with_name("focus.yml")


@dataclass(frozen=True, slots=True)
class FocusRule:
    """The weights of what speaks for a chunk, and from where on it answers; focus.yml says what each means."""

    confident_from: float
    text: float
    own: float
    heading: float
    narrower: float
    listed: float
    wanted_section: float
    other_section: float
    side_section: float
    whole_list: float
    clash: float
    frequent: float
    gives: float
    order: float
    bias: float
    gate_score: float
    gate_support: float
    gate_missing: float
    gate_confidence: float
    answered_from: float
    full_from: float
    near_the_best: float


@dataclass(frozen=True, slots=True)
class FocusedHit:
    """A chunk of a focus document with its score, which orders the hits, and the probability that it answers."""

    hit: SearchHit
    score: float
    support: float


@lru_cache(maxsize=1)
def focus_rule() -> FocusRule:
    """Read the rule from focus.yml."""
    return FocusRule(**yaml.safe_load(_RULE_FILE.read_text(encoding="utf-8")))


def focused_hits(
    query: PreparedQuery, retriever: Retriever, owners: Sequence[str], confidence: float
) -> list[FocusedHit]:
    """Return every chunk of the documents `owners` (the nearest first), the likeliest answer first."""
    rule, found = focus_rule(), retriever.within(query, owners)
    missing = {owner: retriever.missing(query, owner) for owner in owners}
    places = {owner: place for place, owner in enumerate(owners)}
    scored = [(_score(query, hit, rule) - rule.order * places[hit.document.document_id], hit) for hit in found]
    scored.sort(key=lambda pair: (-pair[0], pair[1].chunk.chunk_id))
    return [
        FocusedHit(hit, score, _support(hit, score, missing[hit.document.document_id], confidence, rule))
        for score, hit in scored
    ]


def _score(query: PreparedQuery, hit: SearchHit, rule: FocusRule) -> float:
    chunk, evidence = hit.chunk, hit.evidence
    score = rule.text * evidence.text + rule.own * evidence.own + rule.listed * evidence.coverage
    if not evidence.clashes:
        score += rule.heading * evidence.heading
    if is_frequent_question(chunk):
        score += rule.frequent - rule.narrower * (1 - evidence.heading_covered)
    if is_wanted_section(query, chunk):
        score += rule.wanted_section
    elif is_other_section(query, chunk):
        score -= rule.other_section
    if is_side_section(query, chunk):
        score -= rule.side_section
    if asks_for_list(query) and is_list(chunk.text):
        score += rule.whole_list
    if evidence.clashes:
        score -= rule.clash
    if gives_what_is_asked(query, chunk.text):
        score += rule.gives
    return score


def _support(hit: SearchHit, score: float, missing: float, confidence: float, rule: FocusRule) -> float:
    """Return the probability (0..1) that the chunk answers, as fitted on labelled questions."""
    evidence = rule.gate_score * score + rule.gate_support * hit.evidence.support
    evidence += rule.gate_confidence * confidence - rule.gate_missing * missing
    return 1 / (1 + math.exp(-(rule.bias + evidence)))


def may_focus(focus: Collection[str], confidence: float) -> bool:
    """Tell whether the intent is sure enough to say what the question is about."""
    return bool(focus) and confidence >= focus_rule().confident_from
