"""Small real things for the tests of delivery: messages, turns, a channel with a memory, one who takes turns."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from adapters.clock import FixedClock, local_time
from adapters.storage.sqlite import SqliteStore
from bot.bootstrap import COLLECTIONS
from bot.delivery.inbox import Inbox
from bot.delivery.leases import Leases
from bot.delivery.outbox import Outbox
from bot.delivery.worker import Worker
from bot.dialogue.events import Event
from bot.dialogue.tracker_store import TrackerStore
from bot.dialogue.turn import PendingEffect, Turn
from bot.messages import Envelope, InboundMessage, OutboundMessage, TurnStatus

AT = local_time(datetime(2026, 11, 23, 9, 0))
CHANNEL = "street"


def message(number: int, session: str = "s", text: str = "我想挂号") -> InboundMessage:
    return InboundMessage(
        channel=CHANNEL,
        session_id=session,
        message_id=f"{session}-{number}",
        user_id=f"{CHANNEL}:u",
        text=text,
        sent_at=AT,
    )


def turn(
    sequence: int,
    *,
    session: str = "s",
    key: str = "",
    replies: tuple[str, ...] = ("好",),
    token: int = 1,
    events: tuple[Event, ...] = (),
    effect: PendingEffect | None = None,
    channel: str = CHANNEL,
    status: TurnStatus = TurnStatus.ASKED,
) -> Turn:
    return Turn(
        session_id=session,
        sequence=sequence,
        message_key=key or f"{CHANNEL}:{session}-{sequence}",
        channel=channel,
        user_id=f"{CHANNEL}:u",
        text="",
        at=AT,
        status=status,
        events=events,
        replies=tuple(OutboundMessage(text=text) for text in replies),
        pending_effect=effect,
        trace_id="t",
        fencing_token=token,
    )


class StreetChannel:
    """Remembers what it carried; does first what `before_sending` says (wait, fail)."""

    name = CHANNEL

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.envelopes: list[Envelope] = []
        self.before_sending: Callable[[Envelope], object] = lambda envelope: None

    async def send(self, envelope: Envelope) -> None:
        outcome = self.before_sending(envelope)
        if asyncio.iscoroutine(outcome):
            await outcome
        self.sent.append(envelope.reply_id)
        self.envelopes.append(envelope)


@dataclass
class EchoTaker:
    """Takes turns as the conversation does, but only repeats what was said; `before_taking` may wait or raise."""

    trackers: TrackerStore
    before_taking: Callable[[InboundMessage], object] = lambda message: None
    began: list[str] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)

    async def handle(
        self,
        message: InboundMessage,
        fencing_token: int,
        *,
        is_retry: bool = False,
        status: TurnStatus = TurnStatus.ASKED,
    ) -> Turn:
        self.began.append(message.message_id)
        self.retries += [message.message_id] * is_retry
        while True:
            tracker = await self.trackers.load(message.session_id, fencing_token)
            tracker.refuse_stale(fencing_token)
            if message.key in tracker.state.message_keys:
                earlier = await self.trackers.turn(message.session_id, message.key)
                assert earlier is not None
                return earlier
            outcome = self.before_taking(message)
            if asyncio.iscoroutine(outcome):
                await outcome
            taken = turn(
                tracker.sequence + 1,
                session=message.session_id,
                key=message.key,
                replies=(message.text,),
                token=fencing_token,
                status=status,
            )
            if await self.trackers.append(tracker, taken):
                return taken

    async def give_up(self, message: InboundMessage, fencing_token: int) -> Turn:
        self.given_up.append(message.message_id)
        self.before_taking = lambda message: None
        return await self.handle(message, fencing_token, status=TurnStatus.ERROR_INTERNAL)


class Office:
    """One process's share of the work on a store that several share."""

    def __init__(self, path: Path, clock: FixedClock, name: str = "a", *, most_attempts: int = 3) -> None:
        self.clock = clock
        self.store = SqliteStore(path, clock)
        self.channel = StreetChannel()
        self.inbox = Inbox(self.store, clock, most_attempts)
        self.outbox = Outbox(self.store, clock, {CHANNEL: self.channel}, most_attempts, claim_seconds=10.0)
        self.trackers = TrackerStore(self.store, self.outbox.claimed_until)
        self.trackers.on_appended = self.outbox.expect
        self.leases = Leases(self.store, clock, name, 10.0)
        self.taker = EchoTaker(self.trackers)
        self.worker = Worker(
            self.inbox,
            self.leases,
            self.taker,
            self.outbox,
            most_sessions_at_once=8,
            poll_seconds=0.02,
            renew_seconds=60.0,
        )

    async def open(self) -> "Office":
        await self.store.open(COLLECTIONS)
        return self

    async def close(self) -> None:
        await self.worker.close()
        await self.store.close()

    async def keep(self, kept: Turn) -> None:
        """Store a turn as a worker does."""
        assert await self.trackers.append(await self.trackers.load(kept.session_id), kept)


async def eventually(is_so: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until it is so; raises TimeoutError when it does not become so."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - what is awaited has no event
            await asyncio.sleep(0.005)
