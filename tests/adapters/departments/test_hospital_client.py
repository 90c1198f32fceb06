from datetime import date, timedelta

import pytest

from adapters.departments.hospital import (
    AppointmentState,
    ClinicSession,
    Guardian,
    HospitalClient,
    Patient,
)
from adapters.departments.outcome import Done, Rejected
from adapters.errors import DepartmentRefused

HOSPITAL, DEPARTMENT = "mianyang-central", "gastroenterology"


async def test_hospitals_of_the_city_are_listed(client: HospitalClient) -> None:
    found = {each.name: each for each in await client.hospitals()}
    assert len(found) >= 6
    assert found["绵阳市中心医院"].level == "三级甲等"
    assert found["绵阳市妇幼保健院"].level is None, "a level without a source is not shown"


async def test_fever_clinic_takes_no_bookings_and_says_where_to_go(client: HospitalClient) -> None:
    departments = {each.name: each for each in await client.departments(HOSPITAL)}
    assert len(departments) >= 10
    fever = departments["发热门诊"]
    assert not fever.bookable
    assert fever.note is not None
    assert "不需要预约" in fever.note
    assert await client.sessions(HOSPITAL, fever.id, date(2026, 11, 23), date(2026, 11, 29)) == []


async def test_unknown_hospital_is_refused_not_empty(client: HospitalClient) -> None:
    with pytest.raises(DepartmentRefused) as refused:
        await client.departments("nowhere")
    assert refused.value.code == "not_found"


async def test_sessions_are_the_same_at_every_reading(client: HospitalClient) -> None:
    days = date(2026, 11, 23), date(2026, 11, 29)
    first = await client.sessions(HOSPITAL, DEPARTMENT, *days)
    assert first == await client.sessions(HOSPITAL, DEPARTMENT, *days)
    assert {each.date for each in first} >= {date(2026, 11, 23) + timedelta(days=n) for n in range(6)}
    assert all(each.starts_at.utcoffset() == timedelta(hours=8) for each in first)
    assert {each.clinic_type for each in first} >= {"普通", "专家"}
    assert all(each.demo for each in first)


async def test_sessions_of_one_doctor(client: HospitalClient) -> None:
    days = date(2026, 11, 23), date(2026, 11, 29)
    everyone = await client.sessions(HOSPITAL, DEPARTMENT, *days)
    name = everyone[0].doctor_name
    theirs = await client.sessions(HOSPITAL, DEPARTMENT, *days, doctor_name=name)
    assert theirs == [each for each in everyone if each.doctor_name == name]
    assert 0 < len(theirs) < len(everyone)


async def test_session_beyond_the_window_says_so(client: HospitalClient) -> None:
    rules = await client.rules(HOSPITAL)
    assert rules.last_bookable_date == date(2026, 12, 6)
    found = await client.sessions(HOSPITAL, DEPARTMENT, date(2026, 12, 4), date(2026, 12, 10))
    assert {each.refusal_code for each in found if each.date > rules.last_bookable_date} <= {
        "outside_window",
        "session_suspended",
    }


async def test_book_and_read_back(client: HospitalClient, patient: Patient, session: ClinicSession) -> None:
    outcome = await client.book("key-book-0001", patient.account_id, patient.id, session.id)
    assert isinstance(outcome, Done)
    appointment = outcome.value
    assert appointment.state is AppointmentState.RESERVED
    assert appointment.queue_number == session.capacity - session.left + 1
    assert appointment.session.left == session.left - 1
    assert appointment.check_in_from == session.starts_at - timedelta(minutes=30)
    assert appointment.cancel_until < session.starts_at
    assert await client.appointment(appointment.id) == appointment
    assert await client.appointments(patient.account_id) == [appointment]
    assert await client.resolve("key-book-0001") == outcome


async def test_same_key_books_once(client: HospitalClient, patient: Patient, session: ClinicSession) -> None:
    first = await client.book("key-book-0001", patient.account_id, patient.id, session.id)
    assert await client.book("key-book-0001", patient.account_id, patient.id, session.id) == first
    assert (await client.session(session.id)).left == session.left - 1


async def test_same_key_for_something_else_is_refused(
    client: HospitalClient, patient: Patient, session: ClinicSession
) -> None:
    await client.book("key-book-0001", patient.account_id, patient.id, session.id)
    other = await client.book("key-book-0001", patient.account_id, patient.id, session.id.replace(".0.", ".1."))
    assert isinstance(other, Rejected)
    assert other.code == "key_reused"


async def test_refusal_stays_a_refusal_under_its_key(
    client: HospitalClient, patient: Patient, session: ClinicSession
) -> None:
    await client.book("key-book-0001", patient.account_id, patient.id, session.id)
    refused = await client.book("key-book-0002", patient.account_id, patient.id, session.id)
    assert isinstance(refused, Rejected)
    assert refused.code == "duplicate_booking"
    assert "同一天" in refused.reason
    appointment = (await client.appointments(patient.account_id))[0]
    await client.cancel("key-cancel-01", appointment.id, patient.account_id)
    assert await client.book("key-book-0002", patient.account_id, patient.id, session.id) == refused
    assert await client.resolve("key-book-0002") == refused


