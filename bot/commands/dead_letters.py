"""`main.py dead-letters …`: replies that could not be delivered, for the person who looks after them."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.clock import SystemClock
from adapters.storage.sqlite import SqliteStore
from bot.bootstrap import COLLECTIONS
from bot.delivery.outbox import Outbox
from bot.settings import Settings


async def list_dead_letters(settings: Settings) -> None:
    """Print the dead letters, the latest first."""
    async with _outbox(settings) as outbox:
        for letter in await outbox.dead_letters():
            row = {
                "turn": letter.turn_key,
                "session": letter.session_id,
                "failed_at": letter.failed_at.isoformat(),
                "attempts": letter.attempts,
                "error": letter.error,
            }
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


async def retry(settings: Settings, turn: str) -> bool:
    """Put a dead letter back in line; say when there is none."""
    async with _outbox(settings) as outbox:
        is_back = await outbox.retry(turn)
    sys.stdout.write(f"{turn}：已重新排队\n" if is_back else f"{turn}：没有这封退信，用 dead-letters list 看看\n")
    return is_back


@asynccontextmanager
async def _outbox(settings: Settings) -> AsyncIterator[Outbox]:
    clock = SystemClock()
    store = SqliteStore(settings.state_folder / "mianban.db", clock)
    await store.open(COLLECTIONS)
    try:
        yield Outbox(store, clock, {}, settings.delivery.most_attempts)
    finally:
        await store.close()
