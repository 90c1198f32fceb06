"""Read the demo city: its hospitals, their rules, departments and (synthetic) doctors."""

import hashlib
from datetime import date, time
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

CITY_FILE = Path(__file__).with_name("city.yml")


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Post(_Entry):
    """A doctor's position; `capacity` is the least and the most seats of a half-day, `fee_fen` is in 分."""

    title: str
    clinic_type: Literal["普通", "专家", "专病"]
    fee_fen: int = Field(ge=0)
    capacity: tuple[int, int]


class Hours(_Entry):
    """When a half-day starts and ends."""

    starts: time
    ends: time


class SameDay(_Entry):
    """Until when today's sessions may be booked."""

    allowed: bool
    morning_until: time
    afternoon_until: time


class CancelUntil(_Entry):
    """Until when a seat may be given back, counted from the day of the visit."""

    days_before: int = Field(ge=0)
    time: time


class CheckIn(_Entry):
    """When check-in opens before a session, and until when it is open."""

    opens_minutes_before: int = Field(ge=0)
    morning_until: time
    afternoon_until: time


class NoShow(_Entry):
    """How many missed visits of a calendar month close the rest of it."""

    limit: int = Field(ge=1)
    period: Literal["calendar_month"]
    consequence: Literal["rest_of_month"]


class RuleSet(_Entry):
    """A hospital's booking rules."""

    window_days: int = Field(ge=1)
    release_time: time
    same_day: SameDay
    cancel_until: CancelUntil
    check_in: CheckIn
    no_show: NoShow


class DepartmentEntry(_Entry):
    """A department; without doctors it takes no bookings, and `note` says where to go."""

    name: str
    doctors: int = Field(ge=0, le=5)
    note: str | None = None


class HospitalEntry(_Entry):
    """A hospital and what it offers."""

    id: str
    name: str
    name_status: Literal["sourced", "unverified"]
    level: str | None
    rules: str
    check_in_place: str
    departments: list[str]


class Doctor(_Entry):
    """A synthetic doctor in a post."""

    id: str
    name: str
    post: Post
    is_anchor: bool


class City(_Entry):
    """The whole demo city."""

    as_of: date
    status: Literal["demo"]
    seed: str
    surnames: list[str]
    given_names: list[str]
    posts: list[Post]
    hours: dict[Literal["morning", "afternoon"], Hours]
    rule_sets: dict[str, RuleSet]
    departments: dict[str, DepartmentEntry]
    hospitals: list[HospitalEntry]

    def hospital(self, hospital_id: str) -> HospitalEntry | None:
        """Return a hospital by its id."""
        return next((entry for entry in self.hospitals if entry.id == hospital_id), None)

    def rules_of(self, hospital_id: str) -> RuleSet:
        """Return the rules of a hospital; raises KeyError if there is no such hospital."""
        entry = self.hospital(hospital_id)
        if entry is None:
            raise KeyError(hospital_id)
        return self.rule_sets[entry.rules]

    def doctors(self, hospital_id: str, department_id: str) -> list[Doctor]:
        """Return the doctors of a department, always the same ones for the same seed."""
        return [
            Doctor(
                id=f"{hospital_id}.{department_id}.{index}",
                name=self._name(f"{hospital_id}.{department_id}", index),
                post=post,
                is_anchor=index == 0,
            )
            for index, post in enumerate(self.posts[: self.departments[department_id].doctors])
        ]

    def _name(self, place: str, index: int) -> str:
        """Return a made-up name; the step through the given names keeps a department's doctors apart."""
        drawn = draw(self.seed, "name", place)
        surname = self.surnames[(drawn[0] + 7 * index) % len(self.surnames)]
        return surname + self.given_names[(drawn[1] + 3 * index) % len(self.given_names)]


def draw(*parts: str) -> bytes:
    """Return 32 bytes that depend on nothing but `parts`."""
    return hashlib.sha256("|".join(parts).encode()).digest()


def load_city(path: Path = CITY_FILE) -> City:
    """Read a city file; raises pydantic's ValidationError with the place of every mistake."""
    return City.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
