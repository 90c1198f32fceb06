"""Questions about clinics that need no form: my appointments, free seats, hospitals, which department, fees."""

import re

from adapters.departments.hospital import ClinicSession, Hospital, HospitalInfo
from nlu.entities.infants import is_infant_with_fever
from skills.contract import Inquiry, SkillContext, SkillReply, SlotAnswer
from skills.health_appointment import wording
from skills.health_appointment.changes import Appointments
from skills.health_appointment.clinics import Clinics, is_doctor
from skills.health_appointment.slots import VisitTime
from skills.health_appointment.visit_times import coming_days, completed_time, wanted_time

_MOST_HOSPITALS = 4
_MOST_LINES = 6
_OF_OTHERS = re.compile(r"[他她]|别[人个]|人家|老公|老婆|男朋友|女朋友|前夫|前妻|同事|邻居|对象")
_NOT_THEIRS = "我只能查用您这个账号约的号，别人自己约的属于个人隐私，这里查不到。"
_OTHERS = re.compile(r"别的|其他|其它|另外的|除了")


class Inquiries:
    """Answers what can be looked up at the hospitals."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._clinics = Clinics(hospital)
        self._appointments = Appointments(hospital)

    async def answer(self, inquiry: Inquiry, context: SkillContext) -> SkillReply:
        """Answer the inquiry of this name; an unknown name is a bug in the manifest and raises `KeyError`."""
        answers = {
            "list": self._list,
            "availability": self._availability,
            "hospitals": self._hospitals,
            "department_advice": self._department_advice,
            "fee": self._fee,
            "patients": self._patients,
        }
        return await answers[inquiry.name](inquiry, context)

    async def _list(self, inquiry: Inquiry, context: SkillContext) -> SkillReply:
        standing = await self._appointments.standing(context)
        not_theirs = f"{_NOT_THEIRS}\n" if _OF_OTHERS.search(inquiry.text) else ""
        if not standing:
            text = f"{not_theirs}您现在没有待就诊的预约。要挂号的话，直接说想看哪个科。"
            return SkillReply(text, choices=("预约挂号",))
        tickets = "\n\n".join(wording.appointment_ticket(a, context.at) for a in standing)
        return SkillReply(f"{not_theirs}您有{len(standing)}个预约：\n{tickets}", choices=("改约", "取消预约"))

    async def _availability(self, inquiry: Inquiry, context: SkillContext) -> SkillReply:
        if (which := _which_department(inquiry)) is not None:
            return which
        department = await self._department_of(inquiry)
        hospital = await self._hospital_of(inquiry)
        if department is None:
            where = hospital.name if hospital else ""
            return SkillReply(f"您想查{where}哪个科的号？比如“{where or '中心医院'}儿科明天还有号吗”。")
        wanted = self._time_of(inquiry, context)
        doctor = inquiry.first("doctor")
        hospitals = [hospital] if hospital else (await self._clinics.hospitals_with(department))[:_MOST_HOSPITALS]
        lines = []
        for info in hospitals:
            sessions = await self._clinics.sessions(info.id, department, wanted)
            if doctor is not None:
                sessions = [s for s in sessions if is_doctor(s.doctor_name, str(doctor.value["name"]))]
            lines += _availability_lines(info, sessions, is_only=hospital is not None)
        when = "最近" if inquiry.first("time") is None or _wants_others(inquiry) else wording.visit_time(wanted)
        where = hospital.name if hospital else ""
        if not lines:
            return SkillReply(f"{where}{department}{when}没有查到号。可以换个时间或者换家医院。")
        text = f"{where}{department}{when}有号：\n" + "\n".join(lines)
        return SkillReply(
            text + "\n要挂的话，直接说“我要挂号”。", choices=(f"挂{where}{department}{_wanted_words(wanted, inquiry)}",)
        )

    async def _hospitals(self, inquiry: Inquiry, _: SkillContext) -> SkillReply:
        hospital = await self._hospital_of(inquiry)
        wanted = await self._department_of(inquiry)
        if hospital is not None and wanted is not None:
            return await self._has_department(hospital, wanted)
        if hospital is not None:
            departments = await self._clinics.departments(hospital.id)
            names = wording.listed([d.name for d in departments])
            return SkillReply(f"{hospital.name}有这些科室：{names}。", choices=(f"挂{hospital.name}的号",))
        department = await self._department_of(inquiry)
        found = await self._clinics.hospitals_with(department)
        if not found:
            return SkillReply(f"市里能网上预约的医院都没有查到“{department}”。")
        named = inquiry.first("hospital")
        elsewhere = f"{named.value['name']}现在还不能在这里预约。" if named and named.value.get("name") else ""
        about = f"{elsewhere}有{department}、" if department else elsewhere
        names = wording.listed([info.name for info in found])
        return SkillReply(f"{about}能在这里预约的医院：{names}。", choices=tuple(info.name for info in found[:4]))

    async def _has_department(self, hospital: HospitalInfo, wanted: str) -> SkillReply:
        found = await self._clinics.department(hospital.id, wanted)
        if found is None:
            others = wording.listed([info.name for info in await self._clinics.hospitals_with(wanted)])
            return SkillReply(f"{hospital.name}没有查到{wanted}。" + (f"有{wanted}的是：{others}。" if others else ""))
        if not found.bookable:
            return SkillReply(f"{hospital.name}有{found.name}。{found.note or ''}")
        return SkillReply(
            f"{hospital.name}有{found.name}，可以在这里预约。", choices=(f"挂{hospital.name}{found.name}",)
        )

    async def _department_advice(self, inquiry: Inquiry, _: SkillContext) -> SkillReply:
        symptom = inquiry.first("symptom")
        if symptom is None or not symptom.value.get("departments"):
            return SkillReply("请说说哪里不舒服、多久了、病人多大年纪，我帮您看挂哪个科。")
        if is_infant_with_fever(inquiry.entities):
            return SkillReply(wording.INFANT_FEVER)
        names = list(symptom.value["departments"])
        age = inquiry.first("age")
        is_child = age is not None and float(age.value.get("years", 1 if "months" in age.value else 99)) <= 14
        if is_child and "儿科" not in names:
            names.insert(0, "儿科")
        text = f"“{symptom.text}”一般看{'，或者'.join(names[:3])}；拿不准可以先看全科医学科。{wording.NOT_A_DIAGNOSIS}"
        return SkillReply(text, choices=tuple(f"挂{name}" for name in names[:2]))

    async def _fee(self, inquiry: Inquiry, context: SkillContext) -> SkillReply:
        hospital, department = await self._hospital_of(inquiry), await self._department_of(inquiry)
        if hospital is None or department is None:
            return SkillReply("挂号费各家医院、各级医生不一样。请说医院和科室，比如“中心医院儿科挂号费”，我帮您查。")
        sessions = await self._clinics.sessions(hospital.id, department, coming_days(context.at))
        fees = {f"{s.clinic_type}（{s.doctor_title}）{wording.fee(s)}" for s in sessions}
        if not fees:
            return SkillReply(f"{hospital.name}{department}最近没有号，查不到费用。")
        return SkillReply(
            f"{hospital.name}{department}的挂号费：{wording.listed(sorted(fees))}，以医院收取的为准。",
            choices=(f"挂{hospital.name}{department}",),
        )

    async def _patients(self, _: Inquiry, context: SkillContext) -> SkillReply:
        patients = await self._hospital.patients(context.account_id)
        if not patients:
            return SkillReply("您还没有添加就诊人。第一次挂号时按提示填写就会自动添加，可以添加家里好几个人。")
        names = "\n".join(wording.patient_label(p) for p in patients)
        return SkillReply(f"您添加的就诊人：\n{names}\n挂号时可以选其中一位，也可以新增。")

    async def _hospital_of(self, inquiry: Inquiry) -> HospitalInfo | None:
        entity = inquiry.first("hospital")
        name = entity.value.get("name") if entity else None
        return await self._clinics.hospital_named(str(name)) if name else None

    async def _department_of(self, inquiry: Inquiry) -> str | None:
        entity = inquiry.first("department", "symptom")
        if entity is None:
            return None
        if entity.type == "symptom":
            departments = entity.value.get("departments") or [None]
            return str(departments[0]) if departments[0] else None
        name = entity.value.get("name") or (entity.value.get("candidates") or [None])[0]
        return str(name) if name else None

    def _time_of(self, inquiry: Inquiry, context: SkillContext) -> VisitTime:
        if _wants_others(inquiry):
            return coming_days(context.at)
        entity = inquiry.first("time")
        wanted = wanted_time(dict(entity.value), context.at) if entity else None
        if wanted is None or entity is None:
            return coming_days(context.at)
        return completed_time(wanted, None, SlotAnswer(inquiry.text, entity, entities=inquiry.entities), context)


def _wants_others(inquiry: Inquiry) -> bool:
    """Tell whether others than those shown are wanted; a time that is named first (the newest words) counts more."""
    found, time = _OTHERS.search(inquiry.text), inquiry.first("time")
    return found is not None and (time is None or found.start() < time.start)


def _which_department(inquiry: Inquiry) -> SkillReply | None:
    """Ask which department is meant, where one word stands for several (外科)."""
    entity = inquiry.first("department")
    candidates = tuple(map(str, entity.value.get("candidates", ()))) if entity and not entity.value.get("name") else ()
    if entity is None or len(candidates) < 2:
        return None
    return SkillReply(
        f"“{entity.text}”有好几个科，您要查哪一个？", choices=tuple(f"{name}还有号吗" for name in candidates)
    )


def _wanted_words(wanted: VisitTime, inquiry: Inquiry) -> str:
    """Return the one day that was asked about, in words that a booking understands; nothing for a longer time."""
    is_one_day = inquiry.first("time") is not None and wanted.from_date == wanted.to_date
    half = wording.half(wanted.half_day) if wanted.half_day else ""
    return f"{wanted.from_date.month}月{wanted.from_date.day}日{half}" if is_one_day else ""


def _availability_lines(info: HospitalInfo, sessions: list[ClinicSession], *, is_only: bool) -> list[str]:
    ordered = sorted(sessions, key=lambda s: (s.date, s.half_day == "afternoon", s.fee_fen))
    if is_only:
        return [f"• {wording.session_label(s)}" for s in ordered[:_MOST_LINES]]
    return [f"• {info.name}：{wording.session_label(ordered[0])}"] if ordered else []
