"""Bring together the `lookup`, `synonym` and `regex` blocks of all skills."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nlu.entities.gazetteer import load_gazetteer
from nlu.entities.words import EntityWords

TYPE = re.compile(r"[a-z_]{1,40}")


@dataclass
class EntityBlocks:
    """Blocks as they are read: each entry with its place (`file:line`); `problems` says what cannot be used."""

    lookups: list[tuple[str, str, str]] = field(default_factory=list)  # type, name, place
    synonyms: list[tuple[str, str, str]] = field(default_factory=list)  # standard name, what else it is called, place
    regexes: list[tuple[str, str, str]] = field(default_factory=list)  # type, pattern, place

    def words(self, problems: list[str]) -> EntityWords:
        """Return names and patterns by type; a synonym may belong to the lookup of any skill or to the gazetteer.

        Notes a type that is no identifier, a synonym that belongs to nothing, and a pattern that is none.
        """
        names: dict[str, dict[str, tuple[str, ...]]] = {}
        for kind, name, place in self.lookups:
            problems.extend(_problems_of_type(kind, place))
            names.setdefault(kind, {}).setdefault(name, ())
        kinds_of = _kinds_by_name(names)
        for name, other, place in self.synonyms:
            if name not in kinds_of:
                problems.append(f"{place}: {name!r}, of which {other!r} is a synonym, is in no lookup or gazetteer")
            for kind in kinds_of.get(name, ()):
                known = names.setdefault(kind, {}).get(name, ())
                names[kind][name] = (*known, other)
        patterns: dict[str, tuple[str, ...]] = {}
        for kind, pattern, place in self.regexes:
            problems.extend((*_problems_of_type(kind, place), *_problems_of_pattern(pattern, place)))
            patterns[kind] = (*patterns.get(kind, ()), pattern)
        return EntityWords(names, patterns)


def _kinds_by_name(names: Mapping[str, Mapping[str, tuple[str, ...]]]) -> dict[str, list[str]]:
    """Return the types that know a name, the gazetteer's among them."""
    kinds: dict[str, list[str]] = {}
    rows = ((kind, row["name"]) for kind, rows in load_gazetteer().items() for row in rows if row.get("name"))
    for kind, name in (*rows, *((kind, name) for kind, listed in names.items() for name in listed)):
        if kind not in kinds.setdefault(name, []):
            kinds[name].append(kind)
    return kinds


def _problems_of_type(kind: str, place: str) -> Iterator[str]:
    if not TYPE.fullmatch(kind):
        yield f"{place}: an entity type is up to 40 of a-z and _, this one is {kind[:60]!r}"


def _problems_of_pattern(pattern: str, place: str) -> Iterator[str]:
    try:
        if re.compile(pattern).search(""):
            yield f"{place}: the pattern {pattern[:60]!r} also fits where nothing is written"
    except re.error as error:
        yield f"{place}: {pattern[:60]!r} is no regular expression: {error}"
