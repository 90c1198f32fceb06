"""A stage for dialogues: the whole product on a sandbox city over HTTP, with a clock and faults that a script can set."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.clock import FixedClock, local_time
from adapters.sandbox.remote import RemoteControl
from adapters.sandbox.server import start as start_sandbox
from bot.bootstrap import App, UtteranceInterpreter, build
from bot.commands.chat import CHANNEL, TerminalChannel, say
from bot.dialogue.tracker import FormState, TrackerState
from bot.dialogue.turn import Turn
from bot.settings import Settings
from knowledge.service import Knowledge

_SESSION = "dialogue"


class Clock(FixedClock):
    """A clock that can also be set to an instant."""

    def set_to(self, at: datetime) -> None:
        self._at = local_time(at)


@dataclass
class Stage:
    """One citizen, one city, one session."""

    app: App
    clock: Clock
    control: RemoteControl
    turns: list[Turn] = field(default_factory=list)
    state: TrackerState = field(default_factory=TrackerState)

    async def say(self, text: str, user: str = _SESSION) -> Turn:
        """Put a message in and return its turn."""
        turn, self.state = await say(self.app, text, user, user)
        self.turns.append(turn)
        return turn

    async def hear_news(self) -> Turn | None:
        """Let the product look for news; return the turn in which the citizen is told, if there is any."""
        before = len(self.turns)
        await self.app.news_desk.look()
        await self.app.worker.idle()
        session = f"{CHANNEL}:{_SESSION}"
        sequence = self.turns[-1].sequence if self.turns else 0
        self.turns += await self.app.trackers.turns_after(session, sequence)
        self.state = (await self.app.trackers.load(session)).state
        return self.turns[-1] if len(self.turns) > before else None

    @property
    def form(self) -> FormState:
        """Return the form on top, or else the one that was last done, or put away."""
        form = self.state.form or self.state.last_form or self.state.draft
        assert form is not None, "no form was ever open"
        return form

    async def change_world(self, order: dict[str, Any]) -> None:
        """Do one thing to the city: a fault, seats given away, a clinic suspended, an appointment marked."""
        for what, given in order.items():
            match what:
                case "fault":
                    await self.control.fault(**given)
                case "clear_faults":
                    await self.control.clear_faults()
                case "sell_out":
                    await self.control.set_seats(self._session_of(given), 0)
                case "suspend":
                    booked = (await self.control.appointments())[-1]
                    await self.control.suspend(booked["session_id"], given)
                case "wait":
                    await asyncio.sleep(float(given))  # a circuit that opened closes by the machine's clock
                case _:
                    raise AssertionError(f"the city knows no {what!r}")

    def _session_of(self, slot: str) -> str:
        """Return the clinic in a slot of the open form, or the first that is on offer for it."""
        form = self.form
        return str(form.slots[slot].value if slot in form.slots else form.options[0].value)

    async def standing_appointments(self) -> int:
        """Return how many appointments the hospitals hold for anybody."""
        return sum(row["state"] == "reserved" for row in await self.control.appointments())


@asynccontextmanager
async def staged(
    settings: Settings, folder: Path, interpreter: UtteranceInterpreter, knowledge: Knowledge, at: datetime
) -> AsyncIterator[Stage]:
    """Raise the curtain: a new city and a new store in `folder`."""
    clock = Clock(at)
    sandbox = await start_sandbox(folder / "sandbox.db", clock)
    app = build(
        settings,
        department_urls={"hospital": sandbox.url},
        store_folder=folder,
        clock=clock,
        interpreter=interpreter,
        knowledge=knowledge,
        channels=[TerminalChannel(is_silent=True)],
    )
    try:
        async with sandbox.control() as control, app.running():
            yield Stage(app, clock, control)
    finally:
        await sandbox.close()
