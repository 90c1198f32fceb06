"""Which places a question and a document name, and what follows for the document's score."""

import pytest

from knowledge.retrieval.places import elsewhere_in, place_factor, places_in


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("成都的医保在绵阳能用不", {"成都", "绵阳"}),
        ("湘潭市中小企业有什么税收优惠", {"湘潭"}),
        ("上海南路堵不堵", {"上海"}),
        ("来宾在哪里登记", set()),
        ("三明治店要办什么证", set()),
        ("退休年龄是好多", set()),
    ],
)
def test_places_of_a_text(text: str, places: set[str]) -> None:
    assert places_in(text) == places


def test_the_own_city_and_province_are_not_elsewhere() -> None:
    assert elsewhere_in("四川省绵阳市和重庆市") == {"重庆"}


@pytest.mark.parametrize(
    ("asked", "document", "title", "is_less"),
    [
        ({"湘潭"}, {"湖南"}, {"湖南"}, False),  # the province of the city that is asked about
        ({"福建"}, {"四川"}, {"四川"}, True),
        ({"福建"}, set(), set(), False),
        (set(), {"陕西"}, {"陕西"}, True),
        (set(), {"绵阳"}, {"绵阳"}, False),
        (set(), {"陕西"}, set(), False),  # named in the text alone
    ],
)
def test_a_document_of_another_place_counts_less(
    asked: set[str], document: set[str], title: set[str], is_less: bool
) -> None:
    assert (place_factor(asked, document, title) < 1) == is_less
