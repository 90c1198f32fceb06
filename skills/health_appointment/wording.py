"""How clinics, times, patients and appointments are put into words."""

from collections.abc import Sequence
from datetime import date, datetime

from adapters.departments.hospital import Appointment, ClinicSession, Patient
from skills.health_appointment.slots import VisitTime

_WEEKDAYS = "一二三四五六日"
_HALVES = {"morning": "上午", "afternoon": "下午"}
INFANT_FEVER = "三个月以内的小宝宝发烧，请马上带去医院急诊，情况不好就拨打120，不要等预约。"
NOT_A_DIAGNOSIS = "这只是分诊建议，不能代替医生诊断；如果症状加重，请拨打120或去急诊。"


def day(value: date) -> str:
    """Return a day as 11月24日（周二）."""
    return f"{value.month}月{value.day}日（周{_WEEKDAYS[value.weekday()]}）"


def half(half_day: str) -> str:
    """Return 上午 or 下午."""
    return _HALVES[half_day]


def visit_time(value: VisitTime) -> str:
    """Return the wanted days in words."""
    words = day(value.from_date)
    if value.to_date != value.from_date:
        words = f"{words}到{day(value.to_date)}"
    return words + (half(value.half_day) if value.half_day else "")


def session_when(session: ClinicSession) -> str:
    """Return when a clinic is: day and half."""
    return f"{day(session.date)}{half(session.half_day)}"


def fee(session: ClinicSession) -> str:
    """Return a clinic's fee as the hospital gives it."""
    yuan, fen = divmod(session.fee_fen, 100)
    return f"{yuan}元" if not fen else f"{yuan}.{fen:02d}元"


def session_label(session: ClinicSession, *, with_day: bool = True, with_left: bool = True) -> str:
    """Return a clinic as one option: when, who, what it costs, how many seats are left."""
    when = session_when(session) if with_day else half(session.half_day)
    left = f" 余{session.left}个" if with_left else ""
    return f"{when} {session.doctor_name} {session.doctor_title}（{session.clinic_type}）{fee(session)}{left}"


def clock(value: datetime) -> str:
    """Return a time of day as 8:00."""
    return f"{value.hour}:{value.minute:02d}"


def moment(value: datetime) -> str:
    """Return an instant as 11月24日17:00."""
    return f"{value.month}月{value.day}日{clock(value)}"


def appointment_label(appointment: Appointment) -> str:
    """Return an appointment as one option."""
    session = appointment.session
    return (
        f"{session_when(session)} {session.hospital_name} {session.department_name} {session.doctor_name}"
        f"（{masked_name(appointment.patient_name)}）"
    )


def appointment_ticket(appointment: Appointment, at: datetime) -> str:
    """Return what the citizen must know, at this moment, about an appointment that stands."""
    session, until = appointment.session, moment(appointment.cancel_until)
    is_too_late = appointment.cancel_until < at
    return (
        f"{session.hospital_name} {session.department_name}\n{session_when(session)} "
        f"{session.doctor_name} {session.doctor_title}，第{appointment.queue_number}号\n"
        f"就诊人：{masked_name(appointment.patient_name)}\n"
        f"取号：{clock(appointment.check_in_from)}到{clock(appointment.check_in_until)}，{appointment.check_in_place}，带身份证件\n"
        + (f"网上取消到{until}为止，已经过了；去不了请联系医院窗口" if is_too_late else f"要取消请在{until}前告诉我")
    )


def masked_name(name: str) -> str:
    """Return a name as 李*."""
    return name[:1] + "*" * max(1, len(name) - 1)


def masked_number(number: str) -> str:
    """Return an identity number with its first and its last two characters alone."""
    return number[0] + "*" * max(1, len(number) - 3) + number[-2:]


def patient_label(patient: Patient) -> str:
    """Return a patient as one option, masked."""
    number = patient.masked_id_number or (
        f"监护人{masked_name(patient.guardian_name)}" if patient.guardian_name else ""
    )
    return f"{masked_name(patient.name)} {number}".strip()


def listed(names: Sequence[str]) -> str:
    """Return names joined as people list them."""
    return "、".join(names)
