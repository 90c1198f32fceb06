"""The long-polling loop: an update is confirmed to Telegram only by the request after the inbox took it."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog

from adapters.errors import StoreError

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 30.0

T = TypeVar("T")

log = structlog.get_logger(__name__)


class FetchFailed(Exception):
    """No updates could be fetched; `retry_after_seconds` is Telegram's own wish, if it had one."""

    def __init__(self, detail: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class Poller:
    """Fetch, take, confirm; until told to stop.

    `fetch(offset)` returns the updates from `offset` on and so confirms all before it; None confirms nothing.
    `take(update)` returns once the update is durably stored (or nothing of ours), and raises if it is not.
    """

    def __init__(
        self,
        fetch: Callable[[int | None], Coroutine[Any, Any, list[dict[str, Any]]]],
        take: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        self._fetch = fetch
        self._take = take
        self._offset: int | None = None
        self._failures = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set; no failure of the network, of Telegram or of the store ends the loop."""
        while not stop.is_set():
            try:
                await self._turn(stop)
                self._failures = 0
            except FetchFailed as error:
                log.warning("telegram_poll_failed", detail=str(error), failures=self._failures + 1)
                await self._pause(stop, error.retry_after_seconds)
            except StoreError as error:
                log.warning("telegram_update_not_stored", error=type(error).__name__, failures=self._failures + 1)
                await self._pause(stop, None)
            except Exception:  # a bug: what is not stored is not confirmed, and the loop must not die of it
                log.exception("telegram_update_not_stored", failures=self._failures + 1)
                await self._pause(stop, None)

    async def _turn(self, stop: asyncio.Event) -> None:
        updates = await _unless(stop, self._fetch(self._offset))
        if updates is None:
            return
        # Once confirmed, the place is Telegram's to keep: after a quiet week its ids may start again lower.
        self._offset = None
        for update in updates:
            await self._take(update)
            if isinstance(update_id := update.get("update_id"), int):
                self._offset = update_id + 1
            if stop.is_set():
                return

    async def _pause(self, stop: asyncio.Event, wished_seconds: float | None) -> None:
        self._failures += 1
        grown = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(self._failures - 1, 10))
        # Spread out, so that two pollers that fight over one bot do not fight in step.
        seconds = wished_seconds if wished_seconds is not None else grown * random.uniform(0.75, 1.25)  # noqa: S311
        await _unless(stop, asyncio.sleep(seconds))


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Return what `work` returns, or None after giving it up because `stop` was set."""
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
