"""Which client speaks to which department: the one list that a new department is added to."""

from collections.abc import Callable, Mapping
from typing import Protocol

from adapters.departments.hospital import HospitalClient
from adapters.http_client import JsonClient
from adapters.http_exchange import ClientLimits


class Department(Protocol):
    """What the product asks of every department's client, whatever it is for."""

    async def open(self) -> None:
        """Make the connection pool."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...

    async def ping(self) -> None:
        """Return if the department answers; raise `DepartmentUnavailable` if not."""
        ...


CLIENTS: Mapping[str, Callable[[JsonClient], Department]] = {
    "hospital": HospitalClient,
}


def connect(department: str, url: str, token: str, timeout_seconds: float) -> Department:
    """Return the client of a department; raises `KeyError` for one that has no client."""
    limits = ClientLimits(total_seconds=timeout_seconds)
    return CLIENTS[department](JsonClient(department, url, token=token or None, limits=limits))
