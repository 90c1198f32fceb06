"""`main.py kb …`: the knowledge base from the command line."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from adapters.clock import SystemClock
from bot.settings import Settings
from knowledge.evaluation import evaluate_retrieval
from knowledge.reports import report_answer, report_documents, report_hits, report_ingest, report_structure, table_of
from knowledge.service import Knowledge


def ask(settings: Settings, question: str, *, is_json: bool, as_of: date | None, district: str) -> None:
    """Answer a policy question."""
    answer = _open(settings).ask(question, as_of=as_of or SystemClock().now().date(), district=district)
    _print(report_answer(question, answer) if is_json else answer.text)


def search(settings: Settings, query: str, *, limit: int, as_of: date | None, district: str) -> None:
    """Print the best chunks with their scores."""
    hits = _open(settings).search(query, limit=limit, as_of=as_of or SystemClock().now().date(), district=district)
    for row in report_hits(query, hits):
        _print(row)


def list_documents(settings: Settings) -> None:
    """Print every document of the release."""
    for row in report_documents(_open(settings).documents()):
        _print(row)


def ingest(settings: Settings, paths: list[Path], *, is_json: bool) -> None:
    """Take files and folders into a new release, and print what became of each."""
    report = Knowledge.ingest(settings.state_folder / "knowledge", paths)
    _print(report_ingest(report) if is_json else table_of(report))


def structure(files: list[Path]) -> None:
    """Print the structure of official documents, an object a file."""
    for row in report_structure(files):
        _print(row)


def evaluate(corpus: Path, queries: Path) -> None:
    """Measure retrieval on a labelled set, with an index of its own."""
    for row in evaluate_retrieval(corpus, queries):
        _print(row)


def _open(settings: Settings) -> Knowledge:
    return Knowledge.open(settings.state_folder / "knowledge")


def _print(shown: Any) -> None:
    text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False, default=str)
    sys.stdout.write(text + "\n")
