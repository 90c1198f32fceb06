import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.errors import BrokenRelease, NoRelease
from knowledge.model import Chunk, DocumentStatus, PolicyDocument
from knowledge.repository import RELEASES_KEPT, Entry, Repository

DOCUMENT = PolicyDocument(
    "guide-a",
    "指南甲",
    "可以办。",
    effective_date=date(2025, 1, 1),
    status=DocumentStatus.REPEALED,
    legal_basis=("《示例法》第一条",),
)
ENTRY = Entry(DOCUMENT, (Chunk("guide-a#0000", "guide-a", 0, 4, "可以办。", ("要点",)),), "guide-a.md", "digest")


def changed(number: int) -> Entry:
    return replace(ENTRY, document=replace(DOCUMENT, title=f"指南{number}"))


def test_what_was_published_is_read_again(tmp_path: Path) -> None:
    name = Repository(tmp_path).publish([ENTRY])
    assert Repository(tmp_path).release == name
    assert Repository(tmp_path).entries() == [ENTRY]


def test_the_same_content_is_the_same_release_and_is_not_written_again(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    name = repository.publish([ENTRY])
    manifest = tmp_path / "releases" / name / "manifest.json"
    written = manifest.stat().st_mtime_ns
    assert repository.publish([ENTRY]) == name
    assert manifest.stat().st_mtime_ns == written


def test_an_older_release_stays_for_a_way_back(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    first = repository.publish([ENTRY])
    second = repository.publish([changed(2)])
    assert first != second
    assert {path.name for path in (tmp_path / "releases").iterdir()} == {first, second}
    assert repository.publish([ENTRY]) == first
    assert repository.entries() == [ENTRY]


def test_old_releases_and_what_a_crash_left_are_cleared(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    left = tmp_path / "releases" / ".building-old"
    fresh = tmp_path / "releases" / ".building-new"
    left.mkdir(parents=True)
    fresh.mkdir()
    os.utime(left, (time.time() - 7200, time.time() - 7200))
    names = [repository.publish([changed(number)]) for number in range(RELEASES_KEPT + 2)]
    kept = {path.name for path in (tmp_path / "releases").iterdir()}
    assert names[-1] in kept
    assert len(kept - {fresh.name}) == RELEASES_KEPT
    assert left.name not in kept
    assert fresh.name in kept


def test_a_tampered_release_is_refused_and_written_anew(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    name = repository.publish([ENTRY])
    file = tmp_path / "releases" / name / "entries.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace("可以", "不可"), encoding="utf-8")
    with pytest.raises(BrokenRelease, match=r"entries\.jsonl"):
        repository.entries()
    assert repository.publish([ENTRY]) == name
    assert repository.entries() == [ENTRY]


def test_a_missing_index_file_is_noticed(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.publish([ENTRY])
    (repository.index_folder / "chunks" / "meta.json").unlink()
    with pytest.raises(BrokenRelease, match="missing"):
        repository.entries()


def test_before_the_first_release_there_is_nothing(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    assert repository.release is None
    assert repository.entries() == []
    with pytest.raises(NoRelease):
        _ = repository.index_folder


def test_several_starts_at_once_agree_on_one_release(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        names = set(pool.map(lambda _: Repository(tmp_path).publish([ENTRY]), range(8)))
    assert names == {Repository(tmp_path).release}
    assert Repository(tmp_path).entries() == [ENTRY]
    assert [path.name for path in (tmp_path / "releases").iterdir()] == list(names)
