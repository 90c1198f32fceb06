"""The hospitals of the city: the port that the booking skill speaks to, and its client over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

from adapters.departments.department import DepartmentClient, Effect, part
from adapters.departments.hospital_contract import (
    Affected,
    Appointment,
    AppointmentState,
    BookingRules,
    CancelRule,
    ClinicSession,
    Department,
    Guardian,
    HospitalInfo,
    NoShowRule,
    Notice,
    Patient,
    RefusalCode,
    SameDayRule,
)
from adapters.departments.hospital_port import Hospital
from adapters.departments.outcome import Outcome
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

_CANCELLED = {AppointmentState.CANCELLED_BY_USER, AppointmentState.CANCELLED_BY_HOSPITAL}


class HospitalClient:
    """The port over HTTP; `settle_waits` and `settle_seconds` are those of `DepartmentClient`."""

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
        self._department = DepartmentClient(http, settle_waits=settle_waits, settle_seconds=settle_seconds, sleep=sleep)
        self._identifiers = identifiers or RandomIdentifiers()

    async def open(self) -> None:
        """Make the connection pool."""
        await self._http.open()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def hospitals(self) -> list[HospitalInfo]:
        """Return the hospitals that take bookings."""
        return await self._department.items("/hospitals", HospitalInfo, _any)

    async def departments(self, hospital_id: str) -> list[Department]:
        """Return a hospital's departments, also those that take no bookings."""
        return await self._department.items(f"/hospitals/{part(hospital_id)}/departments", Department, _any)

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
        wanted = (hospital_id, department_id)
        return await self._department.items(
            "/clinic-sessions", ClinicSession, lambda each: (each.hospital_id, each.department_id) == wanted, query
        )

    async def session(self, session_id: str) -> ClinicSession:
        """Return one clinic session as it stands now."""
        return await self._department.one(
            f"/clinic-sessions/{part(session_id)}", ClinicSession, lambda each: each.id == session_id
        )

    async def patients(self, account_id: str) -> list[Patient]:
        """Return the patients of an account, oldest first."""
        return await self._department.items(
            f"/accounts/{part(account_id)}/patients", Patient, lambda each: each.account_id == account_id
        )

    async def add_patient(
        self,
        account_id: str,
        name: str,
        phone: str | None,
        *,
        phone_of: str | None = None,
        id_number: str | None = None,
        guardian: Guardian | None = None,
        birth_date: date | None = None,
        key: str | None = None,
    ) -> Outcome[Patient]:
        """Register a patient; a fresh `key` is made if none is given, since the same person is never added twice.

        `phone_of` is another patient of the account whose phone shall do, in place of `phone`.
        """
        body: dict[str, Any] = {"name": name} | ({"phone": phone} if phone_of is None else {"phone_of": phone_of})
        if id_number is not None:
            body["id_number"] = id_number
        if guardian is not None:
            body["guardian"] = guardian.model_dump()
        if birth_date is not None:
            body["birth_date"] = birth_date.isoformat()
        key = key or self._identifiers.new()
        path = f"/accounts/{part(account_id)}/patients"
        ours = (account_id, name.strip())
        return await self._department.perform(
            Effect(key, path, body, Patient, lambda each: (each.account_id, each.name) == ours)
        )

    async def book(self, key: str, account_id: str, patient_id: str, session_id: str) -> Outcome[Appointment]:
        """Take a seat."""
        body = {"account_id": account_id, "patient_id": patient_id, "session_id": session_id}
        ours = (account_id, patient_id, session_id)
        return await self._department.perform(
            Effect(
                key,
                "/appointments",
                body,
                Appointment,
                lambda each: (each.account_id, each.patient_id, each.session.id) == ours,
            )
        )

    async def cancel(self, key: str, appointment_id: str, account_id: str) -> Outcome[Appointment]:
        """Give a seat back."""
        path = f"/appointments/{part(appointment_id)}/cancellation"
        body = {"account_id": account_id}
        return await self._department.perform(
            Effect(
                key,
                path,
                body,
                Appointment,
                lambda each: each.id == appointment_id and each.state in _CANCELLED,
            )
        )

    async def reschedule(self, key: str, appointment_id: str, account_id: str, session_id: str) -> Outcome[Appointment]:
        """Move to a session of the same hospital, or keep the old seat."""
        path = f"/appointments/{part(appointment_id)}/rescheduling"
        body = {"account_id": account_id, "session_id": session_id}
        ours = (appointment_id, session_id)
        return await self._department.perform(
            Effect(key, path, body, Appointment, lambda each: (each.id, each.session.id) == ours)
        )

    async def appointments(self, account_id: str) -> list[Appointment]:
        """Return the appointments of an account, the latest booked first."""
        return await self._department.items(
            "/appointments", Appointment, lambda each: each.account_id == account_id, {"account_id": account_id}
        )

    async def appointment(self, appointment_id: str) -> Appointment:
        """Return one appointment."""
        return await self._department.one(
            f"/appointments/{part(appointment_id)}", Appointment, lambda each: each.id == appointment_id
        )

    async def resolve(self, key: str) -> Outcome[Appointment] | None:
        """Return what came of book, cancel or reschedule; None: not seen so far (a request may still be on its way)."""
        return await self._department.recorded(key, Appointment, _any)

    async def resolve_patient(self, key: str) -> Outcome[Patient] | None:
        """Return what came of `add_patient`, as `resolve` does."""
        return await self._department.recorded(key, Patient, _any)

    async def rules(self, hospital_id: str) -> BookingRules:
        """Return a hospital's booking rules."""
        return await self._department.one(
            "/booking-rules", BookingRules, lambda each: each.hospital_id == hospital_id, {"hospital_id": hospital_id}
        )

    async def notices(self, after: int = 0) -> list[Notice]:
        """Return the notices whose sequence number is above `after`, oldest first, 200 at most."""
        return await self._department.items(
            "/notices", Notice, lambda each: each.sequence > after, {"after": str(after)}
        )

    async def ping(self) -> None:
        """Return if the hospital answers; raise `DepartmentUnavailable` if not."""
        await self._http.get("/health")


def _any(_: object) -> bool:
    return True
