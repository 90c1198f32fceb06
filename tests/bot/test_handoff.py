"""The handoff machine, and work orders that are written once for each cause."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path

import pytest

from adapters.clock import FixedClock
from adapters.storage.sqlite import SqliteStore
from bot.dialogue.tracker import Control, TrackerState
from bot.handoff import (
    WORK_ORDERS,
    HandoffRefused,
    Packet,
    WorkOrders,
    due_words,
    events_of_ticket,
    is_still_open,
    move,
)

PACKET = Packet("asked", "web:1", "web:u", "我要找人", "", {}, (), "trace")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, 9, 0))


@pytest.fixture
async def orders(tmp_path: Path, clock: FixedClock) -> AsyncIterator[WorkOrders]:
    store = SqliteStore(tmp_path / "store.db", clock)
    await store.open([WORK_ORDERS])
    yield WorkOrders(store, clock)
    await store.close()


@pytest.mark.parametrize(
    ("current", "to"),
    [
        ("bot", "queued"),
        ("queued", "human"),
        ("queued", "ticket"),
        ("human", "bot"),
        ("human", "closed"),
        ("ticket", "bot"),
        ("closed", "queued"),
    ],
)
def test_moves_that_are_known(current: Control, to: Control) -> None:
    assert move(current, to, "why").control == to


@pytest.mark.parametrize(
    ("current", "to"), [("bot", "human"), ("bot", "ticket"), ("bot", "bot"), ("human", "queued"), ("ticket", "human")]
)
def test_moves_that_are_not(current: Control, to: Control) -> None:
    with pytest.raises(HandoffRefused, match=current):
        move(current, to, "why")


async def test_a_work_order_has_a_number_and_a_day(orders: WorkOrders) -> None:
    order = await orders.open("cause-1", PACKET)
    assert order.number == "MY-20261123-000001"
    assert order.due_date == date(2026, 11, 26)
    assert due_words(order.due_date) == "11月26日"
    assert is_still_open(order, datetime(2026, 11, 26, 23, 0))
    assert not is_still_open(order, datetime(2026, 11, 27, 0, 0))
    assert await orders.get(order.number) == order


async def test_the_same_cause_is_one_work_order(orders: WorkOrders) -> None:
    first = await orders.open("cause-1", PACKET)
    assert await orders.open("cause-1", PACKET) == first
    assert (await orders.open("cause-2", PACKET)).number == "MY-20261123-000002"


async def test_many_at_once_get_different_numbers(orders: WorkOrders) -> None:
    made = await asyncio.gather(*(orders.open(f"cause-{n}", PACKET) for n in range(40)))
    assert len({order.number for order in made}) == 40


async def test_a_note_is_added_once_for_each_message(orders: WorkOrders) -> None:
    order = await orders.open("cause-1", PACKET)
    await orders.add_note(order.number, "m1", "补充")
    await orders.add_note(order.number, "m1", "补充")
    await orders.add_note(order.number, "m2", "再补充")
    assert (await orders.latest())[0]["notes"] == {"m1": "补充", "m2": "再补充"}


@pytest.mark.parametrize(
    ("opened", "reason", "due"),
    [
        (datetime(2026, 9, 28, 9), "refused", date(2026, 10, 13)),
        (datetime(2026, 9, 28, 9), "complaint", date(2026, 10, 23)),
        (datetime(2026, 4, 30, 9), "asked", date(2026, 5, 8)),
        (datetime(2026, 2, 13, 9), "complaint", date(2026, 3, 12)),
    ],
)
async def test_days_are_working_days_with_make_up_days(
    orders: WorkOrders, clock: FixedClock, opened: datetime, reason: str, due: date
) -> None:
    clock.advance(seconds=(opened - datetime(2026, 11, 23, 9)).total_seconds())
    order = await orders.open("cause", dataclasses.replace(PACKET, reason=reason))
    assert order.due_date == due


async def test_nobody_at_the_desk_is_the_queue_and_then_a_ticket(orders: WorkOrders) -> None:
    state = TrackerState()
    order = await orders.open("cause", PACKET)
    for event in events_of_ticket(state, "asked", order):
        state.apply(event)
    assert (state.control, state.work_order) == ("ticket", order.number)
