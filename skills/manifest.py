"""The manifest of a skill's folder: what it is called, which intents it owns, and what becomes of each."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nlu.interpretation import GROUPS

Handling = Literal["form", "inquiry", "knowledge", "control", "handoff", "text"]


class ManifestInvalid(Exception):
    """A manifest breaks its rules: the message names the file, the key, the value and what is allowed."""


class IntentEntry(BaseModel):
    """An intent: the title under which it is offered, its group, and who deals with it (`form:book`, `knowledge` …).

    `hinted_by` names entity types whose bare mention means this intent when nothing else was understood ("我头痛").
    `leads_to` names what a hospital or a time means that is named after this inquiry: an inquiry where it is asked, a form else.
    `guides` names the documents of the seed knowledge that answer it, the one nearest to the question first.
    `asks_at_least` is the question that is answered when the citizen's own case is in no document (遭狗咬了, 想从江油转上来).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z_]+(\.[a-z_]+)?$")
    title: str = Field(min_length=1, max_length=12)
    handled_by: str = Field(pattern=r"^(form:[a-z_]+|inquiry:[a-z_]+|knowledge|control|handoff|text)$")
    group: str = ""
    hinted_by: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    guides: tuple[str, ...] = ()
    asks_at_least: str = ""

    @property
    def handling(self) -> Handling:
        """Return the kind of dealing, without its argument."""
        return self.handled_by.split(":")[0]  # type: ignore[return-value]  # held by the pattern above

    @property
    def argument(self) -> str:
        """Return the form's action or the inquiry's name, or an empty text."""
        return self.handled_by.partition(":")[2]


class Manifest(BaseModel):
    """skills/NAME/manifest.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z_]+$")
    title: str
    summary: str
    kind: Literal["service", "information", "control"]
    group: str
    owner_unit: str
    departments: tuple[str, ...] = ()
    guides: tuple[str, ...] = ()
    level: Literal["bronze", "silver", "gold", "information", "control"]
    intents: tuple[IntentEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> "Manifest":
        for group in {self.group, *(intent.group or self.group for intent in self.intents)}:
            if group not in GROUPS:
                raise ValueError(f"group {group!r} is none of {', '.join(GROUPS)}")
        names = [intent.name for intent in self.intents]
        if len(set(names)) != len(names):
            raise ValueError(f"an intent stands twice: {sorted({n for n in names if names.count(n) > 1})}")
        for intent in self.intents:
            if unknown := set(intent.leads_to) - set(names):
                raise ValueError(f"{intent.name} leads to {sorted(unknown)}, which this skill does not have")
            if intent.handling == "text" and len(intent.texts) < 2:
                raise ValueError(f"{intent.name} is answered by text and needs two texts or more")
        return self

    def group_of(self, intent: IntentEntry) -> str:
        """Return the group of one of its intents."""
        return intent.group or self.group


def read_manifest(folder: Path) -> Manifest:
    """Read `manifest.yaml` in a skill's folder, or raise `ManifestInvalid`."""
    path = folder / "manifest.yaml"
    try:
        manifest = Manifest.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ManifestInvalid(f"{path}: there is no manifest; see CONTRIBUTING.md, Adding a skill") from None
    except (yaml.YAMLError, ValidationError) as error:
        raise ManifestInvalid(f"{path}: {error}") from error
    if manifest.name != folder.name:
        raise ManifestInvalid(f"{path}: name is {manifest.name!r}, but the folder is {folder.name!r}")
    return manifest
