"""A real browser before the doors of a small city."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from adapters.clock import SystemClock
from adapters.staff import ScryptCost, StaffAccounts
from bot.web.app import create_app
from bot.web.server import RunningWeb, serve_application
from knowledge.service import Knowledge
from tests.bot.web.small_city import MoodyStore, SmallCity, settings_of, write_seed

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> str:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("MIANBAN_REQUIRE_BROWSER") == "1":
            pytest.fail("MIANBAN_REQUIRE_BROWSER is set, and there is no Chromium on the path")
        pytest.skip("there is no Chromium on the path")
    return path


@pytest.fixture(scope="session")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    folder = tmp_path_factory.mktemp("knowledge")
    return Knowledge.open(folder / "release", seed=write_seed(folder / "seed"))


class Door:
    """The small city's server, which can go away and come back at the same address."""

    def __init__(self, city: SmallCity) -> None:
        self.city = city
        self.staff = StaffAccounts(city.store, city.clock, ScryptCost(log_n=4, r=1, p=1))
        self._running: RunningWeb | None = None
        self._port = 0
        self.url = ""

    async def open(self) -> None:
        self._running = await serve_application(create_app(self.city, staff=self.staff), "127.0.0.1", self._port)
        self.url = self._running.url
        self._port = int(self.url.rpartition(":")[2])

    async def close(self) -> None:
        if self._running is not None:
            running, self._running = self._running, None
            await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def door(tmp_path: Path, knowledge: Knowledge) -> AsyncIterator[Door]:
    clock = SystemClock()
    city = SmallCity(settings_of(tmp_path), clock, MoodyStore(tmp_path / "city.db", clock), knowledge)
    await city.start()
    door = Door(city)
    await door.open()
    yield door
    city.store.is_down = False
    await door.close()
    await city.close()


@pytest.fixture
def city(door: Door) -> SmallCity:
    return door.city


@pytest.fixture
def view() -> dict[str, Any]:
    """What the browser is like; override by parametrizing."""
    return {"viewport": {"width": 390, "height": 844}}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def program(chromium: str) -> AsyncIterator[Browser]:
    """One Chromium for all tests, in a folder of its own that is removed with it; each test has its own profile in it."""
    async with async_playwright() as playwright:
        program = await playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield program
        await program.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(program: Browser, view: dict[str, Any]) -> AsyncIterator[BrowserContext]:
    context = await program.new_context(locale="zh-CN", **view)
    context.set_default_timeout(10_000)
    yield context
    await context.close()


class Chat:
    """The chat page, as its user sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.text = page.locator("#text")
        self.own = page.locator(".own .bubble")
        self.replies = page.locator(".reply .bubble")
        self.choices = page.locator(".choices button")
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if "Content Security" in said.text else None)

    async def say(self, text: str) -> None:
        await self.text.fill(text)
        await self.text.press("Enter")

    async def answered(self, count: int) -> None:
        await self.replies.nth(count - 1).wait_for()

    async def connected(self) -> None:
        """Wait until the page has its line to the city: it has asked for its history then."""
        await self.page.locator("#connection").wait_for(state="hidden")

    async def said(self) -> list[str]:
        return [text.removeprefix("绵办：") for text in await self.replies.all_text_contents()]

    async def wrote(self) -> list[str]:
        return [text.removeprefix("您说：") for text in await self.own.all_text_contents()]


@pytest_asyncio.fixture(loop_scope="session")
async def chat(browser: BrowserContext, door: Door) -> AsyncIterator[Chat]:
    page = await browser.new_page()
    chat = Chat(page)
    await page.goto(door.url)
    yield chat
    assert chat.faults == []
