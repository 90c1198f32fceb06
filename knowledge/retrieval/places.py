"""Which places a text names, and whether a document of one place can answer a question about another."""

import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

import yaml

_PLACES_FILE = Path(__file__).with_name("places.yml")
_DISTRICTS_FILE = Path(__file__).with_name("districts.yml")
_ELSEWHERE = 0.9
"""Of the score of a document that is of another place than the question, or of one place where the question names none."""


@lru_cache(maxsize=1)
def _province_of() -> dict[str, str]:
    listed: dict[str, list[str]] = yaml.safe_load(_PLACES_FILE.read_text(encoding="utf-8"))
    return {name: province for province, cities in listed.items() for name in (province, *cities)}


@lru_cache(maxsize=1)
def _home() -> frozenset[str]:
    districts = yaml.safe_load(_DISTRICTS_FILE.read_text(encoding="utf-8"))
    return frozenset(districts[level]["name"][:-1] for level in ("city", "province"))  # 绵阳市, 四川省


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _province_of()), key=len, reverse=True)))


@lru_cache(maxsize=20_000)
def places_in(text: str) -> frozenset[str]:
    """Return the provinces, cities and prefectures that the text names, as places.yml writes them."""
    return frozenset(_pattern().findall(text))


def elsewhere_in(text: str) -> frozenset[str]:
    """Return the places of the text that are not the citizen's own city or province."""
    return places_in(text) - _home()


def place_factor(asked: Collection[str], of_document: Collection[str], of_title: Collection[str]) -> float:
    """Return what a document's score is multiplied with, for the places of the question, of the document and of its title."""
    if not asked:
        return _ELSEWHERE if not _home().issuperset(of_title) else 1.0
    if not of_document or not set(asked).isdisjoint(of_document):
        return 1.0
    provinces = _province_of()
    same = {provinces[place] for place in asked} & {provinces[place] for place in of_document}
    return 1.0 if same else _ELSEWHERE
