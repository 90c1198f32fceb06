import pytest

from knowledge.index.analysis import terms_of
from knowledge.retrieval.query import prepare_query
from knowledge.retrieval.support import CoverageMeter, likeness_of, rarity_of

KNOWN = {"补贴": 40, "绵阳": 60, "移民": 0, "居住": 10, "住证": 8}


def rarity(term: str) -> float:
    return rarity_of(KNOWN.get(term, 0), 100)


def meter(question: str) -> CoverageMeter:
    return CoverageMeter(prepare_query(question), rarity)


def test_rarity_falls_with_frequency() -> None:
    assert rarity_of(0, 100) > rarity_of(1, 100) > rarity_of(50, 100) > 0
    assert rarity_of(0, 100) == pytest.approx(5.3083, abs=1e-4)


def test_common_words_in_common_cover_little_of_a_rare_question() -> None:
    asked = meter("火星移民补贴绵阳发好多钱")
    assert asked.share(terms_of("绵阳市发放补贴的办法")) < 0.25
    assert asked.share(terms_of("火星移民补贴绵阳")) == 1.0


def test_an_official_name_covers_the_everyday_word() -> None:
    assert meter("社保卡落了").share(terms_of("社会保障卡可以申请补领")) == 1.0


def test_half_of_a_known_word_is_worth_less_than_half() -> None:
    assert meter("公租房").share(terms_of("租房可以提取")) < 0.5


def test_light_characters_do_not_count() -> None:
    assert meter("要预约").share(terms_of("可以预约")) == 1.0


def test_nothing_asked_is_nothing_covered() -> None:
    assert meter("怎么办").share(terms_of("怎么办都行")) == 0.0


def test_likeness_needs_both_sides() -> None:
    assert likeness_of(meter("居住证怎么办"), meter("居住证如何办理")) == (1.0, 1.0)
    likeness, said = likeness_of(meter("居住证"), meter("居住证要满几年才能落户"))
    assert 0 < said < likeness < 1
    assert likeness_of(meter("居住证"), meter("博物馆")) == (0.0, 0.0)
