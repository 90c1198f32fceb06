"""What a skill's folder must have: read by `main.py skills check` and by one test."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from skills.contract import Form, SlotModel
from skills.manifest import Manifest, ManifestInvalid
from skills.registry import SKILLS_FOLDER, read_manifests, skill_folders

_FEWEST_EXAMPLES = 20
_FEWEST_DIALOGUES = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a skill's folder lacks, and where."""

    skill: str
    place: str
    problem: str


def check_skills(folder: Path = SKILLS_FOLDER, seed: Path | None = None) -> list[Finding]:
    """Return what the folders lack; `seed` is the folder of the service guides (beside the skills if None)."""
    guides = seed or folder.parent / "knowledge" / "seed"
    try:
        manifests = read_manifests(folder)
    except ManifestInvalid as error:
        return [Finding("?", "manifest.yaml", str(error))]
    findings = []
    for path in skill_folders(folder):
        manifest = manifests[path.name]
        for check in _CHECKS:
            findings += [Finding(manifest.name, *found) for found in check(path, manifest, guides)]
    return findings


Found = Iterator[tuple[str, str]]


def _files(path: Path, manifest: Manifest, _: Path) -> Found:
    wanted = ["nlu.yml", "README.md"]
    if manifest.kind == "service":
        wanted += ["skill.py", "slots.py", "dialogues.yml"]
    for name in wanted:
        if not (path / name).is_file():
            yield name, "is missing"


def _examples(path: Path, manifest: Manifest, _: Path) -> Found:
    file = path / "nlu.yml"
    if not file.is_file():
        return
    content = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    counts = {block["intent"]: len(block["examples"].splitlines()) for block in content["nlu"] if "intent" in block}
    declared = {intent.name for intent in manifest.intents}
    for name in sorted(declared - set(counts)):
        yield "nlu.yml", f"has no example of {name}"
    for name in sorted(set(counts) - declared):
        yield "nlu.yml", f"teaches {name}, which the manifest does not declare"
    for name, count in sorted(counts.items()):
        if name in declared and count < _FEWEST_EXAMPLES:
            yield "nlu.yml", f"has {count} examples of {name}; {_FEWEST_EXAMPLES} are the fewest"


def _guides(_: Path, manifest: Manifest, seed: Path) -> Found:
    for guide in manifest.guides:
        if not (seed / f"{guide}.md").is_file():
            yield "manifest.yaml", f"rests on the guide {guide}, which is not in the seed knowledge"
    for intent in manifest.intents:
        for guide in intent.guides:
            if not (seed / f"{guide}.md").is_file():
                yield "manifest.yaml", f"{intent.name} names the guide {guide}, which is not in the seed knowledge"


def _forms(path: Path, manifest: Manifest, seed: Path) -> Found:
    if manifest.kind != "service" or not (path / "skill.py").is_file():
        return
    module = importlib.import_module(f"{path.parent.name}.{path.name}.skill")
    forms: dict[str, Form] = module.create(dict.fromkeys(manifest.departments)).forms
    for intent in manifest.intents:
        if intent.handling == "form" and intent.argument not in forms:
            yield "skill.py", f"has no form {intent.argument!r}, which {intent.name} asks for"
    for action, form in forms.items():
        yield from _slots(action, form.model, seed)


def _slots(action: str, model: type[SlotModel], seed: Path) -> Found:
    for name, slot in model.slots().items():
        place = f"slots.py {action}.{name}"
        if not slot.is_hint and not (slot.prompt and slot.reprompt and slot.prompt != slot.reprompt):
            yield place, "needs a prompt, and a reprompt that differs"
        if slot.why is None:
            yield place, "does not say why it is asked (a document and a heading)"
        elif not _has_heading(seed / f"{slot.why[0]}.md", slot.why[1]):
            yield place, f"points to {slot.why[0]} / {slot.why[1]}, which the guide does not have"
        for other in slot.depends_on:
            if other not in model.slots():
                yield place, f"depends on {other!r}, which is no slot of this form"


def _has_heading(guide: Path, heading: str) -> bool:
    if not guide.is_file():
        return False
    lines = guide.read_text(encoding="utf-8").splitlines()
    return any(line.startswith("#") and line.lstrip("# ") == heading for line in lines)


def _dialogues(path: Path, manifest: Manifest, _: Path) -> Found:
    file = path / "dialogues.yml"
    if manifest.kind != "service" or not file.is_file():
        return
    dialogues = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    if len(dialogues) < _FEWEST_DIALOGUES:
        yield "dialogues.yml", f"has {len(dialogues)} dialogues; {_FEWEST_DIALOGUES} are the fewest"


_CHECKS: tuple[Callable[[Path, Manifest, Path], Found], ...] = (_files, _examples, _guides, _forms, _dialogues)
