"""Sessions side by side, a session's messages one after the other, and nothing that was accepted stays behind."""

import asyncio
import contextlib
import random

import pytest

from adapters.clock import FixedClock
from adapters.errors import StoreUnavailable
from bot.delivery.inbox import INBOX
from bot.delivery.worker import Worker
from bot.dialogue.tracker_store import TURNS
from bot.messages import InboundMessage
from tests.bot.delivery.conftest import Opening
from tests.bot.delivery.small_office import Office, eventually, message


async def turns_of(office: Office, session: str = "s") -> list[tuple[str, int]]:
    """Return (message, token) of each turn, in order; fails when they are not 1, 2, 3, …"""
    turns = await office.trackers.turns_after(session, 0)
    assert [turn.sequence for turn in turns] == list(range(1, len(turns) + 1))
    return [(turn.message_key.partition(":")[2], turn.fencing_token) for turn in turns]


async def status_of(office: Office, said: InboundMessage) -> str:
    stored = await office.store.get(INBOX.name, said.key)
    assert stored is not None
    return str(stored.document["status"])


async def test_a_message_becomes_a_turn_and_a_reply(office: Office) -> None:
    office.worker.start()
    await office.inbox.accept(message(1, text="你好"))
    await eventually(lambda: office.channel.sent == ["s#00000001/0"])
    await office.worker.idle()
    assert office.channel.envelopes[0].message.text == "你好"
    assert await status_of(office, message(1)) == "done"
    assert office.taker.retries == []


async def test_a_session_is_served_in_order_and_one_at_a_time(office: Office) -> None:
    running = 0

    async def take_a_while() -> None:
        nonlocal running
        running += 1
        assert running == 1
        await asyncio.sleep(0.002)
        running -= 1

    office.taker.before_taking = lambda said: take_a_while()
    office.worker.start()
    for number in range(20):
        await office.inbox.accept(message(number))
    await eventually(lambda: len(office.channel.sent) == 20)
    assert [said for said, _ in await turns_of(office)] == [f"s-{number}" for number in range(20)]
    assert office.channel.sent == [f"s#{sequence:08d}/0" for sequence in range(1, 21)]


async def test_sessions_are_served_side_by_side(office: Office) -> None:
    everybody = asyncio.Barrier(4)
    office.taker.before_taking = lambda said: everybody.wait()
    office.worker.start()
    for session in "abcd":
        await office.inbox.accept(message(1, session))
    await eventually(lambda: len(office.channel.sent) == 4)


async def test_what_another_process_accepted_and_left_is_found(opening: Opening) -> None:
    gone, here = await opening("a"), await opening("b")
    await gone.inbox.accept(message(1))
    here.worker.start()
    await eventually(lambda: here.channel.sent == ["s#00000001/0"])
    assert here.taker.retries == ["s-1"], "the one who left it may have begun"


async def test_what_another_began_is_not_taken_for_untouched(opening: Opening, clock: FixedClock) -> None:
    here, other = await opening("a"), await opening("b")
    here.worker.start()
    lease = await other.leases.acquire("s")
    assert lease is not None
    await here.inbox.accept(message(1))
    await here.worker.idle()
    await other.inbox.note_attempt(message(1))  # begins, and dies
    clock.advance(seconds=11)
    await eventually(lambda: here.channel.sent == ["s#00000001/0"])
    assert here.taker.retries == ["s-1"]


async def test_a_lost_lease_ends_the_work_before_the_next_message(opening: Opening, clock: FixedClock) -> None:
    slow, other = await opening("a"), await opening("b")

    async def fall_asleep() -> None:
        slow.taker.before_taking = lambda said: None
        clock.advance(seconds=11)
        await other.worker.catch_up()
        await eventually(lambda: len(other.taker.began) == 3)
        await other.worker.idle()

    slow.taker.before_taking = lambda said: fall_asleep()
    for number in (1, 2, 3):
        await slow.inbox.accept(message(number))
    await slow.worker.catch_up()
    await slow.worker.idle()
    assert slow.taker.began == ["s-1"]
    assert await turns_of(other) == [("s-1", 2), ("s-2", 2), ("s-3", 2)]
    assert await slow.inbox.waiting("s") == []


async def test_a_message_that_fails_again_and_again_is_given_up_and_the_next_is_taken(
    opening: Opening, clock: FixedClock
) -> None:
    office = await opening(most_attempts=3)

    def break_down(said: InboundMessage) -> None:
        if said.message_id == "s-1":
            raise MemoryError("poison")

    office.taker.before_taking = break_down
    office.worker.start()
    await office.inbox.accept(message(1))
    await office.inbox.accept(message(2))
    for _ in range(6):
        await office.worker.idle()
        clock.advance(seconds=11)
        await asyncio.sleep(0.06)
    await eventually(lambda: len(office.channel.sent) == 2)
    assert office.taker.given_up == ["s-1"]
    assert office.taker.began.count("s-1") == 1 + 3 + 1, "the first, three that were counted, and the giving up"
    assert await status_of(office, message(1)) == "dead"
    assert await status_of(office, message(2)) == "done"


