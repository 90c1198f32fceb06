"""Within a turn a department is asked once; what is changed, or the next turn, asks anew."""

from datetime import date

from adapters.departments.hospital import ClinicSession, HospitalClient, Patient
from adapters.departments.outcome import Done, Rejected
from adapters.departments.reads import asked_once
from adapters.sandbox.remote import RemoteControl

HOSPITAL, DEPARTMENT = "mianyang-central", "gastroenterology"
DAYS = date(2026, 11, 24), date(2026, 11, 30)


async def left_in(client: HospitalClient, session: ClinicSession) -> int:
    found = await client.sessions(HOSPITAL, DEPARTMENT, *DAYS)
    return next(each.left for each in found if each.id == session.id)


async def test_a_turn_sees_one_picture(client: HospitalClient, control: RemoteControl, session: ClinicSession) -> None:
    with asked_once():
        before = await left_in(client, session)
        await control.set_seats(session.id, 1)
        assert await left_in(client, session) == before
        assert (await client.session(session.id)).left == 1, "another question is asked of the hospital"
    assert await left_in(client, session) == 1
    with asked_once():
        assert await left_in(client, session) == 1, "nothing is kept from turn to turn"


async def test_an_effect_forgets_what_was_read(
    client: HospitalClient, session: ClinicSession, patient: Patient
) -> None:
    with asked_once():
        before = await left_in(client, session)
        assert isinstance(await client.book("key-book-0001", patient.account_id, patient.id, session.id), Done)
        assert await left_in(client, session) == before - 1


async def test_a_refused_effect_forgets_too(
    client: HospitalClient, control: RemoteControl, session: ClinicSession, patient: Patient
) -> None:
    with asked_once():
        assert await left_in(client, session) > 0
        await control.set_seats(session.id, 0)
        assert isinstance(await client.book("key-book-0001", patient.account_id, patient.id, session.id), Rejected)
        assert await left_in(client, session) == 0


async def test_what_is_done_with_a_list_is_not_seen_by_the_next(client: HospitalClient) -> None:
    with asked_once():
        (await client.hospitals()).clear()
        assert await client.hospitals()
