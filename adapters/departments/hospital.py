"""The hospitals of the city: the port that the booking skill speaks to, and its client over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from adapters.departments.hospital_contract import (
    Affected,
    Appointment,
    AppointmentState,
    BookingRules,
    CancelRule,
    ClinicSession,
    Department,
    EffectRecord,
    Guardian,
    HospitalInfo,
    NoShowRule,
    Notice,
    Patient,
    RefusalCode,
    SameDayRule,
)
from adapters.departments.hospital_port import Hospital
from adapters.departments.outcome import Done, Outcome, Rejected, Unknown
from adapters.errors import DepartmentError, DepartmentRefused, DepartmentUnavailable, OutcomeUnknown
from adapters.http_client import JsonClient
from adapters.identifiers import IdentifierSource, RandomIdentifiers

__all__ = [
    "Affected",
    "Appointment",
    "AppointmentState",
    "BookingRules",
    "CancelRule",
    "ClinicSession",
    "Department",
    "Guardian",
    "Hospital",
    "HospitalClient",
    "HospitalInfo",
    "NoShowRule",
    "Notice",
    "Patient",
    "RefusalCode",
    "SameDayRule",
]

Model = TypeVar("Model", bound=BaseModel)


class HospitalClient:
    """The port over HTTP.

    An unknown outcome is asked for with its key after each of `settle_waits` (seconds), and the request repeated with
    the same key if the hospital has not seen it; all of it within `settle_seconds`.
    """

    def __init__(
        self,
        http: JsonClient,
        *,
        settle_waits: Sequence[float] = (0.3, 1.0),
        settle_seconds: float = 8.0,
        identifiers: IdentifierSource | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._settle_waits = tuple(settle_waits)
        self._settle_seconds = settle_seconds
        self._identifiers = identifiers or RandomIdentifiers()
        self._sleep = sleep

    async def open(self) -> None:
        """Make the connection pool."""
        await self._http.open()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def hospitals(self) -> list[HospitalInfo]:
        """Return the hospitals that take bookings."""
        return await self._items("/hospitals", HospitalInfo)

    async def departments(self, hospital_id: str) -> list[Department]:
        """Return a hospital's departments, also those that take no bookings."""
        return await self._items(f"/hospitals/{_part(hospital_id)}/departments", Department)

    async def sessions(
        self, hospital_id: str, department_id: str, date_from: date, date_to: date, doctor_name: str | None = None
    ) -> list[ClinicSession]:
        """Return the clinic sessions of these days (both included, 31 at most), in the order of time."""
        query = {
            "hospital_id": hospital_id,
            "department_id": department_id,
            "date_from": date_from.isoformat(),
            "date_to": date_to.isoformat(),
        }
        if doctor_name is not None:
            query["doctor_name"] = doctor_name
        return await self._items("/clinic-sessions", ClinicSession, query)

    async def session(self, session_id: str) -> ClinicSession:
        """Return one clinic session as it stands now."""
        return await self._one(f"/clinic-sessions/{_part(session_id)}", ClinicSession)

    async def patients(self, account_id: str) -> list[Patient]:
        """Return the patients of an account, oldest first."""
        return await self._items(f"/accounts/{_part(account_id)}/patients", Patient)

    async def add_patient(
        self,
        account_id: str,
        name: str,
        phone: str,
        *,
        id_number: str | None = None,
        guardian: Guardian | None = None,
        birth_date: date | None = None,
        key: str | None = None,
    ) -> Outcome[Patient]:
        """Register a patient; a fresh `key` is made if none is given, since the same person is never added twice."""
        body: dict[str, Any] = {"name": name, "phone": phone}
        if id_number is not None:
            body["id_number"] = id_number
        if guardian is not None:
            body["guardian"] = guardian.model_dump()
        if birth_date is not None:
            body["birth_date"] = birth_date.isoformat()
        key = key or self._identifiers.new()
        return await self._effect(key, f"/accounts/{_part(account_id)}/patients", body, Patient)

    async def book(self, key: str, account_id: str, patient_id: str, session_id: str) -> Outcome[Appointment]:
        """Take a seat."""
        body = {"account_id": account_id, "patient_id": patient_id, "session_id": session_id}
        return await self._effect(key, "/appointments", body, Appointment)

    async def cancel(self, key: str, appointment_id: str, account_id: str) -> Outcome[Appointment]:
        """Give a seat back."""
        path = f"/appointments/{_part(appointment_id)}/cancellation"
        return await self._effect(key, path, {"account_id": account_id}, Appointment)

    async def reschedule(self, key: str, appointment_id: str, account_id: str, session_id: str) -> Outcome[Appointment]:
        """Move to a session of the same hospital, or keep the old seat."""
        path = f"/appointments/{_part(appointment_id)}/rescheduling"
        return await self._effect(key, path, {"account_id": account_id, "session_id": session_id}, Appointment)

    async def appointments(self, account_id: str) -> list[Appointment]:
        """Return the appointments of an account, the latest booked first."""
        return await self._items("/appointments", Appointment, {"account_id": account_id})

    async def appointment(self, appointment_id: str) -> Appointment:
        """Return one appointment."""
        return await self._one(f"/appointments/{_part(appointment_id)}", Appointment)

    async def resolve(self, key: str) -> Outcome[Appointment] | None:
        """Return what came of book, cancel or reschedule; None: not seen so far (a request may still be on its way)."""
        return await self._recorded(key, Appointment)

    async def resolve_patient(self, key: str) -> Outcome[Patient] | None:
        """Return what came of `add_patient`, as `resolve` does."""
        return await self._recorded(key, Patient)

    async def rules(self, hospital_id: str) -> BookingRules:
        """Return a hospital's booking rules."""
        return await self._one("/booking-rules", BookingRules, {"hospital_id": hospital_id})

    async def notices(self, after: int = 0) -> list[Notice]:
        """Return the notices whose sequence number is above `after`, oldest first."""
        return await self._items("/notices", Notice, {"after": str(after)})

    async def ping(self) -> None:
        """Return if the hospital answers; raise `DepartmentUnavailable` if not."""
        await self._http.get("/health")

    async def _one(self, path: str, model: type[Model], query: Mapping[str, str] | None = None) -> Model:
        value = await self._http.get(path, query)
        try:
            return model.model_validate(value)
        except ValidationError as broken:
            raise DepartmentUnavailable(self._http.department, _breach(path, broken)) from broken

    async def _items(self, path: str, model: type[Model], query: Mapping[str, str] | None = None) -> list[Model]:
        value = await self._http.get(path, query)
        try:
            return [model.model_validate(item) for item in value["items"]]
        except ValidationError as broken:
            raise DepartmentUnavailable(self._http.department, _breach(path, broken)) from broken
        except (KeyError, TypeError) as broken:
            raise DepartmentUnavailable(self._http.department, f"{path}: no list of items") from broken

    async def _recorded(self, key: str, model: type[Model]) -> Outcome[Model] | None:
        path = f"/effects/{_part(key)}"
        try:
            record = await self._one(path, EffectRecord)
        except DepartmentRefused as refused:
            if refused.code == RefusalCode.NOT_FOUND:
                return None
            raise
        if record.status >= 400:
            return Rejected(str(record.body.get("code", "")), str(record.body.get("detail", "")))
        try:
            return Done(model.model_validate(record.body))
        except ValidationError as broken:
            raise DepartmentUnavailable(self._http.department, _breach(path, broken)) from broken

    async def _effect(self, key: str, path: str, body: Mapping[str, Any], model: type[Model]) -> Outcome[Model]:
        try:
            return await self._ask(key, path, body, model)
        except OutcomeUnknown:
            return await self._settle(key, path, body, model)

    async def _ask(self, key: str, path: str, body: Mapping[str, Any], model: type[Model]) -> Outcome[Model]:
        try:
            return Done(model.model_validate(await self._http.post(path, body, key=key)))
        except DepartmentRefused as refused:
            return Rejected(refused.code, refused.reason)
        except ValidationError as broken:
            raise OutcomeUnknown(self._http.department, _breach(path, broken)) from broken

    async def _settle(self, key: str, path: str, body: Mapping[str, Any], model: type[Model]) -> Outcome[Model]:
        """Find out what came of a request whose answer was lost; whatever goes wrong here leaves it unknown."""
        try:
            async with asyncio.timeout(self._settle_seconds):
                for wait in self._settle_waits:
                    await self._sleep(wait)
                    try:
                        return await self._recorded(key, model) or await self._ask(key, path, body, model)
                    except DepartmentError:
                        continue
        except TimeoutError:
            pass
        return Unknown(key)


def _part(value: str) -> str:
    """Return `value` as one segment of a path."""
    return quote(value, safe="")


def _breach(path: str, broken: ValidationError) -> str:
    """Say where an answer breaks the contract, without its values: they may be personal."""
    places = ", ".join(".".join(str(step) for step in error["loc"]) for error in broken.errors()[:3])
    return f"{path}: the answer breaks the contract at {places}"
