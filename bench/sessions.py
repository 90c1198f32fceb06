"""Sessions of citizens, and the line in which they wait for their next message."""

import asyncio
import random
from collections import deque
from dataclasses import dataclass, field
from time import perf_counter

from bench.citizens import Citizen, Said
from bench.open_loop import Exchange

THINK_SECONDS = 5.0


@dataclass(slots=True)
class Session:
    """A citizen's session: the exchange that is under way, and whether its first reply has come."""

    session_id: str
    citizen: Citizen
    exchange: Exchange | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    count: int = 0

    def begin(self, exchange: Exchange) -> str:
        """Begin an exchange; return what the citizen writes."""
        self.exchange = exchange
        self.answered.clear()
        self.count += 1
        exchange.sent_at = perf_counter()
        return self.citizen.write()

    def hear(self, text: str, choices: tuple[str, ...], status: str) -> None:
        """Take one reply in; the last one of a turn is the one that counts."""
        self.citizen.said = Said(text, choices, status)
        if self.exchange is not None:
            self.exchange.done_at = perf_counter()
            self.exchange.outcome, self.exchange.is_error = status, status.startswith("error_")
        self.answered.set()

    def fail(self, outcome: str) -> None:
        """Note that there will be no answer."""
        if self.exchange is not None:
            self.exchange.outcome, self.exchange.is_error = outcome, True
        self.answered.set()


class Pool:
    """Sessions that wait for their next message, the longest waiting first: what is written next comes after a pause.

    The sessions live on from run to run, so that at any moment conversations of every age are under way.
    """

    def __init__(self, name: str, *, has_departments: bool) -> None:
        self.sessions: list[Session] = []
        self._name = name
        self._has_departments = has_departments
        self._chance = random.Random(name)
        self._idle: deque[Session] = deque()
        self._freed = asyncio.Event()

    def grow(self, rate: float) -> list[Session]:
        """Add the sessions that are needed to write at `rate` with pauses of `THINK_SECONDS`; return the new ones."""
        count = max(20, round(rate * THINK_SECONDS)) - len(self.sessions)
        new = [self._new(len(self.sessions) + number) for number in range(count)]
        self.sessions += new
        self._idle.extendleft(new)
        return new

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

    def _new(self, number: int) -> Session:
        citizen = Citizen(random.Random(self._chance.random()), self._has_departments)
        return Session(f"{self._name}.{number}", citizen)
