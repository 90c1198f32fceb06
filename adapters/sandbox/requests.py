"""The shapes of what may be asked; anything else is an invalid request."""

import json
import re
from datetime import date, timedelta
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from adapters.sandbox.problems import Refusal

_KEY = re.compile(r"[A-Za-z0-9_.:-]{8,128}")
_MOST_DAYS = 31

Body = TypeVar("Body", bound=BaseModel)


def _clean_number(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


IdNumber = Annotated[str, BeforeValidator(_clean_number), Field(max_length=32)]
Name = Annotated[str, Field(min_length=1, max_length=40)]
Identifier = Annotated[str, Field(max_length=128)]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class GuardianOrder(_Request):
    """A child's guardian."""

    name: Name
    id_number: IdNumber


class PatientOrder(_Request):
    """A patient to register."""

    name: Name
    phone: Annotated[str, Field(max_length=20)] | None = None
    phone_of: Identifier | None = None
    id_number: IdNumber | None = None
    guardian: GuardianOrder | None = None
    birth_date: date | None = None


class BookingOrder(_Request):
    """A seat to take."""

    account_id: Identifier
    patient_id: Identifier = ""
    session_id: Identifier


class CancellationOrder(_Request):
    """Whose appointment to cancel."""

    account_id: Identifier


class ReschedulingOrder(_Request):
    """Where to move an appointment."""

    account_id: Identifier
    session_id: Identifier


class SessionQuery(_Request):
    """Which clinic sessions to show; without dates the next seven days."""

    hospital_id: Identifier
    department_id: Identifier
    doctor_name: str | None = None
    date_from: date
    date_to: date

    def is_reasonable(self) -> bool:
        """Tell whether the days are in order and no more than 31."""
        return timedelta(0) <= self.date_to - self.date_from < timedelta(days=_MOST_DAYS)


async def read_body(request: web.Request, model: type[Body]) -> Body:
    """Return the request's body; raises `Refusal` invalid_request."""
    try:
        return model.model_validate(json.loads(await request.text()))
    except (ValueError, RecursionError, LookupError) as broken:
        raise Refusal("invalid_request", fields=_places(broken)) from broken


def read_query(request: web.Request, model: type[Body]) -> Body:
    """Return the request's query; raises `Refusal` invalid_request."""
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as broken:
        raise Refusal("invalid_request", fields=_places(broken)) from broken


def read_key(request: web.Request) -> str:
    """Return the idempotency key; raises `Refusal` key_required."""
    key = request.headers.get("Idempotency-Key", "")
    if _KEY.fullmatch(key) is None:
        raise Refusal("key_required")
    return key


def _places(broken: Exception) -> list[str]:
    """Say which fields are wrong, without their values: they may be personal."""
    if not isinstance(broken, ValidationError):
        return []
    return [".".join(str(step) for step in error["loc"]) for error in broken.errors()[:10]]
