"""Lists of hospitals and departments are asked for once in a while, and never shown older than they may be."""

from typing import cast

import pytest

from adapters.departments.hospital import Department, Hospital, HospitalInfo
from adapters.errors import DepartmentUnavailable
from skills.health_appointment.directory import KEPT_SECONDS, Directory


class CountedHospital:
    """A hospital that counts what it is asked, and can be out of order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_down = False

    async def hospitals(self) -> list[HospitalInfo]:
        self._ask("hospitals")
        return [cast("HospitalInfo", f"list {len(self.asked)}")]

    async def departments(self, hospital_id: str) -> list[Department]:
        self._ask(hospital_id)
        return [cast("Department", f"{hospital_id} {len(self.asked)}")]

    def _ask(self, what: str) -> None:
        if self.is_down:
            raise DepartmentUnavailable("hospital", "out of order")
        self.asked.append(what)


class Watch:
    """A stopwatch that is set by hand."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


async def test_a_list_is_fetched_once_while_it_is_fresh() -> None:
    hospital, watch = CountedHospital(), Watch()
    directory = Directory(cast("Hospital", hospital), watch)
    first = await directory.departments("a")
    watch.seconds += KEPT_SECONDS - 0.1
    assert await directory.departments("a") == first
    await directory.departments("b")
    await directory.hospitals()
    await directory.hospitals()
    assert hospital.asked == ["a", "b", "hospitals"]


async def test_an_old_list_is_fetched_again() -> None:
    hospital, watch = CountedHospital(), Watch()
    directory = Directory(cast("Hospital", hospital), watch)
    first = await directory.hospitals()
    watch.seconds += KEPT_SECONDS
    assert await directory.hospitals() != first


async def test_an_outage_shows_once_the_list_is_old() -> None:
    hospital, watch = CountedHospital(), Watch()
    directory = Directory(cast("Hospital", hospital), watch)
    await directory.hospitals()
    hospital.is_down = True
    assert await directory.hospitals()
    watch.seconds += KEPT_SECONDS
    with pytest.raises(DepartmentUnavailable):
        await directory.hospitals()


async def test_what_a_caller_does_to_a_list_stays_with_the_caller() -> None:
    directory = Directory(cast("Hospital", CountedHospital()), Watch())
    (await directory.departments("a")).clear()
    assert await directory.departments("a")
