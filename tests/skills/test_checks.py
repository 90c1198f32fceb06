"""The check of the skills' folders: nothing on ours, and each planted fault in a copy of them."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from skills.checks import check_skills
from skills.registry import SKILLS_FOLDER

SEED = SKILLS_FOLDER.parent / "knowledge" / "seed"
SKILL = "health_appointment"


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """Return a copy of the skills' folder that can be imported under a name of its own."""
    folder = tmp_path / "copied_skills"
    shutil.copytree(SKILLS_FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (folder / SKILL).glob("*.py"):  # the copy's modules import each other, not ours
        text = path.read_text(encoding="utf-8")
        text = text.replace(f"from skills.{SKILL}", f"from {folder.name}.{SKILL}")
        path.write_text(text, encoding="utf-8")
    sys.path.insert(0, str(tmp_path))
    yield folder
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.split(".")[0] == folder.name]:
        del sys.modules[name]


def problems(folder: Path) -> list[str]:
    return [f"{finding.skill} {finding.place} {finding.problem}" for finding in check_skills(folder, SEED)]


def test_ours_lack_nothing() -> None:
    assert check_skills() == []


def test_a_copy_lacks_nothing(copy: Path) -> None:
    assert problems(copy) == []


def _edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, "the fault was not planted"
    path.write_text(after, encoding="utf-8")


def _replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: _edit(folder / SKILL / name, lambda text: text.replace(old, new, 1))


def _delete(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / SKILL / name).unlink()


def _few_dialogues(folder: Path) -> None:
    path = folder / SKILL / "dialogues.yml"
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(entries[:5], allow_unicode=True), encoding="utf-8")


def _few_examples(folder: Path) -> None:
    path = folder / SKILL / "nlu.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["nlu"][0]["examples"] = "- 挂号\n- 看病\n"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


FAULTS: list[tuple[str, Callable[[Path], None], str]] = [
    ("no README", _delete("README.md"), "README.md is missing"),
    ("no sentences", _delete("nlu.yml"), "nlu.yml is missing"),
    ("no dialogues", _delete("dialogues.yml"), "dialogues.yml is missing"),
    ("too few dialogues", _few_dialogues, "are the fewest"),
    ("too few sentences", _few_examples, "are the fewest"),
    ("sentences of an intent that nobody owns", _replace("nlu.yml", "intent: health_appointment.book\n", "intent: health_appointment.bok\n"), "does not declare"),
    ("an intent without sentences", _replace("nlu.yml", "intent: health_appointment.book\n", "intent: health_appointment.bok\n"), "has no example of health_appointment.book"),
    ("a guide that is not there", _replace("manifest.yaml", "guide-family-doctor", "guide-family-docter"), "not in the seed knowledge"),
    ("a form that is not there", _replace("manifest.yaml", "form:reschedule", "form:move"), "has no form 'move'"),
    ("a slot that does not say why", _replace("slots.py", 'why=(GUIDE, "联系电话"),', "why=None,"), "does not say why it is asked"),
    ("a why that leads nowhere", _replace("slots.py", 'why=(GUIDE, "联系电话"),', 'why=(GUIDE, "电话费"),'), "which the guide does not have"),
    ("a prompt said twice", _replace("slots.py", 'reprompt="请说医院的名字，比如“中心医院”“中医院”，也可以从下面选。"', 'reprompt="您想去哪家医院？"'), "a reprompt that differs"),
    ("a dependence on nothing", _replace("slots.py", 'depends_on=("hospital", "department"),', 'depends_on=("clinic",),'), "which is no slot of this form"),
]  # fmt: skip


@pytest.mark.parametrize(("plant", "problem"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_planted_fault_is_found(copy: Path, plant: Callable[[Path], None], problem: str) -> None:
    plant(copy)
    assert any(problem in found and found.startswith(SKILL) for found in problems(copy)), problems(copy)


def test_a_broken_manifest_is_one_finding(copy: Path) -> None:
    (copy / SKILL / "manifest.yaml").write_text("name: [", encoding="utf-8")
    assert len(problems(copy)) == 1
