import pytest

from knowledge.index.analysis import normalize, terms_of


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("社會保障卡", "社会保障卡"),
        ("網路資料", "网络数据"),
        ("ＡＢＣ１２３", "abc123"),
        ("缴满十五年", "缴满15年"),
        ("满六周岁", "满6周岁"),
        ("小学一年级", "小学一年级"),
        ("第十五条", "第十五条"),
    ],
)
def test_writes_one_thing_one_way(text: str, same: str) -> None:
    assert normalize(text) == normalize(same) == same


def test_terms_are_pairs_numbers_and_official_terms() -> None:
    assert terms_of("办社会保障卡，打12345") == ["办社", "社会", "会保", "保障", "障卡", "社会保障卡", "打", "12345"]


def test_traditional_and_simplified_texts_have_the_same_terms() -> None:
    assert terms_of("綿陽市養老保險") == terms_of("绵阳市养老保险")
