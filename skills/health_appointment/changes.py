"""The forms `cancel` and `reschedule`: which appointment, and where it is moved to."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from adapters.departments.hospital import Appointment, AppointmentState, Hospital
from adapters.departments.outcome import Outcome, Rejected, Unknown
from nlu.interpretation import Entity
from skills.contract import (
    Accepted,
    NotAccepted,
    Option,
    Options,
    Resolution,
    SkillContext,
    SkillReply,
    SlotAnswer,
    SlotModel,
    SlotValues,
)
from skills.health_appointment import wording
from skills.health_appointment.clinics import CHOSEN_ANEW, Clinics, half_days_of, is_doctor
from skills.health_appointment.slots import CancelAppointment, RescheduleAppointment, VisitTime
from skills.health_appointment.visit_times import PAST, coming_days, completed_time, shifted_time, wanted_time, why_not

NOTHING_TO_CANCEL = "您现在没有可以取消的预约。"
NOTHING_TO_MOVE = "您现在没有可以改约的预约。"


class Appointments:
    """The appointments of an account that still stand."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital

    async def standing(self, context: SkillContext) -> list[Appointment]:
        """Return the account's appointments that are still to come, the nearest first."""
        found = await self._hospital.appointments(context.account_id)
        coming = [a for a in found if a.state is AppointmentState.RESERVED and a.session.ends_at > context.at]
        return sorted(coming, key=lambda appointment: appointment.session.starts_at)

    async def options(self, context: SkillContext, nothing: str) -> Options:
        """Return the standing appointments as options; if there are none, `nothing` says so and the form is closed."""
        standing = await self.standing(context)
        if not standing:
            return Options((), nothing)
        return Options(tuple(Option(wording.appointment_label(a), a.id) for a in standing))

    async def resolve(self, answer: SlotAnswer, context: SkillContext) -> Resolution:
        """Return the appointment that an answer means."""
        standing = await self.standing(context)
        if not standing:
            return NotAccepted("")  # said when the appointments are to be listed
        if answer.value is not None:
            fitting = [a for a in standing if a.id == answer.value]
        elif answer.entity is not None:
            fitting = [a for a in standing if _fits(a, answer.entity, context.at)]
        else:
            fitting = standing[:1] if answer.is_any else []
        if len(fitting) != 1:
            options = tuple(Option(wording.appointment_label(a), a.id) for a in fitting or standing)
            notice = "您说的是哪一个预约？" if fitting else "没对上是哪个预约，您现在有："
            return NotAccepted(notice, options, fits_several=bool(fitting))
        return Accepted(fitting[0].id, wording.appointment_label(fitting[0]))


