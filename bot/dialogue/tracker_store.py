"""Loads a session's state and appends its turns; the one conditional write of a turn is here."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adapters.errors import DuplicateKey, VersionConflict
from adapters.storage.store import Collection, DocumentStore, Stored, above, at_most, equals
from bot.dialogue.events import FormClosed
from bot.dialogue.tracker import TrackerState, remember_turn
from bot.dialogue.turn import Turn

TURNS = Collection(
    "turns",
    (("session_id", "sequence"), ("delivery_status", "channel", "next_attempt_at"), ("effect_status", "next_check_at")),
)
SNAPSHOTS = Collection("snapshots")
_SNAPSHOT_EVERY = 8
_MOST_KEPT = 2000
_HOLD_VALUES = frozenset({"slot_filled", "slot_turned_down"})


class StaleToken(Exception):
    """A turn of this session was stored under a later lease: whoever asks has lost the session."""


@dataclass(slots=True)
class Tracker:
    """A session's state after its `sequence`-th turn; `token` is the highest under which one of them was taken."""

    session_id: str
    sequence: int = 0
    token: int = 0
    state: TrackerState = field(default_factory=TrackerState)
    snapshot_version: int = 0

    def follow(self, turn: Turn) -> None:
        """Fold the next turn into the state; a turn out of order is a bug and raises `ValueError`."""
        if turn.sequence != self.sequence + 1:
            raise ValueError(f"{turn.key} does not follow turn {self.sequence}")
        for event in turn.events:
            self.state.apply(event)
        said = tuple(reply.text for reply in turn.replies)
        choices = turn.replies[-1].choices if turn.replies else ()
        self.token = max(self.token, turn.fencing_token)
        remember_turn(self.state, turn.message_key, said, turn.at, choices)
        self.sequence = turn.sequence

    def refuse_stale(self, fencing_token: int) -> None:
        """Raise `StaleToken` if the session has a turn under a higher token than this."""
        if fencing_token < self.token:
            raise StaleToken(f"{self.session_id}: token {fencing_token} is older than {self.token}")


