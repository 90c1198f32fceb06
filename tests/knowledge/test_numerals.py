import pytest

from knowledge.numerals import parse_numeral


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("一", 1),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("一百零八", 108),
        ("三百二十一", 321),
        ("二〇二〇", 2020),
        ("17", 17),
    ],
)
def test_reads_what_documents_write(numeral: str, value: int) -> None:
    assert parse_numeral(numeral) == value


@pytest.mark.parametrize("word", ["甲", "一甲", "", "１x", "123456"])
def test_refuses_anything_else(word: str) -> None:
    assert not parse_numeral(word)
