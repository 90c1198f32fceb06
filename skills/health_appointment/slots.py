"""What the forms of this skill ask, and why (the rows of the service guide)."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from skills.contract import Slot, SlotModel, SlotValues

GUIDE = "guide-hospital-appointment"
NEW_PATIENT = "new"
NO_CARD = "none"


class Value(BaseModel):
    """Base of the slots' values."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class HospitalChoice(Value):
    """A hospital by its id and its name."""

    id: str
    name: str


class VisitTime(Value):
    """The days on which a visit suits, both included, and the half of the day if it matters."""

    from_date: date
    to_date: date
    half_day: Literal["morning", "afternoon"] | None = None


class PatientChoice(Value):
    """A patient of the account, or `new`, whose name may have been given in place of a choice."""

    id: str
    name: str


ONLY_ONE = "这个时间只有一个号：{label}，就选它了。"
FIRST_OF_SEVERAL = "您没有指定医生，先选了{label}。还有：{others}。想换，说医生的名字或者“换医生”就行。"
VISIT_TIME = Slot(
    "时间",
    prompt="您想哪天去看？",
    reprompt="请告诉我哪天去，比如“明天上午”“下周三”，也可以从下面选。",
    why=(GUIDE, "就诊日期和时段"),
    entities=("time",),
    names=("时间", "日期", "一天", "哪天", "上午", "下午", "时段"),
    any_words=(
        "越快越好",
        "越早越好",
        "尽快",
        "哪天都",
        "哪天最早",
        "哪天早",
        "最早的那天",
        "最早那天",
        "最早的一天",
        "最近的那天",
        "最近那天",
        "哪天有号就",
    ),
    depends_on=("hospital", "department"),
    is_free_text=True,
    is_volatile=True,
    is_reapplied=True,
    is_carried_over=True,
)
CLINIC_SESSION = Slot(
    "号源",
    prompt="您选哪一个？",
    reprompt="请选一个号，回复序号也行。",
    why=(GUIDE, "号源"),
    names=("号源", "号", "一个号", "医生", "大夫"),
    any_words=("哪个有号就", "哪个有号挂", "哪个有号选", "有号就行", "有号就要得", "有号就挂"),
    wish_words=(
        "普通号",
        "普通门诊",
        "专家号",
        "专家门诊",
        "副主任",
        "主任",
        "专病",
        "便宜",
        "相因",
        "人少",
        "最早的号",
        "最早那个",
        "第一个号",
        "头一个号",
    ),
    depends_on=("hospital", "department", "visit_time", "doctor"),
    is_free_text=True,
    is_volatile=True,
    is_taken_if_single=True,
    single_notice=ONLY_ONE,
    default_notice=FIRST_OF_SEVERAL,
    is_reapplied=True,
    is_carried_over=True,
)


