"""Stored models: swapped whole, checked by hash, rolled back."""

import json
from pathlib import Path

import numpy as np
import pytest

from nlu.artefact import VERSIONS_KEPT, ArtefactCorrupt, ArtefactMissing, Content, ModelFolder, ModelManifest

FACTS = {"fingerprint": "f" * 64, "trained_at": "2026-11-23T09:00:00+08:00", "seed": 1, "examples": 3, "intents": 2}


def save(folder: ModelFolder, number: int) -> ModelManifest:
    content = Content({"weights": np.full((2, 3), number, dtype=np.float16)}, {"number": number, "text": "挂号\ud800"})
    return folder.save(content, {**FACTS, "figures": {"accuracy": 0.5}})


@pytest.fixture
def folder(tmp_path: Path) -> ModelFolder:
    return ModelFolder(tmp_path / "models")


def number_of(folder: ModelFolder) -> int:
    manifest, content = folder.load()
    assert int(content.arrays["weights"][0, 0]) == content.document["number"]
    assert manifest.version == folder.current().version
    return int(content.document["number"])


def test_what_was_saved_is_loaded(folder: ModelFolder) -> None:
    manifest = save(folder, 1)
    assert manifest.version == "0001-ffffffffffff"
    assert number_of(folder) == 1
    assert folder.manifest(manifest.version) == manifest


def test_nothing_trained_yet(folder: ModelFolder) -> None:
    with pytest.raises(ArtefactMissing, match="no model was trained"):
        folder.load()


@pytest.mark.parametrize("name", ["model.json", "model.safetensors", "manifest.json"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_file_is_refused_by_name(folder: ModelFolder, name: str, damage: str) -> None:
    path = folder.folder / save(folder, 1).version / name
    content = path.read_bytes()
    if damage == "flip":
        path.write_bytes(bytes([*content[:-2], content[-2] ^ 1, content[-1]]))
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        path.unlink()
    with pytest.raises((ArtefactCorrupt, ArtefactMissing), match=name):
        folder.load()


def test_a_manifest_changed_together_with_its_file_is_refused(folder: ModelFolder) -> None:
    path = folder.folder / save(folder, 1).version / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "examples": 4}), encoding="utf-8")
    with pytest.raises(ArtefactCorrupt, match="the one in the pointer"):
        folder.load()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"version": "x"}'])
def test_a_broken_pointer_is_refused(folder: ModelFolder, content: str) -> None:
    save(folder, 1)
    (folder.folder / "current").write_text(content, encoding="utf-8")
    with pytest.raises(ArtefactCorrupt, match="current"):
        folder.load()


def test_another_format_is_refused(folder: ModelFolder) -> None:
    content = Content({"weights": np.zeros(1)}, {})
    folder.save(content, {**FACTS, "figures": {}, "format": 99})
    with pytest.raises(ArtefactCorrupt, match="format 99"):
        folder.load()


def test_rolling_back_goes_to_the_version_before_and_pins_it(folder: ModelFolder) -> None:
    for number in (1, 2, 3):
        save(folder, number)
    assert not folder.current().is_pinned
    folder.roll_back()
    assert number_of(folder) == 2
    assert folder.current().is_pinned
    folder.roll_back()
    assert number_of(folder) == 1
    with pytest.raises(ArtefactMissing, match="older than 0001"):
        folder.roll_back()
    save(folder, 4)
    assert number_of(folder) == 4
    assert not folder.current().is_pinned


def test_rolling_back_skips_a_damaged_version(folder: ModelFolder) -> None:
    versions = [save(folder, number).version for number in (1, 2, 3)]
    (folder.folder / versions[1] / "model.json").write_bytes(b"{}")
    assert folder.roll_back().version == versions[0]


def test_a_save_that_fails_leaves_the_old_model_and_no_litter(folder: ModelFolder) -> None:
    save(folder, 1)
    with pytest.raises(TypeError):
        folder.save(Content({}, {"unstorable": {1, 2}}), {**FACTS, "figures": {}})
    assert number_of(folder) == 1
    assert sorted(path.name for path in folder.folder.iterdir()) == ["0001-ffffffffffff", "current"]


def test_a_folder_left_by_a_killed_training_is_not_a_version(folder: ModelFolder) -> None:
    save(folder, 1)
    (folder.folder / "0002-half").mkdir()
    (folder.folder / ".incoming-x").mkdir()
    assert len(folder.versions()) == 1
    assert save(folder, 2).version.startswith("0002-")
    assert number_of(folder) == 2


def test_only_the_newest_versions_are_kept(folder: ModelFolder) -> None:
    for number in range(VERSIONS_KEPT + 2):
        save(folder, number)
    assert [version[:4] for version in folder.versions()] == ["0003", "0004", "0005", "0006", "0007"]
    assert number_of(folder) == VERSIONS_KEPT + 1
