"""Names that nobody introduces: where they are taken for one, and where they are not."""

import pytest

from nlu.entities.given_names import with_bare_names
from nlu.interpretation import Entity, Interpretation

NUMBER, PHONE = "510703199001011237", "13900001111"


def heard(text: str) -> Interpretation:
    found = [
        Entity(kind, word, text.index(word), text.index(word) + len(word), {"number": word})
        for kind, word in (("id_number", NUMBER), ("phone", PHONE))
        if word in text
    ]
    return Interpretation(text, text, "out_of_scope", "out_of_scope", 0.3, (), tuple(found))


def names(text: str, *, is_asked: bool = False) -> list[str]:
    return [str(e.value["name"]) for e in with_bare_names(heard(text), is_asked=is_asked).entities_of("person_name")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"张伟 {NUMBER} {PHONE}", "张伟"),
        (f"后天上午，患者周小燕，{NUMBER}", "周小燕"),
        (f"资料在这儿：赵小川，电话{PHONE}", "赵小川"),
        (f"身份证{NUMBER}，名字王小强", "王小强"),
        ("姓搞错了，是文章的章，章小伟", "章小伟"),
    ],
)
def test_a_name_beside_a_number_or_put_right(text: str, name: str) -> None:
    assert names(text) == [name]


@pytest.mark.parametrize("text", ["张伟", f"电话{PHONE}", f"明天上午，就这个，{PHONE}", "姓名为啥要填"])
def test_nothing_else_is_a_name(text: str) -> None:
    assert names(text) == []


def test_a_name_that_was_asked_for_may_have_words_after_it() -> None:
    assert names("王小强，三横王", is_asked=True) == ["王小强"]


def test_the_span_is_that_of_the_name() -> None:
    text = f"我妈周小燕 {NUMBER}"
    (entity,) = with_bare_names(heard(text), is_asked=False).entities_of("person_name")
    assert text[entity.start : entity.end] == entity.text == "周小燕"
