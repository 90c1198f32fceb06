"""The form `book`: who the visit is for, what is read back, and the booking itself."""

from collections.abc import Mapping

from adapters.departments.hospital import (
    Appointment,
    Guardian,
    Hospital,
    Patient,
    RefusalCode,
)
from adapters.departments.outcome import Done, Outcome, Rejected, Unknown
from adapters.errors import DepartmentUnavailable
from skills.contract import (
    NotAccepted,
    Options,
    Resolution,
    SkillContext,
    SkillReply,
    SlotAnswer,
    SlotModel,
    SlotValues,
)
from skills.health_appointment import wording
from skills.health_appointment.choosing import Choosing
from skills.health_appointment.clinics import CHOSEN_ANEW
from skills.health_appointment.particulars import id_number_of, name_of, phone_of, shares_phone_with
from skills.health_appointment.patients import Patients
from skills.health_appointment.slots import (
    NEW_PATIENT,
    NO_CARD,
    BookAppointment,
)

_ANEW: Mapping[str, tuple[str, ...]] = CHOSEN_ANEW | {
    RefusalCode.INVALID_ID_NUMBER: ("patient_id_number",),
    RefusalCode.INVALID_PHONE: ("phone",),
    RefusalCode.PATIENT_REQUIRED: ("patient",),
}
_OF_NEW_PATIENTS = frozenset({"patient_name", "patient_id_number", "guardian_name", "guardian_id_number", "phone"})
REGISTERED = "现在是给{name}挂，姓名、证件和电话都用登记过的。要给别人挂，请说“换就诊人”。"


class Booking:
    """Fills and carries out the form `book`."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._choosing = Choosing(hospital)
        self._patients = Patients(hospital)

    async def options(self, slot: str, values: SlotValues, context: SkillContext) -> Options:
        """Return what is on offer for a slot."""
        if slot == "patient":
            return await self._patients.options(context, values.get("patient_name"))
        return await self._choosing.options(slot, values, context)

    async def resolve(self, slot: str, answer: SlotAnswer, values: SlotValues, context: SkillContext) -> Resolution:
        """Turn an answer into a slot's value."""
        patient = values.get("patient") or {"id": NEW_PATIENT}
        if slot in _OF_NEW_PATIENTS and patient["id"] != NEW_PATIENT and answer.value is None:
            return NotAccepted(REGISTERED.format(name=wording.masked_name(patient["name"])))
        match slot:
            case "patient":
                return await self._patients.resolve(answer, values, context)
            case "patient_name" | "guardian_name":
                return name_of(answer)
            case "patient_id_number" | "guardian_id_number":
                return id_number_of(answer, context, may_be_missing=slot == "patient_id_number")
            case "phone":
                return phone_of(
                    answer, await self._hospital.patients(context.account_id) if answer.is_as_before else ()
                )
        return await self._choosing.resolve(slot, answer, values, context)

    def summary(self, shown: Mapping[str, str], values: SlotValues) -> str:
        """Return the booking in words, to be confirmed."""
        is_new = values["patient"]["id"] == NEW_PATIENT
        who = shown.get("patient_name", shown["patient"]) if is_new else shown["patient"]
        lines = [
            "请核对：",
            f"医院：{shown['hospital']}",
            f"科室：{shown['department']}",
            f"号源：{shown['clinic_session']}",
        ]
        has_card = is_new and values["patient_id_number"] != NO_CARD
        lines.append(f"就诊人：{who}" + (f"，身份证{shown['patient_id_number']}" if has_card else ""))
        if is_new and not has_card:
            lines.append(f"监护人：{shown['guardian_name']}，身份证{shown['guardian_id_number']}")
        if is_new:
            lines.append(f"电话：{shown['phone']}")
        lines.append("确认预约吗？")
        return "\n".join(lines)

    async def act(self, slots: SlotModel, context: SkillContext) -> SkillReply:
        """Register the patient if new, and take the seat."""
        form = BookAppointment.model_validate(slots.model_dump())
        patient_id = form.patient.id
        if patient_id == NEW_PATIENT:
            registered = await self._register(form, context)
            if isinstance(registered, Rejected):
                return _rejected(registered)
            patient_id = registered.value.id
        outcome = await self._hospital.book(context.key, context.account_id, patient_id, form.clinic_session)
        return said_of(outcome, context)

    async def settle(self, context: SkillContext) -> SkillReply | None:
        """Ask what became of the booking."""
        outcome = await self._hospital.resolve(context.key)
        return None if outcome is None else said_of(outcome, context)

    async def _register(self, form: BookAppointment, context: SkillContext) -> Done[Patient] | Rejected:
        has_card = form.patient_id_number != NO_CARD
        guardian = None
        if not has_card:
            guardian = Guardian(name=form.guardian_name or "", id_number=form.guardian_id_number or "")
        outcome = await self._hospital.add_patient(
            context.account_id,
            form.patient_name or form.patient.name,
            form.phone,
            phone_of=shares_phone_with(form.phone),
            id_number=form.patient_id_number if has_card else None,
            guardian=guardian,
            key=f"{context.key}-patient",
        )
        if isinstance(outcome, Unknown):  # nothing was booked, and registering the same person again is harmless
            raise DepartmentUnavailable("hospital", "the patient could not be registered")
        return outcome


def said_of(outcome: Outcome[Appointment], context: SkillContext) -> SkillReply:
    """Return how a booking ended, in words."""
    if isinstance(outcome, Rejected):
        return _rejected(outcome)
    if isinstance(outcome, Unknown):
        return SkillReply("", "unknown")
    return SkillReply(f"预约成功。\n{wording.appointment_ticket(outcome.value, context.at)}", "done")


def _rejected(outcome: Rejected) -> SkillReply:
    return SkillReply(f"没有约上：{outcome.reason}", "rejected", clears=_ANEW.get(outcome.code, ()))
