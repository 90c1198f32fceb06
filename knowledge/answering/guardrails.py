"""No sentence without a source: what an answer says must stand, character for character, in what it quotes.

Two nets. `unsupported_facts` looks at numbers, amounts, dates, phones, addresses and document numbers in any text.
`check_answer` also wants every sentence of an extractive answer to be a quote or one of the fixed sentences.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from knowledge.answering.texts import POINTERS
from knowledge.model import Answer, Citation, PolicyDocument

_CHINESE_NUMBER = "零〇一二三四五六七八九十百千万亿两半"
_UNITS = (
    *(
        "个工作日",
        "工作日",
        "周岁",
        "个月",
        "小时",
        "分钟",
        "公里",
        "平方米",
        "人民币",
        "年",
        "月",
        "日",
        "号",
        "天",
        "周",
        "岁",
        "元",
        "块",
    ),
    *("角", "分", "倍", "成", "人", "名", "次", "份", "条", "款", "项", "点", "级", "批", "折", "%", "％", "℃"),
)
_UNIT = "|".join(map(re.escape, _UNITS))
_FACTS = re.compile(
    "|".join(
        (
            r"https?://[^\s，。；）)》]{1,300}|www\.[^\s，。；）)》]{1,300}",
            r"[\u4e00-\u9fa5]{1,12}〔\d{4}〕\d{1,4}号",
            r"\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?",
            r"\d{1,2}月\d{1,2}日",
            r"\d{1,2}[:：]\d{2}",
            rf"\d+(?:[,.\-—]\d+){{0,8}}(?:万|亿|千)?(?:{_UNIT})?",
            rf"第?[{_CHINESE_NUMBER}]{{1,12}}(?:分之[{_CHINESE_NUMBER}]{{1,6}}|{_UNIT})",
        )
    )
)
_LINE = re.compile(r"\n")


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with an answer, for the log: `rule` is quote, fact or sentence; `what` the offending text."""

    rule: str
    what: str


def facts_in(text: str) -> list[str]:
    """Return the numbers, dates, phones, addresses and document numbers in `text`, whole, in order."""
    return [match[0] for match in _FACTS.finditer(text)]


def unsupported_facts(text: str, sources: Iterable[str]) -> tuple[str, ...]:
    """Return the facts of `text` that stand in none of `sources` as the same whole fact (20 does not stand in 2025)."""
    held = {fact for source in sources for fact in facts_in(source)} | POINTERS
    return tuple(fact for fact in facts_in(text) if fact not in held)


def check_answer(
    answer: Answer, document_of: Callable[[str], PolicyDocument | None], fixed: Iterable[str] = ()
) -> tuple[Violation, ...]:
    """Return every violation of an outgoing answer, none when it is sound; `fixed` are the frame's own sentences."""
    frame = tuple(fixed)
    wrong = [
        Violation("quote", citation.quote) for citation in answer.citations if not _is_exact(citation, document_of)
    ]
    sources = [citation.quote for citation in answer.citations]
    labels = [_label_text(citation) for citation in answer.citations]
    wrong.extend(Violation("fact", fact) for fact in unsupported_facts(answer.text, [*sources, *labels, *frame]))
    if answer.citations:
        lines = (line.strip() for line in _LINE.split(answer.text))
        held = {*frame, *(line.strip() for source in sources for line in _LINE.split(source))}
        wrong.extend(Violation("sentence", line) for line in lines if line and line not in held)
    return tuple(wrong)


def _is_exact(citation: Citation, document_of: Callable[[str], PolicyDocument | None]) -> bool:
    document = document_of(citation.document_id)
    return (
        document is not None and bool(citation.quote) and document.text[citation.start : citation.end] == citation.quote
    )


def _label_text(citation: Citation) -> str:
    return f"{citation.title} {citation.document_number or ''}"
