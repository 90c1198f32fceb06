"""Which option, and which slots, an utterance speaks to."""

import pytest

from bot.dialogue.events import OfferedOption
from bot.dialogue.matching import is_question, matching_option, named_slot, slot_answers
from tests.bot.dialogue.teahouse import OPENED, Order, asks, entity, heard, state_after

LABELS = ("绵阳市中心医院", "绵阳市中医医院", "四川绵阳四〇四医院")
OPTIONS = [OfferedOption(label=label, value=label) for label in LABELS]


def ordinal(text: str, words: str, index: int):
    return heard(text, "dialog_control.choose", 0.9, entity("ordinal", words, text, index=index))


@pytest.mark.parametrize(
    ("interpretation", "wanted"),
    [
        (heard("绵阳市中医医院"), 1),
        (heard("我要去中医医院嘛"), 1),
        (heard("那就中心医院吧。"), 0),
        (ordinal("第二个", "第二个", 1), 1),
        (ordinal("2", "2", 1), 1),
        (ordinal("最后一个嘛", "最后一个", -1), 2),
        (heard("中"), None),
        (heard("绵阳"), None),
        (heard("医院"), None),
        (ordinal("第九个", "第九个", 8), None),
        (ordinal("我想挂两个号，一个给我妈一个给我", "两个", 1), None),
        (heard("中医医院" + "好" * 60), None),
    ],
)
def test_the_option_that_is_picked(interpretation, wanted) -> None:
    found = matching_option(interpretation, OPTIONS)
    assert (found and found.label) == (None if wanted is None else LABELS[wanted])


def test_no_options_no_match() -> None:
    assert matching_option(heard("一"), []) is None


def test_one_character_can_be_a_whole_label() -> None:
    options = [OfferedOption(label="男", value="m"), OfferedOption(label="女", value="f")]
    found = matching_option(heard("女的"), options)
    assert found is not None
    assert found.value == "f"


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("爽约了会怎么样", True),
        ("医保能报好多", True),
        ("取号要带啥子", True),
        ("你们几点下班", True),
        ("有号没有？", True),
        ("我想问下医保", True),
        ("那就骨科医院嘛", False),
        ("哪家都可以", False),
        ("随便哪个医生都行", False),
        ("屙了几天了", False),
        ("我妈昨天摔了", False),
    ],
)
def test_what_is_a_question(text: str, is_asked: bool) -> None:
    assert is_question(heard(text)) is is_asked


@pytest.mark.parametrize("text", ["绿茶要得不", "绿茶可以吗", "那绿茶呢", "绿茶行不"])
def test_an_answer_in_the_form_of_a_question_is_none(text: str) -> None:
    assert not is_question(heard(text, "tea.stock", 0.9, entity("tea", "绿茶", text), signals=("question",)))


def test_a_negated_value_fills_nothing_and_the_other_does() -> None:
    text = "不要红茶，要绿茶"
    found = slot_answers(
        heard(text, "x", 0.9, entity("tea", "红茶", text, name="红茶", negated=True), entity("tea", "绿茶", text)),
        Order.slots(),
        None,
    )
    assert [(name, answer.entity.text) for name, answer in found if answer.entity] == [("tea", "绿茶")]


def test_old_value_last() -> None:
    text = "我要绿茶，不是红茶"
    found = slot_answers(
        heard(text, "x", 0.9, entity("tea", "绿茶", text), entity("tea", "红茶", text, name="红茶", negated=True)),
        Order.slots(),
        None,
    )
    assert [answer.entity.text for _, answer in found if answer.entity] == ["绿茶"]


def test_the_last_of_two_counts_when_none_is_turned_down() -> None:
    text = "红茶，哦绿茶"
    found = slot_answers(
        heard(text, "x", 0.9, entity("tea", "红茶", text), entity("tea", "绿茶", text)), Order.slots(), None
    )
    assert [answer.entity.text for _, answer in found if answer.entity] == ["绿茶"]


def test_answers_come_in_the_order_of_the_form() -> None:
    text = "竹厅，绿茶，13900001111"
    interpretation = heard(
        text,
        "x",
        0.9,
        entity("phone", "13900001111", text, number="13900001111"),
        entity("room", "竹厅", text),
        entity("tea", "绿茶", text),
    )
    state = state_after(OPENED, asks("phone"))
    assert [name for name, _ in slot_answers(interpretation, Order.slots(), state.form)] == ["tea", "room", "phone"]


@pytest.mark.parametrize(
    ("text", "slot"), [("换个房间", "room"), ("改电话", "phone"), ("座位不对", "seat"), ("改一下", None)]
)
def test_a_slot_by_its_name(text: str, slot: str | None) -> None:
    assert named_slot(text, Order.slots()) == slot
