"""A sandbox city on loopback with a clock that stands still, its control, and people who book."""

import itertools
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from adapters.clock import CITY_TIMEZONE, FixedClock
from adapters.departments.examiner import synthetic_id_number
from adapters.departments.hospital import Appointment, ClinicSession, HospitalClient, Patient
from adapters.departments.outcome import Done
from adapters.http_client import JsonClient
from adapters.http_exchange import ClientLimits
from adapters.sandbox.remote import RemoteControl
from adapters.sandbox.server import RunningSandbox, start

SUNDAY_MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=CITY_TIMEZONE)


class Town:
    """People who register and book at the hospitals, with keys of their own."""

    def __init__(self, client: HospitalClient) -> None:
        self.client = client
        self._count = itertools.count(1)

    def key(self) -> str:
        return f"key-town-{next(self._count):06d}"

    async def patient(self, account_id: str = "示例账号", id_number: str | None = None) -> Patient:
        number = id_number or synthetic_id_number()
        outcome = await self.client.add_patient(account_id, "测试示例", "13800000001", id_number=number)
        assert isinstance(outcome, Done), outcome
        return outcome.value

    async def session(
        self, day: date, *, half_day: str = "morning", hospital_id: str = "mianyang-central", least: int = 3
    ) -> ClinicSession:
        """Return a session of that day, whether it can be booked yet or not."""
        for department in ("gastroenterology", "cardiology", "neurology", "respiratory"):
            for each in await self.client.sessions(hospital_id, department, day, day):
                if each.half_day == half_day and each.left >= least and each.status == "open":
                    return each
        raise AssertionError(f"no session on {day}")

    async def booked(self, patient: Patient, session: ClinicSession) -> Appointment:
        outcome = await self.client.book(self.key(), patient.account_id, patient.id, session.id)
        assert isinstance(outcome, Done), outcome
        return outcome.value


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SUNDAY_MORNING)


@pytest.fixture
def tomorrow(clock: FixedClock) -> date:
    return clock.now().date() + timedelta(days=1)


@pytest.fixture
async def sandbox(tmp_path: Path, clock: FixedClock) -> AsyncIterator[RunningSandbox]:
    running = await start(tmp_path / "city.sqlite", clock)
    yield running
    await running.close()


@pytest.fixture
async def control(sandbox: RunningSandbox) -> AsyncIterator[RemoteControl]:
    async with sandbox.control() as remote:
        yield remote


@pytest.fixture
async def client(sandbox: RunningSandbox) -> AsyncIterator[HospitalClient]:
    limits = ClientLimits(total_seconds=20, queue_seconds=20, concurrency=64)
    hospital = HospitalClient(JsonClient("hospital", sandbox.url, limits=limits))
    await hospital.open()
    yield hospital
    await hospital.close()


@pytest.fixture
def town(client: HospitalClient) -> Town:
    return Town(client)
