"""Trained models on disk: versioned folders, each file under its hash, and one pointer that is swapped atomically.

    models/
      current                     JSON: version, hash of its manifest, whether it is pinned (after a rollback)
      0001-1a2b3c4d5e6f/          manifest.json, model.json, model.safetensors

ArtefactError
├── ArtefactMissing    nothing was trained yet, or there is nothing to go back to
└── ArtefactCorrupt    a file is not what the manifest says
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors import numpy as safetensors

FORMAT = 3  # another number for each change of what the features mean: an older model is then refused, not misread
POINTER = "current"
MANIFEST = "manifest.json"
DOCUMENT = "model.json"
ARRAYS = "model.safetensors"
VERSIONS_KEPT = 5


class ArtefactError(Exception):
    """A stored model cannot be used."""


class ArtefactMissing(ArtefactError):
    """There is no such model."""


class ArtefactCorrupt(ArtefactError):
    """A file of a stored model is damaged; train again or roll back."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(f"{path}: {detail}; train again or roll back")
        self.path = path


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """What a stored model is: `files` maps each file to its SHA-256, `fingerprint` names data, code and seed."""

    version: str
    fingerprint: str
    trained_at: str
    seed: int
    examples: int
    intents: int
    figures: Mapping[str, float]
    files: Mapping[str, str]
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version answers; a pinned one stays although the training data has changed since."""

    version: str
    manifest_sha256: str
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """The numbers and the JSON document of a model."""

    arrays: Mapping[str, npt.NDArray[Any]]
    document: Mapping[str, Any]


class ModelFolder:
    """The folder that holds all versions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def versions(self) -> tuple[str, ...]:
        """Return all complete versions, oldest first."""
        return tuple(sorted(path.parent.name for path in self.folder.glob(f"[0-9]*-*/{MANIFEST}")))

    def current(self) -> Pointer:
        """Return the pointer; raises `ArtefactMissing` or `ArtefactCorrupt`."""
        path = self.folder / POINTER
        try:
            return Pointer(**json.loads(path.read_bytes()))
        except FileNotFoundError as error:
            raise ArtefactMissing(f"{path}: no model was trained yet; run the training command") from error
        except (ValueError, TypeError) as error:
            raise ArtefactCorrupt(path, f"not a pointer ({error})") from error

    def manifest(self, version: str) -> ModelManifest:
        """Return a version's manifest; raises `ArtefactMissing` or `ArtefactCorrupt`."""
        path = self.folder / version / MANIFEST
        try:
            return ModelManifest(**json.loads(path.read_bytes()))
        except FileNotFoundError as error:
            raise ArtefactMissing(f"{path}: no such model") from error
        except (ValueError, TypeError) as error:
            raise ArtefactCorrupt(path, f"not a manifest ({error})") from error

    def load(self) -> tuple[ModelManifest, Content]:
        """Return the current model after every byte of it was checked against its hash."""
        pointer = self.current()
        manifest_path = self.folder / pointer.version / MANIFEST
        manifest = self.manifest(pointer.version)
        if _sha256(manifest_path) != pointer.manifest_sha256:
            raise ArtefactCorrupt(manifest_path, "its hash is not the one in the pointer")
        return manifest, self._read(manifest)

    def save(self, content: Content, manifest: Mapping[str, Any]) -> ModelManifest:
        """Store a new version, point to it, and drop the oldest; readers see the old one or the new one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with _staging(self.folder) as staging:
            (staging / ARRAYS).write_bytes(safetensors.save(_contiguous(content.arrays)))
            (staging / DOCUMENT).write_bytes(_json(content.document))
            version = f"{self._next_number():04d}-{str(manifest['fingerprint'])[:12]}"
            files = {name: _sha256(staging / name) for name in (ARRAYS, DOCUMENT)}
            complete = ModelManifest(version=version, files=files, **manifest)
            (staging / MANIFEST).write_bytes(_json(asdict(complete)))
            for name in (ARRAYS, DOCUMENT, MANIFEST):
                _flush(staging / name)
            staging.chmod(0o755)
            staging.rename(self.folder / version)
        self._point_to(version, is_pinned=False)
        self._drop_oldest()
        return complete

    def roll_back(self) -> ModelManifest:
        """Point to the newest sound version that is older than the current one, and pin it."""
        current = self.current().version
        for version in reversed([version for version in self.versions() if version < current]):
            try:
                manifest = self.manifest(version)
                self._read(manifest)
            except ArtefactError:
                continue
            self._point_to(version, is_pinned=True)
            return manifest
        raise ArtefactMissing(f"{self.folder}: no sound model is older than {current}")

    def _read(self, manifest: ModelManifest) -> Content:
        """Read and check the files of one version."""
        if manifest.format != FORMAT:
            raise ArtefactCorrupt(self.folder / manifest.version, f"format {manifest.format}, wanted {FORMAT}")
        read: dict[str, bytes] = {}
        for name, expected in manifest.files.items():
            path = self.folder / manifest.version / name
            try:
                read[name] = path.read_bytes()
            except OSError as error:
                raise ArtefactCorrupt(path, str(error)) from error
            if hashlib.sha256(read[name]).hexdigest() != expected:
                raise ArtefactCorrupt(path, "its hash is not the one in the manifest")
        try:
            return Content(safetensors.load(read[ARRAYS]), json.loads(read[DOCUMENT]))
        except (KeyError, ValueError, SafetensorError) as error:
            raise ArtefactCorrupt(self.folder / manifest.version, str(error)) from error

    def _next_number(self) -> int:
        """Return a number above all versions."""
        return max((int(version.partition("-")[0]) for version in self.versions()), default=0) + 1

    def _point_to(self, version: str, *, is_pinned: bool) -> None:
        """Swap the pointer in one step."""
        pointer = Pointer(version, _sha256(self.folder / version / MANIFEST), is_pinned)
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".pointer-")
        os.close(handle)
        Path(name).write_bytes(_json(asdict(pointer)))
        Path(name).chmod(0o644)
        _flush(Path(name))
        Path(name).replace(self.folder / POINTER)
        _flush(self.folder)

    def _drop_oldest(self) -> None:
        """Remove all but the newest versions."""
        for version in self.versions()[:-VERSIONS_KEPT]:
            shutil.rmtree(self.folder / version, ignore_errors=True)


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Give a folder to fill; what is left of it in the end is removed."""
    staging = Path(tempfile.mkdtemp(dir=folder, prefix=".incoming-"))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _contiguous(arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """Return arrays in the memory order that the format stores."""
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _json(content: Any) -> bytes:
    """Return JSON that is the same bytes for the same content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")


def _sha256(path: Path) -> str:
    """Return a file's hash."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _flush(path: Path) -> None:
    """Make the file or folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
