"""Feelings are noticed in what people say, and not in calm words that sound like them."""

import pytest

from nlu.normalizer import Normalizer
from nlu.signals import SignalFinder

NORMALIZER = Normalizer()
FINDER = SignalFinder()


def signals_of(text: str) -> frozenset[str]:
    return FINDER.find(NORMALIZER.normalize(text).text)


@pytest.mark.parametrize(
    "text",
    [
        "一天推一天，推到猴年马月",
        "把老百姓当皮球踢",
        "你们吃皇粮的就这样办事",
        "说了八遍了还要我说",
        "打个电话都没得人接，养你们做啥子",
        "再不解决我就去省上告",
        "官官相护",
        "太黑心了",
    ],
)
def test_anger_is_noticed(text: str) -> None:
    assert "angry" in signals_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "我实在是没得法了",
        "屋头都揭不开锅了",
        "就指望你们了",
        "叫天天不应",
        "医院喊交钱，拿不出来",
        "求你们给条活路",
        "娃儿的命就靠这个了",
    ],
)
def test_despair_is_noticed(text: str) -> None:
    assert "desperate" in signals_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "垃圾分几类",
        "农村垃圾归谁收",
        "痒得遭不住，看啥子科",
        "要求你们更正我的信息",
        "医疗废物怎么处置",
        "不动产登记要带什么",
        "这是不是骗子",
        "这种归哪个管不管得到",
    ],
)
def test_a_calm_question_stays_calm(text: str) -> None:
    assert signals_of(text).isdisjoint({"angry", "desperate"})
