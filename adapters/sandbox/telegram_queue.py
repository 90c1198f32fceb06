"""The Bot API's queue of updates: kept in order until confirmed, for 24 hours at most."""

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters.clock import Clock

KEPT_FOR = timedelta(hours=24)
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Update:
    """One update: its kind (message, callback_query, …), the JSON under it, and the lane it keeps its order in."""

    update_id: int
    kind: str
    content: dict[str, Any]
    lane: str
    expires_at: datetime

    def as_json(self) -> dict[str, Any]:
        """Return the Update object of the Bot API."""
        return {"update_id": self.update_id, self.kind: self.content}


class UpdateQueue:
    """Updates that wait for a bot, oldest first."""

    def __init__(self, clock: Clock, first_id: int = 700_000_001) -> None:
        self._clock = clock
        self._next_id = first_id
        self._waiting: dict[int, Update] = {}
        self._grown = asyncio.Event()

    def add(self, kind: str, content: dict[str, Any], lane: str) -> Update:
        """Put an update at the end and wake whoever waits for one."""
        update = Update(self._next_id, kind, content, lane, self._clock.now() + KEPT_FOR)
        self._next_id += 1
        self._waiting[update.update_id] = update
        self._grown.set()
        return update

    def restart_ids(self, first_id: int) -> None:
        """Number from `first_id` on, as Telegram may after a week without updates."""
        self._next_id = first_id

    def read(self, offset: int, limit: int) -> list[Update]:
        """Confirm by offset, then return the next updates: the algorithm of getUpdates.

        Zero confirms nothing; a positive offset forgets all before it; a negative one forgets all but the last -offset.
        """
        waiting = self.waiting()
        if offset < 0:
            self._forget_all(waiting[:offset])
        elif offset > 0:
            self._forget_all(update for update in waiting if update.update_id < offset)
        return self.waiting()[:limit]

    def forget(self, update: Update) -> None:
        """Take an update out: it was delivered, or its time is over."""
        self._waiting.pop(update.update_id, None)

    def clear(self) -> None:
        """Drop all that waits (drop_pending_updates)."""
        self._waiting.clear()

    def waiting(self) -> list[Update]:
        """Return what waits, oldest first, without what is older than 24 hours."""
        now = self._clock.now()
        self._waiting = {key: update for key, update in self._waiting.items() if update.expires_at > now}
        return list(self._waiting.values())

    def more(self) -> Coroutine[Any, Any, bool]:
        """Return what to await for the next `add` after this call."""
        self._grown.clear()  # here and not in the coroutine, which would start after an `add` had been missed
        return self._grown.wait()

    def _forget_all(self, updates: Iterable[Update]) -> None:
        for update in updates:
            self.forget(update)
