"""Which documents may answer: by the day that is asked about, and by the citizen's district."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.model import DocumentStatus, PolicyDocument
from knowledge.retrieval.places import elsewhere_in

_DISTRICTS_FILE = Path(__file__).with_name("districts.yml")


class Force(StrEnum):
    """Whether a document is in force on a day."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REPEALED = "repealed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Ids of documents: that may answer, of other districts, not in force; withdrawn ones are nowhere."""

    answering: frozenset[str]
    other_districts: frozenset[str]
    not_in_force: frozenset[str]


def force_on(document: PolicyDocument, day: date) -> Force:
    """Return whether the document is in force on `day`; it still is on its last day."""
    if document.status is DocumentStatus.WITHDRAWN:
        return Force.WITHDRAWN
    if document.effective_date and document.effective_date > day:
        return Force.NOT_YET
    if document.repealed_date:
        return Force.REPEALED if document.repealed_date <= day else Force.IN_FORCE
    if document.status is DocumentStatus.REPEALED:
        return Force.REPEALED
    if document.expires_date:
        return Force.EXPIRED if document.expires_date < day else Force.IN_FORCE
    return Force.EXPIRED if document.status is DocumentStatus.EXPIRED else Force.IN_FORCE


def eligible(documents: Iterable[PolicyDocument], *, day: date, district: str) -> Eligibility:
    """Sort the documents for a day and a district; with the city's own code (county unknown) each may answer."""
    allowed = frozenset({district, *_above()})
    answering: set[str] = set()
    elsewhere: set[str] = set()
    past: set[str] = set()
    for document in documents:
        force = force_on(document, day)
        if force is Force.WITHDRAWN:
            continue
        is_near = document.district in allowed or (district == city_code() and is_county(document.district))
        if force is Force.IN_FORCE:
            (answering if is_near else elsewhere).add(document.document_id)
        elif is_near:
            past.add(document.document_id)
    return Eligibility(frozenset(answering), frozenset(elsewhere), frozenset(past))


def named_district(question: str) -> str | None:
    """Return the code of the only county that the question names, None for none or several."""
    named = {code for name, code in _districts().said.items() if name in question}
    return named.pop() if len(named) == 1 else None


def without_our_places(question: str) -> str:
    """Return a question without the city's own places (我想在高新区…): which documents hold there is known from them already."""
    return _districts().placed.sub("", question)


def speaks_of_the_place(question: str, answer: str) -> bool:
    """Tell whether an answer may be given to a question that names another city: it speaks of that city, or of others."""
    districts = _districts()
    named = [*sorted(elsewhere_in(question)), *(place for place in districts.abroad if place in question)]
    return not named or any(word in answer for word in (*named, *districts.said_of_elsewhere))


def district_name(code: str) -> str:
    """Return the name of a division, or the code itself when it is not one of ours."""
    return _districts().names.get(code, code)


def is_county(code: str) -> bool:
    """Tell whether the code is one of the city's counties and districts."""
    return code in _districts().counties


def nearness(code: str) -> int:
    """Return how near a document's district is to a citizen of the city: 3 a county, 2 the city, 1 the province, else 0."""
    if is_county(code):
        return 3
    return max(0, 2 - _above().index(code)) if code in _above() else 0


def city_code() -> str:
    """Return the city's own division code."""
    return _districts().city


@dataclass(frozen=True, slots=True)
class _Districts:
    names: dict[str, str]
    said: dict[str, str]
    counties: frozenset[str]
    city: str
    above: tuple[str, ...]
    abroad: tuple[str, ...]
    said_of_elsewhere: tuple[str, ...]
    placed: re.Pattern[str]


def _above() -> tuple[str, ...]:
    return _districts().above


@lru_cache(maxsize=1)
def _districts() -> _Districts:
    data: dict[str, Any] = yaml.safe_load(_DISTRICTS_FILE.read_text(encoding="utf-8"))
    upper = [data["city"], data["province"], data["country"]]
    names = {each["code"]: each["name"] for each in [*upper, *data["counties"]]}
    said = {word: each["code"] for each in data["counties"] for word in (*each["said"], each["name"])}
    counties = frozenset(each["code"] for each in data["counties"])
    above = tuple(each["code"] for each in upper)
    abroad, said_of = tuple(data["abroad"]), tuple(data["said_of_elsewhere"])
    ours = sorted({*said, *data["zones"]}, key=len, reverse=True)
    placed = re.compile(f"(?:我们|我|就)?(?:在|住在?|到|去|来)?(?:{'|'.join(ours)})(?:这边|那边|这里|那里|这儿|的)?")
    return _Districts(names, said, counties, data["city"]["code"], above, abroad, said_of, placed)
