"""`main.py chat`: the whole product in a terminal, with a sandbox city of its own."""

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from adapters.clock import Clock, OffsetClock, SystemClock
from adapters.sandbox.server import start as start_sandbox
from bot import texts
from bot.bootstrap import App, build
from bot.commands.setup import prepare
from bot.dialogue.tracker import TrackerState
from bot.dialogue.turn import Turn
from bot.messages import Envelope, InboundMessage
from bot.performing.draft import shown_slots
from bot.settings import Settings

CHANNEL = "terminal"
_LEASE_SECONDS = 2.0
_LONGEST_WAIT_SECONDS = 60.0


class TerminalChannel:
    """Prints replies for a person; silent when a script reads the turns instead."""

    name = CHANNEL

    def __init__(self, *, is_silent: bool) -> None:
        self._is_silent = is_silent

    async def send(self, envelope: Envelope) -> None:
        """Print one reply with its choices and its sources."""
        if self._is_silent:
            return
        message = envelope.message
        lines = [f"绵办> {message.text}"]
        lines += [f"  {number}. {choice}" for number, choice in enumerate(message.choices, 1)]
        for citation in message.citations:
            number = f"（{citation.document_number}）" if citation.document_number else ""
            lines.append(f"  依据：《{citation.title}》{number} {' / '.join(citation.heading_path[-1:])}")
        print("\n".join(lines), flush=True)  # noqa: T201 - the terminal is this channel


@asynccontextmanager
async def chatting(settings: Settings, folder: Path, clock: Clock, channel: TerminalChannel) -> AsyncIterator[App]:
    """Start the sandbox city and the product on the state in `folder`."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    sandbox = await start_sandbox(folder / "sandbox.db", clock)
    delivery = settings.delivery.model_copy(update={"lease_seconds": _LEASE_SECONDS})
    app = build(
        settings.model_copy(update={"delivery": delivery}),
        department_urls={"hospital": sandbox.url},
        store_folder=folder,
        clock=clock,
        channels=[channel],
    )
    try:
        async with app.running():
            yield app
    finally:
        await sandbox.close()


async def say(app: App, text: str, user: str, session: str) -> tuple[Turn, TrackerState]:
    """Put one message in, and return its stored turn and the state after it; raises TimeoutError after a minute."""
    message = InboundMessage(
        channel=CHANNEL,
        session_id=f"{CHANNEL}:{session}",
        message_id=uuid.uuid4().hex,
        user_id=f"{CHANNEL}:{user}",
        text=text,
        sent_at=app.clock.now(),
    )
    await app.inbox.accept(message)
    async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
        while True:
            await app.worker.idle()
            tracker = await app.trackers.load(message.session_id)
            if message.key in tracker.state.message_keys:
                turn = await app.trackers.turn(message.session_id, message.key)
                if turn is not None:
                    return turn, tracker.state
            await asyncio.sleep(0.1)
            await app.worker.catch_up()


def as_json(text: str, turn: Turn, state: TrackerState, seconds: float) -> dict[str, Any]:
    """Return a turn as scripts read it (documented in README.md, For scripts)."""
    return {
        "text": text,
        "status": turn.status.value,
        "intent": turn.intent,
        "skill": turn.skill,
        "slots": shown_slots(state),
        "replies": [reply.model_dump(mode="json") for reply in turn.replies],
        "trace_id": turn.trace_id,
        "milliseconds": round(seconds * 1000, 1),
    }


async def chat(
    settings: Settings, *, is_json: bool, user: str, session: str, at: datetime | None, folder: Path | None
) -> None:
    """Read one message a line from standard input until it ends."""
    prepare(settings, lambda line: print(line, file=sys.stderr))  # noqa: T201 - progress of the command line
    clock = OffsetClock(at) if at else SystemClock()
    channel = TerminalChannel(is_silent=is_json)
    async with chatting(settings, folder or settings.state_folder / "chat", clock, channel) as app:
        if not is_json:
            print(f"绵办> {texts.WELCOME}\n（Ctrl-D 结束）")  # noqa: T201
        async for line in _lines(is_prompting=not is_json and sys.stdin.isatty()):
            began = perf_counter()
            turn, state = await say(app, line, user, session)
            if is_json:
                print(json.dumps(as_json(line, turn, state, perf_counter() - began), ensure_ascii=False), flush=True)  # noqa: T201


async def _lines(*, is_prompting: bool) -> AsyncIterator[str]:
    while True:
        if is_prompting:
            sys.stdout.write("您> ")
            sys.stdout.flush()
        line = await asyncio.to_thread(sys.stdin.readline)
        if not line:
            return
        yield line.rstrip("\n")
