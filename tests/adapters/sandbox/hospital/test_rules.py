from datetime import date, datetime, timedelta
from typing import Any

import pytest

from adapters.clock import CITY_TIMEZONE, FixedClock
from adapters.departments.hospital import AppointmentState, HospitalClient
from adapters.departments.outcome import Done, Rejected
from adapters.sandbox.remote import RemoteControl

AHEAD_ONLY = "mianyang-peoples"


def set_clock(clock: FixedClock, at: str) -> None:
    clock.advance(seconds=(datetime.fromisoformat(at).replace(tzinfo=CITY_TIMEZONE) - clock.now()).total_seconds())


def code_of(outcome: Any) -> str:
    return outcome.code if isinstance(outcome, Rejected) else type(outcome).__name__


async def try_booking(town: Any, session: Any, patient: Any = None) -> Any:
    patient = patient or await town.patient()
    return await town.client.book(town.key(), patient.account_id, patient.id, session.id)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-08 23:59", "outside_window"),
        ("2026-11-09 06:59", "outside_window"),
        ("2026-11-09 07:00", "Done"),  # the fourteenth day ahead is released
        ("2026-11-22 23:59", "Done"),
        ("2026-11-23 10:59", "Done"),  # the same morning
        ("2026-11-23 11:00", "session_started"),
        ("2026-11-24 00:00", "session_started"),
    ],
)
async def test_window_of_a_morning(town: Any, clock: FixedClock, tomorrow: date, at: str, expected: str) -> None:
    session = await town.session(tomorrow)
    set_clock(clock, at)
    assert code_of(await try_booking(town, session)) == expected
    refusal = (await town.client.session(session.id)).refusal_code
    assert (refusal or "Done") == expected, "what the list says is what the booking does"


async def test_refusal_tells_how_far_one_can_book(town: Any, clock: FixedClock) -> None:
    session = await town.session(date(2026, 12, 7))
    outcome = await try_booking(town, session)
    assert isinstance(outcome, Rejected)
    assert "12月6日" in outcome.reason
    set_clock(clock, "2026-11-23 07:00")
    assert code_of(await try_booking(town, session)) == "Done"


async def test_hospital_that_takes_no_bookings_for_today(town: Any, clock: FixedClock, tomorrow: date) -> None:
    session = await town.session(tomorrow, hospital_id=AHEAD_ONLY)
    assert not (await town.client.rules(AHEAD_ONLY)).same_day.allowed
    set_clock(clock, "2026-11-23 07:30")
    assert code_of(await try_booking(town, session)) == "outside_window"


async def test_cancel_until_the_day_before_at_five(town: Any, clock: FixedClock, tomorrow: date) -> None:
    first = await town.booked(await town.patient("a1"), await town.session(tomorrow))
    second = await town.booked(await town.patient("a2"), await town.session(tomorrow))
    assert first.cancel_until == datetime(2026, 11, 22, 17, 0, tzinfo=CITY_TIMEZONE)
    set_clock(clock, "2026-11-22 17:00:00")
    assert code_of(await town.client.cancel(town.key(), first.id, "a1")) == "Done"
    set_clock(clock, "2026-11-22 17:00:01")
    assert code_of(await town.client.cancel(town.key(), second.id, "a2")) == "cancel_too_late"
    target = await town.session(tomorrow + timedelta(days=1))
    assert code_of(await town.client.reschedule(town.key(), second.id, "a2", target.id)) == "cancel_too_late"
    assert (await town.client.appointment(second.id)).state is AppointmentState.RESERVED


async def test_same_person_under_two_accounts_books_once_a_day(town: Any, tomorrow: date) -> None:
    number = "510703199001019992"
    session = await town.session(tomorrow)
    mine, theirs = await town.patient("a1", number), await town.patient("a2", number)
    assert code_of(await try_booking(town, session, mine)) == "Done"
    assert code_of(await try_booking(town, session, theirs)) == "duplicate_booking"
    assert (await town.client.session(session.id)).left == session.left - 1


async def test_strangers_can_neither_cancel_nor_move(town: Any, tomorrow: date) -> None:
    appointment = await town.booked(await town.patient("a1"), await town.session(tomorrow))
    target = await town.session(tomorrow + timedelta(days=1))
    assert code_of(await town.client.cancel(town.key(), appointment.id, "a2")) == "not_yours"
    assert code_of(await town.client.reschedule(town.key(), appointment.id, "a2", target.id)) == "not_yours"
    assert await town.client.appointment(appointment.id) == appointment


