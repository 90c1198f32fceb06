"""Find the names of places, hospitals, departments, schools, venues and insurances, also when they are misspelt."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from nlu.entities.folding import fold
from nlu.entities.homophones import HomophoneTree
from nlu.entities.terms import Term, TermTree
from nlu.interpretation import Entity

GAZETTEER = Path(__file__).with_name("gazetteer.yml")
CITY_CODE = "510700"
LONGEST_COUNTY = 8
TYPES = ("district", "hospital", "department", "school", "venue", "insurance")
REPAIRED = ("hospital", "department", "district", "venue")
# 内科 is often heard as 那科, 耐科 or 类科.
MISHEARD = {"内科": ("那科", "耐科", "类科", "内课")}
# 三台电脑 and 一医院里: a word that reads on into something else is not the name.
NOT_BEFORE = {
    "三台": "电手车机空服客风洗挖缝",
    "安州": "",
    "口腔": "溃",
    "三院": "子",
    "社保": "",
    "市区": "别",
    "内科": "",
    "外科": "",
    "404": "错",
}
NOT_AFTER = {
    "一医院": "第",
    "三院": "第医",
    "城头": "",
    "外科": "",
    "内科": "",
    "三台": "第有买",
    "青莲": "",
    "城区": "",
}


@lru_cache(maxsize=1)
def load_gazetteer(path: Path = GAZETTEER) -> Mapping[str, tuple[dict[str, Any], ...]]:
    """Read the gazetteer: rows by type; raises OSError, yaml.YAMLError or KeyError if it cannot be used."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {kind: tuple(content[kind]) for kind in TYPES}


class Gazetteer:
    """Names as the city's people say them."""

    def __init__(self) -> None:
        self.tree = TermTree()
        self._homophones = HomophoneTree()
        self._counties: set[str] = set()
        for kind, rows in load_gazetteer().items():
            for row in rows:
                self._add(kind, row)

    def _add(self, kind: str, row: dict[str, Any]) -> None:
        term = Term(kind, {key: value for key, value in row.items() if key != "aliases"})
        if kind == "district" and row["code"] not in (CITY_CODE, None):
            self._counties.update(map(fold, (row["name"], *row["aliases"])))
        names = [*row["aliases"], *([row["name"]] if row["name"] and "candidates" not in row else [])]
        for name in map(fold, names):
            self.tree.add(name, term)
            for spelling in _misheard(name):
                self.tree.add(spelling, term)
            if kind in REPAIRED:
                self._homophones.add(name, term)

    def find(self, folded: str, text: str) -> Iterator[Entity]:
        """Yield the names in a text, and in a short one those that only sound right."""
        for start, end, term in self.tree.find(folded):
            if _stands_alone(folded, start, end):
                yield Entity(term.type, text[start:end], start, end, self._value(term, folded, start))
        for start, end, term in self._homophones.find(folded):
            yield Entity(term.type, text[start:end], start, end, {**term.value, "repaired": True})

    def _value(self, term: Term, folded: str, start: int) -> dict[str, Any]:
        """Return a term's value; a generic name behind a county's (江油中医院) is none that is known here."""
        value = {key: held for key, held in term.value.items() if key != "is_generic"}
        before = folded[max(0, start - LONGEST_COUNTY) : start].removesuffix("的")
        if not term.value.get("is_generic") or not any(before.endswith(name) for name in self._counties):
            return value
        return {"name": None, "candidates": []}


def _misheard(name: str) -> Iterator[str]:
    """Yield what speech recognition makes of a name."""
    for right, wrongs in MISHEARD.items():
        if right in name and name != right:
            yield from (name.replace(right, wrong) for wrong in wrongs)


def _stands_alone(folded: str, start: int, end: int) -> bool:
    """Tell whether a name is not just a part of other words around it."""
    name = folded[start:end]
    after, before = folded[end : end + 1], folded[start - 1 : start] if start else ""
    return not ((after and after in NOT_BEFORE.get(name, "")) or (before and before in NOT_AFTER.get(name, "")))
