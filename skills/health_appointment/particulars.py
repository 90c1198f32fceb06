"""What a new patient gives of themselves: name, identity number, phone."""

import re
from collections.abc import Sequence

from adapters.departments.hospital import Patient
from nlu.entities.identifiers import check_id_number
from skills.contract import Accepted, NotAccepted, Resolution, SkillContext, SlotAnswer
from skills.health_appointment import wording
from skills.health_appointment.slots import NO_CARD, PHONE_PATTERN

_AS_OF = "as:"
NOT_KEPT = "前面办的那次，{what}办完就没有留着了，麻烦再发一次{again}。"
_HAS_NONE = re.compile(r"^[^0-9]{0,6}(?:没得|没有|莫得|没)[^0-9]*$")
_NO_CARD_WORDS = re.compile(
    r"^(?:还)?(?:没有|没得|莫得|冇得|没|无)(?:办|的|嘛|哦|呀|啊)?(?:[，。,.！!\s]|$)|(?:没有|没得|莫得|冇得|没)(?:办|领|拿到|上)?(?:身份证|证件|户口)|还没[办上]"
)


def name_of(answer: SlotAnswer) -> Resolution:
    """Return the name that was given."""
    if answer.is_as_before:
        return NotAccepted(NOT_KEPT.format(what="姓名", again="姓名"))
    name = str(answer.value or (answer.entity.value["name"] if answer.entity else ""))
    if not name:
        return NotAccepted("没看清姓名。")
    return Accepted(name, wording.masked_name(name))


def id_number_of(answer: SlotAnswer, context: SkillContext, *, may_be_missing: bool) -> Resolution:
    """Return the identity number that was given, checked as of the day; a child may have none."""
    if answer.is_as_before:
        return NotAccepted(NOT_KEPT.format(what="身份证号", again="18位身份证号"))
    said = str(answer.value or (answer.entity.value["number"] if answer.entity else answer.text))
    is_said = answer.is_none or (answer.entity is None and _NO_CARD_WORDS.search(said.strip()) is not None)
    if answer.value == NO_CARD or is_said:
        if may_be_missing:
            return Accepted(NO_CARD, "没有，用监护人证件")
        return NotAccepted("监护人的身份证号是必须的，没有的话可以到医院窗口办理。")
    checked = check_id_number(said, context.at.date())
    if not checked.is_valid:
        digits = len(checked.number) if checked.problem == "length" else 0
        if digits > 0:
            return NotAccepted(f"这个身份证号是{digits}位，应该是18位，请核对一下。")
        return NotAccepted("这个身份证号好像不对，请核对一下18位号码。")
    return Accepted(checked.number, wording.masked_number(checked.number))


def phone_of(answer: SlotAnswer, patients: Sequence[Patient] = ()) -> Resolution:
    """Return the phone that was given: a mobile of 11 digits, or a landline with its area code.

    还是刚才那个 is that of the patient who was registered last: the hospital knows it, we do not keep it.
    """
    if answer.is_as_before:
        if not patients:
            return NotAccepted(NOT_KEPT.format(what="电话", again="11位手机号"))
        return Accepted(f"{_AS_OF}{patients[-1].id}", patients[-1].masked_phone)
    if isinstance(answer.value, str) and answer.value.startswith(_AS_OF):
        return Accepted(answer.value, answer.text)
    said_none = answer.entity is None and _HAS_NONE.search(answer.text) is not None and answer.value is None
    if answer.is_none or said_none:
        return NotAccepted("网上预约要留一个能联系到您的电话，停诊、改期时医院好通知；都没有的话，请到医院挂号窗口办。")
    said = str(answer.value or (answer.entity.value["number"] if answer.entity else answer.text))
    digits = said.replace(" ", "").replace("+86", "")
    if PHONE_PATTERN.match(digits) is None:
        return NotAccepted("这个电话好像不对。")
    return Accepted(digits, f"{digits[:3]}****{digits[-4:]}")


def shares_phone_with(phone: str | None) -> str | None:
    """Return the id of the patient whose phone shall do, None for a phone that was given."""
    return phone.removeprefix(_AS_OF) if phone is not None and phone.startswith(_AS_OF) else None
