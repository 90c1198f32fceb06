"""One run: a city, a fleet under a seeded killer, citizens; and what is left on disk when all is drained."""

import asyncio
import itertools
import json
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from adapters.clock import OffsetClock
from adapters.departments.hospital import HospitalClient
from adapters.http_client import JsonClient
from bot.delivery.killpoints import NAMES
from tests.faults.citizens import CONTESTED, DAYS, PLACES, Citizen, Wish
from tests.faults.city import City, running_city
from tests.faults.fleet import Fleet, Process
from tests.faults.street import Street
from tests.faults.worker import Plan

AT = "2026-11-23T09:00:00+08:00"
LEASE_SECONDS = 0.6
_HOSPITAL_FAULTS = (
    ("POST /appointments", "commit_then_stall", 1.5),
    ("POST /appointments", "commit_then_close", 0.0),
    ("POST /appointments", "broken_body", 0.0),
    ("POST /appointments", "commit_then_error", 0.0),
    ("POST /appointments", "error", 0.0),
    ("POST /appointments", "down", 0.0),
    ("POST /appointments", "stall", 1.5),
    ("POST /appointments/{appointment_id}/cancellation", "commit_then_close", 0.0),
    ("POST /accounts/{account_id}/patients", "commit_then_stall", 1.5),
    ("POST /accounts/{account_id}/patients", "down", 0.0),
    ("GET /effects/*", "down", 0.0),
    ("GET /clinic-sessions", "error", 0.0),
)


@dataclass
class Run:
    """What happened in a run, for the oracles."""

    folder: Path
    city: City
    fleet: Fleet
    street: Street
    chance: random.Random
    clock: OffsetClock
    citizens: list[Citizen] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    pauses: list[tuple[str, float, float]] = field(default_factory=list)
    faults: int = 0
    ledger: list[dict[str, Any]] = field(default_factory=list)
    appointments: list[dict[str, Any]] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    drained_seconds: float = 0.0
    _names: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    is_closing_time: bool = False

    def database(self) -> sqlite3.Connection:
        """Return a reading connection to the product's store."""
        return sqlite3.connect(f"file:{self.folder / 'mianban.db'}?mode=ro", uri=True)

    def documents(self, collection: str) -> list[dict[str, Any]]:
        """Return a collection's documents in the order of their insertion, each with its `key`."""
        database = self.database()
        try:
            rows = database.execute(f"SELECT key, document FROM {collection} ORDER BY sequence").fetchall()  # noqa: S608
        finally:
            database.close()
        return [json.loads(document) | {"key": key} for key, document in rows]

    async def spawn(self, killpoint: str = "") -> Process:
        """Fork a worker under a new name."""
        return await self.fleet.spawn(f"w{next(self._names):04d}", killpoint)

    async def kill(self, life: Process, cause: str) -> None:
        """Kill a worker from outside and wait until it is gone."""
        life.signal(signal.SIGKILL)
        await life.gone.wait()
        self.kills[cause] += 1

    async def keep_killing(self, most: int) -> None:
        """Keep one worker alive, and kill it again and again, until `most` kills are done in the run."""
        while self.kills.total() < most:
            point = self.chance.choice((*NAMES, "random"))
            if point == "random":
                life = await self.spawn()
                await asyncio.sleep(self.chance.uniform(0.05, 0.7))
                await self.kill(life, "random")
                continue
            life = await self.spawn(f"{point}:{self.chance.choice((1, 1, 2, 3, 5))}")
            try:
                await asyncio.wait_for(life.gone.wait(), 2.0)
                self.kills[point] += 1
            except TimeoutError:
                await self.kill(life, "random")

    async def keep_pausing(self, times: int) -> None:
        """Stop a worker for longer than its lease and let it go on, again and again."""
        for _ in range(times):
            await asyncio.sleep(self.chance.uniform(0.1, 0.4))
            living = [life for life in self.fleet.lives.values() if life.is_reachable]
            if not living:
                continue
            life = self.chance.choice(living)
            began = monotonic()
            life.signal(signal.SIGSTOP)
            await asyncio.sleep(LEASE_SECONDS * self.chance.uniform(1.3, 2.5))
            life.signal(signal.SIGCONT)
            self.pauses.append((life.name, began, monotonic()))

    async def keep_troubling(self) -> None:
        """Let the hospital misbehave now and then, until cancelled."""
        while True:
            await asyncio.sleep(self.chance.uniform(0.5, 1.5))
            route, kind, seconds = self.chance.choice(_HOSPITAL_FAULTS)
            await self.city.control.fault(route, kind, times=self.chance.choice((1, 1, 2)), seconds=seconds)
            self.faults += 1

    async def settle(self, until: "asyncio.Task[None]", citizens: int) -> None:
        """Let `citizens` at a time live, each followed by the next, until the task is done and all have ended."""
        contests = [Wish(hospital, department, day) for hospital, department in CONTESTED for day in DAYS]
        self.chance.shuffle(contests)

        async def street_corner() -> None:
            while not until.done():
                if contests and self.chance.random() < 0.08:
                    await self._contest(contests.pop())
                else:
                    await self._inhabit([self.wish()])

        await asyncio.gather(*(street_corner() for _ in range(citizens)))
        await until

    def wish(self) -> Wish:
        """Return a wish of an ordinary citizen."""
        hospital, department = self.chance.choice(PLACES)
        day = self.chance.choice(DAYS)
        return Wish(hospital, department, day, self.chance.random() < 0.25, self.chance.random() < 0.3)

    async def _inhabit(self, wishes: list[Wish]) -> None:
        fresh = [Citizen(next(self._numbers), wish, self.fleet, self.chance, self.clock.now) for wish in wishes]
        self.citizens += fresh
        for citizen in fresh:
            self.street.listen(citizen.session_id, citizen.hear)
        await asyncio.gather(*(citizen.live() for citizen in fresh))

    async def _contest(self, wish: Wish) -> None:
        """Leave one seat in the half-day of a clinic, and let two citizens run for it."""
        await leave_one_seat(self.city, wish, self.clock)
        await self._inhabit([Wish(wish.hospital, wish.department, wish.day, is_hasty=hasty) for hasty in (False, True)])

    async def drain(self, seconds: float) -> None:
        """Wait until nothing waits any more; raises TimeoutError saying what still does."""
        began = monotonic()
        while left := self.left():
            if monotonic() - began > seconds:
                raise TimeoutError(f"after {seconds} s there still waits: {left}")
            await asyncio.sleep(0.1)
        self.drained_seconds = monotonic() - began
        self.street.read()

    def left(self) -> dict[str, list[str]]:
        """Return what still waits: messages, deliveries, effects."""
        turns = self.documents("turns")
        found = {
            "messages": [d["key"] for d in self.documents("inbox") if d["status"] == "waiting"],
            "deliveries": [d["key"] for d in turns if d["delivery_status"] == "pending"],
            "effects": [d["key"] for d in turns if d["effect_status"] == "unknown"],
        }
        return {name: keys[:5] for name, keys in found.items() if keys}


