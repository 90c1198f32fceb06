"""Many people, few seats: exactly as many are booked as there were seats."""

import asyncio
import itertools
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from adapters.clock import FixedClock
from adapters.departments.hospital import HospitalClient
from adapters.departments.outcome import Done, Rejected, Unknown
from adapters.http_client import JsonClient
from adapters.sandbox.remote import RemoteControl
from adapters.sandbox.server import start

RACES = 200


async def test_last_seats_are_won_exactly_once(town: Any, control: RemoteControl, tomorrow: date) -> None:
    chance = random.Random(20261122)
    people = [await town.patient(f"a{n}") for n in range(12)]
    session = await town.session(tomorrow)
    won_in_all = 0
    for race in range(RACES):
        seats = chance.randint(1, 3)
        await control.set_seats(session.id, seats)
        racing = people[: chance.randint(seats + 1, 8)]
        outcomes = await asyncio.gather(
            *(
                town.client.book(f"race-{race}-{each.account_id}", each.account_id, each.id, session.id)
                for each in racing
            )
        )
        won = [each.value for each in outcomes if isinstance(each, Done)]
        assert len(won) == seats, f"race {race}"
        assert {each.code for each in outcomes if isinstance(each, Rejected)} == {"sold_out"}
        assert (await town.client.session(session.id)).left == 0
        won_in_all += len(won)
        for each in won:
            assert isinstance(await town.client.cancel(f"back-{race}-{each.id}", each.id, each.account_id), Done)
    booked = await control.ledger("appointment_booked")
    assert len(booked) == len({row["idempotency_key"] for row in booked}) == won_in_all
    assert len({row["body"]["number"] for row in booked}) == won_in_all, "no queue number is given twice"


async def test_two_servers_over_one_database_sell_each_seat_once(
    town: Any, control: RemoteControl, tomorrow: date, tmp_path: Path, clock: FixedClock
) -> None:
    second = await start(tmp_path / "city.sqlite", clock)
    other = HospitalClient(JsonClient("hospital", second.url), settle_waits=())
    await other.open()
    people = [await town.patient(f"a{n}") for n in range(10)]
    session = await town.session(tomorrow)
    for race in range(20):
        await control.set_seats(session.id, 2)
        outcomes = await asyncio.gather(
            *(
                client.book(f"race-{race}-{each.account_id}", each.account_id, each.id, session.id)
                for each, client in zip(people, itertools.cycle([town.client, other]))
            )
        )
        won = [each.value for each in outcomes if isinstance(each, Done)]
        assert len(won) == 2
        assert {each.code for each in outcomes if isinstance(each, Rejected)} == {"sold_out"}
        assert not any(isinstance(each, Unknown) for each in outcomes), "waiting for the other server is no failure"
        for each in won:
            assert isinstance(await other.cancel(f"back-{race}-{each.id}", each.id, each.account_id), Done)
    assert len(await control.ledger("appointment_booked")) == 40
    await other.close()
    await second.close()


async def test_one_key_from_many_sides_books_once(town: Any, control: RemoteControl, tomorrow: date) -> None:
    patient, session = await town.patient(), await town.session(tomorrow)
    outcomes = await asyncio.gather(
        *(town.client.book("key-from-all-sides", patient.account_id, patient.id, session.id) for _ in range(30))
    )
    assert len({each.value.id for each in outcomes}) == 1
    assert len(await control.ledger("appointment_booked")) == 1


async def test_ledger_agrees_with_the_appointments_after_a_busy_day(
    town: Any, control: RemoteControl, tomorrow: date
) -> None:
    """Book, cancel and move at random and at once; then replay the ledger and compare seats and states."""
    chance = random.Random(7)
    days = [tomorrow + timedelta(days=n) for n in range(3)]
    sessions = [await town.session(day, half_day=half) for day in days for half in ("morning", "afternoon")]
    for each in sessions:
        await control.set_seats(each.id, 4)
    people = [await town.patient(f"a{n}") for n in range(15)]

    async def live(person: Any) -> None:
        for _ in range(8):
            mine = [each for each in await town.client.appointments(person.account_id) if each.state == "reserved"]
            action, session = chance.choice(["book", "book", "cancel", "move"]), chance.choice(sessions)
            if action == "book" or not mine:
                await town.client.book(town.key(), person.account_id, person.id, session.id)
            elif action == "cancel":
                await town.client.cancel(town.key(), chance.choice(mine).id, person.account_id)
            else:
                await town.client.reschedule(town.key(), chance.choice(mine).id, person.account_id, session.id)

    await asyncio.gather(*(live(person) for person in people))
    held: dict[str, str] = {}
    for row in await control.ledger():
        body = row["body"]
        if row["effect"] in {"appointment_booked", "appointment_rescheduled"}:
            held[body["appointment_id"]] = body["session_id"]
        elif row["effect"] == "appointment_cancelled":
            del held[body["appointment_id"]]
    assert len(held) > 5
    shown = {each["id"]: each["session_id"] for each in await control.appointments() if each["state"] == "reserved"}
    assert shown == held
    for each in sessions:
        assert (await town.client.session(each.id)).left == 4 - list(held.values()).count(each.id)
