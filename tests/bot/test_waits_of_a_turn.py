"""What a process remembers saves it reads of the store, and is never believed where another process has been since."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from adapters.clock import FixedClock, local_time
from adapters.storage.sqlite import SqliteStore
from adapters.storage.store import Stored
from bot.delivery.inbox import INBOX, Inbox
from bot.delivery.leases import LEASES, Leases
from bot.delivery.outbox import Outbox
from bot.delivery.worker import Worker
from bot.dialogue import events as ev
from bot.dialogue.tracker_store import SNAPSHOTS, TURNS, TrackerStore
from bot.dialogue.turn import Turn
from bot.messages import Envelope, InboundMessage, OutboundMessage, TurnStatus

AT = local_time(datetime(2026, 11, 23, 9, 0))
SESSION = "door:s"


class CountedStore(SqliteStore):
    """A store that writes down what it is asked for."""

    def __init__(self, path: Path, clock: FixedClock) -> None:
        super().__init__(path, clock)
        self.asked: list[str] = []

    async def get(self, collection: str, key: str) -> Stored | None:
        self.asked.append(f"get {collection}")
        return await super().get(collection, key)

    async def find(self, collection: str, *conditions: object, **options: object) -> list[Stored]:
        self.asked.append(f"find {collection}")
        return await super().find(collection, *conditions, **options)  # type: ignore[arg-type]

    async def insert(self, collection: str, *given: object, **options: object) -> Stored:
        self.asked.append(f"insert {collection}")
        return await super().insert(collection, *given, **options)  # type: ignore[arg-type]

    async def replace(self, collection: str, *given: object, **options: object) -> int:
        self.asked.append(f"replace {collection}")
        return await super().replace(collection, *given, **options)  # type: ignore[arg-type]


class Door:
    """A channel that notes what the store had been asked for when the reply left."""

    name = "door"

    def __init__(self, store: CountedStore) -> None:
        self.sent: list[Envelope] = []
        self.waits: list[list[str]] = []
        self._store = store

    async def send(self, envelope: Envelope) -> None:
        self.waits.append([*self._store.asked])
        self.sent.append(envelope)


class Echo:
    """A conversation that says how many turns it remembers."""

    def __init__(self, trackers: TrackerStore) -> None:
        self._trackers = trackers

    async def handle(self, message: InboundMessage, fencing_token: int, *, is_retry: bool = False) -> Turn:
        tracker = await self._trackers.load(message.session_id, fencing_token)
        turn = turn_of(message, tracker.sequence + 1, fencing_token, f"{tracker.state.turns}")
        assert await self._trackers.append(tracker, turn)
        return turn

    async def give_up(self, message: InboundMessage, fencing_token: int) -> Turn:
        return await self.handle(message, fencing_token)


class House:
    """One process: its own memory over a store that others may share."""

    def __init__(self, store: CountedStore, clock: FixedClock) -> None:
        self.store = store
        self.door = Door(store)
        self.inbox = Inbox(store, clock, 5)
        self.outbox = Outbox(store, clock, {"door": self.door}, 5)
        self.trackers = TrackerStore(store, self.outbox.claimed_until)
        self.trackers.on_appended = self.outbox.expect
        self.leases = Leases(store, clock, "house", 10)
        self.worker = Worker(
            self.inbox,
            self.leases,
            Echo(self.trackers),
            self.outbox,
            most_sessions_at_once=4,
            poll_seconds=60,
            renew_seconds=60,
        )
        self.inbox.on_accepted = self.worker.hint

    async def say(self, number: int) -> str:
        """Take one message; return the reply."""
        self.store.asked.clear()
        await self.inbox.accept(message(number))
        await self.worker.idle()
        return self.door.sent[-1].message.text


def message(number: int) -> InboundMessage:
    return InboundMessage(
        channel="door", session_id=SESSION, message_id=f"m{number}", user_id="door:u", text="好", sent_at=AT
    )


def turn_of(message: InboundMessage, sequence: int, token: int, text: str) -> Turn:
    return Turn(
        session_id=message.session_id,
        sequence=sequence,
        message_key=message.key,
        channel="door",
        user_id="door:u",
        text="",
        at=AT,
        status=TurnStatus.ANSWERED,
        events=(ev.WasUnderstood(),),
        replies=(OutboundMessage(text=text),),
        trace_id="t",
        fencing_token=token,
    )


@pytest.fixture
async def houses(tmp_path: Path) -> AsyncIterator[tuple[House, House]]:
    clock = FixedClock(AT)
    stores = [CountedStore(tmp_path / "store.db", clock) for _ in range(2)]
    for store in stores:
        await store.open([INBOX, TURNS, SNAPSHOTS, LEASES])
    yield House(stores[0], clock), House(stores[1], clock)
    for store in stores:
        await store.close()


async def test_a_reply_waits_for_four_commands_from_the_second_turn_on(houses: tuple[House, House]) -> None:
    house, _ = houses
    await house.say(1)
    await house.say(2)
    waited, beside = house.door.waits[-1][:4], house.door.waits[-1][4:]
    assert waited == ["insert inbox", "replace leases", "find inbox", "insert turns"]
    assert set(beside) <= {"replace inbox"}
    assert len(house.store.asked) <= 8, house.store.asked


async def test_turns_follow_one_another_whoever_takes_them(houses: tuple[House, House]) -> None:
    first, second = houses
    assert [await first.say(1), await first.say(2)] == ["0", "1"]
    assert [await second.say(3), await second.say(4)] == ["2", "3"]
    assert [await first.say(5), await second.say(6), await first.say(7)] == ["4", "5", "6"]
    statuses = [stored.document["delivery_status"] for stored in await first.store.find(TURNS.name)]
    assert statuses == ["sent"] * 7


async def test_a_lease_that_another_had_since_is_not_taken_from_memory(houses: tuple[House, House]) -> None:
    first, second = houses
    mine = await first.leases.acquire(SESSION)
    assert mine is not None
    await first.leases.release(mine)
    theirs = await second.leases.acquire(SESSION)
    assert theirs is not None
    assert theirs.token == 2
    assert await first.leases.acquire(SESSION) is None
    await second.leases.release(theirs)
    again = await first.leases.acquire(SESSION)
    assert again is not None
    assert again.token == 3


async def test_a_kept_tracker_is_not_used_after_a_foreign_turn(houses: tuple[House, House]) -> None:
    first, second = houses
    tracker = await first.trackers.load(SESSION, 1)
    assert await first.trackers.append(tracker, turn_of(message(1), 1, 1, "a"))
    foreign = await second.trackers.load(SESSION, 2)
    assert await second.trackers.append(foreign, turn_of(message(2), 2, 2, "b"))
    assert (await first.trackers.load(SESSION, 3)).sequence == 2


async def test_a_turn_that_lost_its_race_loads_again(houses: tuple[House, House]) -> None:
    first, second = houses
    tracker = await first.trackers.load(SESSION, 1)
    assert await first.trackers.append(tracker, turn_of(message(1), 1, 1, "a"))
    foreign = await second.trackers.load(SESSION)
    assert await second.trackers.append(foreign, turn_of(message(2), 2, 2, "b"))
    stale = await first.trackers.load(SESSION, 2)
    assert stale.sequence == 1
    assert not await first.trackers.append(stale, turn_of(message(3), 2, 2, "c"))
    assert (await first.trackers.load(SESSION, 2)).sequence == 2


async def test_a_message_that_changed_since_it_was_read_is_finished_all_the_same(houses: tuple[House, House]) -> None:
    first, second = houses
    first.inbox.on_accepted = lambda message: None
    await first.inbox.accept(message(1))
    (read,) = await first.inbox.waiting(SESSION)
    assert await second.inbox.note_attempt(read)
    await first.inbox.finish(read)
    assert await first.inbox.waiting(SESSION) == []
