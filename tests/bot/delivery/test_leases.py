"""One worker at a time has a session; each holder has a higher token than all before."""

import asyncio
import random

import pytest

from adapters.clock import FixedClock
from bot.delivery.leases import Lease
from tests.bot.delivery.conftest import Opening
from tests.bot.delivery.small_office import Office


async def taken(office: Office, session: str = "s") -> Lease:
    lease = await office.leases.acquire(session)
    assert lease is not None
    return lease


async def test_one_holds_it_and_the_other_gets_none(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    assert (await taken(one)).token == 1
    assert await other.leases.acquire("s") is None
    assert await one.leases.acquire("s") is None


async def test_of_many_who_ask_at_once_one_gets_it(opening: Opening) -> None:
    offices = [await opening(name) for name in "abc"]
    for _ in range(10):
        leases = await asyncio.gather(*(office.leases.acquire("s") for office in offices * 5))
        held = [(lease, offices[n % 3]) for n, lease in enumerate(leases) if lease is not None]
        assert len(held) == 1
        await held[0][1].leases.release(held[0][0])


async def test_the_token_grows_with_every_holder(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    tokens = []
    for office in (one, one, other, one, other, other):
        lease = await taken(office)
        tokens.append(lease.token)
        await office.leases.release(lease)
    assert tokens == [1, 2, 3, 4, 5, 6]


async def test_what_was_not_renewed_is_taken_over(opening: Opening, clock: FixedClock) -> None:
    one, other = await opening("a"), await opening("b")
    lost = await taken(one)
    clock.advance(seconds=9.9)
    assert await other.leases.acquire("s") is None
    clock.advance(seconds=0.2)
    assert (await taken(other)).token == lost.token + 1


async def test_what_was_renewed_is_not_taken_over(opening: Opening, clock: FixedClock) -> None:
    one, other = await opening("a"), await opening("b")
    lease = await taken(one)
    clock.advance(seconds=9)
    assert await one.leases.renew(lease)
    clock.advance(seconds=9)
    assert await other.leases.acquire("s") is None


async def test_a_lost_lease_knows_it_and_its_release_changes_nothing(opening: Opening, clock: FixedClock) -> None:
    one, other = await opening("a"), await opening("b")
    lost = await taken(one)
    clock.advance(seconds=11)
    kept = await taken(other)
    assert not await one.leases.renew(lost)
    assert lost.is_lost
    await one.leases.release(lost)
    assert await one.leases.acquire("s") is None
    assert await other.leases.renew(kept)


async def test_a_lease_released_here_and_held_by_another_since_is_read_anew(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    await one.leases.release(await taken(one))
    held = await taken(other)
    assert await one.leases.acquire("s") is None
    await other.leases.release(held)
    assert (await taken(one)).token == 3


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_happens_two_never_hold_it_at_once(opening: Opening, clock: FixedClock, seed: int) -> None:
    chance = random.Random(seed)
    offices = [await opening(name) for name in "abc"]
    held: dict[int, tuple[Lease, float]] = {}
    tokens: list[int] = []
    for _ in range(60):
        number = chance.randrange(3)
        office, now = offices[number], clock.now().timestamp()
        match chance.choice(("acquire", "acquire", "release", "renew", "wait")):
            case "acquire":
                lease = await office.leases.acquire("s")
                if lease is not None:
                    assert not any(until > now for _, until in held.values()), "somebody still held it"
                    held[number] = (lease, now + 10)
                    tokens.append(lease.token)
            case "release" if number in held:
                await office.leases.release(held.pop(number)[0])
            case "renew" if number in held:
                if await office.leases.renew(held[number][0]):
                    held[number] = (held[number][0], now + 10)
                else:
                    del held[number]
            case "wait":
                clock.advance(seconds=chance.choice((1, 5, 11)))
    assert tokens == sorted(set(tokens))
