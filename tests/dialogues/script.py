"""The dialogues in the skills' folders: how they are written, and what each turn must meet."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from bot.dialogue.turn import Turn
from bot.performing.draft import shown_slots
from skills.registry import SKILLS_FOLDER
from tests.dialogues.stage import Stage

Family = Literal[
    "filling", "correction", "digression", "cancel", "refusal", "ambiguity", "several", "anaphora", "gap", "nothing_fits",
    "danger", "feeling", "person", "fault", "patients", "validation", "manage",
]  # fmt: skip


class Script(BaseModel):
    """Base of what is written in dialogues.yml; a misspelt key fails."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Expectation(Script):
    """What a turn must meet. Texts are regular expressions; a slot of null must be empty."""

    status: str | None = None
    skill: str | None = None
    slots: dict[str, str | None] = Field(default_factory=dict)
    asked: str | None = None
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    cited: bool | None = None
    choices: tuple[str, ...] = ()
    appointments: int | None = None


class ScriptedTurn(Script):
    """What is said (or `hears_news`), when, and what happened in the city just before."""

    say: str | None = None
    hears_news: bool = False
    at: datetime | None = None
    world: tuple[dict[str, Any], ...] = ()
    expect: Expectation = Expectation()


class Dialogue(Script):
    """A conversation from its start; `before` is said first, to get to where it becomes interesting."""

    name: str
    family: Family
    at: datetime
    before: tuple[str, ...] = ()
    faults: tuple[dict[str, Any], ...] = ()
    turns: tuple[ScriptedTurn, ...]


def read_dialogues() -> list[tuple[str, Dialogue]]:
    """Return the dialogues of all skills, each with the name of its skill."""
    found = []
    for path in sorted(SKILLS_FOLDER.glob("*/dialogues.yml")):
        found += [(path.parent.name, dialogue) for dialogue in read_file(path)]
    return found


def read_file(path: Path) -> list[Dialogue]:
    """Return the dialogues of one file; keys that begin with a dot only hold anchors."""
    return [
        Dialogue.model_validate(entry)
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
        if not any(key.startswith(".") for key in entry)
    ]


async def failures(turn: Turn, expected: Expectation, stage: Stage) -> list[str]:
    """Return what a turn does not meet."""
    found = [*_of_the_reply(turn, expected), *_of_the_form(expected, stage)]
    if expected.appointments is not None:
        count = await stage.standing_appointments()
        if count != expected.appointments:
            found.append(f"{count} appointments stand, wanted {expected.appointments}")
    return found


def _of_the_reply(turn: Turn, expected: Expectation) -> Iterator[str]:
    said = " ".join(" ".join((reply.text, *reply.choices)) for reply in turn.replies)
    choices = [choice for reply in turn.replies for choice in reply.choices]
    if not turn.replies or not all(reply.text.strip() for reply in turn.replies):
        yield f"nothing is said, or a reply is empty: {turn.replies!r}"
    if expected.status and not re.fullmatch(expected.status, turn.status.value):
        yield f"status {turn.status.value}, wanted {expected.status}"
    if expected.skill and turn.skill != expected.skill:
        yield f"skill {turn.skill}, wanted {expected.skill}"
    if expected.any and not any(re.search(pattern, said) for pattern in expected.any):
        yield f"says none of {expected.any}"
    yield from (f"says {pattern}" for pattern in expected.none if re.search(pattern, said))
    yield from (f"offers no {p}" for p in expected.choices if not any(re.search(p, choice) for choice in choices))
    if expected.cited is not None and any(reply.citations for reply in turn.replies) != expected.cited:
        yield f"cited is not {expected.cited}"


def _of_the_form(expected: Expectation, stage: Stage) -> Iterator[str]:
    shown = shown_slots(stage.state)
    for slot, pattern in expected.slots.items():
        value = shown.get(slot)
        if (value is None) != (pattern is None) or (pattern and not re.search(pattern, value or "")):
            yield f"{slot} is {value!r}, wanted {pattern!r}"
    asked = stage.state.form.asked if stage.state.form else None
    if expected.asked is not None and asked != expected.asked:
        yield f"asks for {asked}, wanted {expected.asked}"
