"""What a skill's author may rely on."""

from typing import Annotated

import pytest
from pydantic import ValidationError

from nlu.interpretation import Entity
from skills.contract import Inquiry, Slot, SlotModel
from skills.health_appointment.slots import BookAppointment, CancelAppointment, RescheduleAppointment

NEW = {"patient": {"id": "new", "name": ""}}


def test_slots_come_in_the_order_in_which_they_are_asked() -> None:
    assert list(BookAppointment.slots()) == [
        "department", "hospital", "visit_time", "doctor", "clinic_session", "patient", "patient_name", "patient_id_number",
        "guardian_name", "guardian_id_number", "phone",
    ]  # fmt: skip


def test_hints_are_never_needed() -> None:
    assert "doctor" not in BookAppointment.needed({})
    assert "doctor" not in BookAppointment.needed(NEW)


def test_a_known_patient_is_asked_nothing_personal() -> None:
    needed = BookAppointment.needed({"patient": {"id": "p1", "name": "张伟"}})
    assert needed == ("department", "hospital", "visit_time", "clinic_session", "patient")


def test_a_new_patient_gives_name_number_and_phone() -> None:
    assert BookAppointment.needed(NEW)[-3:] == ("patient_name", "patient_id_number", "phone")


def test_a_name_given_in_place_of_a_choice_is_not_asked_again() -> None:
    assert "patient_name" not in BookAppointment.needed({"patient": {"id": "new", "name": "王秀英"}})


def test_a_child_without_a_card_has_a_guardian() -> None:
    needed = BookAppointment.needed(NEW | {"patient_id_number": "none"})
    assert needed[-5:] == ("patient_name", "patient_id_number", "guardian_name", "guardian_id_number", "phone")


@pytest.mark.parametrize("model", [BookAppointment, CancelAppointment, RescheduleAppointment])
def test_dependences_lead_back_only(model: type[SlotModel]) -> None:
    names = list(model.slots())
    for place, (name, slot) in enumerate(model.slots().items()):
        later = [other for other in slot.depends_on if names.index(other) >= place and name != "visit_time"]
        assert not later, f"{name} depends on what is asked after it: {later}"


@pytest.mark.parametrize("model", [BookAppointment, CancelAppointment, RescheduleAppointment])
def test_personal_numbers_are_marked(model: type[SlotModel]) -> None:
    for name, slot in model.slots().items():
        assert slot.is_sensitive == any(word in name for word in ("name", "number", "phone")), name


def test_a_field_without_a_slot_is_a_mistake() -> None:
    class Bare(SlotModel):
        tea: str

    with pytest.raises(TypeError, match=r"Bare\.tea carries no Slot"):
        Bare.slots()


def test_a_model_is_strict_and_frozen() -> None:
    class Tea(SlotModel):
        tea: Annotated[str, Slot("茶")]

    tea = Tea(tea="绿茶")
    with pytest.raises(ValidationError):
        tea.tea = "红茶"  # type: ignore[misc]  # that it cannot be done is the point
    with pytest.raises(ValidationError):
        Tea.model_validate({"tea": "绿茶", "sugar": 1})


def test_the_first_entity_of_a_kind() -> None:
    entities = (Entity("time", "明天", 0, 2, {}), Entity("hospital", "404", 2, 5, {"name": "四〇四"}))
    inquiry = Inquiry("availability", "明天404", entities)
    found = inquiry.first("department", "hospital")
    assert found is not None
    assert found.text == "404"
    assert inquiry.first("doctor") is None
