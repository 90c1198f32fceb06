"""What holds for any text at all."""

import re
import time
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.clock import CITY_TIMEZONE
from nlu.entities.extractor import SPECIFICITY, EntityExtractor
from nlu.entities.folding import fold
from nlu.excerpt import READ_FROM_START, READ_TO_END
from nlu.interpretation import Utterance
from nlu.training_data import gather
from skills.registry import SKILLS_FOLDER

EXTRACTOR = EntityExtractor(gather(SKILLS_FOLDER).words)
AT = datetime(2026, 11, 24, 10, 0, tzinfo=CITY_TIMEZONE)
PIECES = st.sampled_from(
    re.findall(
        r"\S+",
        "今 明 后 天 周 一 三 五 日 下 个 月 号 点 半 到 至 - : / . 上午 下午 晚 年 2026 12 3 8 15 前 后 内 小时 三天 国庆 春节 404 中医院 三 医院 内科 科 "
        "我叫 王 小明 医生 块 钱 万 岁 第 姓 名 不 发烧 39 度 510703199001019992 x 138 0013 8000 川B MY · （ ） ， 。 零 十 百 千 半 几 差 刻 过 再 的 这 最近",
    )
)
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=30).map("".join))
EXPECTED = st.frozensets(st.sampled_from(SPECIFICITY))
MOMENTS = st.integers(0, 36_500 * 1440).map(lambda minutes: AT + timedelta(minutes=minutes - 18_000_000))


@settings(max_examples=600, deadline=None)
@given(text=TEXTS, at=MOMENTS, expected=EXPECTED)
def test_any_text_gives_ordered_entities_that_are_where_they_say(
    text: str, at: datetime, expected: frozenset[str]
) -> None:
    entities = EXTRACTOR.extract(Utterance(text, at), expected)
    position = 0
    for entity in entities:
        assert position <= entity.start < entity.end <= len(text)
        assert entity.text == text[entity.start : entity.end]
        position = entity.end


@settings(max_examples=400, deadline=None)
@given(text=TEXTS, at=MOMENTS)
def test_a_time_is_a_stretch_of_iso_date_times(text: str, at: datetime) -> None:
    for entity in EXTRACTOR.extract(Utterance(text, at)):
        if entity.type == "time":
            start, end = (datetime.fromisoformat(entity.value[key]) for key in ("start", "end"))
            assert start.tzinfo is None
            assert start < end
            assert entity.value["grain"] in {"year", "month", "week", "day", "half_day", "hour", "minute"}


@settings(max_examples=300, deadline=None)
@given(
    at=MOMENTS,
    text=st.sampled_from(
        re.findall(
            r"\S+",
            "周一 周三 周日 3号 15号 31号 12月3号 2月29号 周末 月底 月初 9月 八点 8点半 三点 14:30 上午 下午 晚上 国庆 五一 元旦",
        )
    ),
)
def test_an_undated_phrase_never_means_what_is_over(at: datetime, text: str) -> None:
    (entity,) = EXTRACTOR.extract(Utterance(f"我想挂{text}的号", at))
    assert datetime.fromisoformat(entity.value["end"]) > at.replace(tzinfo=None)


@settings(max_examples=300)
@given(text=st.text())
def test_folding_keeps_one_character_for_one(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "😀" * 50,
        "一" * 60,
        "(" * 60,
        "1" * 60,
        "\n\n",
        "·····",
        "姓名",
        "叫",
        "第",
        "差一刻",
    ],
)
def test_odd_texts_give_nothing_and_do_no_harm(text: str) -> None:
    assert EXTRACTOR.extract(Utterance(text, AT)) == ()


def test_a_naive_moment_is_the_citys() -> None:
    (entity,) = EXTRACTOR.extract(Utterance("明天", datetime(2026, 11, 24, 23, 30)))
    assert entity.value["start"] == "2026-11-25T00:00:00"


def test_a_moment_of_another_zone_is_brought_to_the_citys() -> None:
    at = datetime.fromisoformat("2026-11-24T20:00:00+00:00")
    (entity,) = EXTRACTOR.extract(Utterance("今天", at))
    assert entity.value["start"] == "2026-11-25T00:00:00"


def test_a_very_long_text_is_read_at_both_ends() -> None:
    filling = "唉" * 60_000
    text = f"明天去四零四{filling}电话13800138000"
    entities = EXTRACTOR.extract(Utterance(text, AT))
    assert [(entity.type, text[entity.start : entity.end]) for entity in entities] == [
        ("time", "明天"),
        ("hospital", "四零四"),
        ("phone", "13800138000"),
    ]


HOSTILE = [
    "一",
    "1",
    "1 ",
    "8点-",
    "后",
    "下",
    "周",
    "两个半",
    "十月",
    "过1天",
    "二零二六年",
    "明天下午三点到五点",
    "绵阳市中",
    "王",
    "姓",
    "叫王",
    "·",
    "138",
    "第",
    "0816-",
    "阿·",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_fifty_kilobytes_cost_no_more_than_what_is_read_of_them(piece: str) -> None:
    """Twenty-five times the text may not cost more than three times the work."""
    read = READ_FROM_START + READ_TO_END
    short, long = (Utterance(piece * (size // len(piece)), AT) for size in (read, 50_000))
    EXTRACTOR.extract(short)
    assert best_of_five(long) < 3 * best_of_five(short) + 0.01


def best_of_five(utterance: Utterance) -> float:
    durations = []
    for _ in range(5):
        began = time.process_time()
        EXTRACTOR.extract(utterance)
        durations.append(time.process_time() - began)
    return min(durations)


def test_the_same_words_mean_the_same_whatever_their_script_or_width() -> None:
    plain = EXTRACTOR.extract(Utterance("下周三上午去中医医院看眼科,电话13800138000", AT))
    other = EXTRACTOR.extract(Utterance("下週三上午去中醫醫院看眼科，電話１３８００１３８０００", AT))
    assert [(entity.type, entity.value) for entity in plain] == [(entity.type, entity.value) for entity in other]
    assert len(plain) == 4


def test_the_dates_said_move_with_the_day() -> None:
    for days in range(0, 400, 7):
        at = AT + timedelta(days=days)
        (entity,) = EXTRACTOR.extract(Utterance("后天下午", at))
        assert entity.value["start"][:10] == (at + timedelta(days=2)).date().isoformat()


def test_what_was_asked_for_wins_among_equals() -> None:
    (asked,) = EXTRACTOR.extract(Utterance("2号", AT), frozenset({"ordinal"}))
    (unasked,) = EXTRACTOR.extract(Utterance("2号", AT))
    assert (asked.type, unasked.type) == ("ordinal", "time")
