"""What else than matching words makes a chunk the better answer: its kind of section, its shape, what it can give."""

from functools import lru_cache

from knowledge.model import Chunk
from knowledge.retrieval.assessment import Evidence, support_rule
from knowledge.retrieval.query import PreparedQuery, every_kind

_LEAST_COVERED = 0.4
_CLASH = 0.6
_QUESTIONS_SECTION = "常见问题"
_OTHER_QUESTION = 0.85
_LIKENESS = 0.5
_HEADING = 0.35
_NEAR_HEADING = 0.75
_SECTION_BONUS = 1.15
_OWN_SECTION_BONUS = 1.4
_LIST_BONUS = 1.35
_GIVES_NOTHING = 0.8
_EXAMPLE = "示例"
_EXAMPLE_STARTS = ("示例：", "示例:", "示例（")
_OTHER_SECTION = 0.6
_SIDE_SECTIONS = ("法律依据", "示例", "例子")
_SIDE_FACTOR = 0.65
_USUAL_SECTIONS = ("适用对象", "注意事项", "例子", "内容", "介绍", "对应", "项目")
_ITEM_MARKS = ("• ", "（", "(", "第")
_REMEMBERED = 20_000


def rank_factor(query: PreparedQuery, chunk: Chunk, evidence: Evidence) -> float:
    """Return what a chunk's score is multiplied with."""
    factor = _shape_factor(query, chunk, evidence)
    if evidence.clashes:
        factor *= _CLASH
    elif evidence.heading < _NEAR_HEADING and is_frequent_question(chunk):
        factor *= _OTHER_QUESTION
    elif evidence.heading >= _NEAR_HEADING:
        factor *= 1 + _HEADING * evidence.heading**2
    factor *= 1 + _LIKENESS * evidence.likeness**2
    if not gives_what_is_asked(query, chunk.text):
        factor *= _GIVES_NOTHING
    return factor


def _shape_factor(query: PreparedQuery, chunk: Chunk, evidence: Evidence) -> float:
    """Return what coverage and the kind of section make of it; a section of the guide's own need not name its subject."""
    text, factor = evidence.text, 1.0
    if is_wanted_section(query, chunk):
        is_own = evidence.about >= support_rule().whole_own_from
        factor = _OWN_SECTION_BONUS if is_own else _SECTION_BONUS
        text = evidence.own if is_own else text
    elif is_other_section(query, chunk):
        factor = _OTHER_SECTION
    if asks_for_list(query) and is_list(chunk.text):
        factor *= _LIST_BONUS
    if is_side_section(query, chunk):
        factor *= _SIDE_FACTOR
    return factor * (_LEAST_COVERED + (2 * evidence.own + 2 * text + evidence.coverage) / 5)


def is_supported(query: PreparedQuery, chunk: Chunk, evidence: Evidence) -> bool:
    """Tell whether the evidence allows an answer; the rules behind it stand in support.yml."""
    rule = support_rule()
    is_specific = evidence.weight >= rule.specific_weight_from and evidence.text >= rule.specific_text_from
    if evidence.support < rule.answered_from and not is_specific:
        return False
    if is_wanted_section(query, chunk) and evidence.about < rule.subject_from:
        return False
    if evidence.clashes and evidence.heading < rule.clashing_likeness_from:
        return False
    if evidence.beyond_title(evidence.own) >= rule.beyond_title_from:
        return True
    was_asked = evidence.beyond_title(evidence.coverage) >= rule.asked_beyond_title_from
    return was_asked and evidence.likeness >= rule.asked_likeness_from


def is_part(evidence: Evidence) -> bool:
    """Tell whether the answer must say that it may be a part only."""
    rule = support_rule()
    is_aside = evidence.own < rule.whole_own_from and evidence.heading < rule.clashing_likeness_from
    return evidence.support < rule.full_from or is_aside


def is_wanted_section(query: PreparedQuery, chunk: Chunk) -> bool:
    """Tell whether the chunk stands in a section that holds this kind of answer: 所需材料 for 带什么."""
    return bool(query.wanted) and _names_one(chunk.heading_path, query.wanted)


@lru_cache(maxsize=_REMEMBERED)
def _names_one(heading_path: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return any(word in heading for word in words for heading in heading_path)


def is_other_section(query: PreparedQuery, chunk: Chunk) -> bool:
    """Tell whether the chunk stands in a section for another kind of answer: 办理时限 for 带什么."""
    return bool(query.families) and _is_of_other_family(query.families, chunk.heading_path)


@lru_cache(maxsize=_REMEMBERED)
def _is_of_other_family(families: frozenset[str], heading_path: tuple[str, ...]) -> bool:
    others = [word for kind in every_kind() if kind.family not in families for word in kind.headings]
    return any(word in heading for word in others for heading in heading_path)


def is_frequent_question(chunk: Chunk) -> bool:
    """Tell whether the chunk answers one question of a guide's 常见问题, which is its heading."""
    return len(chunk.heading_path) > 1 and chunk.heading_path[0] == _QUESTIONS_SECTION


def is_summary(chunk: Chunk) -> bool:
    """Tell whether the chunk sums its document up: what it says, a section says in full."""
    return chunk.heading_path[-1:] in {("一句话说明",), ("要点",)}


def is_special_section(chunk: Chunk) -> bool:
    """Tell whether the chunk stands in a section with a matter of its own (注销), not in one that every guide has."""
    if not chunk.heading_path or is_summary(chunk) or is_frequent_question(chunk):
        return False
    return not _is_usual(chunk.heading_path[-1])


@lru_cache(maxsize=_REMEMBERED)
def _is_usual(heading: str) -> bool:
    usual = (*(word for kind in every_kind() for word in kind.headings), *_USUAL_SECTIONS)
    return any(word in heading for word in usual)


def is_side_section(query: PreparedQuery, chunk: Chunk) -> bool:
    """Tell whether the chunk stands in a section that answers nobody who does not ask for it: 法律依据, 示例."""
    if not _names_one(chunk.heading_path, _SIDE_SECTIONS):
        return False
    return any(word in heading and word not in query.text for word in _SIDE_SECTIONS for heading in chunk.heading_path)


def gives_what_is_asked(query: PreparedQuery, answer: str) -> bool:
    """Tell whether a text holds what its kind of question cannot do without: an amount for 多少钱, a time for 几天."""
    needs = [kind.needs for kind in query.kinds if kind.needs]
    if not needs:
        return True
    lines = [line for line in answer.split("\n") if not is_example(query, line)]
    return any(need.search(line) for need in needs for line in lines)


def is_example(query: PreparedQuery, sentence: str) -> bool:
    """Tell whether the sentence is a worked example that was not asked for: its figures are nobody's."""
    return sentence.startswith(_EXAMPLE_STARTS) and _EXAMPLE not in query.text


def asks_for_list(query: PreparedQuery) -> bool:
    """Tell whether the question wants every item: 有哪些, 什么材料."""
    return any(kind.name == "enumeration" for kind in query.kinds)


@lru_cache(maxsize=_REMEMBERED)
def is_list(text: str) -> bool:
    """Tell whether most lines are items: bullets, （一）, 1., 第一步."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    items = sum(line.startswith(_ITEM_MARKS) or line[:1].isdigit() for line in lines)
    return len(lines) > 1 and items * 2 >= len(lines)
