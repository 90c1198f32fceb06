"""Several requests in one message are told apart, in order."""

import pytest

from nlu.clauses import clauses_of


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("我要挂骨科，还想问下住院报好多", ["我要挂骨科", "还想问下住院报好多"]),
        ("身份证掉了咋补 户口本能不能换", ["身份证掉了咋补", "户口本能不能换"]),
        ("帮我约牙科顺便查一下我上次的预约", ["帮我约牙科", "顺便查一下我上次的预约"]),
        ("博物馆开门没有另外讲解要不要钱", ["博物馆开门没有", "另外讲解要不要钱"]),
        ("失业金怎么领再一个就是公积金怎么取", ["失业金怎么领", "再一个就是公积金怎么取"]),
        ("我要挂号还想问下医保报不报", ["我要挂号", "还想问下医保报不报"]),
        ("驾照在哪换同时我想查违章", ["驾照在哪换", "同时我想查违章"]),
    ],
)
def test_each_request_is_a_clause(text: str, clauses: list[str]) -> None:
    assert clauses_of(text) == clauses


@pytest.mark.parametrize(
    "text",
    [
        "",
        "挂号",
        "挂号。",
        "还有没有号",
        "还要好久才轮到我",
        "有没有另外的医生",
        "顺便问一下",
        "一、二、三、四、五、六、七、八、九、十十",
    ],
)
def test_one_request_stays_whole(text: str) -> None:
    assert clauses_of(text) == []


def test_a_story_stays_whole() -> None:
    assert clauses_of("我住示例镇，" * 8) == []


def test_a_long_text_without_marks_is_split_in_no_time() -> None:
    assert clauses_of("啊" * 50_000) == []
