"""Where the product gets the time from; nothing else may ask the operating system what time it is."""

import time
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CITY_TIMEZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the time, aware, in the city's time zone."""

    def now(self) -> datetime:
        """Return the present instant."""
        ...


class SystemClock:
    """The operating system's clock."""

    def now(self) -> datetime:
        """Return the present instant."""
        return datetime.now(CITY_TIMEZONE)


class OffsetClock:
    """A clock that starts at a given instant and runs at the usual speed (`chat --at`)."""

    def __init__(self, starts_at: datetime) -> None:
        self._starts_at = local_time(starts_at)
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the starting instant plus the time that has passed since."""
        return self._starts_at + timedelta(seconds=time.monotonic() - self._began)


class FixedClock:
    """A clock that moves only when told to; for tests."""

    def __init__(self, at: datetime) -> None:
        self._at = local_time(at)

    def now(self) -> datetime:
        """Return the instant that was set."""
        return self._at

    def advance(self, **duration: float) -> None:
        """Move on by a `timedelta(**duration)`."""
        self._at += timedelta(**duration)


def local_time(instant: datetime) -> datetime:
    """Return `instant` in the city's time zone; a naive one is taken as the city's time."""
    if instant.tzinfo is None:
        return instant.replace(tzinfo=CITY_TIMEZONE)
    return instant.astimezone(CITY_TIMEZONE)
