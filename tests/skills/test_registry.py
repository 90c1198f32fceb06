"""A skill is a folder: put there, it is found; nothing else is edited."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.dialogue import steps
from bot.dialogue.policy import decide
from bot.dialogue.situation import Heard
from bot.dialogue.tracker import TrackerState
from nlu.interpretation import Interpretation
from nlu.training_data import gather
from skills.manifest import ManifestInvalid
from skills.registry import SKILLS_FOLDER, build_catalogue, create_skills, read_manifests, skill_folders
from tests.bot.dialogue.teahouse import MANIFESTS, Teahouse


@pytest.fixture
def skills_folder(tmp_path: Path) -> Path:
    """Return a folder with two small skills of ours in it."""
    for name in ("smalltalk", "privacy"):
        shutil.copytree(SKILLS_FOLDER / name, tmp_path / name)
    (tmp_path / "notes").mkdir()
    return tmp_path


def add(folder: Path, name: str = "parks", **changes: Any) -> None:
    path = folder / name
    path.mkdir()
    intent = {"name": "parks.hours", "title": "公园几点开门", "handled_by": "knowledge"}
    manifest = {
        "name": name, "title": "公园", "summary": "公园", "kind": "information", "group": "culture", "owner_unit": "示例",
        "level": "information", "intents": [intent],
    } | changes  # fmt: skip
    (path / "manifest.yaml").write_text(yaml.safe_dump(manifest, allow_unicode=True), encoding="utf-8")
    examples = "".join(f"- 公园{number}点开门不\n" for number in range(1, 25))
    content = {"version": "3.1", "nlu": [{"intent": "parks.hours", "examples": examples}]}
    (path / "nlu.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def test_folders_with_a_manifest_are_skills(skills_folder: Path) -> None:
    assert [path.name for path in skill_folders(skills_folder)] == ["privacy", "smalltalk"]


def test_a_new_folder_needs_no_other_edit(skills_folder: Path) -> None:
    add(skills_folder)
    catalogue = build_catalogue(read_manifests(skills_folder), {})
    meant = Interpretation("公园好久开门", "公园什么时候开门", "parks.hours", "culture", 0.9)
    step = decide(TrackerState(), Heard(meant), catalogue)
    assert isinstance(step, steps.AskKnowledge)
    assert "parks.hours" in {example.intent for example in gather(skills_folder).examples}


@pytest.mark.parametrize(
    ("intents", "said"),
    [
        (
            [{"name": "chitchat.greet", "title": "公园", "handled_by": "knowledge"}],
            "intent chitchat.greet is claimed by",
        ),
        ([{"name": "parks.hours", "title": "打招呼", "handled_by": "knowledge"}], "title 打招呼 is claimed by"),
    ],
)
def test_two_may_not_claim_the_same(skills_folder: Path, intents: list[dict[str, str]], said: str) -> None:
    add(skills_folder, intents=intents)
    with pytest.raises(ManifestInvalid, match=said):
        read_manifests(skills_folder)


def test_a_form_that_the_skill_has_not() -> None:
    skill = Teahouse()
    skill.forms = {"order": Teahouse.forms["order"]}  # type: ignore[misc]  # the class says what a teahouse has; this one lost it
    with pytest.raises(ManifestInvalid, match="asks for form 'cancel'"):
        build_catalogue({"tea": MANIFESTS["tea"]}, {"tea": skill})


def test_only_services_have_code() -> None:
    manifests = read_manifests()
    hospital = object()
    created = create_skills(manifests, {"hospital": hospital})
    assert set(created) == {name for name, manifest in manifests.items() if manifest.kind == "service"}


def test_every_title_and_intent_is_claimed_once_in_ours() -> None:
    manifests = read_manifests()
    titles = [entry.title for manifest in manifests.values() for entry in manifest.intents]
    assert len(titles) == len(set(titles))
