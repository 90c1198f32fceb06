"""Takes waiting messages, a session at a time under a lease, and sees that nothing that was accepted stays behind."""

import asyncio
from collections import OrderedDict
from typing import Protocol

import structlog

from adapters.errors import StoreError
from bot.delivery.heartbeat import Heartbeat
from bot.delivery.inbox import Inbox
from bot.delivery.killpoints import killpoint
from bot.delivery.leases import Lease, Leases
from bot.delivery.outbox import Outbox
from bot.dialogue.tracker_store import StaleToken
from bot.dialogue.turn import Turn
from bot.messages import InboundMessage, TurnStatus

logger = structlog.get_logger()
_MOST_FRESH = 10_000
_SUSPICIOUS_ATTEMPTS = 2


class TurnTaker(Protocol):
    """Takes a message and returns the stored turn."""

    async def handle(self, message: InboundMessage, fencing_token: int, *, is_retry: bool = False) -> Turn:
        """Take one message."""
        ...

    async def give_up(self, message: InboundMessage, fencing_token: int) -> Turn:
        """Leave a message to a person."""
        ...


class Worker:
    """Works on sessions as they are hinted at, and looks by itself every `poll_seconds` for what was left behind."""

    def __init__(
        self,
        inbox: Inbox,
        leases: Leases,
        conversation: TurnTaker,
        outbox: Outbox,
        *,
        most_sessions_at_once: int,
        poll_seconds: float,
        renew_seconds: float,
    ) -> None:
        self._inbox = inbox
        self._leases = leases
        self._conversation = conversation
        self._outbox = outbox
        self._places = asyncio.Semaphore(most_sessions_at_once)
        self._suspects = asyncio.Lock()
        self._poll_seconds = poll_seconds
        self._renew_seconds = renew_seconds
        self._sessions: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._fresh: OrderedDict[str, None] = OrderedDict()  # accepted here, and not tried here yet
        self._deliveries: dict[str, asyncio.Task[None]] = {}
        self._poller: asyncio.Task[None] | None = None
        self._is_closing = False

    def start(self) -> None:
        """Begin to take messages; those that were left behind are taken first."""
        self._inbox.on_accepted = self.hint
        self._poller = asyncio.create_task(self._poll())

    async def close(self) -> None:
        """Finish the turns that have begun, and take no more."""
        self._is_closing = True
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)
        while self._sessions or self._deliveries:
            await asyncio.gather(*self._sessions.values(), *self._deliveries.values(), return_exceptions=True)
            await asyncio.sleep(0)

    def hint(self, message: InboundMessage) -> None:
        """Say that this process has just accepted a message."""
        self._fresh[message.key] = None
        while len(self._fresh) > _MOST_FRESH:
            self._fresh.popitem(last=False)
        self._work_on(message.session_id)

    async def idle(self) -> None:
        """Return once nothing is being worked on or delivered here."""
        while self._sessions or self._deliveries:
            await asyncio.gather(*self._sessions.values(), *self._deliveries.values())
            await asyncio.sleep(0)

    async def catch_up(self) -> None:
        """Take up what waits in the inbox and in the outbox, whoever left it."""
        for session_id in await self._inbox.sessions_waiting():
            self._work_on(session_id)
        await self._outbox.deliver_due()

    async def _poll(self) -> None:
        while True:
            try:
                await self.catch_up()
            except StoreError as error:
                logger.warning("catching_up_failed", error=str(error))
            except Exception:  # whatever it was, those who wait must be looked after again
                logger.exception("catching_up_failed")
            await asyncio.sleep(self._poll_seconds)

    def _work_on(self, session_id: str) -> None:
        if self._is_closing:
            return
        if session_id in self._sessions:
            self._again.add(session_id)
            return
        task = asyncio.create_task(self._session(session_id))
        self._sessions[session_id] = task
        task.add_done_callback(lambda _: self._ended(session_id))

    def _ended(self, session_id: str) -> None:
        del self._sessions[session_id]
        if session_id in self._again:
            self._again.discard(session_id)
            self._work_on(session_id)

    async def _session(self, session_id: str) -> None:
        async with self._places:
            try:
                lease = await self._leases.acquire(session_id)
                if lease is None:
                    return  # another worker has it; what it leaves behind is found by the next look
                async with self._kept(lease):
                    await self._take_waiting(session_id, lease)
                await self._leases.release(lease)
            except (StoreError, StaleToken) as error:
                logger.warning("session_left_waiting", error=str(error))
            except Exception:  # the lease is left to run out: that is the wait before the next attempt
                logger.exception("session_left_waiting")

    async def _take_waiting(self, session_id: str, lease: Lease) -> None:
        """Take what waits, and what is hinted at meanwhile: that needs no second look at a session that is quiet."""
        is_first = True
        while not self._is_closing and (is_first or session_id in self._again):
            is_first = False
            self._again.discard(session_id)
            for message in await self._inbox.waiting(session_id):
                if self._is_closing or lease.is_lost:
                    return
                turn = await self._take(message, lease)
                self._deliver(turn, is_claimed=turn.fencing_token == lease.token)
                killpoint("before_finish")
                await self._inbox.finish(message)
                killpoint("after_finish")

    async def _take(self, message: InboundMessage, lease: Lease) -> Turn:
        """Take a message; one that was tried more than once is taken while no other such is.

        For when a worker dies, an attempt is counted against all messages that it had in hand. Were those taken up side by
        side again, the one that kills its workers would have its neighbours given up with it.
        """
        if self._inbox.attempts(message) < _SUSPICIOUS_ATTEMPTS:
            return await self._try(message, lease)
        async with self._suspects:
            return await self._try(message, lease)

    async def _try(self, message: InboundMessage, lease: Lease) -> Turn:
        is_fresh = message.key in self._fresh
        self._fresh.pop(message.key, None)
        if (
            is_fresh and self._inbox.attempts(message) == 0
        ):  # else another worker was here before us, and may have begun
            return await self._conversation.handle(message, lease.token)
        if not await self._inbox.note_attempt(message):
            logger.error("message_given_up", key=message.key)
            turn = await self._conversation.give_up(message, lease.token)
            await self._inbox.finish(message, "dead" if turn.status is TurnStatus.ERROR_INTERNAL else "done")
            return turn
        return await self._conversation.handle(message, lease.token, is_retry=True)

    def _deliver(self, turn: Turn, *, is_claimed: bool) -> None:
        """Send a turn's replies beside the work, after those of the turn before; one that was stored just now is ours."""
        before = self._deliveries.get(turn.session_id)

        async def deliver() -> None:
            if before is not None:
                await asyncio.gather(before, return_exceptions=True)
            try:
                await self._outbox.deliver(turn.key, is_claimed=is_claimed)
            except StoreError as error:
                logger.warning("delivery_postponed", turn=turn.key, error=str(error))
            except Exception:
                logger.exception("delivery_postponed", turn=turn.key)

        task = asyncio.create_task(deliver())
        self._deliveries[turn.session_id] = task
        task.add_done_callback(lambda done: self._delivered(turn.session_id, done))

    def _delivered(self, session_id: str, task: asyncio.Task[None]) -> None:
        if self._deliveries.get(session_id) is task:
            del self._deliveries[session_id]

    def _kept(self, lease: Lease) -> Heartbeat:
        """Keep the lease while the work lasts; one that was lost is noticed at the load and at the save, by its token.

        A renewal that has begun is waited for: cut off, it would leave a version behind that the release does not know,
        and the session would wait until the lease runs out.
        """
        return Heartbeat(self._renew_seconds, lambda: self._renewed(lease))

    async def _renewed(self, lease: Lease) -> bool:
        try:
            return await self._leases.renew(lease)
        except StoreError:
            return True  # not now; the next beat tries again
