"""Sentences that people labelled: JSON lines of `text, intent`, or a table of `text, group, notes`."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.interpretation import OUT_OF_SCOPE
from nlu.training_data import Example, TrainingSet

OUTSIDE = "oos"
"""How foreign sets mark what is out of scope."""
_MIXED, _VAGUE = "mixed:", "mixed:vague"


class LabelledDataError(Exception):
    """A file of labelled sentences cannot be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence with its intent, or ("" as intent) with its groups alone, any of which is right.

    `is_dialect` is None where nobody said; then the words decide.
    """

    text: str
    intent: str = ""
    groups: frozenset[str] = frozenset()
    is_dialect: bool | None = None

    @property
    def is_outside(self) -> bool:
        """Tell whether it is labelled as out of scope."""
        return self.intent == OUT_OF_SCOPE or self.groups == {OUT_OF_SCOPE}


def read_labelled(path: Path) -> tuple[Labelled, ...]:
    """Read JSON lines, or a table with tabs and a heading; raises `LabelledDataError`."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelledDataError(f"{path}: cannot be read: {error}") from error
    is_table = content.strip() and not content.lstrip().startswith("{")
    rows = tuple(_table(path, content) if is_table else _json_lines(path, content))
    if not rows:
        raise LabelledDataError(f"{path}: no labelled sentence in it")
    return rows


def training_set_of(rows: Iterable[Labelled]) -> TrainingSet:
    """Return what to learn: every text once, under its most frequent intent (the first one of a tie).

    The group of `app.open` is `app`, that of a name without a point the name itself.
    """
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        if row.text.strip() and row.intent:
            counts.setdefault(row.text.strip(), Counter())[row.intent] += 1
    examples = tuple(Example(text, intents.most_common(1)[0][0]) for text, intents in counts.items())
    return TrainingSet(examples, {intent: group_of(intent) for intent in sorted({one.intent for one in examples})})


def group_of(intent: str) -> str:
    """Return the group that an intent's name says."""
    return intent.partition(".")[0]


def _json_lines(path: Path, content: str) -> Iterator[Labelled]:
    """Yield a sentence an object; empty lines are skipped."""
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text, intent = row["text"], row["intent"]
            if not isinstance(text, str) or not isinstance(intent, str | int) or not str(intent).strip():
                raise TypeError(f"text {text!r}, intent {intent!r}")  # noqa: TRY301 - told with its place below
        except (ValueError, KeyError, TypeError) as error:
            raise LabelledDataError(f"{path}:{number}: expected an object with text and intent: {error!r}") from error
        name = _encodable(str(intent).strip())
        yield Labelled(_encodable(text), OUT_OF_SCOPE if name == OUTSIDE else name)


def _table(path: Path, content: str) -> Iterator[Labelled]:
    """Yield a sentence a row; of a mixed one any group is right, and a vague one has no right group."""
    lines = [line for line in content.splitlines() if line.strip()]
    heading = lines[0].split("\t")
    if not {"text", "group"} <= set(heading):
        raise LabelledDataError(f"{path}:1: expected JSON lines, or a heading with text and group: {heading!r}")
    for number, cells in enumerate(csv.reader(lines[1:], delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
        row: dict[str, str] = dict(zip(heading, cells, strict=False))
        if not row.get("group"):
            raise LabelledDataError(f"{path}: row {number} has no group: {cells!r}")
        if not row["group"].startswith(_VAGUE):
            groups = frozenset(_canonical(row["group"].removeprefix(_MIXED).split("+")))
            yield Labelled(row["text"], "", groups, "dialect" in row.get("notes", ""))


def _encodable(text: str) -> str:
    """Return the text without halves of surrogate pairs, which JSON can hold and no file can."""
    return text.encode("utf-8", "replace").decode()


def _canonical(groups: Sequence[str]) -> Iterator[str]:
    """Yield the groups by our names."""
    for group in groups:
        yield OUT_OF_SCOPE if group == OUTSIDE else group.strip()
