"""A document's canonical text as HTML, with one span of it marked; no character is added, dropped or moved."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.web.markup import Markup, element, fragment
from knowledge.ingestion.headings import find_headings
from knowledge.ingestion.structure import Level

QUOTE_ID = "quote"
_LONGEST_HEADING = 40
_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）")
_ENDS_OF_SENTENCES = tuple("。；;：:，,、！!…”）")
_ITEM_MARKS = ("•", "-", "—")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of the canonical text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text: where it begins, what it says, and what it is."""

    start: int
    text: str
    kind: str


def render_text(text: str, span: Span | None) -> Markup:
    """Return the lines of `text` as headings and paragraphs; the parts in `span` stand in `mark`, the first named `quote`."""
    parts: list[Markup] = []
    is_first = True
    for line in lines_of(text):
        inner, is_marked = _marked(line, span, is_first=is_first)
        is_first = is_first and not is_marked
        tag = "h2" if line.kind == "heading" else "p"
        parts.append(element(tag, inner, class_=None if line.kind in {"heading", "plain"} else line.kind))
    return fragment(*parts)


def lines_of(text: str) -> Iterator[Line]:
    """Yield the lines that are not blank, each with its kind: title, heading, item, article or plain."""
    openings = {heading.offset: heading.level for heading in find_headings(text)}
    lines = text.split("\n")
    start = 0
    for index, line in enumerate(lines):
        if line.strip():
            label_at = start + len(line) - len(line.lstrip(" \t　"))
            stands_alone = not _said(lines, index - 1) and not _said(lines, index + 1)
            yield Line(start, line, _kind(line, openings.get(label_at), is_first=start == 0, stands_alone=stands_alone))
        start += len(line) + 1


def _kind(line: str, level: Level | None, *, is_first: bool, stands_alone: bool) -> str:
    plain = line.strip()
    if level is not None:
        return "article" if level is Level.ARTICLE else "heading"
    if plain.startswith(_ITEM_MARKS):
        return "item"
    is_short = len(plain) <= _LONGEST_HEADING and not plain.endswith(_ENDS_OF_SENTENCES)
    if is_first and is_short:
        return "title"
    return "heading" if is_short and (stands_alone or _NUMBERED.match(plain)) else "plain"


def _said(lines: list[str], index: int) -> bool:
    return 0 <= index < len(lines) and bool(lines[index].strip())


def _marked(line: Line, span: Span | None, *, is_first: bool) -> tuple[Markup, bool]:
    """Return the line with its part of the span marked, and whether there was one."""
    start = max(0, span.start - line.start) if span else 0
    end = min(len(line.text), span.end - line.start) if span else 0
    if start >= end:
        return fragment(line.text), False
    mark = element("mark", line.text[start:end], id=QUOTE_ID if is_first else None)
    return fragment(line.text[:start], mark, line.text[end:]), True
