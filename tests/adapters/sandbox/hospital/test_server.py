import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.clock import FixedClock
from adapters.departments.examiner import HOSPITAL_CONTRACT
from adapters.departments.hospital import HospitalClient
from adapters.departments.outcome import Done
from adapters.departments.schema import Contract
from adapters.errors import DepartmentUnavailable
from adapters.http_client import JsonClient
from adapters.sandbox.city import load_city
from adapters.sandbox.hospital import HospitalDesk
from adapters.sandbox.problems import Refusal, _entries
from adapters.sandbox.remote import RemoteControl
from adapters.sandbox.server import RunningSandbox, start


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def test_every_operation_of_the_contract_is_served_and_no_other(sandbox: RunningSandbox) -> None:
    served = {
        (route.method, route.resource.canonical)
        for route in sandbox.runner.app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    public = {each for each in served if not each[1].startswith("/_control")} - {("GET", "/")}
    assert public == set(Contract(HOSPITAL_CONTRACT).operations())


def test_control_is_not_in_the_contract() -> None:
    assert "_control" not in HOSPITAL_CONTRACT.read_text(encoding="utf-8")


def test_refusal_codes_are_those_of_the_contract() -> None:
    contract = Contract(HOSPITAL_CONTRACT).document
    assert set(contract["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == set(_entries())


def test_refusals_are_chinese_sentences() -> None:
    for code in _entries():
        problem = Refusal(code, count=3, until=date(2026, 11, 30), last_bookable_date=date(2026, 12, 6)).problem
        assert problem["detail"].endswith("。")
        assert "{" not in problem["detail"]


async def test_front_page_says_that_this_is_a_demo(sandbox: RunningSandbox, web: aiohttp.ClientSession) -> None:
    async with web.get(sandbox.url) as answer:
        assert "示例数据" in await answer.text()
        assert answer.headers["X-Demo-Data"] == "true"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"account_id": {"$ne": null}, "patient_id": "a", "session_id": "b"}',
        b'{"account_id": "a", "patient_id": "a", "session_id": "b", "extra": 1}',
        b"[" * 60_000,
        b"\xff\xfe",
        b'{"account_id": "' + b"a" * 129 + b'", "patient_id": "a", "session_id": "b"}',
    ],
)
async def test_bad_bodies_are_refused_and_not_recorded(
    sandbox: RunningSandbox, web: aiohttp.ClientSession, client: HospitalClient, body: bytes
) -> None:
    headers = {"Idempotency-Key": "key-bad-00001", "Content-Type": "application/json"}
    async with web.post(f"{sandbox.url}/appointments", data=body, headers=headers) as answer:
        assert answer.status == 400
        assert answer.content_type == "application/problem+json"
        assert (await answer.json())["code"] == "invalid_request"
    assert await client.resolve("key-bad-00001") is None


