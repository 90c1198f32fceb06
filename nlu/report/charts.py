"""The pictures of an evaluation, drawn from its figures; 400 units wide, so that a phone shows them legibly."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nlu.figures import BINS, HISTOGRAM_BINS
from nlu.report.canvas import BLUE, FAINT, INK, LINE, ORANGE, Canvas

WIDTH = 400.0
MOST_GROUPS = 16
LONGEST_NAME = 11

Names = Callable[[str], str]
"""From the name of an intent or group to what the picture calls it."""
Words = Mapping[str, str]
"""The words of the pictures (texts.yml)."""


def reliability(bins: Sequence[Mapping[str, Any]], words: Words) -> str:
    """Draw how often answers of each confidence were right; on the diagonal they keep what they promise."""
    left, top, side = 52.0, 28.0, 320.0
    canvas = Canvas(WIDTH, top + side + 48, words["reliability"])
    _axes(canvas, left, top, side, side)
    canvas.line(left, top + side, left + side, top, FAINT, "4 4")
    most = max((one["sentences"] for one in bins), default=1)
    for one in bins:
        x = left + one["from"] * side
        canvas.rectangle(x + 2, top + side * (1 - one["accuracy"]), side / BINS - 4, side * one["accuracy"], BLUE, 0.75)
        radius = 2.5 + 4 * (one["sentences"] / most) ** 0.5
        canvas.circle(left + side * one["confidence"], top + side * (1 - one["accuracy"]), radius, ORANGE)
    canvas.text(left + side / 2, top + side + 40, words["confidence"], "middle", FAINT)
    canvas.text(4, 12, words["accuracy"], "start", FAINT)
    return canvas.svg()


def histogram(counts: Mapping[str, Sequence[int]], words: Words) -> str:
    """Draw how much sentences in scope (up) and out of scope (down) look like something in scope."""
    left, top, width, half = 16.0, 34.0, 368.0, 110.0
    canvas = Canvas(WIDTH, top + 2 * half + 52, words["histogram"])
    for key, colour, sign in (("inside", BLUE, 1), ("outside", ORANGE, -1)):
        total, most = max(1, sum(counts[key])), max(1, *counts[key])
        for number, count in enumerate(counts[key]):
            height = half * count / most
            x, y = left + number * width / HISTOGRAM_BINS, top + half - (height if sign > 0 else 0)
            canvas.rectangle(x + 1, y, width / HISTOGRAM_BINS - 2, height, colour, 0.85)
        label = f"{words[key]} {total if sum(counts[key]) else 0}"
        canvas.text(left, top - 18 if sign > 0 else top + 2 * half + 14, label, "start", colour)
    canvas.line(left, top + half, left + width, top + half, INK)
    for tenth in (0, 5, 10):
        canvas.text(left + width * tenth / 10, top + 2 * half + 30, f"{tenth / 10:g}", "middle", FAINT)
    canvas.text(left + width / 2, top + 2 * half + 48, words["likeness"], "middle", FAINT)
    return canvas.svg()


def matrix(groups: Sequence[str], counts: Sequence[Sequence[int]], names: Names, words: Words) -> str:
    """Draw a row a true group and a column a group that it was taken for, shaded by the share of the row."""
    shown = min(len(groups), MOST_GROUPS)
    left, top = 150.0, 40.0
    cell = (WIDTH - left - 8) / max(1, shown)
    canvas = Canvas(WIDTH, top + shown * cell + 8, words["matrix"])
    canvas.text(4, top - 8, words["matrix_rows"], "start", FAINT, 11)
    canvas.text(WIDTH - 8, 12, words["matrix_columns"], "end", FAINT, 11)
    for place, group in enumerate(groups[:shown]):
        y = top + (place + 0.5) * cell + 4
        canvas.text(4, y, f"{place + 1} {shorten(names(group))}", size=min(12.0, max(7.0, cell)))
        canvas.text(left + (place + 0.5) * cell, top - 8, str(place + 1), "middle", FAINT, min(11.0, cell * 0.8))
        total = max(1, sum(counts[place]))
        for column in range(shown):
            part = counts[place][column] / total
            colour = BLUE if column == place else ORANGE
            x = left + column * cell
            canvas.rectangle(x + 0.5, top + place * cell + 0.5, cell - 1, cell - 1, "#f1f4f7")
            if counts[place][column]:
                strength = 0.04 + 0.96 * part
                canvas.rectangle(x + 0.5, top + place * cell + 0.5, cell - 1, cell - 1, colour, strength)
            if cell >= 13 and round(100 * part) >= 1:
                ink = "#ffffff" if part > 0.45 else INK
                canvas.text(x + cell / 2, y - 1, f"{100 * part:.0f}", "middle", ink, min(9.0, cell * 0.5))
    return canvas.svg()


def bars(figures: Mapping[str, Mapping[str, float]], names: Names, words: Words) -> str:
    """Draw the F1 of every intent, the worst first."""
    left, top, row = 150.0, 30.0, 18.0
    width = WIDTH - left - 44
    ordered = sorted(figures.items(), key=lambda item: (item[1]["f1"], item[0]))
    canvas = Canvas(WIDTH, top + row * len(ordered) + 8, words["bars"])
    canvas.text(left, 14, words["bars_axis"], "start", FAINT, 11)
    for place, (intent, one) in enumerate(ordered):
        y = top + place * row
        canvas.text(left - 6, y + 11, shorten(names(intent)), "end")
        canvas.rectangle(left, y, width, row - 5, "#f1f4f7")
        canvas.rectangle(left, y, width * one["f1"], row - 5, BLUE if one["f1"] >= 0.5 else ORANGE)
        canvas.text(left + width + 6, y + 11, f"{one['f1']:.2f}", "start", FAINT, 11)
    for tenth in (0, 5, 10):
        x = left + width * tenth / 10
        canvas.line(x, top - 6, x, top + row * len(ordered) - 4)
    return canvas.svg()


def shorten(name: str) -> str:
    """Cut a name to what the left margin holds; a wide character takes the room of two."""
    room, kept = 2 * LONGEST_NAME, ""
    for character in name:
        room -= 1 if character.isascii() else 2
        if room < 0:
            return kept + "…"
        kept += character
    return kept


def _axes(canvas: Canvas, left: float, top: float, width: float, height: float) -> None:
    """Draw both axes from 0 to 1."""
    for tenth in (0, 2, 4, 6, 8, 10):
        x, y = left + width * tenth / 10, top + height * (1 - tenth / 10)
        canvas.line(left, y, left + width, y)
        canvas.line(x, top, x, top + height, LINE)
        canvas.text(left - 6, y + 4, f"{tenth / 10:g}", "end", FAINT, 11)
        canvas.text(x, top + height + 18, f"{tenth / 10:g}", "middle", FAINT, 11)
