"""Which chunk of the documents that an intent points to answers best, and whether it answers at all.

The intent has said what the question is about, so less of its wording must be met; what is left to decide is which
attribute is asked, and whether the question names something that none of these documents speaks of.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.retrieval.assessment import Evidence
from knowledge.retrieval.query import PreparedQuery
from knowledge.retrieval.ranking import (
    asks_for_list,
    gives_what_is_asked,
    is_frequent_question,
    is_list,
    is_part,
    is_side_section,
    is_special_section,
    is_summary,
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
    asked: float
    asked_enough: float
    wanted_section: float
    wanted_own: float
    side_section: float
    special_section: float
    whole_list: float
    clash: float
    summary: float
    frequent: float
    same_kind: float
    no_kind: float
    other_kind: float
    gives: float
    order: float
    bias: float
    gate_score: float
    gate_support: float
    gate_missing: float
    gate_asked: float
    gate_confidence: float
    answered_from: float
    likely_from: float
    unsure_answered_from: float
    full_from: float
    near_the_best: float
    hardly_differs: float
    sibling_within: float
    narrower_below: float
    not_about_age: tuple[str, ...]
    named_section: float
    search_from: float
    search_weight: float
    search_title: float
    search_beyond_title: float
    outside_from: float
    search_outside_from: float
    sure_from: float


@dataclass(frozen=True, slots=True)
class FocusedHit:
    """A chunk of a focus document with its score, which orders the hits, and the probability that it answers."""

    hit: SearchHit
    score: float
    support: float


@lru_cache(maxsize=1)
def focus_rule() -> FocusRule:
    """Read the rule from focus.yml."""
    data = yaml.safe_load(_RULE_FILE.read_text(encoding="utf-8"))
    del data["further"]
    return FocusRule(**data | {"not_about_age": tuple(data["not_about_age"])})


@lru_cache(maxsize=1)
def further_rule() -> FocusRule:
    """Return the rule for what is asked of an answer just given: which documents it is about is known."""
    return replace(focus_rule(), **yaml.safe_load(_RULE_FILE.read_text(encoding="utf-8"))["further"])


def focused_hits(
    query: PreparedQuery,
    retriever: Retriever,
    owners: Sequence[str],
    confidence: float,
    rule: FocusRule | None = None,
) -> list[FocusedHit]:
    """Return every chunk of the documents `owners` (the nearest first), the likeliest answer first."""
    rule, found = rule or focus_rule(), retriever.within(query, owners)
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
    is_wanted = is_wanted_section(query, chunk)
    text = max(evidence.text, rule.wanted_own * evidence.own) if is_wanted else evidence.text
    score = rule.text * text + rule.own * evidence.own + rule.listed * evidence.coverage
    score += rule.asked * min(1.0, evidence.asked / rule.asked_enough)
    score += _frequent_question(query, evidence, rule) if is_frequent_question(chunk) else 0.0
    score += rule.named_section * (is_wanted and _names_its_heading(query, hit))
    score += rule.wanted_section * is_wanted - rule.side_section * is_side_section(query, chunk)
    score += rule.gives * gives_what_is_asked(query, chunk.text) - rule.summary * is_summary(chunk)
    score += rule.whole_list * (asks_for_list(query) and is_list(chunk.text))
    if is_special_section(chunk):
        score -= rule.special_section * (1 - evidence.heading_covered)
    if evidence.clashes:
        return score - rule.clash
    says_nothing = is_frequent_question(chunk) and bool(query.kinds) and evidence.is_bare and not evidence.is_of_kind
    return score if says_nothing else score + rule.heading * evidence.heading


def _names_its_heading(query: PreparedQuery, hit: SearchHit) -> bool:
    """Tell whether the question names the section in its own words: 要啥条件 the 办理条件."""
    heading = hit.chunk.heading_path[-1]
    return any(word in heading and word in query.text for kind in query.kinds for word in kind.headings)


def _frequent_question(query: PreparedQuery, evidence: Evidence, rule: FocusRule) -> float:
    """Return what speaks for the answer to a frequent question: that it asks the same, and nothing narrower."""
    score = 0.0 if evidence.is_bare and query.kinds else rule.frequent
    score -= rule.narrower * (1 - evidence.heading_covered)
    if evidence.is_of_kind:
        return score + rule.same_kind * evidence.heading_covered**2
    return score - (rule.no_kind if query.kinds else rule.other_kind)


def _support(hit: SearchHit, score: float, missing: float, confidence: float, rule: FocusRule) -> float:
    """Return the probability (0..1) that the chunk answers, as fitted on labelled questions."""
    evidence = rule.gate_score * score + rule.gate_support * hit.evidence.support
    evidence += rule.gate_confidence * confidence - rule.gate_missing * missing
    evidence += rule.gate_asked * min(1.0, hit.evidence.asked / rule.asked_enough)
    return 1 / (1 + math.exp(-(rule.bias + evidence)))


def may_focus(focus: Collection[str], confidence: float) -> bool:
    """Tell whether the intent is sure enough to say what the question is about."""
    return bool(focus) and confidence >= focus_rule().confident_from


def answers_from(confidence: float) -> float:
    """Return the support (0..1) from which a chunk of the focus answers: more when the intent is hardly a guess."""
    rule = focus_rule()
    return rule.answered_from if confidence >= rule.likely_from else rule.unsure_answered_from


def is_sure(confidence: float) -> bool:
    """Tell whether the intent is so sure that a document beside it must be doubted."""
    return confidence >= focus_rule().sure_from


def is_off_topic(hit: SearchHit, confidence: float) -> bool:
    """Tell whether a document that a sure intent does not point to is too weakly supported to answer."""
    is_weak = is_part(hit.evidence) or hit.evidence.support < focus_rule().outside_from
    return is_sure(confidence) and is_weak


def speaks_for_itself(query: PreparedQuery, hit: SearchHit) -> bool:
    """Tell whether a chunk that no intent led to covers more than the subject, of a question that says enough.

    A section of a guide (所需材料) does so only if the question names what the guide is about.
    """
    evidence, rule = hit.evidence, focus_rule()
    if is_wanted_section(query, hit.chunk) and evidence.title < rule.search_title:
        return False
    return evidence.weight >= rule.search_weight and evidence.beyond_title(evidence.own) >= rule.search_beyond_title
