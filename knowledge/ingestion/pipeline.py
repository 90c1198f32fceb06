"""From files to a new release: goes on after a bad file, takes only what changed, and says what became of each file."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from knowledge.errors import UnreadableDocument
from knowledge.ingestion.chunker import cut_chunks
from knowledge.ingestion.front_matter import split_front_matter
from knowledge.ingestion.markdown_loader import load_markdown
from knowledge.ingestion.structure import LoadedDocument
from knowledge.ingestion.text_loader import load_text, read_text
from knowledge.repository import Entry, Repository

# Raise this when loaders or chunker give other results for the same file: everything is then taken anew.
INGESTION_VERSION = 1
SUFFIXES = (".md", ".txt")
LARGEST_FILE_BYTES = 20_000_000


class Fate(StrEnum):
    """What became of a file."""

    TAKEN = "taken"
    UNCHANGED = "skipped"
    REFUSED = "refused"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One row of the table: the file, what became of it, why, and how many chunks it gave."""

    file: str
    fate: Fate
    reason: str = ""
    document_id: str = ""
    chunks: int = 0


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The whole table, and the release that is now current."""

    files: tuple[FileReport, ...]
    release: str

    def count(self, fate: Fate) -> int:
        """Return how many files had this fate."""
        return sum(row.fate is fate for row in self.files)


@dataclass(slots=True)
class _Work:
    """What was gathered so far: the entries of the new release, by document id."""

    entries: dict[str, Entry]
    rows: list[FileReport] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)


def ingest(paths: Sequence[Path], repository: Repository) -> IngestReport:
    """Ingest files and folders into `repository`; a bad file is refused and the rest goes on.

    What vanished from a folder given here leaves the release. A release is written only when something changed.
    """
    work = _Work({entry.document.document_id: entry for entry in repository.entries()})
    for file in _files(paths, work):
        try:
            _take(file, work)
        except (UnreadableDocument, OSError) as error:
            reason = error.reason if isinstance(error, UnreadableDocument) else str(error)
            work.rows.append(FileReport(str(file), Fate.REFUSED, reason))
    _drop_vanished([path.resolve() for path in paths if path.is_dir()], work)
    release = repository.publish(work.entries.values())
    return IngestReport(tuple(work.rows), release)


def load_file(file: Path) -> LoadedDocument:
    """Load one file by its suffix and content; raises `UnreadableDocument`."""
    if file.suffix.lower() not in SUFFIXES:
        raise UnreadableDocument(file, f"suffix {file.suffix!r} is not read; allowed: {', '.join(SUFFIXES)}")
    if file.stat().st_size > LARGEST_FILE_BYTES:
        raise UnreadableDocument(file, f"{file.stat().st_size} bytes; at most {LARGEST_FILE_BYTES} are read")
    text = read_text(file)
    if file.suffix.lower() == ".md" and split_front_matter(text)[0] is not None:
        return load_markdown(file, text)
    return load_text(file, text)


def _files(paths: Iterable[Path], work: _Work) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            hidden = (found for found in sorted(path.rglob("*")) if found.is_file() and not found.name.startswith("."))
            files.extend(found.resolve() for found in hidden if found.suffix.lower() in SUFFIXES)
        elif path.exists():
            files.append(path.resolve())
        else:
            work.rows.append(FileReport(str(path), Fate.REFUSED, "no such file or folder"))
    return list(dict.fromkeys(files))


def _take(file: Path, work: _Work) -> None:
    digest = hashlib.sha256(f"{INGESTION_VERSION}|".encode() + file.read_bytes()).hexdigest()
    source = str(file)
    known = next((entry for entry in work.entries.values() if entry.source == source), None)
    if known and known.digest == digest:
        work.seen[known.document.document_id] = source
        work.rows.append(FileReport(source, Fate.UNCHANGED, "unchanged", known.document.document_id, len(known.chunks)))
        return
    loaded = load_file(file)
    document_id = loaded.document.document_id
    if document_id in work.seen:
        raise UnreadableDocument(file, f"document_id {document_id!r} was taken by {work.seen[document_id]} already")
    if known:
        del work.entries[known.document.document_id]
    chunks = cut_chunks(loaded)
    work.entries[document_id] = Entry(loaded.document, chunks, source, digest)
    work.seen[document_id] = source
    work.rows.append(FileReport(source, Fate.TAKEN, "", document_id, len(chunks)))


def _drop_vanished(folders: Iterable[Path], work: _Work) -> None:
    for folder in folders:
        for document_id, entry in list(work.entries.items()):
            source = Path(entry.source)
            if source.is_relative_to(folder) and not source.exists():
                del work.entries[document_id]
                work.rows.append(FileReport(entry.source, Fate.REMOVED, "the file is gone", document_id))