async def test_the_one_that_kills_its_workers_takes_no_neighbour_with_it(opening: Opening, clock: FixedClock) -> None:
    """A worker that dies leaves an attempt at everything it had in hand; here it dies whenever the poison is taken."""
    accepting = await opening("door", most_attempts=5)
    for number in range(12):
        await accepting.inbox.accept(message(number, f"n{number:02d}"))
    await accepting.inbox.accept(message(1, "poison"))
    given_up: list[str] = []
    for life in range(12):
        office = await opening(f"life{life}", most_attempts=5)
        is_dead = asyncio.Event()

        async def work(said: InboundMessage, is_dead: asyncio.Event = is_dead) -> None:
            await asyncio.sleep(0.01 if said.session_id == "poison" else 0.02)
            if said.session_id == "poison":
                is_dead.set()
            if is_dead.is_set():
                await asyncio.sleep(3600)  # what a dead process had in hand goes no further

        office.taker.before_taking = work
        await office.worker.catch_up()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.6):
                await asyncio.wait([asyncio.ensure_future(is_dead.wait())])
        for task in [*office.worker._sessions.values()]:
            task.cancel()
        await asyncio.sleep(0.01)
        given_up += office.taker.given_up
        clock.advance(seconds=11)
    assert given_up == ["poison-1"]
    assert await accepting.inbox.sessions_waiting() == []
    for number in range(12):
        assert await status_of(accepting, message(number, f"n{number:02d}")) == "done"


async def test_a_store_that_fails_for_a_moment_loses_nothing(office: Office) -> None:
    failures = iter([True, True])

    def store_is_away(said: InboundMessage) -> None:
        if next(failures, False):
            raise StoreUnavailable("away")

    office.taker.before_taking = store_is_away
    office.worker.start()
    await office.inbox.accept(message(1))
    office.clock.advance(seconds=11)
    for _ in range(4):
        await asyncio.sleep(0.06)
        office.clock.advance(seconds=11)
    await eventually(lambda: office.channel.sent == ["s#00000001/0"])
    assert [said for said, _ in await turns_of(office)] == ["s-1"]


async def test_the_look_goes_on_whatever_went_wrong_in_it(office: Office) -> None:
    class Breaking:
        looks = 0

        async def deliver_due(self) -> int:
            self.looks += 1
            raise ZeroDivisionError

    breaking = Breaking()
    office.outbox.deliver_due = breaking.deliver_due  # type: ignore[method-assign]
    office.worker.start()
    await eventually(lambda: breaking.looks > 2)


async def test_closing_finishes_the_turn_that_has_begun_and_leaves_the_rest_for_others(opening: Opening) -> None:
    closing, other = await opening("a"), await opening("b")
    begun, let_go = asyncio.Event(), asyncio.Event()

    async def take_long() -> None:
        begun.set()
        await let_go.wait()

    for number in range(1, 31):
        await closing.inbox.accept(message(number))
    closing.taker.before_taking = lambda said: take_long()
    closing.worker.start()
    await begun.wait()
    ending = asyncio.create_task(closing.worker.close())
    await asyncio.sleep(0.02)
    let_go.set()
    await asyncio.wait_for(ending, 10)
    assert closing.taker.began == ["s-1"]
    assert closing.channel.sent == ["s#00000001/0"]
    other.worker.start()
    await eventually(lambda: len(other.channel.sent) == 29)


async def test_a_released_session_is_free_at_once_even_if_a_renewal_was_under_way(opening: Opening) -> None:
    office, other = await opening("a"), await opening("b")
    eager = Worker(
        office.inbox, office.leases, office.taker, office.outbox,
        most_sessions_at_once=8, poll_seconds=60, renew_seconds=0.001,
    )  # fmt: skip
    office.taker.before_taking = lambda said: asyncio.sleep(0.01)
    for number in range(15):
        await office.inbox.accept(message(number))
        await eager.catch_up()
        await eager.idle()
        lease = await other.leases.acquire("s")
        assert lease is not None
        await other.leases.release(lease)
    await eager.close()


@pytest.mark.parametrize("seed", range(6))
async def test_whoever_takes_them_each_message_has_one_turn_in_order_under_growing_tokens(
    opening: Opening, clock: FixedClock, seed: int
) -> None:
    chance = random.Random(seed)
    offices = [await opening(name, most_attempts=50) for name in "abc"]

    async def dawdle() -> None:
        await asyncio.sleep(chance.uniform(0, 0.004))
        if chance.random() < 0.25:
            clock.advance(seconds=11)  # long enough for every lease and every claim to run out
        if chance.random() < 0.1:
            raise RuntimeError("broken")

    for office in offices:
        office.taker.before_taking = lambda said: dawdle()
        office.worker.start()
    said: dict[str, list[str]] = {session: [] for session in "xyz"}
    for number in range(24):
        spoken = message(number, chance.choice("xyz"))
        said[spoken.session_id].append(spoken.message_id)
        await chance.choice(offices).inbox.accept(spoken)
        await asyncio.sleep(chance.uniform(0, 0.01))

    async def has_drained() -> bool:
        clock.advance(seconds=11)
        pending = await offices[0].outbox.counts()
        return not await offices[0].inbox.sessions_waiting() and pending["pending"] == 0

    async with asyncio.timeout(20):
        while not await has_drained():  # noqa: ASYNC110 - three stores are watched
            await asyncio.sleep(0.03)
    for session, expected in said.items():
        turns = await turns_of(offices[0], session)
        assert [key for key, _ in turns] == expected
        assert [token for _, token in turns] == sorted(token for _, token in turns)
    stored = await offices[0].store.find(TURNS.name, limit=100)
    assert {entry.document["delivery_status"] for entry in stored} == {"sent"}
