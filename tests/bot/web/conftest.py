"""The doors of a small city, served on loopback, and a browser-like client for them."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.clock import CITY_TIMEZONE, FixedClock
from adapters.staff import ScryptCost, StaffAccounts
from bot.web.app import create_app
from bot.web.server import RunningWeb, serve_application
from knowledge.service import Knowledge
from tests.bot.web.small_city import MoodyStore, SmallCity, settings_of, write_seed

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=CITY_TIMEZONE)
CHEAP = ScryptCost(log_n=4, r=1, p=1)


@pytest.fixture(scope="session")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    folder = tmp_path_factory.mktemp("knowledge")
    return Knowledge.open(folder / "release", seed=write_seed(folder / "seed"))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def sections() -> dict[str, Any]:
    """Settings that a test wants otherwise; override by parametrizing."""
    return {}


@pytest.fixture
async def city(
    tmp_path: Path, clock: FixedClock, knowledge: Knowledge, sections: dict[str, Any]
) -> AsyncIterator[SmallCity]:
    city = SmallCity(settings_of(tmp_path, **sections), clock, MoodyStore(tmp_path / "city.db", clock), knowledge)
    await city.start()
    yield city
    city.store.is_down = False
    await city.close()


@pytest.fixture
def staff(city: SmallCity, clock: FixedClock) -> StaffAccounts:
    return StaffAccounts(city.store, clock, CHEAP)


@pytest.fixture
async def web(city: SmallCity, staff: StaffAccounts) -> AsyncIterator[RunningWeb]:
    running = await serve_application(create_app(city, staff=staff), "127.0.0.1", 0)
    yield running
    await running.close()


class Page:
    """What a citizen's browser does, without a browser."""

    def __init__(self, base: str, http: aiohttp.ClientSession) -> None:
        self.base = base
        self.http = http

    async def session(self) -> dict[str, Any]:
        async with self.http.post(f"{self.base}/api/session", headers={"Origin": self.base}) as response:
            assert response.status == 200
            return await response.json()

    async def post(self, message_id: str, text: str) -> tuple[int, dict[str, Any]]:
        content = {"message_id": message_id, "text": text}
        async with self.http.post(f"{self.base}/api/messages", json=content) as response:
            return response.status, await response.json()

    async def turns(self, after: int = 0) -> list[dict[str, Any]]:
        async with self.http.get(f"{self.base}/api/messages", params={"after": after}) as response:
            assert response.status == 200
            return (await response.json())["turns"]

    @asynccontextmanager
    async def socket(self, ticket: str | None = None) -> AsyncIterator["Socket"]:
        ticket = ticket or (await self.session())["ticket"]
        url = f"{self.base}/ws?ticket={ticket}"
        async with self.http.ws_connect(url, headers={"Origin": self.base}) as connection:
            yield Socket(connection)


class Socket:
    """A page's socket; it reads frames as JSON."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self.connection = connection

    async def send(self, **frame: Any) -> None:
        await self.connection.send_str(json.dumps(frame))

    async def next(self, kind: str | None = None) -> dict[str, Any]:
        while True:
            frame = json.loads(await self.connection.receive_str(timeout=5))
            if kind in {None, frame["type"]}:
                return frame

    async def close_code(self) -> int | None:
        while not self.connection.closed:
            await self.connection.receive(timeout=5)
        return self.connection.close_code


@pytest.fixture
async def open_page(web: RunningWeb) -> AsyncIterator[Callable[[], Page]]:
    sessions: list[aiohttp.ClientSession] = []

    def open_one() -> Page:
        http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(10))
        sessions.append(http)
        return Page(web.url, http)

    yield open_one
    for http in sessions:
        await http.close()


@pytest.fixture
async def page(open_page: Callable[[], Page]) -> Page:
    return open_page()
