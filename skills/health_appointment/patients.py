"""For whom a visit is booked: one of the account's patients, or somebody new."""

import re
from collections.abc import Mapping, Sequence

from adapters.departments.hospital import Hospital
from nlu.entities.folding import fold
from nlu.entities.people import People
from skills.contract import Accepted, NotAccepted, Option, Options, Resolution, SkillContext, SlotAnswer, SlotValues
from skills.health_appointment import wording
from skills.health_appointment.slots import NEW_PATIENT, PatientChoice

NEW_PATIENT_LABEL = "新增就诊人"
_SELF = re.compile(r"本人|自己|还是我$|^我$|^给我[挂约]?$|^我[吧嘛哈噻]$|是我$")


class Patients:
    """The patients of an account."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._people = People(lambda _: False)

    async def options(self, context: SkillContext, name: str | None = None) -> Options:
        """Return the account's patients, and somebody new; only those who may be meant if a name was given already."""
        patients = await self._hospital.patients(context.account_id)
        if name is not None:
            patients = [patient for patient in patients if patient.name == name]
            if len(patients) == 1:  # who else is meant says so
                return Options(tuple(Option(wording.patient_label(p), {"id": p.id, "name": p.name}) for p in patients))
        known = [Option(wording.patient_label(p), {"id": p.id, "name": p.name}) for p in patients]
        return Options((*known, Option(NEW_PATIENT_LABEL, {"id": NEW_PATIENT, "name": ""})))

    async def resolve(self, answer: SlotAnswer, values: SlotValues, context: SkillContext) -> Resolution:
        """Return who is meant; the name of somebody new is kept, so that it is not asked again.

        给我妈挂 says who only once it is time to choose: before, nothing is asked about it.
        """
        if answer.entity is not None and "clinic_session" not in values:
            return NotAccepted("")
        offered = (await self.options(context)).items
        value = answer.value
        if value is None and len(offered) == 1 and not answer.text.strip():
            value = offered[0].value
        if value is None:
            value = self._named(answer.text, [option.value for option in offered])
        is_told = any(entity.type == "person_name" for entity in answer.entities)
        if value is None and (len(offered) == 1 or is_told):
            return NotAccepted("")  # nobody is registered yet, or the name that was told beside it will say who it is
        if value is None:
            is_somebody = answer.entity is not None or _SELF.search(answer.text)
            notice = f"是下面哪一位？没有就选“{NEW_PATIENT_LABEL}”。" if is_somebody else ""
            return NotAccepted(notice, offered, fits_several=True)
        choice = PatientChoice.model_validate(value)
        return Accepted(choice.model_dump(), wording.masked_name(choice.name) if choice.name else NEW_PATIENT_LABEL)

    def _named(self, text: str, offered: Sequence[Mapping[str, str]]) -> Mapping[str, str] | None:
        """Return who is meant by a name, by "me" where there is but one, or by the name of somebody new."""
        known = [value for value in offered if value["id"] != NEW_PATIENT]
        by_name = [value for value in known if value["name"] in text]
        if len(by_name) == 1:
            return by_name[0]
        if _SELF.search(text) and len(known) == 1:
            return known[0]
        found = self._people.find(fold(text), text, frozenset({"person_name"}))
        name = next((str(entity.value["name"]) for entity in found if entity.type == "person_name"), None)
        return None if name is None or by_name else {"id": NEW_PATIENT, "name": name}
