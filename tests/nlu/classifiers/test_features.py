"""Features: homophones, pinyin and words of one concept look alike."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.classifiers.concepts import ConceptTable, load_concepts
from nlu.classifiers.features import VIEWS, ngrams, views_of
from nlu.classifiers.pinyin import merge, sounds
from nlu.classifiers.vectors import Vectorizer
from nlu.normalizer import Normalizer

NORMALIZER = Normalizer()


def view(text: str, name: str) -> list[str]:
    return views_of(NORMALIZER.normalize(text))[VIEWS.index(name)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("预yue儿科", "预约儿科"),
        ("guahao", "挂号"),
        ("公鸡金", "公积金"),
        ("绵羊市", "绵阳市"),
        ("是十", "四十"),
        ("路费", "怒灰"),
        ("湖", "福"),
    ],
)
def test_what_sounds_alike(one: str, other: str) -> None:
    assert sounds(one) == sounds(other)


def test_letters_that_spell_nothing_stay() -> None:
    assert sounds("ctv") == ["c", "t", "v"]
    assert sounds("a1b") == ["a", "1", "b"]
    assert merge("zhuang") == "zuan"


def test_ngrams_mark_the_ends() -> None:
    assert ngrams("挂号", 2, "n:", "") == ["n:^", "n:挂", "n:号", "n:$", "n:^挂", "n:挂号", "n:号$"]


def test_numbers_look_alike_in_words() -> None:
    assert view("交15年", "characters") == view("交20年", "characters")


def test_words_of_one_concept_share_features() -> None:
    table = ConceptTable({"relative": ["父亲", "母亲"], "money": ["工资", "父亲节红包"]})
    assert table.find("父亲的工资") == (["relative", "money"], ["<relative>", "的", "<money>"])
    assert table.find("父亲节红包") == (["money"], ["<money>"])
    assert "m:<relative>" in view("我老汉儿", "frames")
    assert "c:child&vaccine" in view("娃儿打疫苗", "concepts")


def test_every_concept_word_is_in_the_form_that_the_normalizer_gives() -> None:
    words = load_concepts().words()
    assert len(words) > 1000
    assert [word for word in words if NORMALIZER.normalize(word).text != word] == []


def test_long_texts_keep_their_beginning_and_end() -> None:
    text = "挂号" + "的" * 5000 + "投诉"
    assert {"n:^挂", "n:投诉"} <= set(view(text, "characters"))
    assert len(view(text, "characters")) < 1300


@settings(deadline=None)
@given(st.text(max_size=100))
def test_features_of_any_text(text: str) -> None:
    assert len(views_of(NORMALIZER.normalize(text))) == len(VIEWS)


def test_weights_by_hand() -> None:
    vectorizer = Vectorizer.fit([(["a", "b"],), (["a"],), (["a", "c", "c"],)], minimum_documents=1)
    assert vectorizer.vocabulary == ("a", "b", "c")
    assert vectorizer.idf.tolist() == pytest.approx([1.0, 1.6931472, 1.6931472])
    rows, weights = vectorizer.transform((["c", "c", "a", "unknown"],))
    assert rows.tolist() == [2, 0]
    # (1 + ln 2) * 1.6931472 = 2.8667474 and 1; divided by their length 3.0361606
    assert weights.tolist() == pytest.approx([0.9442015, 0.3293633], abs=1e-5)
    assert vectorizer.matrix([(["a"],), (["unknown"],)]).toarray().tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]


def test_features_that_occur_once_are_dropped() -> None:
    assert Vectorizer.fit([(["a", "b"],), (["a"],)]).vocabulary == ("a",)
