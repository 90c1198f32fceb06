"""What is on offer for a visit, and what an answer picks of it: department, hospital, time, doctor, clinic."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.departments.hospital import (
    AppointmentState,
    ClinicSession,
    Department,
    Hospital,
    HospitalInfo,
)
from nlu.entities.infants import is_infant_with_fever
from skills.contract import (
    Accepted,
    NotAccepted,
    Option,
    Options,
    Resolution,
    SkillContext,
    SlotAnswer,
    SlotValues,
)
from skills.health_appointment import wording
from skills.health_appointment.clinics import (
    Clinics,
    choice_of,
    half_days_of,
    is_doctor,
    named_alike,
)
from skills.health_appointment.slots import (
    BookAppointment,
    HospitalChoice,
    VisitTime,
)
from skills.health_appointment.visit_times import (
    coming_days,
    completed_time,
    wanted_time,
    wants_the_soonest,
    why_not,
)

_MOST_SESSIONS = 6
_CHILD_YEARS = 14
_CHILDREN = frozenset({"child", "grandchild"})
FEVER_CLINIC = "发热门诊"
NO_VISIT_BEFORE = "没有查到您之前在这里约过。"


class Choosing:
    """Offers what can be booked, and reads what was chosen."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._clinics = Clinics(hospital)

    async def options(self, slot: str, values: SlotValues, context: SkillContext) -> Options:
        """Return what is on offer for a slot; nothing for one that is not of the clinic."""
        match slot:
            case "department":
                return await self._departments(values)
            case "hospital":
                return await self._hospitals(values)
            case "visit_time":
                return await self._half_days(values, context)
            case "clinic_session":
                return await self._sessions(values)
        return Options()

    async def resolve(self, slot: str, answer: SlotAnswer, values: SlotValues, context: SkillContext) -> Resolution:
        """Turn an answer into the value of a slot of the clinic."""
        match slot:
            case "department":
                return await self._department(_main_symptom(answer), values, context)
            case "hospital":
                return await self._hospital_of(answer, values, context)
            case "visit_time":
                return await self._visit_time(answer, values, context)
            case "doctor":
                return await self._doctor(answer, values, context)
        if not {"hospital", "department", "visit_time"} <= set(values):
            return NotAccepted("")  # what was chosen before cannot be tried yet
        offered = (await self._sessions(values)).items
        if answer.value is not None and all(option.value != answer.value for option in offered):
            return await self._clinics.same_doctor(answer, offered, VisitTime.model_validate(values["visit_time"]))
        return await self._clinics.picked(answer, offered)

    async def _departments(self, values: SlotValues) -> Options:
        hospital = values.get("hospital")
        found = await (self._clinics.departments(hospital["id"]) if hospital else self._clinics.all_departments())
        return Options(tuple(Option(d.name, d.name) for d in found if d.bookable)[:12])

    async def _hospitals(self, values: SlotValues) -> Options:
        department = values.get("department")
        found = await self._clinics.hospitals_with(department)
        if not found:
            return Options((), f"市里能网上预约的医院都没有“{department}”的号，换个科室看看？", ("department",))
        return Options(tuple(Option(info.name, choice_of(info).model_dump()) for info in found))

    async def _half_days(self, values: SlotValues, context: SkillContext) -> Options:
        sessions = await self._clinics.coming_sessions(values["hospital"]["id"], values["department"], context.at)
        doctor = values.get("doctor")
        of_doctor = [s for s in sessions if doctor is None or is_doctor(s.doctor_name, doctor)]
        if doctor is not None and not of_doctor and sessions:
            return Options((), f"{doctor}医生最近没有号，给您看看这个科其他医生的。", ("doctor",))
        if not of_doctor:
            name = values["hospital"]["name"]
            return Options((), f"{name}{values['department']}最近都没有号了，换一家医院看看？", ("hospital",))
        return Options(tuple(Option(label, value.model_dump(mode="json")) for value, label in half_days_of(of_doctor)))

    async def _sessions(self, values: SlotValues) -> Options:
        wanted = VisitTime.model_validate(values["visit_time"])
        sessions = await self._clinics.sessions(
            values["hospital"]["id"], values["department"], wanted, values.get("doctor")
        )
        if not sessions:
            whose = f"{values['doctor']}医生" if values.get("doctor") else ""
            return Options((), f"{wording.visit_time(wanted)}{whose}的号没有了，换个时间看看？", ("visit_time",))
        sessions = sorted(sessions, key=lambda s: (s.date, s.half_day == "afternoon", s.fee_fen))[:_MOST_SESSIONS]
        with_day = wanted.from_date != wanted.to_date
        notice = f"{values['hospital']['name']}{values['department']}，{wording.visit_time(wanted)}有这些号："
        return Options(tuple(Option(wording.session_label(s, with_day=with_day), s.id) for s in sessions), notice)

    async def _department(self, answer: SlotAnswer, values: SlotValues, context: SkillContext) -> Resolution:
        if answer.is_as_before:
            last = await self._last_visit(values, context)
            return Accepted(last.department_name, last.department_name) if last else _never_before("department", answer)
        names = _department_names(answer)
        if names and _is_child(answer) and answer.entity is not None and answer.entity.type == "symptom":
            names = ["儿科"]
        hospital = values.get("hospital") or await self._hospital_beside(answer)
        offered = await (self._clinics.departments(hospital["id"]) if hospital else self._clinics.all_departments())
        if answer.is_any:
            names = ["全科医学科"]
        fitting = list(dict.fromkeys(d for name in names for d in named_alike(name, offered)))
        exact = [d for d in fitting if d.name in names] or fitting
        instead = _instead(answer, offered) if not exact else None
        if instead is not None:
            notice = f"{hospital['name'] if hospital else '市里能预约的医院'}没有单独的“{wording.listed(names)}”，这里看{instead.name}。"
            return Accepted(instead.name, instead.name, notice)
        if not exact:
            where = hospital["name"] if hospital else "市里能预约的医院"
            wanted = wording.listed(names) or answer.text[:12]
            return NotAccepted(
                f"{where}没有查到“{wanted}”。", tuple(Option(d.name, d.name) for d in offered if d.bookable)[:12]
            )
        if not any(d.bookable for d in exact):
            return NotAccepted(exact[0].note or f"{exact[0].name}不用预约，请直接到医院。")
        bookable = [d for d in exact if d.bookable]
        is_symptom = _is_symptom(answer)
        if len(bookable) > 1 and len(names) > 1 and not is_symptom:
            return NotAccepted(
                "有几个科都可能，您要挂哪一个？", tuple(Option(d.name, d.name) for d in bookable), fits_several=True
            )
        return Accepted(bookable[0].name, bookable[0].name, _advice(answer, bookable))

    async def _hospital_beside(self, answer: SlotAnswer) -> Mapping[str, str] | None:
        """Return the hospital that the same message names: its departments are the ones that can be meant."""
        named = [e for e in answer.entities if e.type == "hospital" and not e.value.get("negated")]
        names = {e.value["name"] for e in named if e.value.get("name")}
        info = await self._clinics.hospital_named(names.pop()) if len(names) == 1 else None
        return {"id": info.id, "name": info.name} if info else None

    async def _hospital_of(self, answer: SlotAnswer, values: SlotValues, context: SkillContext) -> Resolution:
        department = values.get("department")
        if answer.is_as_before:
            last = await self._last_visit(values, context)
            if last is None:
                return _never_before("hospital", answer)
            return Accepted({"id": last.hospital_id, "name": last.hospital_name}, last.hospital_name)
        if answer.value is not None:
            choice = HospitalChoice.model_validate(answer.value)
            return Accepted(choice.model_dump(), choice.name)
        offered = await self._clinics.hospitals_with(department)
        if answer.is_any and (department is None or offered):
            return await self._any_hospital(answer, offered, department, context)
        options = tuple(Option(info.name, choice_of(info).model_dump()) for info in offered)
        name = answer.entity.value.get("name") if answer.entity else None
        if name is None:
            candidates = set(answer.entity.value.get("candidates", ())) if answer.entity else set()
            narrowed = tuple(option for option in options if option.label in candidates)
            if len(narrowed) == 1:
                only = narrowed[0]
                return Accepted(only.value, only.label, f"这里能约的是{only.label}，先按这家办，不是就说一声。")
            return NotAccepted(
                "有几家医院都可能，您说的是哪一家？" if narrowed else "没对上是哪家医院。",
                narrowed or options,
                fits_several=bool(narrowed),
            )
        info = await self._clinics.hospital_named(name)
        if info is None:
            return NotAccepted(f"{name}现在还不能在这里预约。", options)
        if department is not None and info.id not in {item.id for item in offered}:
            return NotAccepted(f"{name}没有开{department}的网上预约。这些医院有：", options)
        return Accepted(choice_of(info).model_dump(), info.name)

    async def _any_hospital(
        self, answer: SlotAnswer, offered: Sequence[HospitalInfo], department: str | None, context: SkillContext
    ) -> Resolution:
        """Take the hospital with the first seat if the soonest is wanted, else the first; without a department, wait."""
        if department is None:
            return NotAccepted("")  # which hospital is as good as any other depends on the clinic
        wants_it_soon = wants_the_soonest(answer.text)
        soonest = await self._clinics.soonest(offered, department, context.at) if wants_it_soon else None
        if soonest is None:
            return Accepted(choice_of(offered[0]).model_dump(), offered[0].name, f"那就{offered[0].name}。")
        info, session = soonest
        notice = f"{info.name}最早，{wording.day(session.date)}{wording.half(session.half_day)}有号。"
        return Accepted(choice_of(info).model_dump(), info.name, notice)

    async def _visit_time(self, answer: SlotAnswer, values: SlotValues, context: SkillContext) -> Resolution:
        hospital, department = values.get("hospital"), values.get("department")
        offered: list[tuple[VisitTime, str]] = []
        if hospital and department:
            doctor = values.get("doctor")
            coming = await self._clinics.coming_sessions(hospital["id"], department, context.at)
            offered = half_days_of([s for s in coming if doctor is None or is_doctor(s.doctor_name, doctor)])
        options = tuple(Option(label, value.model_dump(mode="json")) for value, label in offered)
        if answer.value is not None:
            wanted: VisitTime | None = VisitTime.model_validate(answer.value)
        elif answer.is_any and not offered:
            wanted = coming_days(context.at)
        elif (answer.is_any or wants_the_soonest(answer.text)) and offered and answer.entity is None:
            soonest, label = offered[0]
            return Accepted(soonest.model_dump(mode="json"), wording.visit_time(soonest), f"那就{label}。")
        else:
            wanted = wanted_time(dict(answer.entity.value), context.at) if answer.entity else None
        problem = why_not(wanted, answer, context.at)
        if wanted is None or problem is not None:
            return NotAccepted(problem or "", options if problem else ())
        wanted = completed_time(wanted, values.get("visit_time"), answer, context)
        if not hospital or not department:
            return Accepted(wanted.model_dump(mode="json"), wording.visit_time(wanted))
        return await self._half_day_with_seats(hospital, department, wanted, answer, options)

    async def _half_day_with_seats(
        self,
        hospital: Mapping[str, str],
        department: str,
        wanted: VisitTime,
        answer: SlotAnswer,
        options: tuple[Option, ...],
    ) -> Resolution:
        """Take the time if there are seats; of 那周日呢, after a morning, any half of the day will do."""
        if not await self._clinics.sessions(hospital["id"], department, wanted):
            full = f"{hospital['name']}{department}{wording.visit_time(wanted)}没有号。"
            day = wanted.model_copy(update={"half_day": None})
            is_carried = answer.entity is not None and answer.entity.value["grain"] == "day" and day != wanted
            if not is_carried or not await self._clinics.sessions(hospital["id"], department, day):
                return NotAccepted(f"{full}最近有号的是：", options)
            return Accepted(day.model_dump(mode="json"), wording.visit_time(day), full)
        return Accepted(wanted.model_dump(mode="json"), wording.visit_time(wanted))

    async def _doctor(self, answer: SlotAnswer, values: SlotValues, context: SkillContext) -> Resolution:
        if answer.is_as_before:
            last = await self._last_visit(values, context)
            if last is None:
                return _never_before("doctor", answer)
            return Accepted(last.doctor_name, last.doctor_name, f"好的，还是{last.doctor_name}医生。")
        name = str(answer.value or (answer.entity.value["name"] if answer.entity else answer.text))
        hospital, department = values.get("hospital"), values.get("department")
        if hospital and department:
            coming = await self._clinics.coming_sessions(hospital["id"], department, context.at)
            if not any(is_doctor(session.doctor_name, name) for session in coming):
                return NotAccepted(f"{hospital['name']}{department}最近没有{name}医生的号。")
        return Accepted(name, name)

    async def _last_visit(self, values: SlotValues, context: SkillContext) -> ClinicSession | None:
        """Return the clinic of the account's latest appointment, in the chosen department if one is chosen."""
        found = await self._hospital.appointments(context.account_id)
        sessions = [a.session for a in found if a.state is not AppointmentState.CANCELLED_BY_USER]
        wanted = values.get("department")
        fitting = [s for s in sessions if wanted is None or s.department_name == wanted]
        return max(fitting, key=lambda session: session.starts_at, default=None)


