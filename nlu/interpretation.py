"""What an utterance was understood to mean: plain, frozen data that every engine returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

GROUPS = (
    "health_appointment",
    "social_insurance",
    "education",
    "culture",
    "complaint",
    "transport",
    "environment",
    "enterprise",
    "gov_affairs",
    "emergency",
    "privacy",
    "handoff",
    "dialog_control",
    "chitchat",
    "out_of_scope",
)
OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said, and when: relative dates are read from `at` (aware, the city's time)."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing named in the utterance.

    `start` and `end` are offsets into the original text (end exclusive); `value` is JSON:
    time {start, end, grain} (local ISO date-times, end exclusive), hospital/department/venue/unit {name, …},
    district {code, name, town}, symptom {name, departments}, id_number/credit_code {number, valid, problem}, phone {number, kind},
    plate {number, new_energy}, work_order {number}, ordinal {index} (0-based, -1 the last), age {years} or {months} or {days},
    what skills list {name} or describe by a pattern {text}, person_name {name}, doctor {name}, relation {relation},
    amount {yuan}. Where it matters: `ambiguous` (another meaning is
    nearly as likely), `approximate` (三四百块), `repaired` (it only sounds like the name), `candidates`, `negated`.
    """

    type: str
    text: str
    start: int
    end: int
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class IntentScore:
    """An intent with its calibrated confidence (0..1)."""

    intent: str
    group: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Interpretation:
    """The meaning of one utterance.

    `intent` is `out_of_scope` when nothing is near enough; then `alternatives` still holds the guesses that were not taken.
    `alternatives` are the runners-up, best first, without the intent itself. `is_ambiguous` says that the first runner-up
    is so near that asking beats guessing. `signals` are feelings and manners: angry, desperate, question, negation.
    `outside` (0..1) orders utterances by how far they are from everything that the city can do. It is a score for
    measuring; what was decided stands in `intent`.
    """

    text: str
    normalized_text: str
    intent: str
    group: str
    confidence: float
    alternatives: tuple[IntentScore, ...] = ()
    entities: tuple[Entity, ...] = ()
    is_ambiguous: bool = False
    signals: frozenset[str] = frozenset()
    outside: float = 0.0

    def entities_of(self, *types: str) -> tuple[Entity, ...]:
        """Return the entities of these types, in the order of the text."""
        return tuple(entity for entity in self.entities if entity.type in types)

    @property
    def is_out_of_scope(self) -> bool:
        """Tell whether no intent was near enough."""
        return self.intent == OUT_OF_SCOPE
