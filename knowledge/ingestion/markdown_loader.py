"""Markdown documents: the canonical text is what a reader sees, without the marks; offsets point into it."""

import re
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import UnreadableDocument
from knowledge.ingestion.front_matter import FrontMatter, parse_front_matter, split_front_matter
from knowledge.ingestion.structure import Level, LoadedDocument, StructureNode
from knowledge.model import PolicyDocument

_HEADING = re.compile(r"^(#{1,6})[ \t]{1,8}(.{0,300}?)[ \t]{0,8}#{0,6}$")
_BULLET = re.compile(r"^([ \t]*)[-*+][ \t]+")
_LINK = re.compile(r"!?\[([^\[\]]{0,200})\]\([^()\s]{0,500}\)")
_STRONG = re.compile(r"(\*\*|__|`)(.{1,500}?)\1")
_COMMENT = re.compile(r"<!--(?:(?!<!--|-->).){0,2000}-->", re.DOTALL)
_LEVELS = {
    1: Level.HEADING_1,
    2: Level.HEADING_1,
    3: Level.HEADING_2,
    4: Level.HEADING_3,
    5: Level.HEADING_4,
    6: Level.HEADING_4,
}
BULLET = "• "


@dataclass(frozen=True, slots=True)
class _Mark:
    depth: int
    title: str
    start: int


def load_markdown(file: Path, raw: str) -> LoadedDocument:
    """Load a document with front matter; raises `UnreadableDocument` when that is missing or wrong."""
    block, body = split_front_matter(raw)
    if block is None:
        raise UnreadableDocument(file, "no front matter: the file must begin with a `---` block")
    facts = parse_front_matter(block, file)
    text, marks = render(body)
    if not text.strip():
        raise UnreadableDocument(file, "nothing stands below the front matter")
    if unknown := set(facts.asked) - {mark.title for mark in marks}:
        raise UnreadableDocument(file, f"key 'asked': no heading {min(unknown)!r} in the text")
    return LoadedDocument(_document(facts, text), _nodes(text, marks))


def render(body: str) -> tuple[str, list[_Mark]]:
    """Return the canonical text of a Markdown body, and where its headings stand in it."""
    lines: list[str] = []
    marks: list[_Mark] = []
    offset = 0
    for raw_line in _COMMENT.sub("", body).strip().split("\n"):
        heading = _HEADING.match(raw_line)
        line = _plain(heading[2] if heading else _BULLET.sub(rf"\1{BULLET}", raw_line)).rstrip()
        if not line and (not lines or not lines[-1]):
            continue
        if heading and line:
            marks.append(_Mark(len(heading[1]), line, offset))
        lines.append(line)
        offset += len(line) + 1
    return "\n".join(lines), marks


def _plain(line: str) -> str:
    return _STRONG.sub(r"\2", _LINK.sub(r"\1", line))


def _nodes(text: str, marks: list[_Mark]) -> tuple[StructureNode, ...]:
    nodes: list[StructureNode] = []
    stack: list[_Mark] = []
    for index, mark in enumerate(marks):
        stack = [above for above in stack if above.depth < mark.depth]
        end = next((other.start for other in marks[index + 1 :] if other.depth <= mark.depth), len(text))
        end = mark.start + len(text[mark.start : end].rstrip())
        path = tuple(above.title for above in stack if above.depth > 1)
        if mark.depth > 1:
            nodes.append(StructureNode(_LEVELS[mark.depth], "", mark.title, mark.start, end, path))
        stack.append(mark)
    return tuple(nodes)


def _document(facts: FrontMatter, text: str) -> PolicyDocument:
    return PolicyDocument(
        document_id=facts.document_id,
        title=facts.title,
        text=text,
        document_number=facts.document_number,
        issuer=facts.issuer,
        issued_date=facts.issued_date,
        effective_date=facts.effective_date,
        expires_date=facts.expires_date,
        repealed_date=facts.repealed_date,
        district=facts.district,
        rank=facts.rank,
        status=facts.status,
        kind=facts.kind,
        legal_basis=facts.legal_basis,
        questions=facts.questions,
        asked=facts.asked,
        source_url=facts.source_url,
    )
