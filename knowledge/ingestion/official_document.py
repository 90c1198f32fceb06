"""The structure of Chinese laws and official documents, read from plain text.

Laws: 编, 章, 节, 条, 款 (an unnumbered paragraph of an article), 项 （一）, 目 1.
Official documents (GB/T 9704-2012): 一、 （一） 1. （1） and attachments.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from knowledge.ingestion.headings import Heading, find_headings
from knowledge.ingestion.structure import DEPTH, Level, StructureNode, join_heading
from knowledge.numerals import parse_numeral

_CHINESE = "一二三四五六七八九十百"
_CLAUSES = (
    (Level.HEADING_1, re.compile(rf"^[ \t　]*([{_CHINESE}]{{1,4}})(、)(.*)$")),
    (Level.HEADING_2, re.compile(rf"^[ \t　]*[（(]([{_CHINESE}]{{1,4}})([）)])(.*)$")),
    (Level.HEADING_3, re.compile(r"^[ \t　]*(\d{1,2})([.．、])(?!\d)(.*)$")),
    (Level.HEADING_4, re.compile(r"^[ \t　]*[（(](\d{1,2})([）)])(.*)$")),
)
_ATTACHMENT = re.compile(rf"^[ \t　]*(附[ 　]?件[ 　]?[\d{_CHINESE}]{{0,3}})[ 　]*$")
_INLINE_ITEM = re.compile(rf"(?:^|(?<=[；;。：:]))[ \t　]*(?=[（(][{_CHINESE}]{{1,3}}[）)])")
_ITEM_LABEL = re.compile(rf"[ \t　]{{0,8}}([（(][{_CHINESE}]{{1,3}}[）)])")
_SUBITEM_LABEL = re.compile(r"[ \t　]{0,8}(\d{1,2}[.．、])(?!\d)")
_LONGEST_TITLE = 40
_CN_DIGITS = "零一二三四五六七八九"


def parse_structure(text: str) -> tuple[StructureNode, ...]:
    """Return the nodes of `text` in reading order, each with its extent and the headings above it."""
    headings = find_headings(text)
    articles = [heading for heading in headings if heading.level is Level.ARTICLE]
    marks = sorted([*headings, *_clauses(text, articles)], key=lambda heading: heading.offset)
    nodes = list(_nest(text, _reset_paths(marks)))
    inner = [part for node in nodes if node.level is Level.ARTICLE for part in _article_parts(text, node)]
    return tuple(sorted([*nodes, *inner], key=lambda node: (node.start, DEPTH[node.level])))


def _clauses(text: str, articles: Sequence[Heading]) -> Iterator[Heading]:
    """Yield 一、（一）1.（1） and attachments, leaving out what stands inside an article."""
    article_starts = {article.offset for article in articles}
    inside, offset = False, 0
    for line in text.split("\n"):
        if attachment := _ATTACHMENT.match(line):
            inside = False
            label = attachment[1]
            yield Heading(Level.ATTACHMENT, label, "", offset + line.index("附"), 0)
        elif offset + len(line) - len(line.lstrip()) in article_starts:
            inside = True
        elif not inside:
            yield from _clause(line, offset)
        offset += len(line) + 1


def _clause(line: str, offset: int) -> Iterator[Heading]:
    for level, pattern in _CLAUSES:
        if match := pattern.match(line):
            number = parse_numeral(match[1])
            start = len(line) - len(line.lstrip())
            label = line[start : match.end(2)]
            if number is not None and match[3].strip():
                yield Heading(level, label, _title(match[3]), offset + start, number)
            return


def _title(rest: str) -> str:
    """Return the heading's own words: up to the first full stop, nothing when that is a whole sentence."""
    title = re.split(r"[。：:]", rest.strip(), maxsplit=1)[0].strip()
    return title if len(title) <= _LONGEST_TITLE else ""


def _reset_paths(marks: list[Heading]) -> list[tuple[Heading, bool]]:
    """Mark the articles that begin a new count without a chapter of their own (a second regulation in one file)."""
    out: list[tuple[Heading, bool]] = []
    since_article: list[Heading] = []
    seen_article = False
    for mark in marks:
        if mark.level is not Level.ARTICLE:
            since_article.append(mark)
            out.append((mark, False))
            continue
        restarts = seen_article and (mark.number, mark.sub_number) == (1, 0) and not since_article
        out.append((mark, restarts))
        since_article, seen_article = [], True
    return out


def _nest(text: str, marks: Sequence[tuple[Heading, bool]]) -> Iterator[StructureNode]:
    stack: list[tuple[int, str]] = []
    for index, (mark, restarts) in enumerate(marks):
        depth = DEPTH[mark.level]
        stack = [] if restarts else [entry for entry in stack if entry[0] < depth]
        end = next((other.offset for other, _ in marks[index + 1 :] if DEPTH[other.level] <= depth), len(text))
        path = tuple(name for _, name in stack)
        yield StructureNode(mark.level, mark.label, mark.title, mark.offset, _trim(text, mark.offset, end), path)
        stack.append((depth, join_heading(mark.label, mark.title)))


def _article_parts(text: str, article: StructureNode) -> Iterator[StructureNode]:
    """Yield the 款 (when there is more than one), 项 and 目 of an article."""
    lines = list(_lines(text, article.start, article.end))
    paragraphs = [
        line for line in lines if not _ITEM_LABEL.match(text[line[0] : line[1]]) and not _is_subitem(text, line)
    ]
    path = (*article.path, article.label)
    for count, (start, _) in enumerate(paragraphs):
        end = paragraphs[count + 1][0] if count + 1 < len(paragraphs) else article.end
        own_path = path
        if len(paragraphs) > 1:
            label = f"第{_chinese_count(count + 1)}款"
            yield StructureNode(Level.PARAGRAPH, label, "", start, _trim(text, start, end), path)
            own_path = (*path, label)
        yield from _items(text, _lines(text, start, end), own_path)


def _items(text: str, lines: Iterable[tuple[int, int]], path: tuple[str, ...]) -> Iterator[StructureNode]:
    item = ""
    for start, end in lines:
        line = text[start:end]
        cuts = [*(match.end() for match in _INLINE_ITEM.finditer(line)), len(line)]
        for cut, following in pairwise(cuts):
            label = _ITEM_LABEL.match(line[cut:])
            if label:
                item = label[1]
                yield StructureNode(
                    Level.ITEM, item, "", start + cut, _trim(text, start + cut, start + following), path
                )
        if item and (subitem := _SUBITEM_LABEL.match(line)):
            yield StructureNode(Level.SUBITEM, subitem[1], "", start, end, (*path, item))


def _is_subitem(text: str, line: tuple[int, int]) -> bool:
    return _SUBITEM_LABEL.match(text[line[0] : line[1]]) is not None


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the extents of the lines with something on them, without the white space around it."""
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        line = text[start:stop]
        if line.strip():
            yield start + len(line) - len(line.lstrip()), stop - len(line) + len(line.rstrip())
        start = stop + 1


def _trim(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())


def _chinese_count(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_CN_DIGITS[tens]}十"
    return head + (_CN_DIGITS[ones] if ones or not head else "")
