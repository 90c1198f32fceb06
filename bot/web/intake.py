"""From what a page or a program sent to an accepted message, and from stored turns to what is shown."""

from dataclasses import dataclass
from typing import Any

from adapters.clock import Clock
from bot.dialogue.tracker_store import TrackerStore
from bot.dialogue.turn import Turn
from bot.messages import Acceptance, InboundMessage
from bot.web.citizens import Citizen
from bot.web.rates import RateLimit
from bot.web.requests import WrittenMessage

MOST_TURNS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class History:
    """Turns of a session in order; `is_cut` says that earlier ones were left out."""

    turns: list[Turn]
    is_cut: bool


class Intake:
    """Puts messages into the inbox at the pace of a person, and reads back what became of them."""

    def __init__(self, inbox: Acceptance, trackers: TrackerStore, clock: Clock, per_minute: int, channel: str) -> None:
        self._inbox = inbox
        self._trackers = trackers
        self._clock = clock
        self._rate = RateLimit(clock, per_minute)
        self._channel = channel

    async def accept(self, citizen: Citizen, written: WrittenMessage) -> bool:
        """Store the message durably, and only then return; False when it was there already.

        Raises `TooFast` above the citizen's rate, and `StoreUnavailable` when it could not be stored.
        """
        self._rate.take(citizen.digest)
        message = InboundMessage(
            channel=self._channel,
            session_id=citizen.session_id,
            message_id=f"{citizen.digest}.{written.message_id}",
            user_id=citizen.user_id,
            text=written.text,
            sent_at=self._clock.now(),
        )
        return await self._inbox.accept(message)

    async def history(self, citizen: Citizen, after: int) -> History:
        """Return the latest turns of the citizen's session after the `after`-th, `MOST_TURNS_SHOWN` at most."""
        latest = (await self._trackers.load(citizen.session_id)).sequence
        start = max(after, latest - MOST_TURNS_SHOWN)
        return History(await self._trackers.turns_after(citizen.session_id, start), is_cut=start > after)

    def shown(self, turn: Turn, citizen: Citizen) -> dict[str, Any]:
        """Return a turn as its citizen sees it; `text` is what was written, masked, and None for news."""
        own = f"{self._channel}:{citizen.digest}."
        is_written = turn.message_key.startswith(own)
        return {
            "sequence": turn.sequence,
            "message_id": turn.message_key.removeprefix(own) if is_written else None,
            "text": turn.text if is_written else None,
            "status": turn.status.value,
            "at": turn.at.isoformat(),
            "replies": [reply.model_dump(mode="json") for reply in turn.replies],
        }
