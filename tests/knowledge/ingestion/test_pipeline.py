from pathlib import Path

from knowledge.ingestion.pipeline import Fate, ingest
from knowledge.repository import Repository


def fates(report) -> dict[str, str]:
    return {Path(row.file).name: row.fate.value for row in report.files}


def test_a_bad_file_is_refused_and_the_rest_goes_on(shelf, write_document, tmp_path) -> None:
    write_document("guide-a", "指南甲", "可以办。")
    write_document("guide-b", "指南乙", "可以办。", status="gone")
    (shelf / "c.txt").write_bytes(bytes(range(256)) * 4)
    (shelf / "notes.pdf").write_bytes(b"%PDF")
    report = ingest([shelf, tmp_path / "nowhere"], Repository(tmp_path / "data"))
    assert fates(report) == {"nowhere": "refused", "guide-a.md": "taken", "guide-b.md": "refused", "c.txt": "refused"}
    assert "gone" in next(row.reason for row in report.files if row.file.endswith("guide-b.md"))
    assert [entry.document.document_id for entry in Repository(tmp_path / "data").entries()] == ["guide-a"]


def test_a_second_run_takes_only_what_changed(shelf, write_document, tmp_path) -> None:
    repository = Repository(tmp_path / "data")
    write_document("guide-a", "指南甲", "可以办。")
    write_document("guide-b", "指南乙", "可以办。")
    first = ingest([shelf], repository)
    again = ingest([shelf], repository)
    assert again.count(Fate.UNCHANGED) == 2
    assert again.release == first.release
    write_document("guide-b", "指南乙", "不可以办。")
    third = ingest([shelf], repository)
    assert fates(third) == {"guide-a.md": "skipped", "guide-b.md": "taken"}
    assert third.release != first.release


def test_a_file_that_vanished_leaves_the_release(shelf, write_document, tmp_path) -> None:
    repository = Repository(tmp_path / "data")
    write_document("guide-a", "指南甲", "可以办。")
    gone = write_document("guide-b", "指南乙", "可以办。")
    ingest([shelf], repository)
    gone.unlink()
    report = ingest([shelf], repository)
    assert fates(report) == {"guide-a.md": "skipped", "guide-b.md": "removed"}
    assert len(repository.entries()) == 1


def test_a_single_file_is_added_to_what_is_there(shelf, write_document, tmp_path) -> None:
    repository = Repository(tmp_path / "data")
    write_document("guide-a", "指南甲", "可以办。")
    ingest([shelf], repository)
    other = tmp_path / "notice.txt"
    other.write_text("关于办卡的通知\n一、办卡\n可以办卡。", encoding="gb18030")
    ingest([other], repository)
    assert {entry.document.title for entry in repository.entries()} == {"指南甲", "关于办卡的通知"}


def test_one_id_for_two_files_is_refused(shelf, write_document, tmp_path) -> None:
    write_document("guide-a", "指南甲", "可以办。")
    (shelf / "copy.md").write_text((shelf / "guide-a.md").read_text(encoding="utf-8"), encoding="utf-8")
    report = ingest([shelf], Repository(tmp_path / "data"))
    assert sorted(fates(report).values()) == ["refused", "taken"]
    assert "was taken by" in next(row.reason for row in report.files if row.fate is Fate.REFUSED)