async def test_missed_visits_close_the_rest_of_the_month(town: Any, clock: FixedClock, control: RemoteControl) -> None:
    patient, healthy = await town.patient("a1"), await town.patient("a2")
    for day in (23, 24, 25):
        await town.booked(patient, await town.session(date(2026, 11, day)))
    attended = await town.booked(healthy, await town.session(date(2026, 11, 23)))
    await control.mark(attended.id, "visited")
    set_clock(clock, "2026-11-25 11:59")
    states = [each.state for each in await town.client.appointments("a1")]
    assert sorted(states) == ["no_show", "no_show", "reserved"]
    session = await town.session(date(2026, 11, 30))
    assert code_of(await try_booking(town, session, patient)) == "Done", "two missed visits close nothing"
    set_clock(clock, "2026-11-25 12:00")
    december = await town.session(date(2026, 12, 3))
    refused = await try_booking(town, december, patient)
    assert isinstance(refused, Rejected)
    assert refused.code == "no_show_blocked"
    assert "3次" in refused.reason
    assert "11月30日" in refused.reason
    assert code_of(await try_booking(town, december, healthy)) == "Done"
    other = await town.session(date(2026, 12, 1), hospital_id="mianyang-404")
    assert code_of(await try_booking(town, other, patient)) == "Done", "another hospital counts for itself"
    set_clock(clock, "2026-12-01 08:00")
    assert code_of(await try_booking(town, december, patient)) == "Done"
    missed = await control.ledger("appointment_no_show")
    assert [row["actor"] for row in missed] == ["hospital"] * 4


async def test_visited_appointment_is_no_missed_visit(
    town: Any, clock: FixedClock, control: RemoteControl, tomorrow: date
) -> None:
    appointment = await town.booked(await town.patient(), await town.session(tomorrow))
    await control.mark(appointment.id, "visited")
    set_clock(clock, "2026-11-24 12:00")
    assert (await town.client.appointment(appointment.id)).state is AppointmentState.VISITED
    assert await control.ledger("appointment_no_show") == []


async def test_suspended_session_cancels_and_tells(
    town: Any, client: HospitalClient, control: RemoteControl, tomorrow: date
) -> None:
    session = await town.session(tomorrow)
    kept = await town.booked(await town.patient("a1"), await town.session(tomorrow, half_day="afternoon"))
    lost = [await town.booked(await town.patient(account), session) for account in ("a2", "a3")]
    sequence = await control.suspend(session.id, "医生临时外出（示例）")
    notices = await client.notices()
    assert [each.sequence for each in notices] == [sequence]
    assert notices[0].reason == "医生临时外出（示例）"
    assert [(each.appointment_id, each.account_id) for each in notices[0].affected] == [
        (lost[0].id, "a2"),
        (lost[1].id, "a3"),
    ]
    assert await client.notices(after=sequence) == []
    states = [(await client.appointment(each.id)).state for each in (kept, *lost)]
    assert states == ["reserved", "cancelled_by_hospital", "cancelled_by_hospital"]
    assert code_of(await try_booking(town, session)) == "session_suspended"
    again = await client.cancel(town.key(), lost[0].id, "a2")
    assert isinstance(again, Done)
    assert again.value.state is AppointmentState.CANCELLED_BY_HOSPITAL
    moved = await client.reschedule(town.key(), lost[1].id, "a3", kept.session.id)
    assert code_of(moved) == "already_cancelled"


async def test_rescheduling_into_another_hospital_or_a_full_session_keeps_the_seat(
    town: Any, control: RemoteControl, tomorrow: date
) -> None:
    session = await town.session(tomorrow)
    patient = await town.patient()
    appointment = await town.booked(patient, session)
    full = await town.session(tomorrow + timedelta(days=1))
    await control.set_seats(full.id, 0)
    elsewhere = await town.session(tomorrow, hospital_id="mianyang-404")
    for target, expected in [(full, "sold_out"), (elsewhere, "not_found"), (session, "duplicate_booking")]:
        outcome = await town.client.reschedule(town.key(), appointment.id, patient.account_id, target.id)
        assert code_of(outcome) == expected
    assert await town.client.appointment(appointment.id) == appointment
    assert (await town.client.session(elsewhere.id)).left == elsewhere.left
    assert await control.ledger("appointment_rescheduled") == []


async def test_rescheduling_onto_a_day_that_is_taken_keeps_both(town: Any, tomorrow: date) -> None:
    patient = await town.patient()
    first, later = await town.session(tomorrow), await town.session(tomorrow + timedelta(days=1))
    afternoon = await town.session(later.date, half_day="afternoon")
    assert first.department_id == later.department_id == afternoon.department_id
    kept, other = await town.booked(patient, first), await town.booked(patient, later)
    outcome = await town.client.reschedule(town.key(), kept.id, patient.account_id, afternoon.id)
    assert code_of(outcome) == "duplicate_booking"
    assert (await town.client.appointment(kept.id)).session.id == first.id
    assert (await town.client.session(afternoon.id)).left == afternoon.left
    assert (await town.client.appointment(other.id)).state is AppointmentState.RESERVED