async def test_body_that_is_too_large_is_refused(sandbox: RunningSandbox, web: aiohttp.ClientSession) -> None:
    headers = {"Idempotency-Key": "key-bad-00001"}
    async with web.post(f"{sandbox.url}/appointments", data=b"a" * 100_000, headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (413, "invalid_request")


@pytest.mark.parametrize(
    "query",
    [
        "hospital_id=mianyang-central&department_id=pediatrics&date_from=2026-11-23&date_to=2026-12-24",
        "hospital_id=mianyang-central&department_id=pediatrics&date_from=2026-11-23&date_to=2026-11-22",
        "hospital_id=mianyang-central&department_id=pediatrics&date_from=tomorrow&date_to=2026-11-22",
        "hospital_id=mianyang-central",
    ],
)
async def test_bad_session_queries_are_refused(sandbox: RunningSandbox, web: aiohttp.ClientSession, query: str) -> None:
    async with web.get(f"{sandbox.url}/clinic-sessions?{query}") as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("token", [None, "", "wrong"])
async def test_control_needs_its_token(sandbox: RunningSandbox, web: aiohttp.ClientSession, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    for method, path in [("GET", "ledger"), ("POST", "suspend"), ("GET", "faults"), ("DELETE", "faults")]:
        async with web.request(method, f"{sandbox.control_url}/{path}", headers=headers) as answer:
            assert answer.status == 401


async def test_access_token_of_the_contract(tmp_path: Path, clock: FixedClock) -> None:
    running = await start(tmp_path / "guarded.sqlite", clock, api_token="made-up")
    for token, is_let_in in [(None, False), ("wrong", False), ("made-up", True), (running.control_token, False)]:
        client = HospitalClient(JsonClient("hospital", running.url, token=token))
        await client.open()
        await client.ping()
        try:
            assert bool(await client.hospitals()) is is_let_in
        except DepartmentUnavailable:
            assert not is_let_in
        await client.close()
    await running.close()


async def test_data_outlive_the_server(tmp_path: Path, clock: FixedClock, tomorrow: date) -> None:
    seen = []
    for _ in range(2):
        running = await start(tmp_path / "kept.sqlite", clock)
        client = HospitalClient(JsonClient("hospital", running.url))
        await client.open()
        added = await client.add_patient("a1", "张示例", "13800000001", id_number="510703199001019992")
        assert isinstance(added, Done)
        sessions = await client.sessions("mianyang-central", "gastroenterology", tomorrow, tomorrow)
        session = next(each for each in sessions if each.doctor_title == "主治医师")
        seen.append(await client.book("key-kept-0001", "a1", added.value.id, session.id))
        await client.close()
        async with running.control() as control:
            assert len(await control.ledger("appointment_booked")) == 1
        await running.close()
    assert seen[0] == seen[1]


async def test_taken_port_is_said_and_nothing_is_left_open(
    sandbox: RunningSandbox, tmp_path: Path, clock: FixedClock
) -> None:
    port = int(sandbox.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="address already in use"):
        await start(tmp_path / "second.sqlite", clock, port)


async def test_fault_that_is_no_fault_is_refused(control: RemoteControl) -> None:
    with pytest.raises(aiohttp.ClientResponseError):
        await control.fault("POST /appointments", "melt")  # type: ignore[arg-type]


async def test_chance_is_repeated_by_its_seed(
    sandbox: RunningSandbox, control: RemoteControl, web: aiohttp.ClientSession
) -> None:
    drawn = []
    for seed in (1, 1, 2):
        await control.fault("GET /hospitals", "error", times=None, probability=0.5, seed=seed)
        statuses = []
        for _ in range(16):
            async with web.get(f"{sandbox.url}/hospitals") as answer:
                statuses.append(answer.status)
        drawn.append(statuses)
        await control.clear_faults()
    assert drawn[0] == drawn[1] != drawn[2]
    assert set(drawn[0]) == {200, 500}


def test_city_file_keeps_unsourced_names_apart() -> None:
    city = load_city()
    assert city.status == "demo"
    for hospital in city.hospitals:
        bookable = [each for each in hospital.departments if city.departments[each].doctors]
        assert 10 <= len(hospital.departments) <= 30
        assert len(bookable) >= 9
        assert hospital.name_status == "sourced" or hospital.level is None
        assert "示例" in hospital.check_in_place
        for department in bookable:
            names = [each.name for each in city.doctors(hospital.id, department)]
            assert len(names) == len(set(names))


@asynccontextmanager
async def process(database: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, Any]]]:
    """Run the sandbox as `serve` does, and kill it in the end whatever happened."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.sandbox", "--database", str(database), "--at", "2026-11-22T09:00"),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"SANDBOX_CONTROL_TOKEN": "made-up"},
    )
    try:
        assert child.stdout is not None
        yield child, json.loads(await asyncio.wait_for(child.stdout.readline(), 30))
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def test_killed_process_keeps_what_it_answered(tmp_path: Path, tomorrow: date) -> None:
    told: set[str] = set()
    for life in range(2):
        async with process(tmp_path / "city.sqlite") as (child, ready):
            client = HospitalClient(JsonClient("hospital", ready["url"]), settle_waits=())
            await client.open()
            sessions = await client.sessions("mianyang-central", "gastroenterology", tomorrow, tomorrow)
            session = max(sessions, key=lambda each: each.left)
            added = await client.add_patient("a1", "张示例", "13800000001", id_number="510703199001019992")
            assert isinstance(added, Done)

            async def book_and_cancel(life: int, patient_id: str, session_id: str, client: HospitalClient) -> None:
                for round_ in range(1000):
                    key = f"key-{life}-{round_:05d}"
                    booked = await client.book(key, "a1", patient_id, session_id)
                    if not isinstance(booked, Done):
                        return
                    told.add(key)
                    await client.cancel(f"{key}-back", booked.value.id, "a1")

            busy = asyncio.create_task(book_and_cancel(life, added.value.id, session.id, client))
            await asyncio.sleep(0.5)
            child.send_signal(signal.SIGKILL)
            await child.wait()
            await asyncio.gather(busy, return_exceptions=True)
            await client.close()
    assert len(told) > 5
    async with process(tmp_path / "city.sqlite") as (child, ready):
        async with RemoteControl(ready["control_url"], "made-up") as control:
            booked = {row["idempotency_key"] for row in await control.ledger("appointment_booked")}
            assert told <= booked
            assert len(booked) <= len(told) + 2, "at most the one that was under way when it was killed"
        child.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(child.wait(), 10) == 0


async def test_no_show_job_runs_by_itself(
    sandbox: RunningSandbox, town: Any, clock: FixedClock, tomorrow: date, control: RemoteControl
) -> None:
    await town.booked(await town.patient(), await town.session(tomorrow))
    assert await control.ledger("appointment_no_show") == []
    clock.advance(days=2)
    desk: HospitalDesk = sandbox.hospital
    assert await desk.sweep() == 1
    assert await desk.sweep() == 0
    assert len(await control.ledger("appointment_no_show")) == 1
