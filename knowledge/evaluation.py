"""Measure retrieval on a labelled corpus, in an index of its own; the live release is not touched."""

import json
import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from knowledge.errors import UnreadableDocument
from knowledge.index.release import ReleaseIndex, build_index
from knowledge.ingestion.chunker import cut_chunks
from knowledge.ingestion.official_document import parse_structure
from knowledge.ingestion.structure import LoadedDocument
from knowledge.model import PolicyDocument
from knowledge.retrieval.query import prepare_query
from knowledge.retrieval.retriever import Retriever

_DEPTH = 100


def evaluate_retrieval(corpus_path: Path, queries_path: Path) -> list[dict[str, Any]]:
    """Return rows of figures, the last one by engine: `{"fused": {...}, "lexical": {...}}`.

    Corpus lines hold id, title, text; query lines id, text, relevant (ids). Without a dense index fused is lexical.
    """
    corpus = [_loaded(row) for row in _rows(corpus_path, ("id", "title", "text"))]
    queries = list(_rows(queries_path, ("id", "text", "relevant")))
    with tempfile.TemporaryDirectory(prefix="kb-evaluate-") as folder:
        began = time.perf_counter()
        retriever = _index(Path(folder), corpus)
        built = time.perf_counter() - began
        began = time.perf_counter()
        ranked = [
            [owner for owner, _ in retriever.rank_documents(prepare_query(query["text"]), limit=_DEPTH)]
            for query in queries
        ]
        seconds = time.perf_counter() - began
    figures = measure(ranked, [set(query["relevant"]) for query in queries]) | {"seconds": round(seconds, 3)}
    summary = {"documents": len(corpus), "queries": len(queries), "build_seconds": round(built, 3)}
    return [summary, {"fused": figures, "lexical": figures}]


def measure(ranked: Sequence[Sequence[str]], relevant: Sequence[set[str]]) -> dict[str, float]:
    """Return hit@1, recall@5/10/100, mrr@10 and ndcg@10 (binary gains), averaged over the questions."""
    pairs = list(zip(ranked, relevant, strict=True))
    count = max(1, len(pairs))
    figures = {"hit@1": sum(bool(set(found[:1]) & wanted) for found, wanted in pairs) / count}
    for depth in (5, 10, 100):
        shares = (len(set(found[:depth]) & wanted) / max(1, len(wanted)) for found, wanted in pairs)
        figures[f"recall@{depth}"] = sum(shares) / count
    figures["mrr@10"] = sum(_reciprocal_rank(found[:10], wanted) for found, wanted in pairs) / count
    figures["ndcg@10"] = sum(_ndcg(found[:10], wanted) for found, wanted in pairs) / count
    return {name: round(value, 4) for name, value in figures.items()}


def _reciprocal_rank(found: Sequence[str], wanted: set[str]) -> float:
    return next((1 / rank for rank, owner in enumerate(found, start=1) if owner in wanted), 0.0)


def _ndcg(found: Sequence[str], wanted: set[str]) -> float:
    gain = sum(1 / math.log2(rank + 1) for rank, owner in enumerate(found, start=1) if owner in wanted)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(wanted), 10) + 1))
    return gain / ideal if ideal else 0.0


def _index(folder: Path, corpus: Sequence[LoadedDocument]) -> Retriever:
    entries = [(loaded.document, cut_chunks(loaded)) for loaded in corpus]
    build_index(folder, entries)
    documents = {document.document_id: document for document, _ in entries}
    chunks = {chunk.chunk_id: chunk for _, cut in entries for chunk in cut}
    return Retriever(ReleaseIndex.open(folder), documents, chunks)


def _loaded(row: dict[str, Any]) -> LoadedDocument:
    document = PolicyDocument(document_id=str(row["id"]), title=row["title"], text=row["text"])
    return LoadedDocument(document, parse_structure(document.text))


def _rows(path: Path, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UnreadableDocument(path, f"line {number} is not JSON: {error}") from error
        if not isinstance(row, dict) or any(key not in row for key in keys):
            raise UnreadableDocument(path, f"line {number}: an object with {', '.join(keys)} is needed")
        yield row
