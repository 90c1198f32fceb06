"""A shelf of small documents in a temporary folder, and a service that reads it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.service import Knowledge

WriteDocument = Callable[..., Path]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


@pytest.fixture
def write_document(shelf: Path) -> WriteDocument:
    """Write a Markdown document with front matter; keyword arguments are further keys."""

    def write(document_id: str, title: str, body: str, **facts: str) -> Path:
        keys = {"document_id": document_id, "title": title, "kind": "guide", **facts}
        block = "\n".join(f"{key}: {value}" for key, value in keys.items())
        file = shelf / f"{document_id}.md"
        file.write_text(f"---\n{block}\n---\n\n# {title}\n\n{body}\n", encoding="utf-8")
        return file

    return write


@pytest.fixture
def open_shelf(shelf: Path, tmp_path: Path) -> Callable[[], Knowledge]:
    """Open a service over what stands on the shelf now."""
    return lambda: Knowledge.open(tmp_path / "data", seed=shelf)
