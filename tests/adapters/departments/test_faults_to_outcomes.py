"""Each way a hospital can fail, and what the caller is told: compared with the ledger, which knows the truth."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.departments.hospital import ClinicSession, HospitalClient, Patient
from adapters.departments.outcome import Done, Rejected, Unknown
from adapters.errors import DepartmentUnavailable
from adapters.http_exchange import ClientLimits
from adapters.sandbox.faults import KINDS
from adapters.sandbox.remote import RemoteControl

BOOK = "POST /appointments"
ANY = "*"
QUICK_AGAIN = ClientLimits(backoff_seconds=0.01, failures_to_open=100)
IMPATIENT = ClientLimits(total_seconds=1.0, backoff_seconds=0.01, failures_to_open=100)  # for a silent hospital alone
ClientMaker = Callable[..., Awaitable[HospitalClient]]

# What one fault on the booking leads to. A lost answer is settled with the key, so the citizen is told the truth.
ONE_FAULT: list[tuple[str, float, type]] = [
    ("delay", 0.05, Done),
    ("delay", 2.0, Done),
    ("error", 0, Done),
    ("commit_then_error", 0, Done),
    ("commit_then_stall", 2.0, Done),
    ("commit_then_close", 0, Done),
    ("stall", 2.0, Done),
    ("broken_body", 0, Done),
    ("wrong_schema", 0, Done),
    ("gateway_error", 0, Done),
    ("duplicate_response", 0, Done),
    ("sold_out", 0, Rejected),
    ("down", 0, DepartmentUnavailable),
    ("busy", 0, DepartmentUnavailable),
]

# The same fault for good, on every request: what can be said then, and how many bookings there really are.
EVERY_TIME: list[tuple[str, float, type, int]] = [
    ("delay", 2.0, Unknown, 1),
    ("error", 0, Unknown, 0),
    ("commit_then_error", 0, Unknown, 1),
    ("commit_then_stall", 2.0, Unknown, 1),
    ("commit_then_close", 0, Unknown, 1),
    ("stall", 2.0, Unknown, 0),
    ("broken_body", 0, Unknown, 1),
    ("wrong_schema", 0, Unknown, 1),
    ("gateway_error", 0, Unknown, 0),
    ("down", 0, DepartmentUnavailable, 0),
    ("busy", 0, DepartmentUnavailable, 0),
]


def _patience(seconds: float) -> ClientLimits:
    return IMPATIENT if seconds > IMPATIENT.total_seconds else QUICK_AGAIN


async def outcome_of(client: HospitalClient, patient: Patient, session: ClinicSession, key: str) -> Any:
    try:
        return await client.book(key, patient.account_id, patient.id, session.id)
    except DepartmentUnavailable as unavailable:
        return unavailable


def test_every_kind_of_fault_is_tried() -> None:
    assert {kind for kind, _, _ in ONE_FAULT} == set(KINDS)


@pytest.mark.parametrize(("kind", "seconds", "expected"), ONE_FAULT)
async def test_one_fault(
    make_client: ClientMaker,
    control: RemoteControl,
    patient: Patient,
    session: ClinicSession,
    kind: Any,
    seconds: float,
    expected: type,
) -> None:
    client = await make_client(_patience(seconds), settle_waits=(0.02, 0.1))
    await control.fault(BOOK, kind, seconds=seconds)
    outcome = await outcome_of(client, patient, session, "key-fault-001")
    await asyncio.sleep(seconds)
    assert await control.struck() == [f"{kind} {BOOK}"]
    assert isinstance(outcome, expected)
    booked = await control.ledger("appointment_booked")
    assert [row["idempotency_key"] for row in booked] == ["key-fault-001"] * (expected is Done)
    if isinstance(outcome, Done):
        assert booked[0]["body"]["appointment_id"] == outcome.value.id
    if isinstance(outcome, Rejected):
        assert outcome.code == "sold_out"
        assert await client.resolve("key-fault-001") == outcome


@pytest.mark.parametrize(("kind", "seconds", "expected", "effects"), EVERY_TIME)
async def test_fault_that_stays(
    make_client: ClientMaker,
    control: RemoteControl,
    patient: Patient,
    session: ClinicSession,
    kind: Any,
    seconds: float,
    expected: type,
    effects: int,
) -> None:
    client = await make_client(_patience(seconds), settle_waits=(0.02, 0.1))
    await control.fault(ANY, kind, times=None, seconds=seconds)
    outcome = await outcome_of(client, patient, session, "key-fault-001")
    assert isinstance(outcome, expected)
    if isinstance(outcome, Unknown):
        assert outcome.key == "key-fault-001"
    await asyncio.sleep(seconds)
    await control.clear_faults()
    assert len(await control.ledger("appointment_booked")) == effects
    resolved = await client.resolve("key-fault-001")
    assert isinstance(resolved, Done) if effects else resolved is None
    again = await outcome_of(client, patient, session, "key-fault-001")
    assert isinstance(again, Done), "the same key may be sent again, and books once"
    assert len(await control.ledger("appointment_booked")) == 1


async def test_request_that_arrives_late_does_not_book_again(
    make_client: ClientMaker, control: RemoteControl, patient: Patient, session: ClinicSession
) -> None:
    client = await make_client(IMPATIENT, settle_waits=(0.02,))
    await control.fault(BOOK, "delay", seconds=2.0)
    outcome = await outcome_of(client, patient, session, "key-late-0001")
    assert isinstance(outcome, Done)
    await asyncio.sleep(2.0)
    assert len(await control.ledger("appointment_booked")) == 1
    assert (await client.session(session.id)).left == session.left - 1


async def test_settling_has_an_end(
    make_client: ClientMaker, control: RemoteControl, patient: Patient, session: ClinicSession
) -> None:
    client = await make_client(QUICK_AGAIN, settle_waits=(0.1,) * 1000, settle_seconds=0.5)
    await control.fault(ANY, "error", times=None)
    async with asyncio.timeout(10):
        assert await outcome_of(client, patient, session, "key-end-00001") == Unknown("key-end-00001")


async def test_answer_sent_twice_is_not_taken_for_the_next_one(
    client: HospitalClient, control: RemoteControl, patient: Patient
) -> None:
    await control.fault("GET /accounts/{account_id}/patients", "duplicate_response")
    assert await client.patients(patient.account_id) == [patient]
    for _ in range(3):
        assert await client.patients("somebody-else") == []


async def test_unknown_patient_is_settled_too(make_client: ClientMaker, control: RemoteControl) -> None:
    client = await make_client(QUICK_AGAIN, settle_waits=(0.02, 0.1))
    await control.fault("POST /accounts/{account_id}/patients", "commit_then_close")
    outcome = await client.add_patient(
        "a1", "李示例", "13800000001", id_number="11010519491231002X", key="key-patient-1"
    )
    assert isinstance(outcome, Done)
    assert await client.resolve_patient("key-patient-1") == outcome
    assert len(await control.ledger("patient_added")) == 1


@pytest.mark.parametrize("kind", ["error", "broken_body", "gateway_error", "down", "commit_then_close", "wrong_schema"])
async def test_reads_say_unavailable(make_client: ClientMaker, control: RemoteControl, kind: Any) -> None:
    client = await make_client(QUICK_AGAIN)
    await control.fault(ANY, kind, times=None)
    with pytest.raises(DepartmentUnavailable):
        await client.hospitals()
    with pytest.raises(DepartmentUnavailable):
        await client.rules("mianyang-central")


async def test_reads_are_tried_again(make_client: ClientMaker, control: RemoteControl) -> None:
    client = await make_client(QUICK_AGAIN)
    await control.fault(ANY, "error", times=2)
    assert await client.hospitals()
    assert len(await control.struck()) == 2


async def test_seeded_chaos_tells_no_lies(
    make_client: ClientMaker, control: RemoteControl, session: ClinicSession
) -> None:
    """Half of all requests fail in some way; whatever was said must agree with the ledger."""
    client = await make_client(QUICK_AGAIN, settle_waits=(0.02, 0.05))
    accounts = []
    for serial in range(12):
        outcome = await client.add_patient(f"a{serial}", "测试示例", "13800000001", id_number=ID_NUMBERS[serial])
        assert isinstance(outcome, Done)
        accounts.append(outcome.value)
    for seed, kind in enumerate(["commit_then_close", "error", "broken_body", "commit_then_error", "down"]):
        await control.fault(ANY, kind, times=None, probability=0.12, seed=seed)  # type: ignore[arg-type]
    told = await asyncio.gather(
        *(outcome_of(client, each, session, f"key-chaos-{each.account_id}") for each in accounts)
    )
    await control.clear_faults()
    booked = {row["idempotency_key"] for row in await control.ledger("appointment_booked")}
    assert len(booked) == len(await control.ledger("appointment_booked"))
    for patient, outcome in zip(accounts, told, strict=True):
        key = f"key-chaos-{patient.account_id}"
        assert not (isinstance(outcome, Done) and key not in booked), "told 成功 but absent"
        assert not (isinstance(outcome, Rejected | DepartmentUnavailable) and key in booked), "told 失败 but booked"
    assert {type(outcome) for outcome in told} >= {Done}
    assert len(await control.struck()) > 0


ID_NUMBERS = [
    "510703199001010007",
    "510703199001010015",
    "510703199001010023",
    "510703199001010031",
    "51070319900101004X",
    "510703199001010058",
    "510703199001010066",
    "510703199001010074",
    "510703199001010082",
    "510703199001010090",
    "510703199001010103",
    "510703199001010111",
]
