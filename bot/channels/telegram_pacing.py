"""How fast Telegram lets a bot speak: about one message a second to a chat, thirty a second to all."""

import asyncio
import time
from collections.abc import Awaitable, Callable

REMEMBERED_CHATS = 10_000


class TooBusy(Exception):
    """The turn would come only after `wait_seconds`, longer than a caller should be kept."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__(f"the next message may go out in {wait_seconds:.1f} s")
        self.wait_seconds = wait_seconds


class TokenBucket:
    """Hold up to `capacity` tokens, refilled at `per_second`; a debt is a place in the queue."""

    def __init__(self, capacity: float, per_second: float, now: float) -> None:
        self._capacity = capacity
        self._per_second = per_second
        self._tokens = capacity
        self._counted_at = now

    def wait_seconds(self, now: float) -> float:
        """Return how long until the next token is there."""
        return max(0.0, (1.0 - self._refilled(now)) / self._per_second)

    def take(self, now: float) -> None:
        """Take the next token, though it may be there only in `wait_seconds`."""
        self._tokens = self._refilled(now) - 1.0
        self._counted_at = now

    def hold(self, seconds: float, now: float) -> None:
        """Let the next token come no sooner than in `seconds`."""
        self._tokens = min(self._refilled(now), 1.0 - seconds * self._per_second)
        self._counted_at = now

    def is_full(self, now: float) -> bool:
        """Say whether this bucket knows nothing that a new one would not know."""
        return self._refilled(now) >= self._capacity

    def _refilled(self, now: float) -> float:
        return min(self._capacity, self._tokens + (now - self._counted_at) * self._per_second)


class Pacer:
    """Give every message its turn, first come first served, within Telegram's limits (core.telegram.org/bots/faq).

    A burst comes on top of the rate, so that 25 + 3 in the first second stay below the 30 that Telegram allows.
    """

    def __init__(
        self,
        *,
        chat_burst: int = 3,
        chat_per_second: float = 1.0,
        overall_burst: int = 3,
        overall_per_second: float = 25.0,
        longest_wait_seconds: float = 20.0,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._chat_burst = chat_burst
        self._chat_per_second = chat_per_second
        self._longest_wait_seconds = longest_wait_seconds
        self._monotonic = monotonic
        self._sleep = sleep
        self._chats: dict[int, TokenBucket] = {}
        self._overall = TokenBucket(overall_burst, overall_per_second, monotonic())

    async def wait_for_turn(self, chat_id: int) -> None:
        """Return when a message may go to the chat; raise `TooBusy` where that is far away."""
        now = self._monotonic()
        chat = self._bucket(chat_id, now)
        wait_seconds = max(chat.wait_seconds(now), self._overall.wait_seconds(now))
        if wait_seconds > self._longest_wait_seconds:
            raise TooBusy(wait_seconds)
        chat.take(now)
        self._overall.take(now)
        if wait_seconds > 0:
            await self._sleep(wait_seconds)

    def try_turn(self, chat_id: int) -> bool:
        """Take a turn only if there is one at once; for what may as well be left undone."""
        now = self._monotonic()
        chat = self._bucket(chat_id, now)
        if chat.wait_seconds(now) > 0 or self._overall.wait_seconds(now) > 0:
            return False
        chat.take(now)
        self._overall.take(now)
        return True

    def hold(self, chat_id: int, seconds: float) -> None:
        """Send nothing to the chat for `seconds`: Telegram said so (429)."""
        now = self._monotonic()
        self._bucket(chat_id, now).hold(seconds, now)

    def _bucket(self, chat_id: int, now: float) -> TokenBucket:
        if chat_id not in self._chats:
            self._forget_quiet_chats(now)
            self._chats[chat_id] = TokenBucket(self._chat_burst, self._chat_per_second, now)
        return self._chats[chat_id]

    def _forget_quiet_chats(self, now: float) -> None:
        if len(self._chats) >= REMEMBERED_CHATS:
            self._chats = {chat_id: bucket for chat_id, bucket in self._chats.items() if not bucket.is_full(now)}
