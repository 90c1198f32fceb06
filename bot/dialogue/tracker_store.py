"""Loads a session's state and appends its turns; the one conditional write of a turn is here."""

from dataclasses import dataclass, field
from typing import Any

from adapters.errors import DuplicateKey, VersionConflict
from adapters.storage.store import Collection, DocumentStore, Stored, above, equals
from bot.dialogue.events import FormClosed
from bot.dialogue.tracker import TrackerState, remember_turn
from bot.dialogue.turn import Turn

TURNS = Collection(
    "turns",
    (("session_id", "sequence"), ("delivery_status", "next_attempt_at"), ("effect_status", "next_check_at")),
)
SNAPSHOTS = Collection("snapshots")
_SNAPSHOT_EVERY = 8


@dataclass(slots=True)
class Tracker:
    """A session's state after its `sequence`-th turn."""

    session_id: str
    sequence: int = 0
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
        remember_turn(self.state, turn.message_key, said, turn.at, choices)
        self.sequence = turn.sequence


class TrackerStore:
    """Trackers over a document store: turns are appended under (session, sequence), of which each can be taken once.

    That uniqueness is the fence: a worker that was paused past its lease finds its sequence taken, and must load again.
    A snapshot every few turns keeps loading short; it is only a shortcut, the turns are the truth.
    """

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def load(self, session_id: str) -> Tracker:
        """Return the session's tracker: the snapshot, and the turns since."""
        tracker = Tracker(session_id)
        snapshot = await self._store.get(SNAPSHOTS.name, session_id)
        if snapshot is not None:
            tracker.sequence = int(snapshot.document["sequence"])
            tracker.state = TrackerState.model_validate(snapshot.document["state"])
            tracker.snapshot_version = snapshot.version
        for turn in await self.turns_after(session_id, tracker.sequence):
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
        """Store the turn if its sequence is still free, and fold it; False says that another worker was first."""
        document = turn.document()
        is_unresolved = turn.pending_effect is not None
        document |= {
            "delivery_status": "pending",
            "delivery_attempts": 0,
            "next_attempt_at": turn.at.timestamp(),
            "effect_status": "unknown" if is_unresolved else "none",
            "next_check_at": turn.at.timestamp(),
        }
        try:
            await self._store.insert(TURNS.name, turn.key, document)
        except DuplicateKey:
            return False
        tracker.follow(turn)
        if turn.sequence % _SNAPSHOT_EVERY == 0:
            await self._snapshot(tracker)
        forgotten = frozenset(s for event in turn.events if isinstance(event, FormClosed) for s in event.forgets)
        if forgotten:
            await self.forget(turn.session_id, forgotten)
        return True

    async def turn(self, session_id: str, message_key: str) -> Turn | None:
        """Return the latest turn that took this message, or None."""
        found = await self._store.find(
            TURNS.name, equals("session_id", session_id), order_by="sequence", descending=True, limit=50
        )
        for stored in found:
            if stored.document["message_key"] == message_key:
                return read_turn(stored.document)
        return None

    async def forget(self, session_id: str, slots: frozenset[str]) -> int:
        """Take the values of sensitive slots out of a session's stored turns; return how many turns were changed."""
        found = await self._store.find(TURNS.name, equals("session_id", session_id), order_by="sequence", limit=1000)
        return sum([await self._scrub(stored, slots) for stored in found])

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
        document = {"sequence": tracker.sequence, "state": tracker.state.model_dump(mode="json")}
        try:
            if tracker.snapshot_version == 0:
                await self._store.insert(SNAPSHOTS.name, tracker.session_id, document)
                tracker.snapshot_version = 1
            else:
                tracker.snapshot_version = await self._store.replace(
                    SNAPSHOTS.name, tracker.session_id, document, expected_version=tracker.snapshot_version
                )
        except (DuplicateKey, VersionConflict):
            tracker.snapshot_version = 0  # somebody else's is newer; the next load reads it


def _is_told(event: dict[str, Any], slots: frozenset[str]) -> bool:
    """Tell whether a stored event still holds the value of one of these slots."""
    return event["type"] == "slot_filled" and event["slot"] in slots and event["value"] is not None


def read_turn(document: dict[str, object]) -> Turn:
    """Return the turn in a stored document, without the fields that the outbox and the reconciler keep beside it."""
    return Turn.model_validate({name: document[name] for name in Turn.model_fields if name in document})
