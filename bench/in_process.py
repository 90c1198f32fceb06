"""The product inside the bench's own process: from the accepted message to the delivered reply, without a web server."""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from adapters.clock import Clock, SystemClock
from bench.citizens import Citizen, Said
from bench.open_loop import Exchange
from bot.bootstrap import App, build
from bot.commands.setup import prepare
from bot.messages import Envelope, InboundMessage
from bot.settings import Settings, load_settings

CHANNEL = "bench"
THINK_SECONDS = 5.0


@dataclass(slots=True)
class Session:
    """A citizen's session: the exchange that is under way, and whether its first reply has come."""

    session_id: str
    citizen: Citizen
    exchange: Exchange | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    count: int = 0

    def hear(self, text: str, choices: tuple[str, ...], status: str) -> None:
        """Take one reply in; the last one of a turn is the one that counts."""
        self.citizen.said = Said(text, choices, status)
        if self.exchange is not None:
            self.exchange.done_at = perf_counter()
            self.exchange.outcome, self.exchange.is_error = status, status.startswith("error_")
        self.answered.set()


class Pool:
    """Sessions that wait for their next message, the longest waiting first: what is written next comes after a pause."""

    def __init__(self, sessions: list[Session]) -> None:
        self.sessions = sessions
        self._idle = deque(sessions)
        self._freed = asyncio.Event()

    async def take(self) -> Session:
        """Return the session that waits longest; wait for one when all are busy (that wait is part of the latency)."""
        while not self._idle:
            self._freed.clear()
            await self._freed.wait()
        return self._idle.popleft()

    def give_back(self, session: Session) -> None:
        """Put a session at the end of the line."""
        self._idle.append(session)
        self._freed.set()


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
        self._clock = clock
        self.pool = pool
        channel.sessions.update({session.session_id: session for session in pool.sessions})

    async def answer(self, exchange: Exchange) -> None:
        """Write the next message of some session, and wait until the reply is delivered."""
        session = await self.pool.take()
        session.exchange = exchange
        session.answered.clear()
        session.count += 1
        exchange.sent_at = perf_counter()
        message = InboundMessage(
            channel=CHANNEL,
            session_id=session.session_id,
            message_id=f"{session.session_id}.{session.count}",
            user_id=session.session_id,
            text=session.citizen.write(),
            sent_at=self._clock.now(),
        )
        await self._app.inbox.accept(message)
        await session.answered.wait()
        self.pool.give_back(session)


def make_pool(rate: float, seed: int, name: str, *, has_departments: bool) -> Pool:
    """Return as many sessions as write at `rate` in all when each pauses `THINK_SECONDS` between two messages."""
    chance = random.Random(seed)
    count = max(20, round(rate * THINK_SECONDS))
    return Pool(
        [
            Session(f"{CHANNEL}:{name}.{number}", Citizen(random.Random(chance.random()), has_departments))
            for number in range(count)
        ]
    )


def bench_settings(**overrides: Any) -> Settings:
    """Return the default settings on a state folder of the bench's own, trained and ingested."""
    settings = load_settings(state_folder=Path("var") / "bench", **overrides)
    prepare(settings, print)
    return settings


@contextlib.asynccontextmanager
async def running_app(settings: Settings, folder: Path, hospital_url: str) -> AsyncIterator[tuple[App, BenchChannel]]:
    """Run the product on a store in `folder`."""
    channel = BenchChannel()
    app = build(
        settings,
        department_urls={"hospital": hospital_url},
        store_folder=folder,
        clock=SystemClock(),
        channels=[channel],
    )
    async with app.running():
        yield app, channel
