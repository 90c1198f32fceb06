from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.index.analysis import terms_of
from knowledge.index.lexical import IndexRow, LexicalIndex

WEIGHTS = {"body": 1.0, "heading": 2.0}
ROWS = [
    IndexRow("a#1", "a", {"body": "社會保障卡丟失後可以補領", "heading": "挂失"}),
    IndexRow("a#2", "a", {"body": "博物馆周一闭馆"}),
    IndexRow("b#1", "b", {"body": "可以补领身份证", "heading": "补领"}),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    folder: Path = tmp_path_factory.mktemp("index")
    LexicalIndex.build(folder, ROWS, WEIGHTS)
    return LexicalIndex.open(folder, WEIGHTS)


def ask(index: LexicalIndex, text: str, **options) -> list[str]:
    return [hit.row_id for hit in index.search(dict.fromkeys(terms_of(text), 1.0), limit=10, **options)]


def test_simplified_words_find_a_traditional_text(index: LexicalIndex) -> None:
    assert ask(index, "社会保障卡") == ["a#1"]


def test_a_heading_weighs_more_than_the_body(index: LexicalIndex) -> None:
    assert ask(index, "补领")[0] == "b#1"


def test_only_rows_of_the_owners_are_found(index: LexicalIndex) -> None:
    assert ask(index, "补领", owners={"a"}) == ["a#1"]
    assert ask(index, "补领", owners=set()) == []


def test_counts_rows_and_how_many_hold_a_term(index: LexicalIndex) -> None:
    assert (index.size, index.frequency("补领"), index.frequency("火星")) == (3, 2, 0)


@given(text=st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_a_search(index: LexicalIndex, text: str) -> None:
    ask(index, text)
    index.search({text: 1.0}, limit=3)


@pytest.mark.parametrize("limit", [0, -1])
def test_asking_for_nothing_gives_nothing(index: LexicalIndex, limit: int) -> None:
    assert index.search({"补领": 1.0}, limit=limit) == []
