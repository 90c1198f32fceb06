"""Documents and chunks on disk, in releases: built beside the old one, hashed, and swapped in by one rename.

folder/current                      the name of the release that is read
folder/releases/NAME/manifest.json  what the release holds: hashes, counts, versions
folder/releases/NAME/entries.jsonl  one document a line, with its chunks
folder/releases/NAME/index/         the search index
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from knowledge.errors import BrokenRelease, NoRelease
from knowledge.index.release import build_index, index_version
from knowledge.model import Chunk, PolicyDocument

FORMAT_VERSION = 1
RELEASES_KEPT = 5
_ABANDONED_SECONDS = 3600
_MANIFEST, _ENTRIES, _INDEX = "manifest.json", "entries.jsonl", "index"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document with its chunks, the file that it came from, and a digest of that file's bytes."""

    document: PolicyDocument
    chunks: tuple[Chunk, ...]
    source: str = ""
    digest: str = ""


_ENTRY = TypeAdapter(Entry)


class Repository:
    """The releases in one folder. Reading and publishing may happen in several processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def release(self) -> str | None:
        """Return the name of the current release, None before the first one."""
        pointer = self._folder / "current"
        return pointer.read_text(encoding="utf-8").strip() if pointer.exists() else None

    @property
    def index_folder(self) -> Path:
        """Return where the current release's index stands; raises `NoRelease`."""
        return self._release_folder() / _INDEX

    def entries(self) -> list[Entry]:
        """Return the entries of the current release, none before the first one; raises `BrokenRelease`."""
        if self.release is None:
            return []
        folder = self._release_folder()
        _verify(folder)
        lines = (folder / _ENTRIES).read_text(encoding="utf-8").split("\n")
        return [_ENTRY.validate_json(line) for line in lines if line]

    def publish(self, entries: Iterable[Entry]) -> str:
        """Make a release of these entries current; the same content is the same release, and nothing is written."""
        ordered = sorted(entries, key=lambda entry: entry.document.document_id)
        name = fingerprint(ordered)
        if not self._is_sound(name):
            self._write(name, ordered)
        if self.release != name:
            self._point_to(name)
            self._prune(name)
        return name

    def _release_folder(self) -> Path:
        name = self.release
        if name is None:
            raise NoRelease(self._folder)
        return self._folder / "releases" / name

    def _is_sound(self, name: str) -> bool:
        try:
            _verify(self._folder / "releases" / name)
        except BrokenRelease:
            return False
        return True

    def _write(self, name: str, entries: Sequence[Entry]) -> None:
        releases = self._folder / "releases"
        releases.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=".building-", dir=releases))
        try:
            lines = [_ENTRY.dump_json(entry).decode() for entry in entries]
            _write_durably(building / _ENTRIES, "\n".join(lines) + "\n")
            build_index(building / _INDEX, [(entry.document, entry.chunks) for entry in entries])
            _write_durably(building / _MANIFEST, json.dumps(_manifest(building, name, entries), indent=1))
            self._move_in(building, releases / name)
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def _move_in(self, building: Path, target: Path) -> None:
        """Give the finished folder its name; another process may have been quicker, with the same content."""
        if target.exists() and not self._is_sound(target.name):
            shutil.rmtree(target)
        try:
            building.rename(target)
        except OSError:
            if not self._is_sound(target.name):
                raise

    def _point_to(self, name: str) -> None:
        pointer = self._folder / f".current-{uuid.uuid4().hex}"
        _write_durably(pointer, name + "\n")
        pointer.replace(self._folder / "current")

    def _prune(self, current: str) -> None:
        """Keep the newest releases for a way back, and clear what a crash left; readers keep their open files."""
        ages = {path: _changed_at(path) for path in (self._folder / "releases").iterdir()}
        by_age = sorted(ages, key=lambda path: ages[path], reverse=True)
        finished = [path for path in by_age if not path.name.startswith(".") and path.name != current]
        before = time.time() - _ABANDONED_SECONDS
        abandoned = [path for path in by_age if path.name.startswith(".building-") and ages[path] < before]
        for old in (*finished[RELEASES_KEPT - 1 :], *abandoned):
            shutil.rmtree(old, ignore_errors=True)


def _changed_at(path: Path) -> float:
    """Return when the path was last changed, now for one that another process has just moved away."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def fingerprint(entries: Sequence[Entry]) -> str:
    """Return the name that this content has: a hash over the entries and over whatever decides what an index holds."""
    digest = hashlib.sha256(f"{FORMAT_VERSION}|{index_version()}".encode())
    for entry in entries:
        digest.update(_ENTRY.dump_json(entry))
    return digest.hexdigest()[:16]


def _manifest(folder: Path, name: str, entries: Sequence[Entry]) -> dict[str, Any]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {
        "release": name,
        "format_version": FORMAT_VERSION,
        "index_version": index_version(),
        "documents": len(entries),
        "chunks": sum(len(entry.chunks) for entry in entries),
        "files": {path.relative_to(folder).as_posix(): _hash_of(path) for path in files},
    }


def _verify(folder: Path) -> None:
    """Compare every file of a release with its manifest; raises `BrokenRelease`."""
    manifest_file = folder / _MANIFEST
    try:
        files = json.loads(manifest_file.read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError) as error:
        raise BrokenRelease(manifest_file, f"the manifest cannot be read ({error})") from error
    for name, expected in files.items():
        path = folder / name
        if not path.exists():
            raise BrokenRelease(path, "the file is missing")
        if _hash_of(path) != expected:
            raise BrokenRelease(path, "the file is not the one that the manifest names")


def _hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_durably(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