class BookAppointment(SlotModel):
    """A booking, complete: who sees which clinic when."""

    department: Annotated[
        str,
        Slot(
            "科室",
            prompt="您想挂哪个科？说哪里不舒服也行。",
            reprompt="请说科室的名字，比如“儿科”“骨科”；拿不准就说说哪里不舒服。",
            why=(GUIDE, "科室"),
            entities=("department", "symptom"),
            names=("科室", "个科"),
            depends_on=(),
            is_carried_over=True,
        ),
    ]
    hospital: Annotated[
        HospitalChoice,
        Slot(
            "医院",
            prompt="您想去哪家医院？",
            reprompt="请说医院的名字，比如“中心医院”“中医院”，也可以从下面选。",
            why=(GUIDE, "就诊医院"),
            entities=("hospital",),
            names=("医院", "一家", "哪家"),
            any_words=(
                "哪家最早",
                "哪家早",
                "哪家快",
                "哪家先",
                "最早的那个",
                "最早那个",
                "最早的那家",
                "最早那家",
                "最早的一家",
            ),
            is_carried_over=True,
        ),
    ]
    visit_time: Annotated[VisitTime, VISIT_TIME]
    doctor: Annotated[
        str | None,
        Slot(
            "医生",
            why=(GUIDE, "医生（可不选）"),
            entities=("doctor",),
            names=("医生", "大夫"),
            depends_on=("hospital", "department"),
            is_hint=True,
            is_carried_over=True,
        ),
    ] = None
    clinic_session: Annotated[str, CLINIC_SESSION]
    patient: Annotated[
        PatientChoice,
        Slot(
            "就诊人",
            prompt="给哪位挂？",
            reprompt="请选就诊人，或者说“新增就诊人”。",
            why=(GUIDE, "就诊人姓名"),
            entities=("relation",),
            names=("就诊人", "病人", "一个人"),
            is_free_text=True,
            is_taken_if_single=True,
        ),
    ]
    patient_name: Annotated[
        str | None,
        Slot(
            "姓名",
            prompt="请告诉我就诊人的姓名，要和身份证上一样。",
            reprompt="请只发就诊人的姓名，两到四个字，比如“张三”。",
            why=(GUIDE, "就诊人姓名"),
            entities=("person_name",),
            names=("姓名", "名字"),
            depends_on=("patient",),
            is_reapplied=True,
            is_sensitive=True,
        ),
    ] = None
    patient_id_number: Annotated[
        str | None,
        Slot(
            "身份证号",
            prompt="请发就诊人的身份证号（18位）。小孩没有身份证的，回复“没有”。",
            reprompt="请再发一次18位身份证号；小孩没有身份证的，回复“没有”。",
            why=(GUIDE, "就诊人身份证号"),
            entities=("id_number",),
            names=("身份证", "证号", "证件"),
            none_words=(
                "没得身份证",
                "没有身份证",
                "没身份证",
                "没办身份证",
                "身份证还没办",
                "没上户",
                "没得户口",
                "用我的嘛",
                "用我的吧",
                "用我的身份证",
                "用家长的",
                "用大人的",
                "用我身份证",
            ),
            depends_on=("patient",),
            is_reapplied=True,
            is_free_text=True,
            is_sensitive=True,
        ),
    ] = None
    guardian_name: Annotated[
        str | None,
        Slot(
            "监护人姓名",
            prompt="那用监护人的证件来约。请告诉我监护人的姓名。",
            reprompt="请只发监护人的姓名，比如“张三”。",
            why=(GUIDE, "监护人"),
            entities=("person_name",),
            names=("监护人", "家长"),
            depends_on=("patient", "patient_id_number"),
            is_reapplied=True,
            is_sensitive=True,
        ),
    ] = None
    guardian_id_number: Annotated[
        str | None,
        Slot(
            "监护人身份证号",
            prompt="请发监护人的身份证号（18位）。",
            reprompt="请再发一次监护人的18位身份证号。",
            why=(GUIDE, "监护人"),
            entities=("id_number",),
            names=("监护人身份证", "监护人证号"),
            depends_on=("patient", "patient_id_number"),
            is_reapplied=True,
            is_free_text=True,
            is_sensitive=True,
        ),
    ] = None
    phone: Annotated[
        str | None,
        Slot(
            "联系电话",
            prompt="最后留一个联系电话，停诊、改期时医院好通知您。",
            reprompt="请发11位手机号，或者带区号的座机号。",
            why=(GUIDE, "联系电话"),
            entities=("phone",),
            names=("电话", "手机", "号码"),
            none_words=("没得电话", "没得手机", "没有电话", "没有手机", "没电话", "没手机", "电话没得", "手机没得"),
            depends_on=("patient",),
            is_reapplied=True,
            is_free_text=True,
            is_sensitive=True,
        ),
    ] = None

    @classmethod
    def needed(cls, values: SlotValues) -> tuple[str, ...]:
        """Return what a booking needs: of a new patient the name, number and phone; of a child without a card a guardian."""
        always = ("department", "hospital", "visit_time", "clinic_session", "patient")
        patient = values.get("patient", {})
        if patient.get("id") != NEW_PATIENT:
            return always
        name = () if patient.get("name") else ("patient_name",)
        guardian = ("guardian_name", "guardian_id_number") if values.get("patient_id_number") == NO_CARD else ()
        return (*always, *name, "patient_id_number", *guardian, "phone")


APPOINTMENT = Slot(
    "预约",
    prompt="您有这些预约，要办哪一个？",
    reprompt="请选一个预约，回复序号也行。",
    why=(GUIDE, "号源"),
    entities=("department", "hospital", "time", "doctor"),
    names=("预约", "个号"),
    is_volatile=True,
    is_taken_if_single=True,
)


class CancelAppointment(SlotModel):
    """The appointment to give back."""

    appointment: Annotated[str, APPOINTMENT]


class RescheduleAppointment(SlotModel):
    """The appointment to move, and where to."""

    appointment: Annotated[
        str,
        Slot(
            "预约",
            prompt=APPOINTMENT.prompt,
            reprompt=APPOINTMENT.reprompt,
            why=APPOINTMENT.why,
            entities=("department", "hospital", "doctor"),
            names=APPOINTMENT.names,
            is_volatile=True,
            is_taken_if_single=True,
        ),
    ]
    visit_time: Annotated[
        VisitTime,
        Slot(
            "时间",
            prompt="您想改到哪天？",
            reprompt="请告诉我改到哪天，比如“后天下午”，也可以从下面选。",
            why=VISIT_TIME.why,
            entities=("time", "shift"),
            names=VISIT_TIME.names,
            depends_on=("appointment",),
            is_volatile=True,
            is_reapplied=True,
        ),
    ]
    clinic_session: Annotated[
        str,
        Slot(
            "号源",
            prompt="您改到哪一个？",
            reprompt="请选一个号，回复序号也行。",
            why=CLINIC_SESSION.why,
            names=CLINIC_SESSION.names,
            wish_words=CLINIC_SESSION.wish_words,
            depends_on=("appointment", "visit_time"),
            is_free_text=True,
            is_volatile=True,
            is_taken_if_single=True,
            single_notice=ONLY_ONE,
            default_notice=FIRST_OF_SEVERAL,
        ),
    ]


PHONE_PATTERN = re.compile(r"^(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$")
