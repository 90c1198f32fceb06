"""What a manifest must say, and what is said when it does not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from skills.manifest import ManifestInvalid, read_manifest

GOOD: dict[str, Any] = {
    "name": "tea", "title": "茶", "summary": "喝茶", "kind": "information", "group": "culture", "owner_unit": "示例单位",
    "level": "information", "intents": [{"name": "tea.rules", "title": "茶馆规矩", "handled_by": "knowledge"}],
}  # fmt: skip


def write(folder: Path, **changes: Any) -> Path:
    folder = folder / "tea"
    folder.mkdir()
    content = {key: value for key, value in (GOOD | changes).items() if value is not None}
    (folder / "manifest.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def test_a_good_one(tmp_path: Path) -> None:
    manifest = read_manifest(write(tmp_path))
    (entry,) = manifest.intents
    assert (entry.handling, entry.argument, manifest.group_of(entry)) == ("knowledge", "", "culture")


def test_what_deals_with_an_intent(tmp_path: Path) -> None:
    manifest = read_manifest(
        write(
            tmp_path, intents=[{"name": "tea.order", "title": "订茶", "handled_by": "form:order", "group": "transport"}]
        )
    )
    (entry,) = manifest.intents
    assert (entry.handling, entry.argument, manifest.group_of(entry)) == ("form", "order", "transport")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "coffee"}, "the folder is 'tea'"),
        ({"title": None}, "title"),
        ({"colour": "green"}, "colour"),
        ({"kind": "shop"}, "kind"),
        ({"level": "wood"}, "level"),
        ({"group": "gardening"}, "'gardening' is none of"),
        ({"intents": []}, "intents"),
        ({"intents": [{"name": "Tea.Order", "title": "订茶", "handled_by": "knowledge"}]}, "intents.0.name"),
        ({"intents": [{"name": "tea.order", "title": "订茶", "handled_by": "magic"}]}, "handled_by"),
        ({"intents": [{"name": "tea.order", "title": "订茶", "handled_by": "form:"}]}, "handled_by"),
        ({"intents": [{"name": "tea.order", "title": "一二三四五六七八九十一二三", "handled_by": "knowledge"}]}, "title"),
        ({"intents": [GOOD["intents"][0], GOOD["intents"][0]]}, "stands twice"),
        ({"intents": [{"name": "tea.hi", "title": "招呼", "handled_by": "text", "texts": ["一句"]}]}, "needs two texts"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_file(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    folder = write(tmp_path, **changes)
    with pytest.raises(ManifestInvalid) as caught:
        read_manifest(folder)
    assert said in str(caught.value)
    assert str(folder / "manifest.yaml") in str(caught.value)


def test_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid, match="there is no manifest"):
        read_manifest(tmp_path)


def test_no_yaml(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "manifest.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(ManifestInvalid, match=r"manifest\.yaml"):
        read_manifest(folder)