class TrackerStore:
    """Trackers over a document store: turns are appended under (session, sequence), of which each can be taken once.

    That uniqueness is the fence: a worker that was paused past its lease finds its sequence taken, and must load again.
    A snapshot every few turns keeps loading short; it is only a shortcut, the turns are the truth.
    """

    def __init__(self, store: DocumentStore, claimed_until: Callable[[], float] = lambda: 0.0) -> None:
        """Keep trackers in `store`; `claimed_until` gives the epoch second until which a new turn is its storer's to deliver."""
        self._store = store
        self._claimed_until = claimed_until
        self._kept: OrderedDict[str, tuple[int, Tracker]] = OrderedDict()
        self.on_appended: Callable[[Turn, Stored], None] = lambda turn, stored: None

    async def load(self, session_id: str, fencing_token: int = 0) -> Tracker:
        """Return the session's tracker: the snapshot, and the turns since.

        `fencing_token` is that of the lease which the caller holds. A tracker that was saved here under the lease just
        before is the latest there is, since tokens grow with every holder, and is not read again. Under one and the same
        lease it is: a worker that was paused may have lost it since.
        """
        token, known = self._kept.pop(session_id, (0, None)) if fencing_token else (0, None)
        if known is not None and fencing_token == token + 1:
            return known
        tracker = Tracker(session_id)
        snapshot = await self._store.get(SNAPSHOTS.name, session_id)
        if snapshot is not None:
            tracker.sequence = int(snapshot.document["sequence"])
            tracker.token = int(snapshot.document.get("token", 0))
            tracker.state = TrackerState.model_validate(snapshot.document["state"])
            tracker.snapshot_version = snapshot.version
        while turns := await self.turns_after(session_id, tracker.sequence):
            for turn in turns:
                tracker.follow(turn)
        return tracker

    async def turns_after(self, session_id: str, sequence: int, limit: int = 1000) -> list[Turn]:
        """Return the turns of a session after the `sequence`-th, in order."""
        found = await self._store.find(
            TURNS.name,
            equals("session_id", session_id),
            above("sequence", sequence),
            order_by="sequence",
            limit=limit,
        )
        return [read_turn(stored.document) for stored in found]

    async def append(self, tracker: Tracker, turn: Turn) -> bool:
        """Store the turn if its sequence is still free, and fold it; False says that another worker was first.

        Raises `StaleToken` if a turn before it was stored under a later lease.
        """
        tracker.refuse_stale(turn.fencing_token)
        document = turn.document()
        is_unresolved = turn.pending_effect is not None
        document |= {
            "delivery_status": "pending",
            "delivery_attempts": 0,
            "next_attempt_at": self._claimed_until(),
            "effect_status": "unknown" if is_unresolved else "none",
            "next_check_at": turn.at.timestamp(),
        }
        try:
            stored = await self._store.insert(TURNS.name, turn.key, document)
        except DuplicateKey:
            return False
        self.on_appended(turn, stored)
        tracker.follow(turn)
        await self.finish(tracker, turn)
        self._keep(tracker, turn.fencing_token)
        return True

    async def finish(self, tracker: Tracker, turn: Turn) -> None:
        """Do what a stored turn leaves to be done, also again after a crash: forget what a closed form forgets, snapshot.

        A snapshot from before still holds what is forgotten, so that a form that forgets always makes a new one.
        """
        forgotten = frozenset(s for event in turn.events if isinstance(event, FormClosed) for s in event.forgets)
        if forgotten:
            await self.forget(turn.session_id, forgotten, up_to=turn.sequence)
        if forgotten or turn.sequence % _SNAPSHOT_EVERY == 0:
            await self._snapshot(tracker)

    def _keep(self, tracker: Tracker, fencing_token: int) -> None:
        self._kept[tracker.session_id] = (fencing_token, tracker)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)

    async def turn(self, session_id: str, message_key: str) -> Turn | None:
        """Return the latest turn that took this message, or None."""
        found = await self._store.find(
            TURNS.name, equals("session_id", session_id), order_by="sequence", descending=True, limit=50
        )
        for stored in found:
            if stored.document["message_key"] == message_key:
                return read_turn(stored.document)
        return None

    async def forget(self, session_id: str, slots: frozenset[str], up_to: int) -> int:
        """Take the values of sensitive slots out of a session's first `up_to` turns; return how many were changed."""
        found = await self._store.find(
            TURNS.name,
            equals("session_id", session_id),
            at_most("sequence", up_to),
            order_by="sequence",
            descending=True,
            limit=1000,
        )
        return sum(await asyncio.gather(*(self._scrub(stored, slots) for stored in found)))

    async def _scrub(self, stored: Stored, slots: frozenset[str]) -> bool:
        latest: Stored | None = stored
        while latest is not None and any(_is_told(event, slots) for event in latest.document["events"]):
            events = [
                event | {"value": None} if _is_told(event, slots) else event for event in latest.document["events"]
            ]
            try:
                await self._store.replace(
                    TURNS.name, latest.key, latest.document | {"events": events}, expected_version=latest.version
                )
            except VersionConflict:
                latest = await self._store.get(TURNS.name, stored.key)
                continue
            return True
        return False

    async def _snapshot(self, tracker: Tracker) -> None:
        document = {
            "sequence": tracker.sequence,
            "token": tracker.token,
            "state": tracker.state.model_dump(mode="json"),
        }
        session_id, is_written = tracker.session_id, False
        while not is_written:
            try:
                if tracker.snapshot_version == 0:
                    await self._store.insert(SNAPSHOTS.name, session_id, document)
                    tracker.snapshot_version = 1
                else:
                    tracker.snapshot_version = await self._store.replace(
                        SNAPSHOTS.name, session_id, document, expected_version=tracker.snapshot_version
                    )
            except (DuplicateKey, VersionConflict):
                other = await self._store.get(SNAPSHOTS.name, session_id)
                tracker.snapshot_version = other.version if other else 0
                is_written = other is not None and int(other.document["sequence"]) > tracker.sequence
            else:
                is_written = True


def _is_told(event: dict[str, Any], slots: frozenset[str]) -> bool:
    """Tell whether a stored event still holds the value of one of these slots."""
    return event["type"] in _HOLD_VALUES and event["slot"] in slots and event["value"] is not None


def read_turn(document: dict[str, object]) -> Turn:
    """Return the turn in a stored document, without the fields that the outbox and the reconciler keep beside it."""
    return Turn.model_validate({name: document[name] for name in Turn.model_fields if name in document})
