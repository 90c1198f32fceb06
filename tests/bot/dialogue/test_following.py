"""Which questions name no subject of their own."""

import pytest

from bot.dialogue.rules.following import names_no_subject


@pytest.mark.parametrize(
    "text",
    [
        "要钱不",
        "几天拿得到",
        "去哪里换",
        "要不要照相",
        "多久之内要申请",
        "要啥子证明？",
        "网上能办不",
        "要些啥子手续",
        "好久",
        "几月份报名",
        "那要好多钱喃",
    ],
)
def test_no_subject(text: str) -> None:
    assert names_no_subject(text)


@pytest.mark.parametrize(
    "text",
    [
        "挂号要钱不",
        "居住证要办好久",
        "退休要啥材料",
        "医保要补缴不",
        "男的有没有",
        "可以",
        "不要",
        "第一个",
        "好",
        "",
        "中心医院在哪里",
    ],
)
def test_a_subject_or_no_such_question(text: str) -> None:
    assert not names_no_subject(text)
