"""The structure of a document, as every loader gives it to the chunker."""

from dataclasses import dataclass
from enum import StrEnum

from knowledge.model import PolicyDocument


class Level(StrEnum):
    """What a node is: the ranks of a law (编 … 目), of an official document (一、 …), or of a Markdown text."""

    PART = "part"
    SUBPART = "subpart"
    CHAPTER = "chapter"
    SECTION = "section"
    ARTICLE = "article"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    SUBITEM = "subitem"
    ATTACHMENT = "attachment"
    HEADING_1 = "heading_1"
    HEADING_2 = "heading_2"
    HEADING_3 = "heading_3"
    HEADING_4 = "heading_4"


DEPTH = {
    Level.ATTACHMENT: 0,
    Level.PART: 1,
    Level.SUBPART: 2,
    Level.CHAPTER: 3,
    Level.SECTION: 4,
    Level.ARTICLE: 5,
    Level.HEADING_1: 6,
    Level.HEADING_2: 7,
    Level.HEADING_3: 8,
    Level.HEADING_4: 9,
    Level.PARAGRAPH: 10,
    Level.ITEM: 11,
    Level.SUBITEM: 12,
}


@dataclass(frozen=True, slots=True)
class StructureNode:
    """One heading or clause: its extent `start:end` in the canonical text holds all that stands under it.

    `label` is 第三章, 第十条之一, （二）, 1. or empty (Markdown); `path` names the headings above, from the top.
    """

    level: Level
    label: str
    title: str
    start: int
    end: int
    path: tuple[str, ...]

    @property
    def heading(self) -> str:
        """Return label and title as a path entry: 第三章 法律责任, 一、总体要求."""
        return join_heading(self.label, self.title)


def join_heading(label: str, title: str) -> str:
    """Join a label and a title the way the document itself would: a space after 第…章, none after 一、."""
    return f"{label} {title}".strip() if label.startswith("第") else f"{label}{title}"


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    """A document as it came from a file, with the nodes of its text in reading order."""

    document: PolicyDocument
    nodes: tuple[StructureNode, ...]
