"""The product inside the bench's own process: from the accepted message to the delivered reply, without a web server."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from adapters.clock import Clock, SystemClock
from bench.open_loop import Exchange
from bench.sessions import Pool, Session
from bot.bootstrap import App, build
from bot.commands.setup import prepare
from bot.messages import Envelope, InboundMessage
from bot.settings import Settings, load_settings

CHANNEL = "bench"


class BenchChannel:
    """The door of the bench: replies arrive at the sessions that wait for them."""

    name = CHANNEL

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}

    async def send(self, envelope: Envelope) -> None:
        """Hand a reply to its session."""
        session = self.sessions.get(envelope.session_id)
        if session is not None:
            session.hear(envelope.message.text, envelope.message.choices, envelope.status.value)


class InProcess:
    """Says what citizens say straight into the inbox."""

    def __init__(self, app: App, channel: BenchChannel, clock: Clock, pool: Pool) -> None:
        self._app = app
        self._channel = channel
        self._clock = clock
        self._pool = pool

    def prepare(self, rate: float) -> None:
        """Let as many citizens in as write at this rate."""
        self._channel.sessions |= {session.session_id: session for session in self._pool.grow(rate)}

    async def answer(self, exchange: Exchange) -> None:
        """Write the next message of some session, and wait until the reply is delivered."""
        session = await self._pool.take()
        message = InboundMessage(
            channel=CHANNEL,
            session_id=session.session_id,
            message_id=f"{session.session_id}.{session.count}",
            user_id=session.session_id,
            text=session.begin(exchange),
            sent_at=self._clock.now(),
        )
        await self._app.inbox.accept(message)
        await session.answered.wait()
        self._pool.give_back(session)


def bench_settings(**overrides: Any) -> Settings:
    """Return the default settings on a state folder of the bench's own, trained and ingested."""
    settings = load_settings(state_folder=Path("var") / "bench", **overrides)
    prepare(settings, print)
    return settings


@contextlib.asynccontextmanager
async def running_app(settings: Settings, folder: Path, hospital_url: str) -> AsyncIterator[tuple[App, BenchChannel]]:
    """Run the product on a store in `folder`."""
    channel = BenchChannel()
    urls = {"hospital": hospital_url}
    app = build(settings, department_urls=urls, store_folder=folder, clock=SystemClock(), channels=[channel])
    async with app.running():
        yield app, channel
