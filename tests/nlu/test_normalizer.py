"""The normaliser: standard words out, and for every character the place that it came from."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.excerpt import READ_FROM_START, READ_TO_END
from nlu.normalizer import NormalizedText, Normalizer, PhraseTable, load_lexicon

NORMALIZER = Normalizer()
ANOTHER = Normalizer()
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)
CITY_TEXT = st.text(alphabet="我要挂号不要好久多得哪个莫遭嘛哈噻嗯, 。?!医保一設體ＡaA1１13 \u200b\ufe0f", max_size=80)


def normalize(text: str) -> str:
    return NORMALIZER.normalize(text).text


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("體育館怎麼預約", "体育馆怎么预约"),
        ("乾隆年間", "乾隆年间"),
        ("網路上能辦嗎", "网络上能办吗"),
        ("我 要 挂 号", "我要挂号"),
        ("hello   world", "hello world"),
        ("快快快快点！！！！", "快快点!!"),
        ("13888888888", "13888888888"),
        ("嗯,我想问哈", "我想问一下"),
        ("嗯", "嗯"),
        ("挂耗", "挂号"),
        ("公鸡金", "公积金"),
        ("付城区的设保", "涪城区的社保"),
        ("啷个整嘛", "怎么弄"),
        ("得行不嘛", "可以吗"),
        ("号还算数不", "号还算数吗"),
        ("脑壳昏得很", "头晕得很"),
    ],
)
def test_standard_words(written: str, standard: str) -> None:
    assert normalize(written) == standard


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("好久开门", "什么时候开门"),
        ("要好久", "要多久"),
        ("好久不见", "好久不见"),
        ("我等了好久", "我等了好久"),
        ("好多钱", "多少钱"),
        ("好多人排队", "好多人排队"),
        ("我好多了", "我好多了"),
        ("哪个管", "谁管"),
        ("挂哪个科", "挂哪个科"),
        ("要得", "好的"),
        ("只要得到批准", "只要得到批准"),
        ("莫挂了", "不要挂了"),
        ("莫名其妙", "莫名其妙"),
        ("遭狗咬了", "被狗咬了"),
        ("遭遇车祸", "遭遇车祸"),
        ("统一保管", "统一保管"),
        ("你莫整了", "你不要弄了"),
        ("整改通知", "整改通知"),
        ("搞了好久才弄好", "搞了好久才弄好"),
        ("好久一班车", "多久一班车"),
        ("没得好久就到期", "没多久就到期"),
        ("好久以前的证", "好久以前的证"),
        ("跑了好多趟", "跑了好多趟"),
        ("好多老年人不会用", "好多老年人不会用"),
        ("找哪个部门", "找哪个部门"),
        ("找哪个办", "找谁办"),
        ("是哪个医院", "是哪个医院"),
        ("哪个赔", "谁赔"),
        ("归哪个管", "归谁管"),
        ("要得啥子材料", "要什么材料"),
        ("不要得罪人", "不要得罪人"),
        ("莫人管", "没人管"),
        ("莫去了", "不要去了"),
        ("我姓莫", "我姓莫"),
        ("遭人骗了", "被人骗了"),
        ("遭了工伤", "受了工伤"),
        ("遭了", "糟了"),
        ("遭到处罚", "遭到处罚"),
        ("老婆婆", "老婆婆"),
        ("老公公", "老公公"),
        ("手倒拐痛", "手肘痛"),
        ("气都出不赢", "喘不过气"),
    ],
)
def test_false_friends(written: str, standard: str) -> None:
    assert normalize(written) == standard


def test_offsets_of_a_replaced_word_point_into_it() -> None:
    got = NORMALIZER.normalize("嗯,帮我老汉儿掛個號")
    assert got.text == "帮我父亲挂个号"
    assert got.offsets == (2, 3, 4, 5, 7, 8, 9)
    assert got.original == "嗯,帮我老汉儿掛個號"


def check(got: NormalizedText, text: str) -> None:
    assert len(got.offsets) == len(got.text)
    assert list(got.offsets) == sorted(got.offsets)
    assert all(0 <= offset < len(text) for offset in got.offsets)
    for character, offset in zip(got.text, got.offsets, strict=True):
        if character.isdigit() and character.isascii() and text[offset].isascii():
            assert text[offset] == character


@settings(deadline=None)
@given(ANY_TEXT)
def test_any_text_keeps_its_places(text: str) -> None:
    check(NORMALIZER.normalize(text), text)


@settings(deadline=None)
@given(CITY_TEXT)
def test_city_text_keeps_its_places(text: str) -> None:
    check(NORMALIZER.normalize(text), text)


@settings(deadline=None)
@given(CITY_TEXT)
def test_the_same_text_is_always_normalised_alike(text: str) -> None:
    assert NORMALIZER.normalize(text) == ANOTHER.normalize(text)


def test_no_replacement_of_the_lexicon_is_empty_or_leads_to_itself() -> None:
    lexicon = load_lexicon()
    for section in lexicon.replacements.values():
        for word, standard in section.items():
            assert word, f"{standard}: empty word"
            assert standard, f"{word}: empty standard word"
            assert word != standard


def test_every_standard_word_stays_as_it_is() -> None:
    for section in load_lexicon().replacements.values():
        for standard in section.values():
            assert normalize(standard) == standard


def test_every_word_becomes_its_standard_word() -> None:
    for section in load_lexicon().replacements.values():
        for word, standard in section.items():
            assert normalize(word) == standard


def test_a_word_is_in_one_section_only() -> None:
    words = [word for section in load_lexicon().replacements.values() for word in section]
    assert len(words) == len(set(words))


def test_the_longest_phrase_wins_and_a_kept_one_hides_its_parts() -> None:
    table = PhraseTable({"ab": "1", "abc": "2", "bcd": "bcd", "cd": "3"})
    assert list(table.edits("abcbcdcd")) == [(0, 3, "2"), (6, 8, "3")]


def steps_of(action: Callable[[], object]) -> int:
    """Count the lines of Python that run, which no busy machine can change."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Callable[..., object]:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("unit", ["好久", "嗯,", "體", "不 ", "哈啊", "啊,", "\ufdfa", "a ", "不嘛,"])
def test_work_grows_in_proportion_to_length(unit: str) -> None:
    NORMALIZER.normalize(unit * 10)
    short, long = (steps_of(lambda size=size: NORMALIZER.normalize(unit * size)) for size in (200, 1600))
    assert long < 9 * short + 500


def test_of_a_very_long_text_the_beginning_and_the_end_are_normalised() -> None:
    text = "我想掛號" + "唉" * 60_000 + "挂耗"
    found = NORMALIZER.normalize(text)
    assert found.original == text
    assert found.text.startswith("我想挂号")
    assert found.text.endswith("挂号")
    assert len(found.text) <= READ_FROM_START + READ_TO_END + 1
    assert list(found.offsets) == sorted(found.offsets)
    assert found.offsets[-2:] == (len(text) - 2, len(text) - 1)


@pytest.mark.parametrize("length", [READ_FROM_START + READ_TO_END + extra for extra in (-1, 0, 1, 2)])
def test_nothing_is_left_out_of_a_text_that_is_just_short_enough(length: int) -> None:
    text = "挂号看病" * (length // 4) + "挂号看病"[: length % 4]
    found = NORMALIZER.normalize(text)
    is_whole = length <= READ_FROM_START + READ_TO_END
    assert (found.text == text) is is_whole
    assert found.offsets[-1] == length - 1
