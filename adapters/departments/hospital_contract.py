"""The hospital contract's data as the product reads them; hospital.openapi.yaml tells the city's engineers the same."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from adapters.clock import local_time

HalfDay = Literal["morning", "afternoon"]


def _instant(value: object) -> datetime:
    """Return an ISO text or a datetime as the city's time; raises ValueError."""
    try:
        return local_time(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
    except OverflowError as far_away:
        raise ValueError(f"{value!r} is out of range") from far_away


Instant = Annotated[datetime, BeforeValidator(_instant)]
Count = Annotated[int, Field(ge=0, le=10**9, strict=True)]
Ordinal = Annotated[int, Field(ge=1, le=10**12, strict=True)]


class RefusalCode(StrEnum):
    """Why a hospital says no: the codes that a skill may act upon."""

    SOLD_OUT = "sold_out"
    DUPLICATE_BOOKING = "duplicate_booking"
    SESSION_SUSPENDED = "session_suspended"
    SESSION_STARTED = "session_started"
    OUTSIDE_WINDOW = "outside_window"
    NO_SHOW_BLOCKED = "no_show_blocked"
    CANCEL_TOO_LATE = "cancel_too_late"
    ALREADY_CANCELLED = "already_cancelled"
    NOT_FOUND = "not_found"
    NOT_YOURS = "not_yours"
    INVALID_ID_NUMBER = "invalid_id_number"
    INVALID_BIRTH_DATE = "invalid_birth_date"
    INVALID_PHONE = "invalid_phone"
    GUARDIAN_REQUIRED = "guardian_required"
    PATIENT_REQUIRED = "patient_required"
    KEY_REUSED = "key_reused"
    INVALID_REQUEST = "invalid_request"


class AppointmentState(StrEnum):
    """Where an appointment stands in its life."""

    RESERVED = "reserved"
    CANCELLED_BY_USER = "cancelled_by_user"
    CANCELLED_BY_HOSPITAL = "cancelled_by_hospital"
    NO_SHOW = "no_show"
    VISITED = "visited"


class _Answer(BaseModel):
    """What a department sent: fields that a later contract adds are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class HospitalInfo(_Answer):
    """A hospital that takes bookings."""

    id: str
    name: str
    level: str | None = None


class Department(_Answer):
    """A clinical department; one that is not `bookable` says in `note` where to go instead."""

    id: str
    name: str
    bookable: bool = True
    note: str | None = None


class ClinicSession(_Answer):
    """One doctor's half-day; `refusal_code` says why it cannot be booked now, None: it can."""

    id: str
    hospital_id: str
    hospital_name: str
    department_id: str
    department_name: str
    doctor_name: str
    doctor_title: str
    clinic_type: Literal["普通", "专家", "专病"]
    date: date
    half_day: HalfDay
    starts_at: Instant
    ends_at: Instant
    fee_fen: Count
    capacity: Count
    left: Count
    status: Literal["open", "suspended"]
    refusal_code: str | None = None
    demo: bool = False

    @property
    def is_bookable(self) -> bool:
        """Tell whether a seat can be asked for now."""
        return self.refusal_code is None and self.status == "open" and self.left > 0


class Guardian(BaseModel):
    """Who answers for a child that has no number of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    id_number: str


class Patient(_Answer):
    """A person whom an account may book for; the hospital never sends the whole number back."""

    id: str
    account_id: str
    name: str
    masked_id_number: str | None = None
    guardian_name: str | None = None
    birth_date: date | None = None
    masked_phone: str


class Appointment(_Answer):
    """A seat in a session; times are aware, `cancel_until` is the last instant at which it may be given back."""

    id: str
    account_id: str
    patient_id: str
    patient_name: str
    queue_number: Ordinal
    check_in_place: str
    check_in_from: Instant
    check_in_until: Instant
    cancel_until: Instant
    booked_at: Instant
    state: AppointmentState
    session: ClinicSession


class SameDayRule(_Answer):
    """Until when (HH:MM) today's sessions may still be booked."""

    allowed: bool
    morning_until: str
    afternoon_until: str


class CancelRule(_Answer):
    """Until when a seat may be given back: HH:MM, so many days before the visit."""

    days_before: Count
    time: str


class NoShowRule(_Answer):
    """After `limit` missed visits in a calendar month the patient cannot book for the rest of it."""

    limit: Ordinal
    period: Literal["calendar_month"]
    consequence: Literal["rest_of_month"]


class BookingRules(_Answer):
    """A hospital's rules: sessions up to `last_bookable_date` can be booked now; at `release_time` a day is added."""

    hospital_id: str
    window_days: Ordinal
    release_time: str
    last_bookable_date: date
    same_day: SameDayRule
    cancel_until: CancelRule
    no_show: NoShowRule


class Affected(_Answer):
    """An appointment that a notice is about."""

    appointment_id: str
    account_id: str


class Notice(_Answer):
    """News of a suspended session; sequence numbers grow and are never reused."""

    sequence: Ordinal
    at: Instant
    kind: str
    reason: str
    session: ClinicSession
    affected: tuple[Affected, ...]
