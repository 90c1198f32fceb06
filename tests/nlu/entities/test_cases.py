"""Run every labelled utterance of `cases/*.yml`.

A case says what is `say`-ed, `at` when (else the file's), with what `expected`, and what must be found: a type with its value (a
mapping: those keys; a scalar: the type's main key; a list: all entities of the type, in order), or `none`: types that must not be
found, `nothing`: no entity at all. A time reads "START END GRAIN [FLAG…]" and must be the only one, flags and all.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.clock import local_time
from nlu.entities.extractor import EntityExtractor
from nlu.interpretation import Entity, Utterance

CASES = Path(__file__).with_name("cases")
MAIN_KEY = {
    "hospital": "name",
    "department": "name",
    "district": "name",
    "school": "name",
    "venue": "name",
    "insurance": "name",
    "unit": "name",
    "symptom": "name",
    "doctor": "name",
    "person_name": "name",
    "relation": "relation",
    "id_number": "number",
    "credit_code": "number",
    "phone": "number",
    "plate": "number",
    "work_order": "number",
    "amount": "yuan",
    "shift": "days",
    "age": "years",
    "ordinal": "index",
}
NOT_TYPES = {"say", "at", "expected", "none", "nothing", "text"}
FLAGS = {"ambiguous": "ambiguous", "implied": "implied_date"}


def load_cases() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*.yml")):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for index, case in enumerate(content["cases"]):
            at = case.get("at", content.get("at", "2026-11-24T10:00"))
            found.append(pytest.param({**case, "at": str(at)}, id=f"{path.stem}-{index}-{case['say'][:24]}"))
    return found


LOADED = load_cases()


def described_time(value: Any) -> str:
    flags = [flag for flag, key in FLAGS.items() if value.get(key)]
    bound = [value["bound"]] if "bound" in value else []
    return " ".join(
        [value["start"].removesuffix(":00"), value["end"].removesuffix(":00"), value["grain"], *flags, *bound]
    )


def matches(entity: Entity, wanted: Any) -> bool:
    if entity.type == "time":
        return described_time(entity.value) == wanted
    if isinstance(wanted, dict):
        return all(entity.value.get(key) == value for key, value in wanted.items())
    return bool(entity.value.get(MAIN_KEY[entity.type]) == wanted)


@pytest.mark.parametrize("case", LOADED)
def test_case(case: dict[str, Any], extractor: EntityExtractor) -> None:
    utterance = Utterance(case["say"], local_time(datetime.fromisoformat(case["at"])))
    found = extractor.extract(utterance, frozenset(case.get("expected", ())))
    for kind in case.keys() - NOT_TYPES:
        wanted = case[kind] if isinstance(case[kind], list) else [case[kind]]
        entities = [entity for entity in found if entity.type == kind]
        described = [described_time(entity.value) if kind == "time" else dict(entity.value) for entity in entities]
        assert len(entities) == len(wanted), f"{kind}: {described}"
        assert all(map(matches, entities, wanted)), f"{kind}: {described}"
        if "text" in case:
            assert [entity.text for entity in entities] == [case["text"]]
    for kind in case.get("none", ()):
        assert not [entity for entity in found if entity.type == kind], found
    if case.get("nothing"):
        assert not found


def test_there_are_enough_cases() -> None:
    assert len(LOADED) >= 300
    assert sum("time" in case.values[0] for case in LOADED) >= 150
