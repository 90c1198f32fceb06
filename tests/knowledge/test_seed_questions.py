"""The seed documents answer what they must, are silent where they must be, and are seldom wrong."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.model import Answer, AnswerStatus
from knowledge.service import SEED_FOLDER, Knowledge, is_answered

LABELS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.open(tmp_path_factory.mktemp("data"))


def ask(service: Knowledge, question: str) -> Answer:
    as_of: date = LABELS["as_of"]
    return service.ask(question, as_of=as_of)


@pytest.mark.parametrize("label", LABELS["must"], ids=lambda label: label["ask"])
def test_answers_from_the_right_place(service: Knowledge, label: dict[str, Any]) -> None:
    answer = ask(service, label["ask"])
    assert is_answered(answer), answer.text
    assert answer.citations[0].document_id in label["documents"]
    assert any(label["quote"] in citation.quote for citation in answer.citations), answer.text


@pytest.mark.parametrize("question", LABELS["silent"])
def test_is_silent_where_no_document_speaks(service: Knowledge, question: str) -> None:
    answer = ask(service, question)
    assert answer.status is AnswerStatus.NO_SOURCE, answer.text
    assert "12345" in answer.text


def test_is_seldom_wrong_and_seldom_silent(service: Knowledge) -> None:
    every = [*LABELS["must"], *LABELS["measured"]]
    given = [(label["documents"], ask(service, label["ask"])) for label in every]
    answered = [(documents, answer) for documents, answer in given if is_answered(answer)]
    right = [answer for documents, answer in answered if answer.citations[0].document_id in documents]
    askable = sum(bool(documents) for documents, _ in given)
    assert len(right) / len(answered) >= 0.95
    assert len(right) / askable >= 0.85


def test_every_seed_file_is_taken(tmp_path: Path) -> None:
    report = Knowledge.ingest(tmp_path / "data", [SEED_FOLDER])
    refused = [(row.file, row.reason) for row in report.files if row.fate == "refused"]
    assert refused == []
    assert len(report.files) >= 20
