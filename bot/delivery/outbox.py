"""The outbox: replies leave from the stored turn, in order, with retries, until they are sent or somebody must look."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from adapters.clock import CITY_TIMEZONE, Clock
from adapters.errors import VersionConflict
from adapters.storage.store import DocumentStore, Stored, at_most, equals
from bot.delivery.killpoints import killpoint
from bot.dialogue.tracker_store import TURNS, read_turn
from bot.dialogue.turn import Turn
from bot.messages import Channel, DeliveryFailed, Envelope

logger = structlog.get_logger()
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A turn whose replies could not be delivered, and why."""

    turn_key: str
    session_id: str
    failed_at: datetime
    attempts: int
    error: str


class Outbox:
    """Carries the replies of stored turns to their channels; a session's turns leave one after the other."""

    def __init__(self, store: DocumentStore, clock: Clock, channels: Mapping[str, Channel], most_attempts: int) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._most_attempts = most_attempts
        self._busy: set[str] = set()

    async def deliver(self, turn_key: str) -> bool:
        """Try to deliver the turn's replies now, unless its turn has not come; tell whether they are sent."""
        stored = await self._store.get(TURNS.name, turn_key)
        if stored is None or stored.document["delivery_status"] != "pending":
            return stored is not None and stored.document["delivery_status"] == "sent"
        session_id = str(stored.document["session_id"])
        if session_id in self._busy or await self._has_earlier(stored):
            return False
        self._busy.add(session_id)
        try:
            return await self._attempt(stored)
        finally:
            self._busy.discard(session_id)

    async def deliver_due(self, limit: int = 100) -> int:
        """Try all that is due; return how many turns were sent."""
        due = await self._store.find(
            TURNS.name,
            equals("delivery_status", "pending"),
            at_most("next_attempt_at", self._clock.now().timestamp()),
            limit=limit,
        )
        return sum(await asyncio.gather(*(self.deliver(stored.key) for stored in due)))

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
        return await self._note(stored, delivery_status="pending", delivery_attempts=0)

    async def counts(self) -> dict[str, int]:
        """Return how many turns wait to be delivered, and how many were given up."""
        return {
            status: await self._store.count(TURNS.name, equals("delivery_status", status))
            for status in ("pending", "dead")
        }

    async def _has_earlier(self, stored: Stored) -> bool:
        """Tell whether an earlier turn of the session still waits: replies must not overtake each other."""
        earlier = await self._store.get(TURNS.name, _key_before(stored))
        return earlier is not None and earlier.document["delivery_status"] == "pending"

    async def _attempt(self, stored: Stored) -> bool:
        turn = read_turn(stored.document)
        channel = self._channels.get(turn.channel)
        if channel is None:
            return False  # this process does not serve that door; another one does
        killpoint("before_send")
        try:
            for envelope in envelopes(turn):
                await channel.send(envelope)
        except DeliveryFailed as failure:
            await self._failed(stored, failure)
            return False
        killpoint("after_send")
        return await self._note(stored, delivery_status="sent")

    async def _failed(self, stored: Stored, failure: DeliveryFailed) -> None:
        attempts = int(stored.document["delivery_attempts"]) + 1
        is_dead = failure.is_permanent or attempts >= self._most_attempts
        wait = failure.retry_after_seconds or min(_FIRST_WAIT_SECONDS * 2 ** (attempts - 1), _LONGEST_WAIT_SECONDS)
        logger.warning("delivery_failed", turn=stored.key, attempts=attempts, is_dead=is_dead, error=str(failure))
        await self._note(
            stored,
            delivery_status="dead" if is_dead else "pending",
            delivery_attempts=attempts,
            delivery_error=str(failure),
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
            return True
        return False


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


def _key_before(stored: Stored) -> str:
    return f"{stored.document['session_id']}#{int(stored.document['sequence']) - 1:08d}"
