"""Staff accounts: passwords are hashed, guessing costs time, the owner is not kept out, sign-ins end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from adapters.clock import CITY_TIMEZONE, FixedClock
from adapters.staff import (
    STAFF,
    STAFF_COLLECTIONS,
    STAFF_SESSIONS,
    PasswordRefused,
    ScryptCost,
    StaffAccount,
    StaffAccounts,
    TooManyAttempts,
    WrongCredentials,
)
from adapters.staff_sessions import StaffSessions
from adapters.storage.sqlite import SqliteStore

CHEAP = ScryptCost(log_n=4, r=1, p=1)
GOOD = "涪江边的第一个密码-2026"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE))


@pytest.fixture
async def store(tmp_path: Path, clock: FixedClock) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "staff.db", clock)
    await store.open(STAFF_COLLECTIONS)
    yield store
    await store.close()


@pytest.fixture
def accounts(store, clock):
    return StaffAccounts(store, clock, CHEAP)


@pytest.fixture
async def password(accounts):
    created = await accounts.create_first()
    assert created
    return created[1]


async def fail(accounts, times, address, name="admin"):
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            await accounts.verify(name, "错误", address)


async def test_there_is_one_first_account(accounts):
    outcomes = await asyncio.gather(*(accounts.create_first() for _ in range(5)))
    assert sum(outcome is not None for outcome in outcomes) == 1
    assert await accounts.create_first() is None


async def test_the_right_password_is_right_and_others_are_not(accounts, password):
    assert await accounts.verify("Admin ", password) == StaffAccount("admin", must_change_password=True)
    for name, wrong in (("admin", password + "x"), ("admin", ""), ("nobody", password), ("", ""), ("\ud800", "\ud800")):
        with pytest.raises(WrongCredentials):
            await accounts.verify(name, wrong, f"10.0.0.{len(wrong)}")


async def test_no_password_is_stored(store, password):
    document = (await store.get(STAFF.name, "admin")).document
    assert document["hash"].startswith("scrypt$4$1$1$")
    assert password not in str(document)


async def test_a_hash_remembers_what_it_cost(store, clock, password):
    dearer = StaffAccounts(store, clock, ScryptCost(log_n=5, r=2, p=1))
    assert (await dearer.verify("admin", password)).name == "admin"
    await dearer.change_password("admin", password, GOOD)
    assert (await store.get(STAFF.name, "admin")).document["hash"].startswith("scrypt$5$2$1$")
    assert (await dearer.verify("admin", GOOD)).must_change_password is False


def test_the_default_cost_meets_the_published_minimum():
    cost = ScryptCost()
    assert (2**cost.log_n, cost.r, cost.p) == (32768, 8, 3)
    assert len(cost.derive(GOOD, b"salt")) == 32


@pytest.mark.parametrize("new", ["short", "x" * 129, "aaaaaaaaaaaaaaaa", "admin-2026-admin", "the-old-one-itself"])
async def test_weak_passwords_are_refused_before_anything_else(accounts, new):
    with pytest.raises(PasswordRefused) as refused:
        await accounts.change_password("admin", "the-old-one-itself", new)
    assert refused.value.reason.startswith("新密码")


async def test_the_old_password_must_be_shown_to_change_it(accounts, password):
    with pytest.raises(WrongCredentials):
        await accounts.change_password("admin", "错误", GOOD)
    await accounts.change_password("admin", password, GOOD)
    with pytest.raises(WrongCredentials):
        await accounts.verify("admin", password)


async def test_waits_grow_and_are_bounded(accounts, password, clock):
    await fail(accounts, 5, "10.0.0.9")
    waits = []
    for _ in range(12):
        with pytest.raises(TooManyAttempts) as held:
            await accounts.verify("admin", "错误", "10.0.0.9")
        waits.append(held.value.wait_seconds)
        clock.advance(seconds=held.value.wait_seconds + 0.1)
        await fail(accounts, 1, "10.0.0.9")
    assert waits[:4] == pytest.approx([10, 20, 40, 80])
    assert max(waits) == 900


async def test_a_refused_try_does_not_make_the_wait_longer(accounts, password, clock):
    await fail(accounts, 5, "10.0.0.9")
    for _ in range(50):
        with pytest.raises(TooManyAttempts):
            await accounts.verify("admin", password, "10.0.0.9")
    clock.advance(seconds=11)
    assert await accounts.verify("admin", password, "10.0.0.9")


async def test_many_tries_at_once_count_one_by_one(accounts, password):
    outcomes = await asyncio.gather(
        *(accounts.verify("admin", f"猜{n}", "10.0.0.9") for n in range(40)), return_exceptions=True
    )
    assert sum(isinstance(outcome, WrongCredentials) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, TooManyAttempts) for outcome in outcomes) == 35


async def test_one_address_cannot_try_many_names(accounts, password):
    for number in range(5):
        await fail(accounts, 1, "10.0.0.9", name=f"name{number}")
    with pytest.raises(TooManyAttempts):
        await accounts.verify("admin", password, "10.0.0.9")


async def test_many_addresses_cannot_try_one_name(accounts, password):
    for number in range(5):
        await fail(accounts, 1, f"10.0.1.{number}")
    with pytest.raises(TooManyAttempts):
        await accounts.verify("admin", "错误", "10.0.2.1")


async def test_strangers_who_guess_cannot_keep_the_owner_out(accounts, password):
    await accounts.verify("admin", password, "10.0.0.1")
    for number in range(5):
        await fail(accounts, 1, f"10.0.1.{number}")
    assert (await accounts.verify("admin", password, "10.0.0.1")).name == "admin"


async def test_a_success_wipes_the_slate(accounts, password):
    await fail(accounts, 4, "10.0.0.9")
    await accounts.verify("admin", password, "10.0.0.9")
    await fail(accounts, 4, "10.0.0.9")
    assert await accounts.verify("admin", password, "10.0.0.9")


async def test_sessions_are_random_hashed_in_the_store_and_over_when_closed(store, clock):
    sessions = StaffSessions(store, clock)
    account = StaffAccount("admin", must_change_password=False)
    tokens = [await sessions.open(account) for _ in range(3)]
    assert len(set(tokens)) == 3
    stored = await store.find(STAFF_SESSIONS.name)
    assert not any(token in str(one) for token in tokens for one in stored)
    assert len({one.document["form_token"] for one in stored}) == 3
    await sessions.close(tokens[0])
    assert await sessions.get(tokens[0]) is None
    assert (await sessions.get(tokens[1])).name == "admin"
    await sessions.close_all("admin")
    assert [await sessions.get(token) for token in tokens] == [None] * 3
    assert await sessions.get("") is None
    assert await sessions.get("made up") is None


async def test_an_idle_session_is_over_after_a_quarter_of_an_hour(store, clock):
    sessions = StaffSessions(store, clock)
    token = await sessions.open(StaffAccount("admin", must_change_password=False))
    clock.advance(minutes=14)
    assert await sessions.get(token)
    clock.advance(minutes=14)
    assert await sessions.get(token)
    clock.advance(minutes=15, seconds=1)
    assert await sessions.get(token) is None
