"""The skill of clinic visits: three forms, six inquiries, and the news of suspended clinics."""

from collections.abc import Mapping
from typing import Any, Protocol

from adapters.departments.hospital import Affected, Hospital, Notice
from skills.contract import (
    Form,
    Inquiry,
    News,
    Options,
    Resolution,
    SkillContext,
    SkillReply,
    SlotAnswer,
    SlotModel,
    SlotValues,
)
from skills.health_appointment import wording
from skills.health_appointment.booking import Booking
from skills.health_appointment.changes import Cancelling, Rescheduling
from skills.health_appointment.clinics import Clinics
from skills.health_appointment.inquiries import Inquiries
from skills.health_appointment.slots import BookAppointment, CancelAppointment, RescheduleAppointment
from skills.health_appointment.visit_times import coming_days


class Action(Protocol):
    """One form of the skill."""

    async def options(self, slot: str, values: SlotValues, context: SkillContext) -> Options:
        """Return what is on offer for a slot."""
        ...

    async def resolve(self, slot: str, answer: SlotAnswer, values: SlotValues, context: SkillContext) -> Resolution:
        """Turn an answer into a slot's value."""
        ...

    def summary(self, shown: Mapping[str, str], values: SlotValues) -> str:
        """Return the complete form in words."""
        ...

    async def act(self, slots: SlotModel, context: SkillContext) -> SkillReply:
        """Carry the form out."""
        ...

    async def settle(self, context: SkillContext) -> SkillReply | None:
        """Ask what became of it."""
        ...


class HealthAppointment:
    """Books, moves and cancels clinic visits, and answers what can be looked up."""

    forms: Mapping[str, Form] = {
        "book": Form("预约挂号", BookAppointment),
        "cancel": Form("取消预约", CancelAppointment),
        "reschedule": Form("改约", RescheduleAppointment),
    }

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._clinics = Clinics(hospital)
        self._inquiries = Inquiries(hospital)
        self._actions: dict[str, Action] = {
            "book": Booking(hospital),
            "cancel": Cancelling(hospital),
            "reschedule": Rescheduling(hospital),
        }

    async def options(self, action: str, slot: str, values: SlotValues, context: SkillContext) -> Options:
        """Return what is on offer for a slot."""
        return await self._actions[action].options(slot, values, context)

    async def resolve(
        self, action: str, slot: str, answer: SlotAnswer, values: SlotValues, context: SkillContext
    ) -> Resolution:
        """Turn an answer into a slot's value."""
        return await self._actions[action].resolve(slot, answer, values, context)

    def summary(self, action: str, shown: Mapping[str, str], values: SlotValues) -> str:
        """Return the complete form in words."""
        return self._actions[action].summary(shown, values)

    async def act(self, action: str, slots: SlotModel, context: SkillContext) -> SkillReply:
        """Carry the form out."""
        return await self._actions[action].act(slots, context)

    async def settle(self, action: str, context: SkillContext) -> SkillReply | None:
        """Ask what became of an effect whose answer was lost."""
        return await self._actions[action].settle(context)

    async def inquire(self, inquiry: Inquiry, context: SkillContext) -> SkillReply:
        """Answer a question."""
        return await self._inquiries.answer(inquiry, context)

    async def news(self, after: int) -> tuple[int, tuple[News, ...]]:
        """Return the suspended clinics that citizens have booked, each with an offer of another."""
        notices = await self._hospital.notices(after)
        items = [await self._suspended(notice, affected) for notice in notices for affected in notice.affected]
        return (max((notice.sequence for notice in notices), default=after), tuple(items))

    async def _suspended(self, notice: Notice, affected: Affected) -> News:
        session = notice.session
        place = f"{session.hospital_name}{session.department_name}"
        text = (
            f"通知：您预约的{place}{wording.session_when(session)}{session.doctor_name}医生停诊了（{notice.reason}）。"
            "预约已由医院取消，不算爽约。"
        )
        sessions = await self._clinics.sessions(session.hospital_id, session.department_name, coming_days(notice.at))
        others = [s for s in sessions if s.id != session.id and s.starts_at >= notice.at]
        same_title_first = sorted(others, key=lambda s: (s.doctor_title != session.doctor_title, s.date))[:3]
        choices = tuple(f"挂{place}{wording.session_when(s)}" for s in same_title_first)
        if choices:
            text += f"\n这个科后面还有号：{'；'.join(wording.session_label(s) for s in same_title_first)}。要换一个吗？"
        return News(f"{notice.sequence}:{affected.appointment_id}", affected.account_id, text, choices)


def create(departments: Mapping[str, Any]) -> HealthAppointment:
    """Make the skill with its department client."""
    return HealthAppointment(departments["hospital"])
