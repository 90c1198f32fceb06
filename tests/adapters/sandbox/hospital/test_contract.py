"""Every operation of the contract is exercised, with its refusals, and each answer is held against the schemas."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import aiohttp
import pytest

from adapters.clock import FixedClock
from adapters.departments.examiner import Examiner, Reply
from adapters.sandbox.remote import RemoteControl
from adapters.sandbox.server import RunningSandbox


class RecordingExaminer(Examiner):
    """An examiner that remembers what it has seen."""

    def __init__(self, web: aiohttp.ClientSession, url: str) -> None:
        super().__init__(web, url)
        self.seen: set[tuple[str, str]] = set()
        self.codes: set[str] = set()

    async def _exchange(self, method: str, path: str, parts: Any, **more: Any) -> Reply:
        reply = await super()._exchange(method, path, parts, **more)
        if reply.status < 400:
            self.seen.add((method, path))
        self.codes.add(reply.code)
        return reply


@pytest.fixture
async def examiner(sandbox: RunningSandbox) -> AsyncIterator[RecordingExaminer]:
    async with aiohttp.ClientSession() as web:
        yield RecordingExaminer(web, sandbox.url)


async def test_every_operation_and_every_refusal(
    examiner: RecordingExaminer, control: RemoteControl, clock: FixedClock, town: Any, tomorrow: date
) -> None:
    path = "/appointments/{appointment_id}"
    await examiner.get("/health")
    await examiner.get("/hospitals/{hospital_id}/departments", hospital_id="mianyang-tcm")
    await examiner.left((await examiner.bookable())[0]["id"])
    patient = await examiner.patient("a1")
    await _refuse_patients(examiner)
    await examiner.get("/accounts/{account_id}/patients", account_id="a1")
    session = await town.session(tomorrow)
    later = await town.session(tomorrow + timedelta(days=2))
    booked = (await examiner.book(patient, session.id, "key-contract-1")).value
    await examiner.book(patient, later.id, "key-contract-1")
    await examiner.book(patient, session.id)
    await examiner.book(patient | {"account_id": "a2"}, session.id)
    await examiner.book({"id": "", "account_id": "a1"}, session.id)
    await examiner.book(patient, (await town.session(tomorrow + timedelta(days=20))).id)
    await examiner.get("/effects/{idempotency_key}", idempotency_key="key-contract-1")
    body = {"account_id": "a1", "session_id": later.id}
    await examiner.post(path + "/rescheduling", body, key=examiner.key(), appointment_id=booked["id"])
    await examiner.post(path + "/rescheduling", {}, key=examiner.key(), appointment_id=booked["id"])
    await examiner.post(path + "/rescheduling", body, key="bad key", appointment_id=booked["id"])
    await control.suspend(later.id, "设备检修（示例）")
    await examiner.book(await examiner.patient(), later.id)
    notices = await examiner.get("/notices", {"after": "0"})
    assert notices.value["items"][0]["affected"] == [{"appointment_id": booked["id"], "account_id": "a1"}]
    await examiner.post(path + "/rescheduling", body, key=examiner.key(), appointment_id=booked["id"])
    await examiner.cancel(booked["id"], "a1")
    await examiner.get(path, appointment_id=booked["id"])
    await control.set_seats(session.id, 0)
    await examiner.book(await examiner.patient(), session.id)
    await _refuse_after_no_shows(examiner, town, clock)
    await examiner.get(path, appointment_id="nobody")
    for kind in ("error", "down", "busy"):
        await control.fault("GET /hospitals", kind)  # type: ignore[arg-type]
        await examiner.get("/hospitals")
    assert examiner.seen == set(examiner.contract.operations())
    codes = examiner.contract.document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert set(codes) - examiner.codes == {"unauthorized"}


async def _refuse_patients(examiner: RecordingExaminer) -> None:
    good = {"name": "测试示例", "phone": "13800000000", "id_number": "510703199001019992"}
    for change in ({"id_number": "1"}, {"phone": "1"}, {"id_number": None}, {"birth_date": "1990-01-02"}):
        order = {name: value for name, value in (good | change).items() if value is not None}
        await examiner.post("/accounts/{account_id}/patients", order, key=examiner.key(), account_id="a9")


async def _refuse_after_no_shows(examiner: RecordingExaminer, town: Any, clock: FixedClock) -> None:
    patient = await examiner.patient("a7")
    ahead = clock.now().date()
    booked = [
        (await examiner.book(patient, (await town.session(ahead + timedelta(days=n))).id)).value for n in (1, 2, 3)
    ]
    clock.advance(days=4)
    await examiner.get("/appointments", {"account_id": "a7"})
    await examiner.cancel(booked[0]["id"], "a7")
    await examiner.book(patient, booked[0]["session"]["id"])
    refused = await examiner.book(patient, (await town.session(clock.now().date() + timedelta(days=1))).id)
    assert (refused.value["until"], refused.value["count"]) == ("2026-11-30", 3)
