"""A bot, its people and its inbox, all over real HTTP on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from aiohttp import web

from adapters.clock import CITY_TIMEZONE, FixedClock
from adapters.errors import StoreUnavailable
from adapters.sandbox.telegram import TelegramSandbox
from bot.channels.telegram import TelegramChannel
from bot.messages import Envelope, InboundMessage, OutboundMessage, TurnStatus

SECRET = "a-secret_of-the-test"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=CITY_TIMEZONE)


class MemoryInbox:
    """Keeps what it accepted by key; can be down, slow to answer, and down after so many messages."""

    def __init__(self) -> None:
        self.messages: list[InboundMessage] = []
        self.offers: list[str] = []
        self.is_down = False
        self.goes_down_after: int | None = None
        self.takes_seconds = 0.0
        self.bug: Exception | None = None
        self._keys: set[str] = set()

    async def accept(self, message: InboundMessage) -> bool:
        self.offers.append(message.key)
        if self.bug is not None:
            raise self.bug
        await asyncio.sleep(self.takes_seconds)
        if self.is_down or self.goes_down_after == len(self.messages):
            raise StoreUnavailable("the store does not answer")
        if message.key in self._keys:
            return False
        self._keys.add(message.key)
        self.messages.append(message)
        return True

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def inbox() -> MemoryInbox:
    return MemoryInbox()


@pytest.fixture
async def sandbox(clock: FixedClock) -> AsyncIterator[TelegramSandbox]:
    sandbox = TelegramSandbox(clock=clock, seconds=0.01)
    await sandbox.start()
    yield sandbox
    await sandbox.close()


@pytest.fixture
async def open_channel(
    sandbox: TelegramSandbox, inbox: MemoryInbox, clock: FixedClock
) -> AsyncIterator[Callable[..., TelegramChannel]]:
    """Open channels to the sandbox, as a process does at its start, and close them all at the end."""
    opened: list[TelegramChannel] = []

    def open_one(**overrides: Any) -> TelegramChannel:
        settings = {
            "token": sandbox.token,
            "inbox": inbox,
            "clock": clock,
            "api_base_url": sandbox.base_url,
            "webhook_secret": SECRET,
        }
        opened.append(TelegramChannel(**(settings | overrides)))
        return opened[-1]

    yield open_one
    await asyncio.gather(*(channel.close() for channel in opened))


@pytest.fixture
def channel(open_channel: Callable[..., TelegramChannel]) -> TelegramChannel:
    return open_channel()


@pytest.fixture
def polling() -> Callable[[TelegramChannel], Any]:
    """Poll in the background for the length of a block."""

    @asynccontextmanager
    async def poll(channel: TelegramChannel) -> AsyncIterator[asyncio.Event]:
        stop = asyncio.Event()
        task = asyncio.create_task(channel.run_polling(stop))
        try:
            yield stop
        finally:
            stop.set()
            await asyncio.wait_for(task, 5)

    return poll


@pytest.fixture
async def webhook(channel: TelegramChannel) -> AsyncIterator[str]:
    """Serve the channel's webhook and return its address."""
    app = web.Application()
    app.router.add_route("*", "/channels/telegram", channel.webhook_handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/channels/telegram"
    await runner.cleanup()


@pytest.fixture
def envelope() -> Callable[..., Envelope]:
    def build(text: str, chat_id: int = 42, *, reply_id: str = "r1", sequence: int = 7, **more: Any) -> Envelope:
        status = more.pop("status", TurnStatus.ANSWERED)
        return Envelope(
            reply_id=reply_id,
            channel="telegram",
            session_id=more.pop("session_id", f"telegram:{chat_id}"),
            sequence=sequence,
            position=0,
            status=status,
            trace_id="t1",
            sent_at=NOW,
            message=OutboundMessage(text=text, **more),
        )

    return build


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Wait until something is so, at most five seconds."""

    async def wait(is_so: Callable[[], bool], seconds: float = 5.0) -> None:
        async with asyncio.timeout(seconds):
            while not is_so():  # noqa: ASYNC110 what is waited for is in another's hands
                await asyncio.sleep(0.005)

    return wait