def _never_before(slot: str, answer: SlotAnswer) -> NotAccepted:
    """Say that there is no last time, once: for the slot that was named."""
    is_named = any(word in answer.text for word in BookAppointment.slots()[slot].names)
    return NotAccepted(NO_VISIT_BEFORE if is_named else "")


def _is_child(answer: SlotAnswer) -> bool:
    """Tell whether the utterance speaks of a child: a relation of the next generations, or an age up to 14."""
    ages = [entity.value for entity in answer.entities if entity.type == "age"]
    if ages:
        return any("months" in age or float(age.get("years", 99)) <= _CHILD_YEARS for age in ages)
    return any(e.type == "relation" and e.value.get("relation") in _CHILDREN for e in answer.entities)


def _main_symptom(answer: SlotAnswer) -> SlotAnswer:
    """Take the complaint that is named first: of 牙巴痛得睡不着 the tooth."""
    if answer.entity is None or answer.entity.type != "symptom":
        return answer
    complaints = [e for e in answer.entities if e.type == "symptom" and not e.value.get("negated")]
    return replace(answer, entity=complaints[0]) if complaints else answer


def _is_symptom(answer: SlotAnswer) -> bool:
    return answer.entity is not None and answer.entity.type == "symptom"


def _advice(answer: SlotAnswer, bookable: Sequence[Department]) -> str:
    """Return what is said to a symptom: which departments see it, and what comes before a visit (a fever, a small baby)."""
    notice = ""
    if answer.entity is not None and _is_symptom(answer):
        other = [d.name for d in bookable[1:3] if d.name != bookable[0].name]
        also = f"，也可以看{wording.listed(other)}" if other else ""
        notice = f"“{answer.entity.text}”一般看{bookable[0].name}{also}。{wording.NOT_A_DIAGNOSIS}"
    if is_infant_with_fever(answer.entities):
        return f"{wording.INFANT_FEVER}\n{notice}".strip()
    if any(FEVER_CLINIC in e.value.get("departments", ()) for e in answer.entities if e.type == "symptom"):
        return f"发烧请先去医院的{FEVER_CLINIC}，戴好口罩直接去，不用预约。已经不烧了，或者要看别的，我接着帮您挂号。\n{notice}".strip()
    return notice


def _instead(answer: SlotAnswer, offered: Sequence[Department]) -> Department | None:
    """Return the department that sees such patients where there is none of the name that was said."""
    names = answer.entity.value.get("instead", ()) if answer.entity else ()
    found = (department for name in names for department in named_alike(name, offered) if department.bookable)
    return next(found, None)


def _department_names(answer: SlotAnswer) -> list[str]:
    if isinstance(answer.value, str):
        return [answer.value]
    if answer.entity is None:
        return []
    value = answer.entity.value
    if answer.entity.type == "symptom":
        return list(value.get("departments", ()))
    return [value["name"]] if value.get("name") else list(value.get("candidates", ()))
