"""What the command line prints about policy documents: plain dictionaries and tables, made by pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from knowledge.errors import UnreadableDocument
from knowledge.ingestion.official_document import parse_structure
from knowledge.ingestion.pipeline import IngestReport
from knowledge.ingestion.structure import StructureNode
from knowledge.ingestion.text_loader import read_text
from knowledge.model import Answer, Citation, PolicyDocument
from knowledge.retrieval.retriever import SearchHit


def report_answer(question: str, answer: Answer) -> dict[str, Any]:
    """Return an answer as `kb ask --json` prints it."""
    return {
        "question": question,
        "status": answer.status.value,
        "text": answer.text,
        "citations": [report_citation(citation) for citation in answer.citations],
        "release": answer.release,
    }


def report_citation(citation: Citation) -> dict[str, Any]:
    """Return a citation with its quote and where it stands."""
    return {
        "document_id": citation.document_id,
        "title": citation.title,
        "document_number": citation.document_number,
        "heading_path": list(citation.heading_path),
        "quote": citation.quote,
        "url": citation.url,
        "start": citation.start,
        "end": citation.end,
        "effective_date": citation.effective_date.isoformat() if citation.effective_date else None,
    }


def report_hits(query: str, hits: Iterable[SearchHit]) -> list[dict[str, Any]]:
    """Return search hits as `kb search --json` prints them, best first."""
    return [
        {
            "query": query,
            "rank": rank,
            "document_id": hit.document.document_id,
            "title": hit.document.title,
            "heading_path": list(hit.chunk.heading_path),
            "score": round(hit.score, 3),
            "coverage": round(hit.coverage, 3),
            "support": round(hit.evidence.support, 3),
            "start": hit.chunk.start,
            "end": hit.chunk.end,
            "text": hit.chunk.text,
        }
        for rank, hit in enumerate(hits, start=1)
    ]


def report_documents(documents: Iterable[PolicyDocument]) -> list[dict[str, Any]]:
    """Return the documents as `kb list --json` prints them, without their texts."""
    rows = []
    for document in documents:
        row = asdict(document)
        characters = len(row.pop("text"))
        row |= {name: value.isoformat() for name, value in row.items() if name.endswith("_date") and value}
        rows.append(row | {"status": document.status.value, "characters": characters})
    return rows


def report_ingest(report: IngestReport) -> dict[str, Any]:
    """Return the table of `kb ingest --json`: a row a file, the counts, and the release that is now current."""
    counts: dict[str, int] = {}
    for row in report.files:
        counts[row.fate.value] = counts.get(row.fate.value, 0) + 1
    return {"release": report.release, "counts": counts, "files": [asdict(row) for row in report.files]}


def report_structure(files: Sequence[Path]) -> list[dict[str, Any]]:
    """Return the nodes of plain texts as `kb structure --json` prints them, an object a file, in the order given.

    A file that cannot be read gets an `error` and no nodes, and the rest goes on.
    """
    return [_structure_of(file) for file in files]


def table_of(report: IngestReport) -> str:
    """Return the table of `kb ingest` for a terminal, and the counts below it."""
    lines = [
        f"{row.fate.value:8} {row.chunks:5} {row.document_id or '-':40} {row.file} {row.reason}".rstrip()
        for row in report.files
    ]
    counts = ", ".join(f"{name} {count}" for name, count in report_ingest(report)["counts"].items())
    return "\n".join([*lines, f"release {report.release}: {counts or 'nothing given'}"])


def _structure_of(file: Path) -> dict[str, Any]:
    try:
        text = read_text(file)
    except (UnreadableDocument, OSError) as error:
        return {"file": str(file), "nodes": [], "error": str(error)}
    return {"file": str(file), "nodes": [_node(node) for node in parse_structure(text)]}


def _node(node: StructureNode) -> dict[str, Any]:
    return {
        "level": node.level.value,
        "label": node.label,
        "title": node.title,
        "start": node.start,
        "end": node.end,
        "path": list(node.path),
    }
