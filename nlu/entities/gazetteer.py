"""Find names, also when misspelt: places, hospitals, departments, venues and authorities, and what the skills name."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from nlu.entities.folding import fold
from nlu.entities.homophones import HomophoneTree
from nlu.entities.terms import Term, TermTree
from nlu.entities.towns import Town, is_place_here, load_towns
from nlu.entities.words import EntityWords
from nlu.interpretation import Entity

GAZETTEER = Path(__file__).with_name("gazetteer.yml")
CITY_CODE = "510700"
LONGEST_COUNTY = 8
TYPES = ("district", "hospital", "department", "venue", "unit")
# Shorter names than these sound like too many other words (是医院, 文化广场); districts have their misspellings listed.
SHORTEST_REPAIRED = {"hospital": 4, "department": 3, "school": 4, "venue": 4, "unit": 4}
# 看中医 would be found in 看综艺.
VERBS = "看扎拔补洗种"
LOOKED_AT = ("看哈{}", "看一哈{}", "看下{}", "看一下{}", "看看{}", "看个{}", "{}那个科", "看{}的科", "管{}的科")
# 内科 is often heard as 那科, 耐科 or 类科.
MISHEARD = {"内科": ("那科", "耐科", "类科", "内课")}


@lru_cache(maxsize=1)
def load_gazetteer(path: Path = GAZETTEER) -> Mapping[str, tuple[dict[str, Any], ...]]:
    """Read the gazetteer: rows by type; raises OSError, yaml.YAMLError or KeyError if it cannot be used."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {kind: tuple(content[kind]) for kind in (*TYPES, "contexts")}


class Gazetteer:
    """Names as the city's people say them; `words` are those that the skills bring."""

    def __init__(self, words: EntityWords | None = None) -> None:
        self.tree = TermTree()
        self._homophones = HomophoneTree()
        self._common_towns = TermTree()
        counties: set[str] = set()
        content = load_gazetteer()
        self._contexts = {row["word"]: row for row in content["contexts"]}
        for kind in TYPES:
            for row in content[kind]:
                self._add(kind, row)
                if kind == "district" and row["code"] not in (CITY_CODE, None) and "candidates" not in row:
                    counties.update(map(fold, (row["name"], *row["aliases"])))
        self._counties = tuple(counties)
        for town in load_towns():
            self._add_town(town)
        for kind, names in (words or EntityWords()).names.items():
            known = {row["name"]: row for row in reversed(content.get(kind, ()))}
            for name, others in names.items():
                self._add(kind, {**known.get(name, {"name": name}), "aliases": others})

    def _add(self, kind: str, row: dict[str, Any]) -> None:
        term = Term(kind, {key: value for key, value in row.items() if key != "aliases"})
        names = [*row["aliases"], *([row["name"]] if row["name"] and "candidates" not in row else [])]
        for name in map(fold, [*names, *_looked_at(names)]):
            self.tree.add(name, term)
            for spelling in _misheard(name):
                self.tree.add(spelling, term)
            if len(name) >= SHORTEST_REPAIRED.get(kind, len(name) + 1) and name[0] not in VERBS:
                self._homophones.add(name, term)

    def _add_town(self, town: Town) -> None:
        term = Term("district", {"code": town.code, "name": town.district, "town": town.name})
        for name in town.names:
            self.tree.add(fold(name), term)
        for name in town.common_names:
            self._common_towns.add(fold(name), term)

    def find(self, folded: str, text: str) -> Iterator[Entity]:
        """Yield the names in a text, and in a short one those that only sound right.

        What is written right hides what sounds like it around it (是中医院), but 内科, which names no department, does not
        hide 神精内科.
        """
        written: dict[str, list[range]] = {}
        for start, end, term in self.tree.find(folded):
            if self._stands_alone(folded, start, end):
                if term.value.get("name"):
                    written.setdefault(term.type, []).append(range(start, end))
                yield Entity(term.type, text[start:end], start, end, self._value(term, folded, start))
        for start, end, term in self._common_towns.find(folded):
            if self._follows_county(folded, start):
                yield Entity(term.type, text[start:end], start, end, dict(term.value))
            elif is_place_here(folded, start, end):
                yield Entity(term.type, text[start:end], start, end, {**term.value, "ambiguous": True})
        for start, end, term in self._homophones.find(folded):
            if not any(span.start < end and start < span.stop for span in written.get(term.type, ())):
                yield Entity(term.type, text[start:end], start, end, {**term.value, "repaired": True})

    def _stands_alone(self, folded: str, start: int, end: int) -> bool:
        """Tell whether a name is not just a part of other words around it (三台电脑)."""
        context = self._contexts.get(folded[start:end])
        if context is None:
            return True
        after, before = folded[end : end + 1], folded[start - 1 : start] if start else ""
        is_followed = bool(after) and after in context.get("not_followed_by", "")
        return not (is_followed or (bool(before) and before in context.get("not_preceded_by", "")))

    def _follows_county(self, folded: str, start: int) -> bool:
        """Tell whether the name of a county stands before a place of the text."""
        return folded[max(0, start - LONGEST_COUNTY) : start].removesuffix("的").endswith(self._counties)

    def _value(self, term: Term, folded: str, start: int) -> dict[str, Any]:
        """Return a term's value; a generic name behind a county's (江油中医院) is none that is known here."""
        if term.value.get("is_generic") and self._follows_county(folded, start):
            return {"name": None, "candidates": []}
        return {key: held for key, held in term.value.items() if key != "is_generic"}


def _looked_at(names: list[str]) -> list[str]:
    """Return how else one says where to have a part of the body looked at: for 看心脏 also 看哈心脏 and 心脏那个科."""
    parts = [name[1:] for name in names if name[0] == "看" and not name.startswith(("看哈", "看一", "看个"))]
    return [form.format(part) for part in parts for form in LOOKED_AT]


def _misheard(name: str) -> Iterator[str]:
    """Yield what speech recognition makes of a name."""
    for right, wrongs in MISHEARD.items():
        if right in name and name != right:
            yield from (name.replace(right, wrong) for wrong in wrongs)
