"""Plan clinic sessions: any date has them, and the same date always has the same ones."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args

from adapters.clock import CITY_TIMEZONE
from adapters.sandbox.city import City, Doctor, HospitalEntry, draw

HalfDay = Literal["morning", "afternoon"]
_SUFFIXES: dict[str, HalfDay] = {"am": "morning", "pm": "afternoon"}
_SOLD_OUT_BELOW = 26  # of 256: about one session in ten has no seat left
_NEARLY_BELOW = 64  # of 256: about one in seven has one or two
_SUSPENDED_BELOW = 3  # of 256: about one in a hundred is suspended


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """A half-day of a doctor as planned; `initially_left` seats were not taken elsewhere."""

    id: str
    hospital_id: str
    hospital_name: str
    department_id: str
    department_name: str
    doctor_name: str
    doctor_title: str
    clinic_type: str
    date: date
    half_day: HalfDay
    starts_at: datetime
    ends_at: datetime
    fee_fen: int
    capacity: int
    initially_left: int
    is_suspended: bool

    def fields(self) -> dict[str, Any]:
        """Return what the contract shows of the plan; seats and status change and are added elsewhere."""
        return {
            "id": self.id,
            "hospital_id": self.hospital_id,
            "hospital_name": self.hospital_name,
            "department_id": self.department_id,
            "department_name": self.department_name,
            "doctor_name": self.doctor_name,
            "doctor_title": self.doctor_title,
            "clinic_type": self.clinic_type,
            "date": self.date.isoformat(),
            "half_day": self.half_day,
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "fee_fen": self.fee_fen,
            "capacity": self.capacity,
            "demo": True,
        }


class Schedule:
    """The plan of a city."""

    def __init__(self, city: City) -> None:
        self.city = city

    def sessions(self, hospital_id: str, department_id: str, date_from: date, date_to: date) -> list[PlannedSession]:
        """Return the sessions of a department on these days (both included), in the order of time."""
        doctors = self.city.doctors(hospital_id, department_id)
        days = (date_from + timedelta(days=n) for n in range((date_to - date_from).days + 1))
        return [
            session
            for day in days
            for half_day in get_args(HalfDay)
            for doctor in doctors
            if (session := self._plan(hospital_id, department_id, doctor, day, half_day)) is not None
        ]

    def session(self, session_id: str) -> PlannedSession | None:
        """Return the session with this id (doctor.YYYYMMDD.am|pm), or None if nothing is planned under it."""
        doctor_id, _, rest = session_id.rpartition(".")
        doctor_id, _, day_text = doctor_id.rpartition(".")
        hospital_id, _, department_and_index = doctor_id.partition(".")
        department_id = department_and_index.partition(".")[0]
        hospital = self.city.hospital(hospital_id)
        half_day = _SUFFIXES.get(rest)
        day = _day(day_text)
        if hospital is None or half_day is None or day is None or department_id not in hospital.departments:
            return None
        doctors = self.city.doctors(hospital_id, department_id)
        doctor = next((each for each in doctors if each.id == doctor_id), None)
        return self._plan(hospital_id, department_id, doctor, day, half_day) if doctor else None

    def _plan(
        self, hospital_id: str, department_id: str, doctor: Doctor, day: date, half_day: HalfDay
    ) -> PlannedSession | None:
        drawn = draw(self.city.seed, doctor.id, day.isoformat(), half_day)
        if drawn[0] >= _chance(doctor, day, half_day):
            return None
        hospital: HospitalEntry | None = self.city.hospital(hospital_id)
        if hospital is None:
            return None
        least, most = doctor.post.capacity
        capacity = least + drawn[1] % (most - least + 1)
        hours = self.city.hours[half_day]
        return PlannedSession(
            id=f"{doctor.id}.{day:%Y%m%d}.{'am' if half_day == 'morning' else 'pm'}",
            hospital_id=hospital_id,
            hospital_name=hospital.name,
            department_id=department_id,
            department_name=self.city.departments[department_id].name,
            doctor_name=doctor.name,
            doctor_title=doctor.post.title,
            clinic_type=doctor.post.clinic_type,
            date=day,
            half_day=half_day,
            starts_at=datetime.combine(day, hours.starts, CITY_TIMEZONE),
            ends_at=datetime.combine(day, hours.ends, CITY_TIMEZONE),
            fee_fen=doctor.post.fee_fen,
            capacity=capacity,
            initially_left=_initially_left(drawn[2], drawn[3], capacity),
            is_suspended=drawn[4] < _SUSPENDED_BELOW,
        )


def _chance(doctor: Doctor, day: date, half_day: HalfDay) -> int:
    """Return how likely (of 256) a doctor sees patients then: the ordinary clinic nearly always, others by turns."""
    is_weekend = day.weekday() >= 5
    if doctor.is_anchor:
        if is_weekend:
            return 256 if half_day == "morning" and day.weekday() == 5 else 96
        return 256
    return 30 if is_weekend else 115


def _initially_left(kind: int, amount: int, capacity: int) -> int:
    if kind < _SOLD_OUT_BELOW:
        return 0
    if kind < _NEARLY_BELOW:
        return 1 + amount % 2
    return 3 + amount % (capacity - 2)


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=CITY_TIMEZONE).date()
    except ValueError:
        return None
