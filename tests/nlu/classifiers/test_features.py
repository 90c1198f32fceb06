"""Features: homophones, pinyin and words of one concept look alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.classifiers.concepts import ConceptTable, load_concepts
from nlu.classifiers.features import VIEWS, ngrams, subsets, views_of
from nlu.classifiers.pinyin import merge, sounds
from nlu.classifiers.vectors import Occurrences, Spread, Vectorizer
from nlu.normalizer import Normalizer

NORMALIZER = Normalizer()
TABLE = ConceptTable(load_concepts(), NORMALIZER)
LENGTHS = (2, 2, 2, 2)


def view(text: str, name: str) -> list[str]:
    return views_of(NORMALIZER.normalize(text), TABLE, LENGTHS)[VIEWS.index(name)]


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
    assert sounds("ctv") == "ctv"
    assert sounds("a1b") == "a1b"
    assert merge("zhuang") == "zuan"


def test_rare_characters_have_their_sound_and_foreign_ones_stay() -> None:
    assert sounds("㐀") == sounds("丘")
    assert sounds("ž\ue000") == "ž\ue000"


def test_ngrams_mark_the_ends() -> None:
    assert ngrams("挂号", 2) == ["^", "挂", "号", "$", "^挂", "挂号", "号$"]
    assert ngrams("挂号", 0) == []
    assert subsets("abc", 2) == ["a", "b", "c", "ab", "ac", "bc"]


def test_numbers_look_alike_in_words() -> None:
    assert view("交15年", "characters") == view("交20年", "characters")


def test_words_of_one_concept_share_features() -> None:
    table = ConceptTable({"relative": ["父亲", "母亲"], "money": ["工资", "父亲节红包"]}, NORMALIZER)
    money, relative = table.symbols["money"], table.symbols["relative"]
    assert table.find("父亲的工资") == (relative + money, f"{relative}的{money}")
    assert table.find("父亲节红包") == (money, money)
    assert TABLE.symbols["relative"] in view("我老汉儿", "frames")
    assert "".join(sorted(TABLE.symbols[name] for name in ("child", "vaccine"))) in view("娃儿打疫苗", "concepts")


def test_every_concept_word_is_found_in_the_form_that_the_normalizer_gives() -> None:
    words = TABLE.words()
    assert len(words) > 1000
    assert [word for word in words if not TABLE.find(word)[0]] == []


def test_long_texts_keep_their_beginning_and_end() -> None:
    text = "挂号" + "的" * 5000 + "投诉"
    assert {"^挂", "投诉"} <= set(view(text, "characters"))
    assert len(view(text, "characters")) < 700


@settings(deadline=None)
@given(st.text(max_size=100))
def test_features_of_any_text(text: str) -> None:
    assert len(views_of(NORMALIZER.normalize(text), TABLE, LENGTHS)) == len(VIEWS)


def test_weights_by_hand() -> None:
    occurrences = Occurrences([(["a", "b"], ["x"]), (["a"], []), (["a", "c", "c"], [])])
    chosen = occurrences.select(np.array([0, 1, 2]), (1, 1), (1.0, 0.5))
    assert occurrences.vocabulary(chosen) == (("a", "b", "c"), ("x",))
    # idf: 1 + ln(4 / (1 + texts)); a text with a and b: (1, 1.6931472) divided by its length 1.9664047
    assert np.concatenate(chosen.idf).tolist() == pytest.approx([1.0, 1.6931472, 1.6931472, 1.6931472])
    seen = occurrences.matrix(np.array([0, 1]), chosen).toarray()
    assert seen[0].tolist() == pytest.approx([0.5085423, 0.8610359, 0.0, 0.5], abs=1e-5)
    assert seen[1].tolist() == [1.0, 0.0, 0.0, 0.0]
    vectorizer = Vectorizer(occurrences.vocabulary(chosen), np.concatenate(chosen.idf))
    rows, scales = vectorizer.transform((["b", "a", "a", "unknown"], ["unknown"]))
    assert rows.tolist() == [1, 0]
    assert scales.tolist() == pytest.approx([1 / 1.9664047] * 2)


def test_features_of_too_few_learnt_texts_are_dropped_and_so_are_views_that_count_nothing() -> None:
    occurrences = Occurrences([(["a", "b"], ["x"]), (["a"], ["x"]), (["b"], ["x"])])
    assert occurrences.vocabulary(occurrences.select(np.array([0, 1]), (2, 2), (1.0, 0.0))) == (("a",), ())


def test_weights_for_standardized_vectors_fit_raw_ones() -> None:
    raw = np.random.default_rng(0).normal(3, [1, 2, 5], (50, 3)).astype(np.float32)
    spread = Spread.of(raw, 0.5)
    standard = spread.standardize(raw)
    assert np.linalg.norm(standard, axis=1).mean() == pytest.approx(0.5, abs=0.1)
    weights = np.array([[1.0, 0.0], [2.0, -1.0], [0.5, 3.0]], dtype=np.float32)
    for_raw, shift = spread.for_raw_vectors(weights)
    assert np.allclose(raw @ for_raw + shift, standard @ weights, atol=1e-4)
