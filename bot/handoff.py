"""From the bot to a person and back: a checked state machine, and the work order when nobody is at the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from adapters.clock import Clock
from adapters.errors import DuplicateKey, VersionConflict
from adapters.storage.store import Collection, DocumentStore, equals
from bot.dialogue.events import ControlChanged, Event, WorkOrderOpened
from bot.dialogue.tracker import Control, TrackerState
from skills.calendar import add_working_days

WORK_ORDERS = Collection("work_orders", (("owner",), ("status", "due_date"), ("day",)))
_MOVES: Mapping[Control, frozenset[Control]] = {
    "bot": frozenset({"queued"}),
    "queued": frozenset({"human", "ticket", "bot", "closed"}),
    "human": frozenset({"bot", "ticket", "closed"}),
    "ticket": frozenset({"queued", "bot"}),
    "closed": frozenset({"queued", "bot"}),
}
_WORKING_DAYS = {"asked": 3, "misses": 3, "refused": 7, "error": 3, "complaint": 15, "emergency": 1}


class HandoffRefused(Exception):
    """The session cannot pass from one hand to the other like that: a bug, or a race that was lost."""


def move(current: Control, to: Control, reason: str) -> ControlChanged:
    """Return the event of passing the session on, or raise `HandoffRefused` for a move that the machine does not know."""
    if to not in _MOVES[current]:
        raise HandoffRefused(
            f"a session under {current!r} cannot pass to {to!r}; possible are {sorted(_MOVES[current])}"
        )
    return ControlChanged(control=to, reason=reason)


class Desk(Protocol):
    """The agents' desk, as the conversation sees it."""

    async def is_staffed(self) -> bool:
        """Tell whether an agent could take a chat now."""
        ...


class NobodyAtDesk:
    """The desk until it is built: nobody is there, so that every handoff becomes a work order."""

    async def is_staffed(self) -> bool:
        """Return False."""
        return False


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """A number that the citizen can quote, and the day by which a person has taken it up; `words` are the citizen's, masked."""

    number: str
    due_date: date
    opened_date: date
    status: str
    user_id: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Packet:
    """What the person gets who takes the case up: why, what is wanted, what was filled in, the last words; all masked."""

    reason: str
    session_id: str
    user_id: str
    text: str
    form_title: str
    slots: Mapping[str, str]
    recent_replies: tuple[str, ...]
    trace_id: str


class WorkOrders:
    """Writes work orders: one for each cause (`owner`), however often it is asked for."""

    def __init__(self, store: DocumentStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def open(self, owner: str, packet: Packet) -> WorkOrder:
        """Return the work order of this cause, writing it if there is none; numbers read MY-YYYYMMDD-000001."""
        existing = await self._store.find(WORK_ORDERS.name, equals("owner", owner), limit=1)
        if existing:
            return _read(existing[0].document)
        today = self._clock.now().date()
        day, due = f"{today:%Y%m%d}", add_working_days(today, _WORKING_DAYS[packet.reason])
        document = {
            "owner": owner,
            "day": day,
            "status": "待受理",
            "due_date": due.isoformat(),
            "opened_at": self._clock.now().isoformat(),
            "reason": packet.reason,
            "session_id": packet.session_id,
            "user_id": packet.user_id,
            "text": packet.text,
            "form_title": packet.form_title,
            "slots": dict(packet.slots),
            "recent_replies": list(packet.recent_replies),
            "trace_id": packet.trace_id,
        }
        count = await self._store.count(WORK_ORDERS.name, equals("day", day))
        while True:
            count += 1
            number = f"MY-{day}-{count:06d}"
            try:
                await self._store.insert(WORK_ORDERS.name, number, document | {"number": number})
            except DuplicateKey:
                continue
            return _read(document | {"number": number})

    async def latest(self, limit: int = 100) -> list[Mapping[str, Any]]:
        """Return the latest work orders as they stand in the store, for the staff's list."""
        return [stored.document for stored in await self._store.find(WORK_ORDERS.name, descending=True, limit=limit)]

    async def get(self, number: str) -> WorkOrder | None:
        """Return the work order with this number, or None."""
        stored = await self._store.get(WORK_ORDERS.name, number)
        return None if stored is None else _read(stored.document)

    async def add_note(self, number: str, key: str, text: str) -> None:
        """Add what the citizen said later, once for each message (`key`)."""
        while True:
            stored = await self._store.get(WORK_ORDERS.name, number)
            if stored is None or key in stored.document.get("notes", {}):
                return
            document = stored.document | {"notes": stored.document.get("notes", {}) | {key: text}}
            try:
                await self._store.replace(WORK_ORDERS.name, number, document, expected_version=stored.version)
            except VersionConflict:
                continue
            return


def _read(document: Mapping[str, Any]) -> WorkOrder:
    return WorkOrder(
        document["number"],
        date.fromisoformat(document["due_date"]),
        datetime.fromisoformat(document["opened_at"]).date(),
        document["status"],
        document["user_id"],
        (document["text"], *document.get("notes", {}).values()),
    )


def events_of_ticket(state: TrackerState, reason: str, order: WorkOrder) -> list[Event]:
    """Return the events of a session that went through the queue to a work order because nobody was at the desk."""
    queued = move(state.control, "queued", reason) if state.control != "queued" else None
    ticket = move("queued", "ticket", reason)
    return [event for event in (queued, ticket, WorkOrderOpened(number=order.number)) if event is not None]


def due_words(day: date) -> str:
    """Return a due date as people read it: 12月3日."""
    return f"{day.month}月{day.day}日"


def is_still_open(order: WorkOrder, at: datetime) -> bool:
    """Tell whether the work order's day is still to come."""
    return order.due_date >= at.date()
