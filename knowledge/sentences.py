"""Cut a text into sentences without losing a character: every piece is an extent of the text."""

import re
from collections.abc import Iterator

_END = re.compile(r"[。！？!?][”’』」）)》]{0,2}|\n")
_SOFT_END = re.compile(r"[；;][”’]?|[ \t　\n]|[，,]")


def sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the extents of the sentences (a list item or line is one too) within `text[start:end]`, trimmed."""
    begin = start
    for match in _END.finditer(text, start, end):
        yield from _trimmed(text, begin, match.end())
        begin = match.end()
    yield from _trimmed(text, begin, end)


def piece_spans(text: str, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """Yield extents of at most `longest` characters: whole sentences where they fit, else cut at a softer mark."""
    begin, last = start, start
    for _, stop in _small_spans(text, start, end, longest):
        if stop - begin > longest and last > begin:
            yield from _trimmed(text, begin, last)
            begin = last
        last = stop
    yield from _trimmed(text, begin, end)


def _small_spans(text: str, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    for begin, stop in sentence_spans(text, start, end):
        position = begin
        while stop - position > longest:
            marks = [match.end() for match in _SOFT_END.finditer(text, position, position + longest)]
            cut = marks[-1] if marks else position + longest
            yield position, cut
            position = cut
        if position < stop:
            yield position, stop


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        begin = start + piece.index(stripped)
        yield begin, begin + len(stripped)
