"""The two indexes of a release: one of chunks, to find the place, and one of whole documents, to find the matter."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.index.analysis import ANALYSIS_VERSION, TERMS_FILE
from knowledge.index.lexical import IndexHit, IndexRow, LexicalIndex
from knowledge.model import Chunk, PolicyDocument

SCHEMA_VERSION = 1
CHUNK_WEIGHTS = {"context": 1.0, "heading": 0.4}
DOCUMENT_WEIGHTS = {"everything": 1.0, "title": 0.2, "questions": 0.4}


def index_version() -> str:
    """Return what decides how a text is indexed: another value means that an index must be built anew."""
    terms = hashlib.sha256(TERMS_FILE.read_bytes()).hexdigest()[:8]
    return f"{SCHEMA_VERSION}.{ANALYSIS_VERSION}.{terms}"


def build_index(folder: Path, entries: Iterable[tuple[PolicyDocument, Sequence[Chunk]]]) -> None:
    """Write both indexes into `folder`."""
    pairs = list(entries)
    rows = (_chunk_row(document, chunk) for document, chunks in pairs for chunk in chunks)
    LexicalIndex.build(folder / "chunks", rows, CHUNK_WEIGHTS)
    LexicalIndex.build(folder / "documents", (_document_row(document) for document, _ in pairs), DOCUMENT_WEIGHTS)


@dataclass(frozen=True, slots=True)
class ReleaseIndex:
    """Both indexes, open for reading; safe to share between threads."""

    chunks: LexicalIndex
    documents: LexicalIndex

    @classmethod
    def open(cls, folder: Path) -> "ReleaseIndex":
        """Open what `build_index` wrote."""
        return cls(
            LexicalIndex.open(folder / "chunks", CHUNK_WEIGHTS),
            LexicalIndex.open(folder / "documents", DOCUMENT_WEIGHTS),
        )

    def search_documents(
        self, terms: Mapping[str, float], *, limit: int, owners: Collection[str] | None
    ) -> list[IndexHit]:
        """Return the best documents, by id."""
        return self.documents.search(terms, limit=limit, owners=owners)

    def search_chunks(
        self, terms: Mapping[str, float], *, limit: int, owners: Collection[str] | None
    ) -> list[IndexHit]:
        """Return the best chunks, by id."""
        return self.chunks.search(terms, limit=limit, owners=owners)


def _chunk_row(document: PolicyDocument, chunk: Chunk) -> IndexRow:
    heading = " ".join(chunk.heading_path)
    context = f"{document.title}\n{heading}\n{chunk.text}"
    return IndexRow(chunk.chunk_id, document.document_id, {"context": context, "heading": heading})


def _document_row(document: PolicyDocument) -> IndexRow:
    questions = "\n".join(document.questions)
    everything = f"{document.title}\n{questions}\n{document.text}\n{document.document_number or ''}"
    fields = {"everything": everything, "title": document.title, "questions": questions}
    return IndexRow(document.document_id, document.document_id, fields)
