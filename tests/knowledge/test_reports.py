import json
from datetime import date
from pathlib import Path

from knowledge.ingestion.pipeline import ingest
from knowledge.reports import (
    report_answer,
    report_documents,
    report_hits,
    report_ingest,
    report_structure,
    table_of,
)
from knowledge.repository import Repository

DAY = date(2026, 11, 22)


def test_an_answer_is_plain_data(write_document, open_shelf) -> None:
    write_document("guide-card", "金桂卡指南", "## 收费\n\n金桂卡工本费每张20元。", effective_date="2025-01-01")
    service = open_shelf()
    row = json.loads(json.dumps(report_answer("金桂卡好多钱", service.ask("金桂卡好多钱", as_of=DAY))))
    assert (row["question"], row["status"]) == ("金桂卡好多钱", "answered")
    assert row["citations"][0]["quote"] == "金桂卡工本费每张20元。"
    assert row["citations"][0]["heading_path"] == ["收费"]
    assert row["citations"][0]["effective_date"] == "2025-01-01"
    hits = json.loads(json.dumps(report_hits("金桂卡", service.search("金桂卡", as_of=DAY))))
    assert (hits[0]["rank"], hits[0]["document_id"]) == (1, "guide-card")
    documents = json.loads(json.dumps(report_documents(service.documents())))
    assert (documents[0]["status"], documents[0]["effective_date"]) == ("in_force", "2025-01-01")
    assert "text" not in documents[0]


def test_the_table_counts_what_became_of_the_files(shelf, write_document, tmp_path: Path) -> None:
    write_document("guide-card", "金桂卡指南", "正文。")
    (shelf / "empty.txt").write_text("", encoding="utf-8")
    report = ingest([shelf], Repository(tmp_path / "data"))
    assert report_ingest(report)["counts"] == {"refused": 1, "taken": 1}
    table = table_of(report)
    assert "the file is empty" in table
    assert table.endswith("refused 1, taken 1")


def test_structure_goes_on_after_a_file_that_is_not_there(tmp_path: Path) -> None:
    law = tmp_path / "law.txt"
    law.write_text("条例\n第一章 总则\n第一条 甲。\n", encoding="utf-8")
    missing, found = report_structure([tmp_path / "missing.txt", law])
    assert missing["nodes"] == []
    assert "missing.txt" in missing["error"]
    assert found["file"] == str(law)
    assert [(node["label"], node["title"], node["path"]) for node in found["nodes"]] == [
        ("第一章", "总则", []),
        ("第一条", "", ["第一章 总则"]),
    ]
