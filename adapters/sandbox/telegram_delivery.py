"""How the Bot API posts updates to a webhook: in order within a lane, one at a time, again until it gets a 2xx."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import ClientError, ClientSession, ClientTimeout

from adapters.clock import Clock
from adapters.sandbox.telegram_queue import Update, UpdateQueue

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 the name of a header, not a secret
LONGEST_DELAY_SECONDS = 60
LONGEST_RETRY_AFTER_SECONDS = 3600


@dataclass
class Webhook:
    """Where updates go; an empty url means that the bot asks for them itself."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    last_error: str = ""


@dataclass(frozen=True)
class Attempt:
    """One POST to the webhook; status 0 means that no answer came."""

    update_id: int
    status: int


@dataclass
class WebhookSender:
    """Post what waits in the queue; `seconds` scales every delay, so that a test need not wait for minutes.

    A failed update is sent again at once, then after 2, 4, … 60 s or what Retry-After says, until it is too old.
    """

    queue: UpdateQueue
    webhook: Webhook
    clock: Clock
    seconds: float = 1.0
    is_cut: bool = False
    attempts: list[Attempt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._busy_lanes: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(self.webhook.max_connections)

    def wake(self) -> None:
        """Start on every lane that has something waiting."""
        for lane in {update.lane for update in self.queue.waiting()} - self._busy_lanes:
            self._busy_lanes.add(lane)
            task = asyncio.create_task(self._drain(lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop sending; what was not acknowledged stays in the queue."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _drain(self, lane: str) -> None:
        async with ClientSession(timeout=ClientTimeout(total=60)) as session:
            while (update := self._head(lane)) is not None:
                await self._deliver(session, update)
            self._busy_lanes.discard(lane)  # before the session closes: an update that comes meanwhile needs a new task

    def _head(self, lane: str) -> Update | None:
        return next((update for update in self.queue.waiting() if update.lane == lane), None)

    async def _deliver(self, session: ClientSession, update: Update) -> None:
        delay, failures = 1.0, 0
        while True:
            async with self._places:
                status, retry_after = await self._post(session, update)
            self.attempts.append(Attempt(update.update_id, status))
            if 200 <= status <= 299:
                break
            delay = min(LONGEST_DELAY_SECONDS, delay * 2) if failures and not retry_after else delay
            pause = retry_after or (delay if failures else 0)
            failures += 1
            self.webhook.last_error = f"Wrong response from the webhook: {status}" if status else "Connection failed"
            if self.clock.now() + timedelta(seconds=pause) > update.expires_at:
                break
            await asyncio.sleep(pause * self.seconds)
        self.queue.forget(update)

    async def _post(self, session: ClientSession, update: Update) -> tuple[int, int]:
        if self.is_cut:
            return 0, 0
        headers = {SECRET_HEADER: self.webhook.secret_token} if self.webhook.secret_token else {}
        try:
            async with session.post(self.webhook.url, json=update.as_json(), headers=headers) as response:
                wished = response.headers.get("Retry-After", "0")
                return response.status, min(int(wished) if wished.isdecimal() else 0, LONGEST_RETRY_AFTER_SECONDS)
        except (ClientError, TimeoutError):
            return 0, 0


def is_secret_token(text: str) -> bool:
    """Say whether setWebhook takes this secret: nothing, or 1-256 characters of A-Z a-z 0-9 _ -."""
    return re.fullmatch(r"[A-Za-z0-9_-]{0,256}", text) is not None
