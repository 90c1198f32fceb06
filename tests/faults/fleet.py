"""The driver's side of the processes: the fork server, its workers, and the street on which messages are brought."""

import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from bot.messages import InboundMessage
from bot.settings import ROOT
from tests.faults.worker import Plan

WORKER = Path(__file__).with_name("worker.py")
_ACK_SECONDS = 3.0


@dataclass
class Process:
    """One life of a worker: `ended_at` and `status` are set once it is gone (-9: killed)."""

    name: str
    pid: int
    began_at: float
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    status: int | None = None
    ended_at: float = 0.0
    paused_at: float | None = None
    writer: asyncio.StreamWriter | None = None

    @property
    def is_reachable(self) -> bool:
        return self.writer is not None and self.status is None

    def signal(self, number: int) -> None:
        """Send a signal, if it still lives: its id is ours until the fork server has reaped it."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Fleet:
    """Forks workers, and brings messages to whichever is there, again and again until one acknowledges."""

    def __init__(self, plan: Plan, chance: random.Random) -> None:
        self._plan = plan
        self._chance = chance
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[bool]] = {}
        self._forked: dict[str, asyncio.Future[int]] = {}
        self._server_process: asyncio.subprocess.Process | None = None
        self.lives: dict[str, Process] = {}
        self.acked: dict[str, list[str]] = {}
        self.messages: dict[str, InboundMessage] = {}
        self.copies_sent = 0
        self.new_acks: dict[str, int] = {}

    async def spawn(self, name: str, killpoint: str = "") -> Process:
        """Fork a worker that dies at `killpoint`; it is reachable a little later."""
        if self._server_process is None or self._server_process.stdin is None:
            raise RuntimeError("the fork server is not running")
        forked = self._forked[name] = asyncio.get_running_loop().create_future()
        order = json.dumps({"name": name, "killpoint": killpoint}) + "\n"
        self._server_process.stdin.write(order.encode())
        return self._born(name, await asyncio.wait_for(forked, 30))

    def _born(self, name: str, pid: int) -> Process:
        return self.lives.setdefault(name, Process(name, pid, monotonic()))

    async def bring(self, message: InboundMessage, *, copies: int = 1) -> None:
        """Bring a message until it is acknowledged; more than one copy at once as impatient channels do."""
        self.messages[message.key] = message
        while True:
            tries = [asyncio.ensure_future(self._bring_once(message)) for _ in range(copies)]
            outcomes = [outcome for outcome in await asyncio.gather(*tries) if outcome is not None]
            self.new_acks[message.key] = self.new_acks.get(message.key, 0) + sum(outcomes)
            if outcomes:
                break
            await asyncio.sleep(0.02)
        keys = self.acked.setdefault(message.session_id, [])
        if message.key not in keys:
            keys.append(message.key)

    async def _bring_once(self, message: InboundMessage) -> bool | None:
        reachable = [life for life in self.lives.values() if life.is_reachable]
        if not reachable:
            await asyncio.sleep(0.02)
            return None
        life = self._chance.choice(reachable)
        number = next(self._numbers)
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self.copies_sent += 1
        try:
            order = {"number": number, "message": message.model_dump(mode="json")}
            if life.writer is not None:
                life.writer.write(json.dumps(order, ensure_ascii=False).encode() + b"\n")
            gone = asyncio.ensure_future(life.gone.wait())
            await asyncio.wait({answer, gone}, timeout=_ACK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
            return answer.result() if answer.done() else None
        finally:
            del self._waiting[number]

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve the line of one worker."""
        hello = json.loads(await reader.readline())
        life = self._born(hello["name"], hello["pid"])
        life.writer = writer
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                with contextlib.suppress(json.JSONDecodeError):
                    answer = json.loads(line)
                    future = self._waiting.get(answer["acked"])
                    if future is not None and not future.done():
                        future.set_result(bool(answer["is_new"]))
        life.writer = None
        writer.close()

    async def _hear_fork_server(self, stdout: asyncio.StreamReader, ready: asyncio.Event) -> None:
        while line := await stdout.readline():
            said: dict[str, Any] = json.loads(line)
            if "ready" in said:
                ready.set()
            elif "forked" in said:
                self._born(said["forked"], said["pid"])
                self._forked.pop(said["forked"]).set_result(said["pid"])
            else:
                life = self.lives[said["gone"]]
                life.status, life.ended_at = said["status"], monotonic()
                life.gone.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Fleet"]:
        """Start the fork server; on exit end every worker that still lives, and it."""
        street = await asyncio.start_server(self._met, "127.0.0.1", 0)
        plan = asdict(self._plan) | {"port": street.sockets[0].getsockname()[1]}
        self._server_process = await asyncio.create_subprocess_exec(
            sys.executable, str(WORKER), json.dumps(plan),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        if self._server_process.stdout is None or self._server_process.stdin is None:
            raise RuntimeError("the fork server has no pipes")
        ready = asyncio.Event()
        hearing = asyncio.create_task(self._hear_fork_server(self._server_process.stdout, ready))
        try:
            await asyncio.wait_for(ready.wait(), 60)
            yield self
        finally:
            for life in self.lives.values():
                life.signal(signal.SIGKILL)
            self._server_process.stdin.close()
            await self._server_process.wait()
            await hearing
            street.close()

    async def retire(self, life: Process, seconds: float = 20.0) -> None:
        """Let a worker stop as after SIGTERM; raises TimeoutError when it does not."""
        if life.writer is not None:
            life.writer.write_eof()
        await asyncio.wait_for(life.gone.wait(), seconds)
