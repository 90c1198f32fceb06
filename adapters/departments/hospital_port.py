"""The port to the hospitals: what a skill may ask of them, however they are reached."""

from datetime import date
from typing import Protocol

from adapters.departments.hospital_contract import (
    Appointment,
    BookingRules,
    ClinicSession,
    Department,
    Guardian,
    HospitalInfo,
    Notice,
    Patient,
)
from adapters.departments.outcome import Outcome


class Hospital(Protocol):
    """The port. Reads raise `DepartmentUnavailable` or `DepartmentRefused`.

    Effects return an `Outcome`; they raise only `DepartmentUnavailable`: this call did nothing. A caller whose earlier
    call with the same key ended in `Unknown` still does not know then.
    """

    async def hospitals(self) -> list[HospitalInfo]:
        """Return the hospitals that take bookings."""
        ...

    async def departments(self, hospital_id: str) -> list[Department]:
        """Return a hospital's departments, also those that take no bookings."""
        ...

    async def sessions(
        self, hospital_id: str, department_id: str, date_from: date, date_to: date, doctor_name: str | None = None
    ) -> list[ClinicSession]:
        """Return the clinic sessions of these days (both included, 31 at most), in the order of time."""
        ...

    async def session(self, session_id: str) -> ClinicSession:
        """Return one clinic session as it stands now."""
        ...

    async def patients(self, account_id: str) -> list[Patient]:
        """Return the patients of an account, oldest first."""
        ...

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
        """Register a patient (a child without a number: with a guardian); the same person twice is one patient.

        `phone_of` is another patient of the account whose phone shall do, in place of `phone`.
        """
        ...

    async def book(self, key: str, account_id: str, patient_id: str, session_id: str) -> Outcome[Appointment]:
        """Take a seat."""
        ...

    async def cancel(self, key: str, appointment_id: str, account_id: str) -> Outcome[Appointment]:
        """Give a seat back."""
        ...

    async def reschedule(self, key: str, appointment_id: str, account_id: str, session_id: str) -> Outcome[Appointment]:
        """Move to a session of the same hospital, or keep the old seat."""
        ...

    async def appointments(self, account_id: str) -> list[Appointment]:
        """Return the appointments of an account, the latest booked first."""
        ...

    async def appointment(self, appointment_id: str) -> Appointment:
        """Return one appointment."""
        ...

    async def resolve(self, key: str) -> Outcome[Appointment] | None:
        """Return what came of book, cancel or reschedule; None: not seen so far (a request may still be on its way)."""
        ...

    async def resolve_patient(self, key: str) -> Outcome[Patient] | None:
        """Return what came of `add_patient`, as `resolve` does."""
        ...

    async def rules(self, hospital_id: str) -> BookingRules:
        """Return a hospital's booking rules."""
        ...

    async def notices(self, after: int = 0) -> list[Notice]:
        """Return the notices whose sequence number is above `after`, oldest first, 200 at most."""
        ...

    async def ping(self) -> None:
        """Return if the hospital answers; raise `DepartmentUnavailable` if not."""
        ...
