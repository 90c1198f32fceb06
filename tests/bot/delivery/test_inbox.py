"""A message is accepted once, given back in order, and given up after too many attempts."""

import asyncio
import random

import pytest

from adapters.clock import FixedClock
from adapters.errors import StoreUnavailable
from bot.delivery.inbox import INBOX
from tests.bot.delivery.conftest import Opening
from tests.bot.delivery.small_office import Office, message

IDENTITY = "510703199001019992"


async def test_a_message_is_accepted_once(office: Office) -> None:
    assert await office.inbox.accept(message(1))
    assert not await office.inbox.accept(message(1))
    assert [m.message_id for m in await office.inbox.waiting("s")] == ["s-1"]


async def test_of_many_copies_in_two_processes_one_is_new(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    outcomes = await asyncio.gather(*(office.inbox.accept(message(1)) for office in (one, other) for _ in range(20)))
    assert sum(outcomes) == 1


async def test_the_hint_is_given_for_new_messages_alone(office: Office) -> None:
    hints: list[str] = []
    office.inbox.on_accepted = lambda accepted: hints.append(accepted.message_id)
    for _ in range(3):
        await office.inbox.accept(message(1))
    assert hints == ["s-1"]


async def test_messages_come_back_in_the_order_of_acceptance(office: Office) -> None:
    order = random.Random(7).sample(range(40), 40)
    for number in order:
        await office.inbox.accept(message(number))
    assert [m.message_id for m in await office.inbox.waiting("s")] == [f"s-{number}" for number in order]


async def test_the_session_that_waits_longest_comes_first(office: Office) -> None:
    for number, session in enumerate(("b", "a", "b", "c")):
        await office.inbox.accept(message(number, session))
    assert await office.inbox.sessions_waiting() == ["b", "a", "c"]


async def test_what_is_finished_waits_no_more_and_is_masked(office: Office) -> None:
    await office.inbox.accept(said := message(1, text=f"身份证{IDENTITY}"))
    await office.inbox.finish(said)
    assert await office.inbox.waiting("s") == []
    stored = await office.store.get(INBOX.name, said.key)
    assert stored is not None
    assert stored.document["status"] == "done"
    assert IDENTITY not in str(stored.document)


async def test_a_finished_message_is_not_accepted_anew(office: Office) -> None:
    await office.inbox.accept(message(1))
    await office.inbox.finish(message(1))
    assert not await office.inbox.accept(message(1))
    assert await office.inbox.waiting("s") == []


async def test_finishing_holds_also_when_another_counted_an_attempt_meanwhile(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    await one.inbox.accept(message(1))
    await one.inbox.waiting("s")
    await other.inbox.waiting("s")
    assert await other.inbox.note_attempt(message(1))
    await one.inbox.finish(message(1))
    assert await one.inbox.waiting("s") == []


async def test_attempts_are_counted_up_to_the_last_that_is_allowed(office: Office) -> None:
    await office.inbox.accept(message(1))
    assert [await office.inbox.note_attempt(message(1)) for _ in range(4)] == [True, True, True, False]


async def test_another_workers_attempt_is_seen(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    await one.inbox.accept(message(1))
    await one.inbox.waiting("s")
    assert one.inbox.attempts(message(1)) == 0
    await other.inbox.note_attempt(message(1))
    await one.inbox.waiting("s")
    assert one.inbox.attempts(message(1)) == 1


async def test_a_duplicate_eight_days_later_is_a_new_message(office: Office, clock: FixedClock) -> None:
    await office.inbox.accept(message(1))
    clock.advance(days=7.9)
    assert not await office.inbox.accept(message(1))
    clock.advance(days=0.2)
    assert await office.inbox.accept(message(1))


async def test_nothing_is_acknowledged_when_the_store_is_gone(opening: Opening) -> None:
    office = await opening()
    await office.store.close()
    with pytest.raises(StoreUnavailable):
        await office.inbox.accept(message(1))
