"""A sandbox city on loopback with a clock that stands still, and the client that speaks to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import CITY_TIMEZONE, FixedClock
from adapters.departments.hospital import ClinicSession, HospitalClient, Patient
from adapters.departments.outcome import Done
from adapters.http_client import JsonClient
from adapters.http_exchange import ClientLimits
from adapters.sandbox.remote import RemoteControl
from adapters.sandbox.server import RunningSandbox, start

SUNDAY_MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=CITY_TIMEZONE)
HOSPITAL, DEPARTMENT = "mianyang-central", "gastroenterology"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SUNDAY_MORNING)


@pytest.fixture
async def sandbox(tmp_path: Path, clock: FixedClock) -> AsyncIterator[RunningSandbox]:
    running = await start(tmp_path / "city.sqlite", clock)
    yield running
    await running.close()


@pytest.fixture
async def control(sandbox: RunningSandbox) -> AsyncIterator[RemoteControl]:
    async with sandbox.control() as remote:
        yield remote


ClientMaker = Callable[..., Awaitable[HospitalClient]]


@pytest.fixture
async def make_client(sandbox: RunningSandbox) -> AsyncIterator[ClientMaker]:
    made: list[HospitalClient] = []

    async def make(limits: ClientLimits | None = None, **more: Any) -> HospitalClient:
        client = HospitalClient(JsonClient("hospital", sandbox.url, limits=limits), **more)
        await client.open()
        made.append(client)
        return client

    yield make
    for client in made:
        await client.close()


@pytest.fixture
async def client(make_client: ClientMaker) -> HospitalClient:
    return await make_client()


@pytest.fixture
async def patient(client: HospitalClient) -> Patient:
    outcome = await client.add_patient("示例账号", "张示例", "13800000001", id_number="510703199001019992")
    assert isinstance(outcome, Done)
    return outcome.value


@pytest.fixture
async def session(client: HospitalClient) -> ClinicSession:
    found = await client.sessions(HOSPITAL, DEPARTMENT, date(2026, 11, 24), date(2026, 11, 30))
    return next(each for each in found if each.is_bookable and each.left >= 5)
