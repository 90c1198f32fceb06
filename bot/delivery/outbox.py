"""The outbox: replies leave from the stored turn, in order, with retries, until they are sent or somebody must look."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

import structlog

from adapters.clock import CITY_TIMEZONE, Clock
from adapters.errors import StoreError, VersionConflict
from adapters.storage.store import DocumentStore, Stored, at_most, equals
from bot.delivery.heartbeat import Heartbeat
from bot.delivery.killpoints import killpoint
from bot.dialogue.tracker_store import TURNS, read_turn
from bot.dialogue.turn import Turn
from bot.messages import Channel, DeliveryFailed, Envelope

logger = structlog.get_logger()
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 300.0
_SOON_SECONDS = 0.3
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A turn whose replies could not be delivered, and why."""

    turn_key: str
    session_id: str
    failed_at: datetime
    attempts: int
    error: str


class Outbox:
    """Carries the replies of stored turns to their channels; a session's turns leave one after the other.

    Of several processes one delivers a turn: the one that stored it or, once `next_attempt_at` has passed, the one that
    moves that instant on in a conditional write. The claim is kept up while the delivery lasts.
    """

    def __init__(
        self,
        store: DocumentStore,
        clock: Clock,
        channels: Mapping[str, Channel],
        most_attempts: int,
        claim_seconds: float = 10.0,
    ) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._most_attempts = most_attempts
        self._claim_seconds = claim_seconds
        self._sessions: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._fresh: OrderedDict[str, tuple[Turn, Stored]] = OrderedDict()
        self._settled: OrderedDict[str, int] = OrderedDict()  # by session: the last turn that was sent or given up here

    def expect(self, turn: Turn, stored: Stored) -> None:
        """Take a turn that was just stored by this process, so that it need not be read to be delivered."""
        self._fresh[turn.key] = (turn, stored)
        _shorten(self._fresh)

    def claimed_until(self) -> float:
        """Return the epoch second until which a turn that is stored now is its storer's to deliver."""
        return self._clock.now().timestamp() + self._claim_seconds

    async def deliver(self, turn_key: str, *, is_claimed: bool = False) -> bool:
        """Try to deliver the turn's replies now, unless its turn has not come; tell whether they are sent.

        `is_claimed` says that this process has just stored the turn; else it must be due, and is claimed first.
        """
        session_id = turn_key.rpartition("#")[0]
        lock = self._sessions.setdefault(session_id, asyncio.Lock())
        async with lock:
            turn, stored = self._fresh.pop(turn_key, (None, None))
            if stored is None or not self._is_claim_valid(stored):
                turn, stored = None, await self._store.get(TURNS.name, turn_key)
                is_claimed = False
            if stored is None or stored.document["delivery_status"] != "pending":
                return stored is not None and stored.document["delivery_status"] == "sent"
            if stored.document["channel"] not in self._channels:
                return False  # this process does not serve that door; another one does
            if await self._waits_for_earlier(stored):
                return False
            claimed = stored if is_claimed else await self._claim(stored)
            return claimed is not None and await self._attempt(claimed, turn or read_turn(claimed.document))

    async def deliver_due(self, limit: int = 100) -> int:
        """Try all that is due at the doors of this process; return how many turns were sent."""
        sent = 0
        for channel in self._channels:
            due = await self._store.find(
                TURNS.name,
                equals("delivery_status", "pending"),
                equals("channel", channel),
                at_most("next_attempt_at", self._clock.now().timestamp()),
                limit=limit,
            )
            sessions: dict[str, list[str]] = {}
            for stored in due:
                sessions.setdefault(str(stored.document["session_id"]), []).append(stored.key)
            sent += sum(await asyncio.gather(*(self._deliver_one_by_one(*session) for session in sessions.items())))
        return sent

    async def _deliver_one_by_one(self, session_id: str, turn_keys: list[str]) -> int:
        """Deliver the turns of a session that are due, unless that is being done; return how many were sent."""
        lock = self._sessions.get(session_id)
        if lock is not None and lock.locked():
            return 0
        return sum([await self.deliver(turn_key) for turn_key in turn_keys])

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """Return the turns that were given up, the latest first."""
        found = await self._store.find(TURNS.name, equals("delivery_status", "dead"), descending=True, limit=limit)
        return [
            DeadLetter(
                stored.key,
                str(stored.document["session_id"]),
                datetime.fromtimestamp(stored.document["next_attempt_at"], CITY_TIMEZONE),
                int(stored.document["delivery_attempts"]),
                str(stored.document.get("delivery_error", "")),
            )
            for stored in found
        ]

    async def retry(self, turn_key: str) -> bool:
        """Put a dead letter back in line; tell whether there was one."""
        stored = await self._store.get(TURNS.name, turn_key)
        if stored is None or stored.document["delivery_status"] != "dead":
            return False
        self._settled.pop(str(stored.document["session_id"]), None)
        return await self._note(stored, delivery_status="pending", delivery_attempts=0)

    async def counts(self) -> dict[str, int]:
        """Return how many turns wait to be delivered, and how many were given up."""
        return {
            status: await self._store.count(TURNS.name, equals("delivery_status", status))
            for status in ("pending", "dead")
        }

    async def _claim(self, stored: Stored) -> Stored | None:
        """Take a turn that is due for as long as a claim lasts; None says that it is not due, or another's."""
        if stored.document["next_attempt_at"] > self._clock.now().timestamp():
            return None
        return await self._put_off(stored, self.claimed_until())

    async def _put_off(self, stored: Stored, until: float) -> Stored | None:
        document = stored.document | {"next_attempt_at": until}
        try:
            version = await self._store.replace(TURNS.name, stored.key, document, expected_version=stored.version)
        except VersionConflict:
            return None
        return Stored(stored.key, version, stored.sequence, document)

    async def _waits_for_earlier(self, stored: Stored) -> bool:
        """Tell whether an earlier turn of the session still waits: replies must not overtake each other.

        The turn is due again soon or, if the one before must wait for its next attempt, together with that: so it is
        neither forgotten nor in the way of other sessions.
        """
        if self._is_next(stored):
            return False
        sequence = int(stored.document["sequence"])
        earlier = await self._store.get(TURNS.name, _key(str(stored.document["session_id"]), sequence - 1))
        if earlier is None or earlier.document["delivery_status"] != "pending":
            return False
        has_failed = int(earlier.document["delivery_attempts"]) > 0
        soon = self._clock.now().timestamp() + _SOON_SECONDS
        await self._put_off(stored, max(soon, earlier.document["next_attempt_at"]) if has_failed else soon)
        return True

    def _is_next(self, stored: Stored) -> bool:
        """Tell whether the turn before is known to be done with."""
        sequence = int(stored.document["sequence"])
        return sequence == 1 or self._settled.get(str(stored.document["session_id"])) == sequence - 1

    def _is_claim_valid(self, stored: Stored) -> bool:
        return bool(stored.document["next_attempt_at"] > self._clock.now().timestamp())

    async def _attempt(self, claimed: Stored, turn: Turn) -> bool:
        channel, sent = self._channels[turn.channel], int(claimed.document.get("replies_sent", 0))
        killpoint("before_send")
        try:
            for envelope in envelopes(turn)[sent:]:
                renewed = await self._send(channel, envelope, claimed)
                if renewed is None:
                    return False  # another process has it by now
                claimed, sent = renewed, sent + 1
        except DeliveryFailed as failure:
            await self._failed(claimed, failure, sent)
            return False
        except Exception as error:
            logger.exception("channel_broke", turn=claimed.key)
            await self._failed(claimed, DeliveryFailed(f"{type(error).__name__} in the channel"), sent)
            return False
        killpoint("after_send")
        return await self._note(claimed, delivery_status="sent")

    async def _send(self, channel: Channel, envelope: Envelope, claimed: Stored) -> Stored | None:
        """Send one reply under the claim, renewing it while that lasts; None, with nothing sent, if it is lost."""
        if claimed.document["next_attempt_at"] <= self._clock.now().timestamp():
            renewed = await self._put_off(claimed, self.claimed_until())
            if renewed is None:
                return None
            claimed = renewed
        held = claimed

        async def renew() -> bool:
            nonlocal held
            with contextlib.suppress(StoreError):  # not now; the next beat tries again
                held = await self._put_off(held, self.claimed_until()) or held
            return True

        async with Heartbeat(self._claim_seconds / 3, renew):
            await channel.send(envelope)
        return held

    async def _failed(self, stored: Stored, failure: DeliveryFailed, sent: int) -> None:
        attempts = int(stored.document["delivery_attempts"]) + 1
        is_dead = failure.is_permanent or attempts >= self._most_attempts
        wait = failure.retry_after_seconds or min(_FIRST_WAIT_SECONDS * 2 ** (attempts - 1), _LONGEST_WAIT_SECONDS)
        logger.warning("delivery_failed", turn=stored.key, attempts=attempts, is_dead=is_dead, error=str(failure))
        await self._note(
            stored,
            delivery_status="dead" if is_dead else "pending",
            delivery_attempts=attempts,
            delivery_error=str(failure),
            replies_sent=sent,
            next_attempt_at=self._clock.now().timestamp() + (0 if is_dead else wait),
        )

    async def _note(self, stored: Stored, **changes: object) -> bool:
        """Write down how a delivery went, also when others have written beside it (the news desk keeps its marks there)."""
        before = stored.document["delivery_status"]
        latest: Stored | None = stored
        while latest is not None and latest.document["delivery_status"] == before:
            try:
                await self._store.replace(
                    TURNS.name, latest.key, latest.document | changes, expected_version=latest.version
                )
            except VersionConflict:
                latest = await self._store.get(TURNS.name, stored.key)
                continue
            if changes.get("delivery_status", before) in {"sent", "dead"}:
                self._settled[str(latest.document["session_id"])] = int(latest.document["sequence"])
                _shorten(self._settled)
            return True
        return False


def _shorten(remembered: OrderedDict[str, Any]) -> None:
    while len(remembered) > _MOST_REMEMBERED:
        remembered.popitem(last=False)


def envelopes(turn: Turn) -> list[Envelope]:
    """Return a turn's replies, each under an id that is the same at every attempt."""
    return [
        Envelope(
            reply_id=f"{turn.key}/{position}",
            channel=turn.channel,
            session_id=turn.session_id,
            sequence=turn.sequence,
            position=position,
            status=turn.status,
            trace_id=turn.trace_id,
            sent_at=turn.at,
            message=message,
        )
        for position, message in enumerate(turn.replies)
    ]


def _key(session_id: str, sequence: int) -> str:
    return f"{session_id}#{sequence:08d}"
