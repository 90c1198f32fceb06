"""Finds the skills: every folder beside this file that holds a manifest is one."""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skills.contract import Form, Skill
from skills.manifest import IntentEntry, Manifest, ManifestInvalid, read_manifest

SKILLS_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class IntentOwner:
    """An intent and the manifest that owns it."""

    manifest: Manifest
    entry: IntentEntry

    @property
    def group(self) -> str:
        """Return the intent's group."""
        return self.manifest.group_of(self.entry)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the city can do: plain data for the policy. `forms` is keyed by (skill, action)."""

    intents: Mapping[str, IntentOwner]
    forms: Mapping[tuple[str, str], Form]
    manifests: Mapping[str, Manifest]


def skill_folders(folder: Path = SKILLS_FOLDER) -> Iterator[Path]:
    """Yield the folders of the skills, in order of name."""
    for path in sorted(folder.iterdir()):
        if (path / "manifest.yaml").is_file():
            yield path


def read_manifests(folder: Path = SKILLS_FOLDER) -> dict[str, Manifest]:
    """Read every manifest; raise `ManifestInvalid` when two claim one intent or one title."""
    manifests = {path.name: read_manifest(path) for path in skill_folders(folder)}
    owners: dict[str, str] = {}
    for manifest in manifests.values():
        for entry in manifest.intents:
            for claim in (f"intent {entry.name}", f"title {entry.title}"):
                if claim in owners:
                    raise ManifestInvalid(f"{claim} is claimed by {owners[claim]} and by {manifest.name}")
                owners[claim] = manifest.name
    return manifests


def group_of_intent(manifests: Mapping[str, Manifest]) -> dict[str, str]:
    """Return the group of every intent that a manifest declares."""
    return {entry.name: manifest.group_of(entry) for manifest in manifests.values() for entry in manifest.intents}


def create_skills(manifests: Mapping[str, Manifest], departments: Mapping[str, Any]) -> dict[str, Skill]:
    """Make the skills that have code: `skills/NAME/skill.py` offers `create(departments) -> Skill`."""
    skills = {}
    for name, manifest in manifests.items():
        if manifest.kind == "service":
            module = importlib.import_module(f"skills.{name}.skill")
            skills[name] = module.create({wanted: departments[wanted] for wanted in manifest.departments})
    return skills


def build_catalogue(manifests: Mapping[str, Manifest], skills: Mapping[str, Skill]) -> Catalogue:
    """Gather what the policy must know; raise `ManifestInvalid` when an intent names a form that its skill has not."""
    intents, forms = {}, {}
    for name, skill in skills.items():
        for action, form in skill.forms.items():
            forms[name, action] = form
    for manifest in manifests.values():
        for entry in manifest.intents:
            intents[entry.name] = IntentOwner(manifest, entry)
            if entry.handling == "form" and (manifest.name, entry.argument) not in forms:
                raise ManifestInvalid(
                    f"{manifest.name}: {entry.name} asks for form {entry.argument!r}, which is not there"
                )
    return Catalogue(intents, forms, manifests)
