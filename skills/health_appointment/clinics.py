"""Finds hospitals, departments and clinics with seats: the questions that all forms and inquiries share."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from adapters.departments.hospital import ClinicSession, Department, Hospital, HospitalInfo, RefusalCode
from skills.contract import Accepted, NotAccepted, Option, Resolution, SlotAnswer
from skills.health_appointment import wording
from skills.health_appointment.descriptions import described_options, not_one_of
from skills.health_appointment.directory import Directory
from skills.health_appointment.slots import HospitalChoice, VisitTime
from skills.health_appointment.visit_times import coming_days

CHOSEN_ANEW: dict[str, tuple[str, ...]] = {
    RefusalCode.SOLD_OUT: ("clinic_session",),
    RefusalCode.SESSION_SUSPENDED: ("clinic_session",),
    RefusalCode.SESSION_STARTED: ("visit_time",),
    RefusalCode.OUTSIDE_WINDOW: ("visit_time",),
    RefusalCode.DUPLICATE_BOOKING: ("visit_time",),
}
"""What has to be chosen again after a refusal."""
_MOST_OPTIONS = 6


class Clinics:
    """Looks clinics up at the hospitals."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._directory = Directory(hospital)

    async def hospital_named(self, name: str) -> HospitalInfo | None:
        """Return the hospital of this name, or None if it takes no bookings here."""
        return next((info for info in await self._directory.hospitals() if info.name == name), None)

    async def hospitals_with(self, department: str | None) -> list[HospitalInfo]:
        """Return the hospitals that have a department (all, without one)."""
        hospitals = await self._directory.hospitals()
        if department is None:
            return hospitals
        departments = await asyncio.gather(*(self.department(info.id, department) for info in hospitals))
        return [
            info for info, found in zip(hospitals, departments, strict=True) if found is not None and found.bookable
        ]

    async def departments(self, hospital_id: str) -> list[Department]:
        """Return a hospital's departments."""
        return await self._directory.departments(hospital_id)

    async def department(self, hospital_id: str, name: str) -> Department | None:
        """Return the hospital's department of this name: the same, or one whose name holds it or is held by it."""
        departments = await self._directory.departments(hospital_id)
        return next(iter(named_alike(name, departments)), None)

    async def all_departments(self) -> list[Department]:
        """Return each department that some hospital has, by name, the most common first."""
        hospitals = await self._directory.hospitals()
        lists = await asyncio.gather(*(self._directory.departments(info.id) for info in hospitals))
        count: dict[str, int] = {}
        first: dict[str, Department] = {}
        for department in (department for departments in lists for department in departments):
            count[department.name] = count.get(department.name, 0) + 1
            first.setdefault(department.name, department)
        return [first[name] for name in sorted(count, key=lambda name: -count[name])]

    async def sessions(
        self, hospital_id: str, department: str, wanted: VisitTime, doctor: str | None = None
    ) -> list[ClinicSession]:
        """Return the clinics with a seat at the wanted time, in order of time; of a doctor if one is named."""
        found = await self._hospital_department(hospital_id, department)
        if found is None:
            return []
        to_date = min(wanted.to_date, wanted.from_date + timedelta(days=30))
        sessions = await self._hospital.sessions(hospital_id, found.id, wanted.from_date, to_date)
        return [
            session
            for session in sessions
            if session.is_bookable
            and (wanted.half_day is None or session.half_day == wanted.half_day)
            and (doctor is None or is_doctor(session.doctor_name, doctor))
        ]

    async def picked(self, answer: SlotAnswer, offered: Sequence[Option]) -> Resolution:
        """Return the clinic that an answer picks of those on offer: its own, any, or the one that is described."""
        session_id = answer.value or (offered[0].value if answer.is_any and offered else None)
        if session_id is None:
            described = described_options(answer.text, offered)
            if described is None or len(described) != 1:
                return not_one_of(described)
            session_id = described[0].value
        session = await self._hospital.session(session_id)
        if not session.is_bookable:
            return NotAccepted("这个号刚刚没有了。", tuple(offered))
        return Accepted(session.id, wording.session_label(session, with_left=False))

    async def same_doctor(self, answer: SlotAnswer, offered: Sequence[Option], wanted: VisitTime) -> Resolution:
        """Return the clinic of the doctor chosen before, of those on offer at the new time; one that is gone is said to be."""
        session = await self._hospital.session(answer.value)
        is_of_now = wanted.from_date <= session.date <= wanted.to_date and wanted.half_day in {None, session.half_day}
        if is_of_now:
            return await self.picked(answer, offered)
        who = f" {session.doctor_name} {session.doctor_title}（{session.clinic_type}）"
        of_doctor = [option for option in offered if who in option.label]
        return await self.picked(replace(answer, value=of_doctor[0].value), offered) if of_doctor else NotAccepted("")

    async def coming_sessions(self, hospital_id: str, department: str, at: datetime) -> list[ClinicSession]:
        """Return the clinics with a seat in the coming days."""
        return await self.sessions(hospital_id, department, coming_days(at))

    async def soonest(
        self, hospitals: Sequence[HospitalInfo], department: str, at: datetime
    ) -> tuple[HospitalInfo, ClinicSession] | None:
        """Return the hospital where the department has a seat first, with that clinic; None where none has."""
        lists = await asyncio.gather(*(self.coming_sessions(info.id, department, at) for info in hospitals))
        found = [(info, session) for info, sessions in zip(hospitals, lists, strict=True) for session in sessions]
        return min(found, key=lambda pair: (pair[1].date, pair[1].half_day == "afternoon"), default=None)

    async def _hospital_department(self, hospital_id: str, name: str) -> Department | None:
        return await self.department(hospital_id, name)


def named_alike(name: str, departments: Sequence[Department]) -> list[Department]:
    """Return the departments that a name may mean: this very name, one within the other, or short (普外科 for 普通外科)."""
    exact = [d for d in departments if d.name == name]
    near = [d for d in departments if name in d.name or d.name in name]
    return exact or near or [d for d in departments if _is_abbreviation(name, d.name)]


def _is_abbreviation(short: str, name: str) -> bool:
    letters = iter(name)
    return len(short) >= 3 and short[0] == name[0] and all(letter in letters for letter in short)


def is_doctor(name: str, wanted: str) -> bool:
    """Tell whether a doctor's name is the one that was said: 王医生 gives 王."""
    return name == wanted or (len(wanted) == 1 and name.startswith(wanted))


def half_days_of(sessions: Sequence[ClinicSession]) -> list[tuple[VisitTime, str]]:
    """Return the half-days on which there is a seat, with a label each, the nearest first."""
    seats: dict[tuple[date, str], int] = {}
    for session in sessions:
        place = (session.date, session.half_day)
        seats[place] = seats.get(place, 0) + session.left
    result = []
    for (on, half_day), left in sorted(seats.items(), key=lambda item: (item[0][0], item[0][1] == "afternoon")):
        value = VisitTime.model_validate({"from_date": on, "to_date": on, "half_day": half_day})
        result.append((value, f"{wording.visit_time(value)} 余{left}个"))
    return result[:_MOST_OPTIONS]


def choice_of(info: HospitalInfo) -> HospitalChoice:
    """Return a hospital as a slot's value."""
    return HospitalChoice(id=info.id, name=info.name)
