"""What citizens were told: the file that all workers append to, read as it grows."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any


@dataclass(frozen=True)
class Told:
    """One reply that reached a citizen: `worker` carried it, `at` is when it was read (monotonic seconds)."""

    reply_id: str
    session_id: str
    sequence: int
    position: int
    status: str
    text: str
    choices: tuple[str, ...]
    worker: str
    at: float


class Street:
    """Reads the file, keeps everything that was said, and passes it on to those who listen."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rest = b""
        self._offset = 0
        self._listeners: dict[str, Callable[[Told], None]] = {}
        self.told: list[Told] = []
        self.cut_short = 0

    def listen(self, session_id: str, listener: Callable[[Told], None]) -> None:
        """Let `listener` hear what is said to a session."""
        self._listeners[session_id] = listener

    async def watch(self) -> None:
        """Read what comes until cancelled."""
        while True:
            self.read()
            await asyncio.sleep(0.01)

    def read(self) -> None:
        """Read what has come since the last time; a line without its end was cut short by a kill and counts as unsaid."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            piece = file.read()
        self._offset += len(piece)
        *lines, self._rest = (self._rest + piece).split(b"\r")
        for line in lines:
            if line.count(b"\n") != 1:
                self.cut_short += 1
            self._hear(json.loads(line.rpartition(b"\n")[2]))

    def _hear(self, record: dict[str, Any]) -> None:
        told = Told(**(record | {"choices": tuple(record["choices"])}), at=monotonic())
        self.told.append(told)
        listener = self._listeners.get(told.session_id)
        if listener is not None:
            listener(told)
