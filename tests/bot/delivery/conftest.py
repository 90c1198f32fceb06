"""A clock that stands still, and offices on one store."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from adapters.clock import FixedClock
from tests.bot.delivery.small_office import AT, Office

Opening = Callable[..., Awaitable[Office]]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(AT)


@pytest.fixture
async def opening(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Opening]:
    """Return a function that opens one more process's office on the same store."""
    offices: list[Office] = []

    async def open_one(name: str = "a", **options: int) -> Office:
        offices.append(await Office(tmp_path / "store.db", clock, name, **options).open())
        return offices[-1]

    yield open_one
    for office in offices:
        await office.close()


@pytest.fixture
async def office(opening: Opening) -> Office:
    return await opening()
