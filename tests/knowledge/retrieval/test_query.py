import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge.index.analysis import normalize
from knowledge.retrieval import query as module
from knowledge.retrieval.query import prepare_query


def surfaces(question: str) -> list[str]:
    return [segment.surface for segment in prepare_query(question).segments]


def test_takes_off_what_only_makes_it_a_question() -> None:
    assert surfaces("请问身份证咋个办理喃？") == ["身份证"]


def test_gives_everyday_words_their_official_names() -> None:
    lost_card = prepare_query("社保卡落了咋个办")
    assert [segment.surface for segment in lost_card.segments] == ["社保卡", "落了"]
    assert "社会保障卡" in lost_card.segments[0].alternatives
    assert {"挂失", "补领"} <= set(lost_card.segments[1].alternatives)
    assert {"社会保障卡", "挂失"} <= set(lost_card.terms)


def test_a_longer_word_wins_over_one_inside_it() -> None:
    assert surfaces("公租房") == ["公租房"]
    assert prepare_query("公租房").segments[0].alternatives == ("公租房", "公共租赁住房")


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("挂号费好多钱", "amount"),
        ("身份证几天能办好", "duration"),
        ("读小学要啥子材料", "materials"),
        ("社保卡在哪里补", "place"),
        ("博物馆几点开门", "time"),
        ("挂号为什么要身份证", "reason"),
    ],
)
def test_knows_what_kind_of_answer_is_wanted(question: str, kind: str) -> None:
    assert kind in {each.name for each in prepare_query(question).kinds}


def test_nothing_is_left_of_a_mere_frame() -> None:
    assert prepare_query("怎么办？").segments == ()
    assert prepare_query("").terms == {}


@given(st.text(max_size=600))
def test_any_text_can_be_asked(question: str) -> None:
    prepared = prepare_query(question)
    assert len(prepared.text) <= 2000
    assert all(weight > 0 for weight in prepared.terms.values())


def test_no_word_stands_twice_in_the_lexicon() -> None:
    data = yaml.safe_load(module._LEXICON_FILE.read_text(encoding="utf-8"))
    said = [normalize(word) for group in data["synonyms"] for word in group["say"]]
    frames = [normalize(word) for row in data["frames"] for word in row]
    assert len(said) == len(set(said))
    assert not set(said) & set(frames)