@asynccontextmanager
async def started(
    folder: Path, state: Path, seed: int, *, failing_sends: float = 0.01, most_attempts: int = 20
) -> AsyncIterator[Run]:
    """Start a city and a fork server in `folder`; end every process on exit."""
    (folder / "logs").mkdir(parents=True)
    chance = random.Random(seed)
    async with running_city(folder, AT) as city:
        plan = Plan(str(state), str(folder), city.url, 0, AT, LEASE_SECONDS, most_attempts, seed, failing_sends)
        street = Street(folder / "sent.jsonl")
        async with Fleet(plan, chance).running() as fleet:
            watching = asyncio.create_task(street.watch())
            try:
                yield Run(folder, city, fleet, street, chance, OffsetClock(datetime.fromisoformat(AT)))
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)


async def leave_one_seat(city: City, wish: Wish, clock: OffsetClock) -> None:
    """Let another booking channel take all seats of a half-day but one."""
    client = HospitalClient(JsonClient("hospital", city.url))
    await client.open()
    try:
        hospital = next(h for h in await client.hospitals() if h.name == wish.hospital)
        department = next(d for d in await client.departments(hospital.id) if d.name == wish.department)
        day = wanted_day(wish.day, clock)
        half = "morning" if wish.day.endswith("上午") else "afternoon"
        sessions = [
            s
            for s in await client.sessions(hospital.id, department.id, day, day)
            if s.half_day == half and s.is_bookable
        ]
        for index, session in enumerate(sessions):
            await city.control.set_seats(session.id, 1 if index == 0 else 0)
    finally:
        await client.close()


def wanted_day(words: str, clock: OffsetClock) -> date:
    """Return the day that 明天, 后天, 星期四 and 星期五 mean in the week of the run, which begins on a Monday."""
    today = clock.now().date()
    return today + timedelta(days={"明天": 1, "后天": 2, "星期四": 3, "星期五": 4}[words[:-2]])
