from pathlib import Path

import pytest

from knowledge.errors import UnreadableDocument
from knowledge.ingestion.text_loader import document_id_of, load_text, read_text

TEXT = "綿陽市方案\n綿府辦發〔2020〕13號\n一、總體思路\n便民。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_reads_the_encodings_that_offices_use(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "plan.txt"
    file.write_bytes("绵阳市方案\r\n第二行\r\n".encode(encoding))
    assert read_text(file) == "绵阳市方案\n第二行\n"


def test_refuses_what_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "photo.txt"
    file.write_bytes(bytes(range(256)) * 8)
    with pytest.raises(UnreadableDocument, match="not a text"):
        read_text(file)


def test_traditional_script_stays_as_it_is() -> None:
    loaded = load_text(Path("plan.txt"), TEXT)
    assert loaded.document.text == TEXT
    assert loaded.document.document_number == "綿府辦發〔2020〕13号"
    assert [node.heading for node in loaded.nodes] == ["一、總體思路"]


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="empty"):
        load_text(Path("plan.txt"), " \n\n")


def test_ids_are_plain_and_differ_for_chinese_names() -> None:
    assert document_id_of("Plan 2020_13") == "plan-2020-13"
    assert document_id_of("方案") != document_id_of("通知")
    assert document_id_of("方案").isascii()
