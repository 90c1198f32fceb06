from pathlib import Path
from typing import Any

import pytest

from adapters.departments.examiner import HOSPITAL_CONTRACT
from adapters.departments.hospital import (
    Appointment,
    AppointmentState,
    BookingRules,
    ClinicSession,
    Department,
    HospitalInfo,
    Notice,
    Patient,
    RefusalCode,
)
from adapters.departments.schema import Contract

PATIENT: dict[str, Any] = {
    "id": "p1",
    "account_id": "a1",
    "name": "张示例",
    "masked_id_number": "5***************92",
    "guardian_name": None,
    "birth_date": "1990-01-01",
    "masked_phone": "138****0001",
}


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(HOSPITAL_CONTRACT)


def test_right_patient(contract: Contract) -> None:
    assert contract.mistakes("Patient", PATIENT) == []
    assert contract.mistakes("Patient", PATIENT | {"a_later_field": 1}) == []


@pytest.mark.parametrize(
    "change",
    [
        {"masked_id_number": "510703199001019992"},
        {"masked_id_number": 5},
        {"birth_date": "1990-13-01"},
        {"birth_date": "19900101"},
        {"masked_phone": "13800000001"},
        {"id": ""},
        {"id": "x" * 129},
        {"name": None},
    ],
)
def test_wrong_patient(contract: Contract, change: dict[str, Any]) -> None:
    assert len(contract.mistakes("Patient", PATIENT | change)) == 1


def test_missing_field(contract: Contract) -> None:
    assert contract.mistakes("Patient", {name: PATIENT[name] for name in PATIENT if name != "birth_date"}) == [
        "Patient.birth_date: missing"
    ]


def test_unknown_field_of_an_order(contract: Contract) -> None:
    order = {"account_id": "a1", "patient_id": "p1", "session_id": "s1"}
    assert contract.mistakes("BookingOrder", order) == []
    assert contract.mistakes("BookingOrder", order | {"price": 1}) == ["BookingOrder.price: not in the contract"]


def test_answers_are_found_by_operation_and_status(contract: Contract) -> None:
    problem = {"status": 409, "code": "sold_out", "detail": "约满了。"}
    ask = contract.response_mistakes
    assert ask("POST", "/appointments", 409, "application/problem+json", problem) == []
    assert ask("POST", "/appointments", 409, "application/json", problem) != []
    assert ask("POST", "/appointments", 200, "application/json", problem) == ["status 200 is not in the contract"]
    assert ask("POST", "/appointments", 409, "application/problem+json", problem | {"code": "no"}) != []
    assert ask("GET", "/hospitals", 200, "application/json", {"items": [{"id": "h"}]}) == [
        "body.items[0].name: missing",
        "body.items[0].level: missing",
    ]


def test_truth_values_are_no_numbers(contract: Contract) -> None:
    problem = {"status": True, "code": "sold_out", "detail": "约满了。"}
    assert contract.mistakes("Problem", problem) == ["Problem.status: bool, not integer"]


def test_word_of_a_schema_that_is_not_known_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("components: {schemas: {X: {type: string, oneOf: []}}}", encoding="utf-8")
    with pytest.raises(ValueError, match="oneOf"):
        Contract(path).mistakes("X", "a")


@pytest.mark.parametrize(
    ("schema", "model"),
    [
        ("Hospital", HospitalInfo),
        ("Department", Department),
        ("ClinicSession", ClinicSession),
        ("Patient", Patient),
        ("Appointment", Appointment),
        ("BookingRules", BookingRules),
        ("Notice", Notice),
    ],
)
def test_models_read_exactly_what_the_contract_names(contract: Contract, schema: str, model: Any) -> None:
    named = set(contract.document["components"]["schemas"][schema]["properties"])
    assert set(model.model_fields) == named


def test_refusal_codes_that_a_skill_may_act_upon_are_in_the_contract(contract: Contract) -> None:
    codes = contract.document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert {code.value for code in RefusalCode} <= set(codes)
    assert {state.value for state in AppointmentState} == set(
        contract.document["components"]["schemas"]["Appointment"]["properties"]["state"]["enum"]
    )