async def test_cancel_gives_the_seat_back_once(
    client: HospitalClient, patient: Patient, session: ClinicSession
) -> None:
    booked = await client.book("key-book-0001", patient.account_id, patient.id, session.id)
    assert isinstance(booked, Done)
    for key in ("key-cancel-01", "key-cancel-01", "key-cancel-02"):
        outcome = await client.cancel(key, booked.value.id, patient.account_id)
        assert isinstance(outcome, Done)
        assert outcome.value.state is AppointmentState.CANCELLED_BY_USER
    assert (await client.session(session.id)).left == session.left


async def test_reschedule_moves_the_seat(client: HospitalClient, patient: Patient, session: ClinicSession) -> None:
    booked = await client.book("key-book-0001", patient.account_id, patient.id, session.id)
    assert isinstance(booked, Done)
    others = await client.sessions(HOSPITAL, DEPARTMENT, session.date, session.date + timedelta(days=3))
    target = next(each for each in others if each.is_bookable and each.id != session.id)
    moved = await client.reschedule("key-move-0001", booked.value.id, patient.account_id, target.id)
    assert isinstance(moved, Done)
    assert (moved.value.id, moved.value.session.id) == (booked.value.id, target.id)
    assert (await client.session(session.id)).left == session.left
    assert (await client.session(target.id)).left == target.left - 1


async def test_resolve_of_a_key_that_was_never_used(client: HospitalClient) -> None:
    assert await client.resolve("key-never-used") is None


async def test_patients_come_back_masked(client: HospitalClient, patient: Patient) -> None:
    assert patient.masked_id_number is not None
    assert patient.masked_id_number[:2] == "5*"
    assert patient.masked_id_number.count("*") == 15
    assert patient.masked_phone == "138****0001"
    assert patient.birth_date == date(1990, 1, 1)
    assert await client.patients(patient.account_id) == [patient]


async def test_adding_a_patient_twice_keeps_one_with_the_new_phone(client: HospitalClient) -> None:
    number = "440524188001010014".replace("1880", "1980")
    assert isinstance(await client.add_patient("a1", "李示例", "13800000001", id_number=number), Rejected)
    valid = "11010519491231002X"
    first = await client.add_patient("a1", "李示例", "13800000001", id_number=valid.lower())
    second = await client.add_patient("a1", "李示例", "13900000002", id_number=valid)
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert first.value.id == second.value.id
    assert second.value.masked_phone == "139****0002"
    assert len(await client.patients("a1")) == 1


async def test_child_without_a_number_needs_an_adult_guardian(client: HospitalClient) -> None:
    born = date(2024, 5, 1)
    alone = await client.add_patient("a1", "小示例", "13800000001", birth_date=born)
    assert isinstance(alone, Rejected)
    assert alone.code == "guardian_required"
    minor = Guardian(name="哥示例", id_number="510705201409019956")
    with_minor = await client.add_patient("a1", "小示例", "13800000001", guardian=minor, birth_date=born)
    assert isinstance(with_minor, Rejected)
    assert with_minor.code == "invalid_id_number"
    adult = Guardian(name="张示例", id_number="510703199001019992")
    added = await client.add_patient("a1", "小示例", "13800000001", guardian=adult, birth_date=born)
    assert isinstance(added, Done)
    assert (added.value.masked_id_number, added.value.guardian_name) == (None, "张示例")


@pytest.mark.parametrize("phone", ["12345", "1380000000", "23800000001", ""])
async def test_phone_that_cannot_be_called_is_refused(client: HospitalClient, phone: str) -> None:
    outcome = await client.add_patient("a1", "李示例", phone, id_number="11010519491231002X")
    assert isinstance(outcome, Rejected)
    assert outcome.code == "invalid_phone"


async def test_booking_needs_a_patient_of_the_same_account(
    client: HospitalClient, patient: Patient, session: ClinicSession
) -> None:
    for account_id, patient_id, code in [
        (patient.account_id, "", "patient_required"),
        (patient.account_id, "nobody", "patient_required"),
        ("somebody-else", patient.id, "not_yours"),
    ]:
        outcome = await client.book(f"key-{code}-{patient_id or 'none'}", account_id, patient_id, session.id)
        assert isinstance(outcome, Rejected)
        assert outcome.code == code


@pytest.mark.parametrize("account_id", ["telegram:12345", "微信:甲", "a/b", "a%2Fb", "a?b=c#d", "a b", "x..y"])
async def test_accounts_of_any_spelling_are_kept_apart(client: HospitalClient, account_id: str) -> None:
    outcome = await client.add_patient(account_id, "李示例", "13800000001", id_number="11010519491231002X")
    assert isinstance(outcome, Done)
    assert outcome.value.account_id == account_id
    assert await client.patients(account_id) == [outcome.value]
    assert await client.patients("a") == []


@pytest.mark.parametrize("identifier", ["", ".", ".."])
async def test_identifier_that_leads_elsewhere_is_not_asked_for(client: HospitalClient, identifier: str) -> None:
    with pytest.raises(ValueError, match="no identifier"):
        await client.appointment(identifier)
    with pytest.raises(ValueError, match="no identifier"):
        await client.cancel("key-cancel-01", identifier, "a")


async def test_ping(client: HospitalClient) -> None:
    await client.ping()
