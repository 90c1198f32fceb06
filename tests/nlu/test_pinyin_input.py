"""Pinyin is read as the words that it stands for, and nothing else is."""

import pytest

from nlu.interpretation import Entity
from nlu.pinyin_input import PinyinReader

READER = PinyinReader(["儿科", "中心医院", "社保", "银行"])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("xiang gua hao", "想挂号"),
        ("woyaoguaerke", "我要挂儿科"),
        ("Mingtian shangwu, zhongxinyiyuan", "明天上午,中心医院"),
        ("zhuan rengong", "转人工"),
        ("shebao zenme jiao", "社保怎么交"),
        ("yinhang 2", "银行2"),
    ],
)
def test_what_is_typed_in_pinyin(typed: str, read: str) -> None:
    found = READER.read(typed)
    assert found is not None
    assert found.text == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "ok",
        "please switch to English",
        "can you help me",
        "13800001111",
        "我要guahao",
        "x" * 300,
        "a",
        "😀",
    ],
)
def test_what_is_not(text: str) -> None:
    assert READER.read(text) is None


def test_an_entity_stands_where_it_was_typed() -> None:
    typed = "gua  ErKe"
    read = READER.read(typed)
    assert read is not None
    assert read.original(Entity("department", "儿科", 1, 3, {}), typed) == Entity("department", "ErKe", 5, 9, {})


def test_long_runs_of_letters_cost_little() -> None:
    assert READER.read("xian" * 50) is not None
    assert READER.read("xian" * 49 + "xq") is None
