"""An answer that breaks the contract, or that is about somebody else, is no answer."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from adapters.departments.hospital import Appointment, ClinicSession, HospitalClient, Patient
from adapters.departments.outcome import Done, Unknown
from adapters.errors import DepartmentUnavailable
from adapters.http_client import JsonClient
from adapters.http_exchange import ClientLimits

NONSENSE: list[Any] = [None, "", "x", -1, 1.5, True, [], {}, [1], {"a": 1}, "9999-12-31T23:59:59-12:00", 10**30]


async def appointment_of(client: HospitalClient, patient: Patient, session: ClinicSession) -> Appointment:
    outcome = await client.book("key-any-00001", patient.account_id, patient.id, session.id)
    assert isinstance(outcome, Done)
    return outcome.value


async def test_nonsense_in_any_field_is_found_and_never_crashes(
    client: HospitalClient, patient: Patient, session: ClinicSession
) -> None:
    good = (await appointment_of(client, patient, session)).model_dump(mode="json")
    assert Appointment.model_validate(good).model_dump(mode="json") == good
    chance = random.Random(1)
    for name in good:
        for nonsense in NONSENSE:
            try:
                Appointment.model_validate(good | {name: nonsense})
            except ValidationError:
                continue
            assert isinstance(nonsense, str), (name, nonsense)
    for name in good["session"]:
        nonsense = chance.choice([[], {"a": 1}])
        with pytest.raises(ValidationError):
            Appointment.model_validate(good | {"session": good["session"] | {name: nonsense}})
    for name in ("fee_fen", "left", "capacity"):
        for nonsense in ("600", 600.0, True, -1):
            with pytest.raises(ValidationError):
                ClinicSession.model_validate(good["session"] | {name: nonsense})


class Parrot:
    """A server that answers every post with the same body, and every get with another."""

    def __init__(self) -> None:
        self.on_post: Any = {}
        self.on_get: Any = {}
        self.get_status = 200
        self.posts = 0

    async def handle(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            self.posts += 1
            return web.json_response(self.on_post)
        return web.json_response(self.on_get, status=self.get_status)


@pytest.fixture
def parrot() -> Parrot:
    return Parrot()


@pytest.fixture
async def parroted(parrot: Parrot) -> AsyncIterator[HospitalClient]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", parrot.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    http = JsonClient(
        "hospital", f"http://127.0.0.1:{runner.addresses[0][1]}", limits=ClientLimits(failures_to_open=99)
    )
    client = HospitalClient(http, settle_waits=(0.01, 0.01))
    await client.open()
    yield client
    await client.close()
    await runner.cleanup()


async def test_somebody_elses_appointment_is_not_taken_for_ours(
    parroted: HospitalClient, parrot: Parrot, client: HospitalClient, patient: Patient, session: ClinicSession
) -> None:
    theirs = await appointment_of(client, patient, session)
    body = theirs.model_dump(mode="json")
    parrot.on_post, parrot.on_get = body, {"status": 201, "body": body}
    same = await parroted.book("key-mine-0001", patient.account_id, patient.id, session.id)
    assert isinstance(same, Done)
    attempts: list[Callable[[], Awaitable[Any]]] = [
        lambda: parroted.book("key-mine-0001", "another", patient.id, session.id),
        lambda: parroted.book("key-mine-0001", patient.account_id, "another", session.id),
        lambda: parroted.book("key-mine-0001", patient.account_id, patient.id, "another"),
        lambda: parroted.cancel("key-mine-0001", "another", patient.account_id),
        lambda: parroted.cancel("key-mine-0001", theirs.id, patient.account_id),  # it still says reserved
        lambda: parroted.reschedule("key-mine-0001", theirs.id, patient.account_id, "another"),
    ]
    for attempt in attempts:
        assert await attempt() == Unknown("key-mine-0001")


async def test_lists_of_somebody_else_are_not_shown(
    parroted: HospitalClient, parrot: Parrot, patient: Patient, session: ClinicSession
) -> None:
    parrot.on_get = {"items": [patient.model_dump(mode="json")]}
    assert await parroted.patients(patient.account_id) == [patient]
    with pytest.raises(DepartmentUnavailable, match="something else"):
        await parroted.patients("another")
    parrot.on_get = {"items": [session.model_dump(mode="json")]}
    with pytest.raises(DepartmentUnavailable, match="something else"):
        await parroted.sessions("mianyang-404", session.department_id, date(2026, 11, 23), date(2026, 11, 29))


@pytest.mark.parametrize("body", [[], None, 1, {}, {"items": None}, {"items": {"a": 1}}, {"items": [None]}])
async def test_lists_that_are_none(parroted: HospitalClient, parrot: Parrot, body: Any) -> None:
    parrot.on_get = body
    with pytest.raises(DepartmentUnavailable):
        await parroted.hospitals()


@pytest.mark.parametrize("record", [{}, {"status": 409, "body": {}}, {"status": "201", "body": {}}, {"status": 201}])
async def test_records_that_are_none_leave_it_unknown(parroted: HospitalClient, parrot: Parrot, record: Any) -> None:
    parrot.on_get = record
    assert await parroted.book("key-mine-0001", "a", "p", "s") == Unknown("key-mine-0001")
    assert parrot.posts == 1, "a record that cannot be read is no reason to ask for the effect again"
    with pytest.raises(DepartmentUnavailable):
        await parroted.resolve("key-mine-0001")


@pytest.mark.parametrize(("code", "posts"), [("not_found", 3), ("invalid_request", 1)])
async def test_only_not_found_means_that_it_was_not_seen(
    parroted: HospitalClient, parrot: Parrot, code: str, posts: int
) -> None:
    parrot.on_get, parrot.get_status = {"status": 404, "code": code, "detail": "没有查到。"}, 404
    assert await parroted.book("key-mine-0001", "a", "p", "s") == Unknown("key-mine-0001")
    assert parrot.posts == posts


async def test_errors_do_not_repeat_what_was_personal(parroted: HospitalClient, parrot: Parrot) -> None:
    parrot.on_get = {"items": [{"id": "p", "name": ["510703199001019992"], "masked_phone": 13800000001}]}
    with pytest.raises(DepartmentUnavailable) as caught:
        await parroted.patients("a")
    assert "510703" not in str(caught.value)
    assert "1380" not in str(caught.value)
    assert "name" in str(caught.value)
