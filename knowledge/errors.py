"""The exceptions of the knowledge package.

KnowledgeError
├── UnreadableDocument   a file cannot become a policy document: says the file, the key, the value, and what is allowed
└── ReleaseError
    ├── NoRelease        nothing was published in this folder yet
    └── BrokenRelease    what is on disk is not what the manifest says
"""

from pathlib import Path


class KnowledgeError(Exception):
    """Something about the policy documents is not as it must be."""


class UnreadableDocument(KnowledgeError):
    """A file cannot become a policy document; `reason` is for the curator who has to mend it."""

    def __init__(self, file: Path | str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = str(file)
        self.reason = reason


class ReleaseError(KnowledgeError):
    """A release cannot be used."""


class NoRelease(ReleaseError):
    """Nothing was published here yet: ingest something first."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder}: no release was published here; run `kb ingest PATH` first")
        self.folder = folder


class BrokenRelease(ReleaseError):
    """A file of the release is missing or differs from its hash in the manifest."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file}: {reason}; ingest the sources again to write a sound release")
        self.file = file