class Cancelling:
    """Fills and carries out the form `cancel`."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._appointments = Appointments(hospital)

    async def options(self, slot: str, values: SlotValues, context: SkillContext) -> Options:
        """Return the appointments that can be cancelled."""
        del slot, values
        return await self._appointments.options(context, NOTHING_TO_CANCEL)

    async def resolve(self, slot: str, answer: SlotAnswer, values: SlotValues, context: SkillContext) -> Resolution:
        """Return the appointment that is meant."""
        del slot, values
        return await self._appointments.resolve(answer, context)

    def summary(self, shown: Mapping[str, str], values: SlotValues) -> str:
        """Return what is to be cancelled, to be confirmed."""
        del values
        return f"要取消这个预约吗？\n{shown['appointment']}"

    async def act(self, slots: SlotModel, context: SkillContext) -> SkillReply:
        """Give the seat back."""
        form = CancelAppointment.model_validate(slots.model_dump())
        return _cancelled(await self._hospital.cancel(context.key, form.appointment, context.account_id))

    async def settle(self, context: SkillContext) -> SkillReply | None:
        """Ask what became of the cancellation."""
        outcome = await self._hospital.resolve(context.key)
        return None if outcome is None else _cancelled(outcome)


class Rescheduling:
    """Fills and carries out the form `reschedule`."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._appointments = Appointments(hospital)
        self._clinics = Clinics(hospital)

    async def options(self, slot: str, values: SlotValues, context: SkillContext) -> Options:
        """Return what is on offer for a slot."""
        if slot == "appointment":
            return await self._appointments.options(context, NOTHING_TO_MOVE)
        appointment = await self._hospital.appointment(values["appointment"])
        session = appointment.session
        wanted = coming_days(context.at) if slot == "visit_time" else VisitTime.model_validate(values["visit_time"])
        sessions = await self._clinics.sessions(session.hospital_id, session.department_name, wanted)
        others = [s for s in sessions if s.id != session.id]
        if not others:
            place = f"{session.hospital_name}{session.department_name}"
            if slot == "visit_time":
                return Options((), f"{place}最近没有别的号可以改，原来的预约还在。", ("appointment",))
            return Options((), f"{wording.visit_time(wanted)}{place}没有号，换个时间看看？", ("visit_time",))
        if slot == "visit_time":
            return Options(tuple(Option(label, v.model_dump(mode="json")) for v, label in half_days_of(others)))
        with_day = wanted.from_date != wanted.to_date
        same_doctor_first = sorted(others, key=lambda s: (not is_doctor(s.doctor_name, session.doctor_name), s.date))
        items = tuple(Option(wording.session_label(s, with_day=with_day), s.id) for s in same_doctor_first[:6])
        return Options(
            items, f"{session.hospital_name}{session.department_name}，{wording.visit_time(wanted)}有这些号："
        )

    async def resolve(self, slot: str, answer: SlotAnswer, values: SlotValues, context: SkillContext) -> Resolution:
        """Turn an answer into a slot's value."""
        if slot == "appointment":
            return await self._appointments.resolve(answer, context)
        if slot == "visit_time":
            shifts = [entity for entity in answer.entities if entity.type == "shift"] if answer.value is None else []
            if not shifts:
                return _moved_to(answer, values, context)
            return await self._shifted(int(shifts[-1].value["days"]), answer, values, context)
        return await self._clinics.picked(answer, (await self.options(slot, values, context)).items)

    async def _shifted(self, days: int, answer: SlotAnswer, values: SlotValues, context: SkillContext) -> Resolution:
        """Count from the day of what is moved: of what was chosen, or of the only appointment there is."""
        chosen = values.get("appointment")
        if chosen is None:
            offered = (await self._appointments.options(context, NOTHING_TO_MOVE)).items
            chosen = offered[0].value if len(offered) == 1 else None
        if chosen is None:
            return NotAccepted("")
        session = (await self._hospital.appointment(chosen)).session
        moved = shifted_time(session.date + timedelta(days=days), session.half_day, answer)
        if moved.from_date < context.at.date():
            return NotAccepted(PAST)
        return Accepted(moved.model_dump(mode="json"), wording.visit_time(moved))

    def summary(self, shown: Mapping[str, str], values: SlotValues) -> str:
        """Return the move in words, to be confirmed."""
        del values
        return f"请核对：\n原来：{shown['appointment']}\n改到：{shown['clinic_session']}\n确认改约吗？"

    async def act(self, slots: SlotModel, context: SkillContext) -> SkillReply:
        """Move the seat, or keep the old one."""
        form = RescheduleAppointment.model_validate(slots.model_dump())
        outcome = await self._hospital.reschedule(
            context.key, form.appointment, context.account_id, form.clinic_session
        )
        return _moved(outcome, context)

    async def settle(self, context: SkillContext) -> SkillReply | None:
        """Ask what became of the move."""
        outcome = await self._hospital.resolve(context.key)
        return None if outcome is None else _moved(outcome, context)


def _fits(appointment: Appointment, entity: Entity, at: datetime) -> bool:
    session, value = appointment.session, entity.value
    if entity.type == "time":
        wanted = wanted_time(dict(value), at)
        return wanted is not None and wanted.from_date <= session.date <= wanted.to_date
    names = [name for name in (value.get("name"), *value.get("candidates", ())) if name]
    place = {"hospital": session.hospital_name, "department": session.department_name, "doctor": session.doctor_name}
    return any(name in place[entity.type] or place[entity.type] in name for name in names)


def _moved_to(answer: SlotAnswer, values: SlotValues, context: SkillContext) -> Resolution:
    if answer.value is not None:
        wanted: VisitTime | None = VisitTime.model_validate(answer.value)
    elif answer.is_any:
        wanted = coming_days(context.at)
    else:
        wanted = wanted_time(dict(answer.entity.value), context.at) if answer.entity else None
    problem = why_not(wanted, answer, context.at)
    if wanted is None or problem is not None:
        return NotAccepted(problem or "")
    wanted = completed_time(wanted, values.get("visit_time"), answer, context)
    return Accepted(wanted.model_dump(mode="json"), wording.visit_time(wanted))


def _cancelled(outcome: Outcome[Appointment]) -> SkillReply:
    if isinstance(outcome, Rejected):
        return SkillReply(f"没有取消成：{outcome.reason}", "rejected")
    if isinstance(outcome, Unknown):
        return SkillReply("", "unknown")
    return SkillReply(f"已经取消：{wording.appointment_label(outcome.value)}。按时取消不算爽约。", "done")


def _moved(outcome: Outcome[Appointment], context: SkillContext) -> SkillReply:
    if isinstance(outcome, Rejected):
        return SkillReply(
            f"没有改成，原来的预约还在：{outcome.reason}", "rejected", clears=CHOSEN_ANEW.get(outcome.code, ())
        )
    if isinstance(outcome, Unknown):
        return SkillReply("", "unknown")
    return SkillReply(f"改约成功。\n{wording.appointment_ticket(outcome.value, context.at)}", "done")
