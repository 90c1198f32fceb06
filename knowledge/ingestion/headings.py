"""Which lines of a plain text open a part, chapter, section or article, and which only mention one.

A line such as 第十条、第十一条规定的… begins like an article and is a cross reference. What tells them apart is the gap
after the label, the words that follow, and whether the number is the one that comes next.
"""

import re
from dataclasses import dataclass

from knowledge.ingestion.structure import Level
from knowledge.numerals import NUMERAL_CHARACTERS, parse_numeral

_NUMBER = rf"[{NUMERAL_CHARACTERS}][{NUMERAL_CHARACTERS} 　]{{0,11}}"
_DIVISION = re.compile(rf"^[ \t　]*第[ 　]?({_NUMBER})(分编|编|章|节)(.*)$")
_ARTICLE = re.compile(rf"^[ \t　]*第[ 　]?({_NUMBER})条(之[一二三四五六七八九十]{{1,3}})?(.*)$")
_REFERENCES = (
    *("第", "、", "，", ",", "；", "规定", "所列", "所称", "所指", "的", "至", "到", "和第", "或第", "或者第", "及第"),
    *(
        "以及第",
        "与第",
        "中的",
        "中规定",
        "修改",
        "删去",
        "增加",
        "各项",
        "情形",
        "以外",
        "等规定",
        "”",
        "》",
        "—",
        "－",
    ),
)
_OPEN_ENDED = re.compile(r"(?:依照|按照|根据|违反|本法|本条例|本规定|本办法|本细则|》|、|和|及|或|或者|至|有|与)$")
_LEADERS = re.compile(r"[ \t　.…·\-—]{2,40}\d{0,4}$|[\t　 ]\d{1,4}$")
_DIVISION_LEVELS = {"分编": Level.SUBPART, "编": Level.PART, "章": Level.CHAPTER, "节": Level.SECTION}
_LONGEST_HEADING = 60
_ENDS_OF_SENTENCES = tuple("。；;：:，,、")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that opens something: `offset` is where its label begins, `number` (and `sub_number`, 之一) its count."""

    level: Level
    label: str
    title: str
    offset: int
    number: int
    sub_number: int = 0


def find_headings(text: str) -> list[Heading]:
    """Return the part, chapter, section and article headings of `text` in order, without a table of contents."""
    found: list[Heading] = []
    offset, previous_line, articles = 0, "", _ArticleCount()
    for line in text.split("\n"):
        heading = _division(line, offset) or articles.take(line, offset, previous_line)
        if heading:
            found.append(heading)
        offset += len(line) + 1
        previous_line = line.strip() or previous_line
    return _without_contents(found)


def _division(line: str, offset: int) -> Heading | None:
    match = _DIVISION.match(line) if len(line) <= _LONGEST_HEADING else None
    if not match or _DIVISION.search(match[3].lstrip()):
        return None
    number = parse_numeral(_squeeze(match[1]))
    title = _LEADERS.sub("", match[3].rstrip()).strip()
    if number is None or title.startswith(_REFERENCES) or "。" in title or title.endswith(_ENDS_OF_SENTENCES):
        return None
    label = f"第{_squeeze(match[1])}{match[2]}"
    return Heading(_DIVISION_LEVELS[match[2]], label, title, offset + line.index("第"), number)


class _ArticleCount:
    """Follow the numbers of the articles, so that a mention of another article is not taken for one."""

    def __init__(self) -> None:
        self._last = (0, 0)
        self._open_quotes = 0

    def take(self, line: str, offset: int, previous_line: str) -> Heading | None:
        """Return the article that this line opens, if it does."""
        quoted = self._open_quotes > 0
        self._open_quotes = max(0, self._open_quotes + line.count("“") - line.count("”"))
        match = _ARTICLE.match(line)
        number = parse_numeral(_squeeze(match[1])) if match else None
        if match is None or number is None:
            return None
        sub_number = parse_numeral((match[2] or "之零")[1:]) or 0
        if not self._opens(number, sub_number, match[3], previous_line, quoted=quoted):
            return None
        self._last, self._open_quotes = (number, sub_number), 0
        label = f"第{_squeeze(match[1])}条{match[2] or ''}"
        return Heading(Level.ARTICLE, label, "", offset + line.index("第"), number, sub_number)

    def _opens(self, number: int, sub_number: int, rest: str, previous_line: str, *, quoted: bool) -> bool:
        last, last_sub = self._last
        is_next = (number, sub_number) in {(last + 1, 0), (last, last_sub + 1)}
        has_gap = not rest or rest[0] in " \t　【（(：:"
        is_reference = rest.strip().startswith(_REFERENCES)
        if is_next and has_gap:
            return True
        if is_reference or _OPEN_ENDED.search(previous_line):
            return False
        if is_next:
            return True
        restarts = number == 1 and sub_number == 0
        return has_gap and not quoted and (number > last or restarts)


def _without_contents(headings: list[Heading]) -> list[Heading]:
    """Drop a table of contents: it ends where its first line is read again, before the first article."""
    before = 0
    while before < len(headings) and headings[before].level is not Level.ARTICLE:
        before += 1
    opening = headings[:before]
    names = [_squeeze(heading.label + heading.title) for heading in opening]
    if not names or names.count(names[0]) == 1:
        return headings
    return headings[len(names) - 1 - names[::-1].index(names[0]) :]


def _squeeze(text: str) -> str:
    return "".join(text.split())
