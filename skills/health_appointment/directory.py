"""What hospitals and departments there are, asked for again only after a while: they change a few times a year."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from adapters.departments.hospital import Department, Hospital, HospitalInfo

T = TypeVar("T")
KEPT_SECONDS = 60.0
_ALL = ""


class Directory:
    """The hospitals' own lists, each at most `KEPT_SECONDS` old. Seats and clinics are never kept: they are always asked for.

    A list that cannot be fetched anew raises what the port raises; nothing older is shown in its place.
    """

    def __init__(self, hospital: Hospital, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._hospital = hospital
        self._monotonic = monotonic
        self._hospitals: dict[str, tuple[float, list[HospitalInfo]]] = {}
        self._departments: dict[str, tuple[float, list[Department]]] = {}

    async def hospitals(self) -> list[HospitalInfo]:
        """Return the hospitals that take bookings."""
        return list(await self._kept(self._hospitals, _ALL, self._hospital.hospitals))

    async def departments(self, hospital_id: str) -> list[Department]:
        """Return a hospital's departments, also those that take no bookings."""
        return list(await self._kept(self._departments, hospital_id, lambda: self._hospital.departments(hospital_id)))

    async def _kept(
        self, kept: dict[str, tuple[float, list[T]]], key: str, fetch: Callable[[], Awaitable[list[T]]]
    ) -> list[T]:
        now = self._monotonic()
        fetched_at, known = kept.get(key, (0.0, None))
        if known is not None and now - fetched_at < KEPT_SECONDS:
            return known
        fetched = await fetch()
        kept[key] = (now, fetched)
        return fetched
