"""A sandbox city on loopback with a clock that stands still, and the client that speaks to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.clock import CITY_TIMEZONE, FixedClock
from adapters.departments.hospital import ClinicSession, HospitalClient, Patient
from adapters.departments.outcome import Done
from adapters.http_client import ClientLimits, JsonClient
from adapters.sandbox.identity_numbers import complete
from adapters.sandbox.server import RunningSandbox, start

SUNDAY_MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=CITY_TIMEZONE)
HOSPITAL, DEPARTMENT = "mianyang-central", "gastroenterology"
QUICK = ClientLimits(connect_seconds=1.0, total_seconds=0.4, backoff_seconds=0.01, failures_to_open=50)


def id_number(serial: int, born: str = "19900101") -> str:
    return complete(f"510703{born}{serial:03d}")


@dataclass
class CityForTest:
    """The running sandbox, and what a test does to it."""

    sandbox: RunningSandbox
    clock: FixedClock
    web: aiohttp.ClientSession

    async def control(self, method: str, path: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.sandbox.control_token}"}
        url = f"{self.sandbox.control_url}/{path}"
        async with self.web.request(method, url, json=body or None, headers=headers) as response:
            assert response.status < 300, await response.text()
            return await response.json() if response.status != 204 else None

    async def fault(self, route: str, kind: str, **more: Any) -> None:
        await self.control("POST", "faults", route=route, kind=kind, **more)

    async def ledger(self, effect: str | None = None) -> list[dict[str, Any]]:
        answer = await self.control("GET", "ledger")
        assert answer["is_intact"]
        return [row for row in answer["items"] if effect in {None, row["effect"]}]


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[CityForTest]:
    clock = FixedClock(SUNDAY_MORNING)
    sandbox = await start(tmp_path / "city.sqlite", clock)
    async with aiohttp.ClientSession() as web:
        yield CityForTest(sandbox, clock, web)
    await sandbox.close()


ClientMaker = Callable[..., Awaitable[HospitalClient]]


@pytest.fixture
async def make_client(city: CityForTest) -> AsyncIterator[ClientMaker]:
    made: list[HospitalClient] = []

    async def make(limits: ClientLimits | None = None, **more: Any) -> HospitalClient:
        client = HospitalClient(JsonClient("hospital", city.sandbox.url, limits=limits), **more)
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
async def quick_client(make_client: ClientMaker) -> HospitalClient:
    return await make_client(QUICK, settle_waits=(0.02, 0.05))


@pytest.fixture
async def patient(client: HospitalClient) -> Patient:
    outcome = await client.add_patient("示例账号", "张示例", "13800000001", id_number=id_number(1))
    assert isinstance(outcome, Done)
    return outcome.value


@pytest.fixture
async def session(client: HospitalClient) -> ClinicSession:
    found = await client.sessions(HOSPITAL, DEPARTMENT, date(2026, 11, 24), date(2026, 11, 30))
    return next(each for each in found if each.is_bookable and each.left >= 5)
