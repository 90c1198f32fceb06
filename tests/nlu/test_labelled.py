"""Labelled sentences are read as people write them, and a bad line is named."""

from pathlib import Path

import pytest

from nlu.interpretation import OUT_OF_SCOPE
from nlu.labelled import Labelled, LabelledDataError, read_labelled, training_set_of


@pytest.fixture
def written(tmp_path: Path):
    def write(content: str) -> Path:
        path = tmp_path / "set.jsonl"
        path.write_text(content, encoding="utf-8")
        return path

    return write


def test_json_lines(written) -> None:
    lines = '\ufeff{"text": "挂号", "intent": "a.b", "more": 1}\r\n\n{"text": "月球票", "intent": "oos"}\n'
    assert read_labelled(written(lines)) == (Labelled("挂号", "a.b"), Labelled("月球票", OUT_OF_SCOPE))
    assert read_labelled(written('{"text": "一\u2028二", "intent": 7}')) == (Labelled("一\u2028二", "7"),)
    assert read_labelled(written('{"text": "挂\\ud800号", "intent": "a"}')) == (Labelled("挂?号", "a"),)
    assert read_labelled(written(lines))[1].is_outside


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('{"text": "挂号", "intent": "a.b"}\n{"text": "挂号"}\n', "2: expected an object"),
        ('{"text": "挂号", "intent": ""}', "1: expected an object"),
        ('{"text": null, "intent": "a"}', "1: expected an object"),
        ('{"text": "挂号", "intent": ["a"]}', "1: expected an object"),
        ('{"text": "挂号"', "1: expected an object"),
        ("挂号\ta.b\n", "1: expected JSON lines, or a heading"),
        ("text\tgroup\n挂号\t\n", " row 2 has no group"),
        ("", " no labelled sentence"),
        ("text\tgroup\n", " no labelled sentence"),
    ],
)
def test_a_bad_line_is_named(written, content: str, place: str) -> None:
    with pytest.raises(LabelledDataError, match=rf"set\.jsonl:{place}"):
        read_labelled(written(content))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelledDataError, match="nowhere"):
        read_labelled(tmp_path / "nowhere")


def test_a_table_of_groups(written) -> None:
    rows = read_labelled(
        written(
            "text\tgroup\tnotes\n"
            '他说"挂号\thealth_appointment\tdialect; fee\n'
            "又挂号又投诉\tmixed:health_appointment+complaint\t\n"
            "那个事\tmixed:vague\t\n"
            "写首诗\toos\n"
        )
    )
    assert rows == (
        Labelled('他说"挂号', "", frozenset({"health_appointment"}), True),
        Labelled("又挂号又投诉", "", frozenset({"health_appointment", "complaint"}), False),
        Labelled("写首诗", "", frozenset({OUT_OF_SCOPE}), False),
    )


def test_one_text_has_one_intent_in_training() -> None:
    rows = [
        Labelled("打开", "app.open"),
        Labelled("打开", "door"),
        Labelled(" 打开 ", "door"),
        Labelled("关", "app.close"),
        Labelled("关", "door"),
        Labelled("  ", "door"),
    ]
    got = training_set_of(rows)
    assert [(one.text, one.intent) for one in got.examples] == [("打开", "door"), ("关", "app.close")]
    assert got.groups == {"app.close": "app", "door": "door"}
