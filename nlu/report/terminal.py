"""The comparison and the worst mistakes as lines of text."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nlu.report.wording import comparison

MOST_PAIRS = 10


def table(engines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield one table: a row a figure, a column an engine."""
    rows = [["指标", *(engine["title"] for engine in engines)]]
    rows += [[name, *values] for name, _, values in comparison(list(engines))]
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True)).rstrip()


def worst(engine: Mapping[str, Any], titles: Mapping[str, str]) -> Iterator[str]:
    """Yield the most frequent mistakes, each sentence beside the example that it was taken for."""
    for pair in (engine["confusions"] or engine["group_confusions"])[:MOST_PAIRS]:
        truth = "、".join(titles.get(part, part) for part in pair["is"].split("|"))
        yield f"\n{truth} → {titles.get(pair['taken_for'], pair['taken_for'])}，{pair['times']} 次"
        for one in pair["sentences"]:
            yield f"  {one['text']}  |  {one['nearest'] or '（没有样例）'}"


def width(text: str) -> int:
    """Return the columns that a terminal needs for a text."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
