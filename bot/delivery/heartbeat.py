"""Keeps a claim alive while the work under it lasts; nearly all work ends before the first beat, so that it costs a timer."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType


class Heartbeat:
    """Calls `beat` every `seconds` while its block runs, until it returns False. A beat that has begun is waited for."""

    def __init__(self, seconds: float, beat: Callable[[], Awaitable[bool]]) -> None:
        self._seconds = seconds
        self._beat = beat
        self._timer: asyncio.TimerHandle | None = None
        self._beating: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Heartbeat":
        self._wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._beating is not None:
            await self._beating
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._begin)

    def _begin(self) -> None:
        self._beating = asyncio.create_task(self._once())

    async def _once(self) -> None:
        if await self._beat():
            self._wait()
