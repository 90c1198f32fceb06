"""A fork server: a warmed parent that forks workers of the product, so that a restart costs tens of milliseconds.

Started by fleet.py with one JSON argument (see `Plan`). It reads orders from standard input, a JSON object a line
({"name", "killpoint"}), and writes what happens to standard output: {"ready"}, {"forked", "pid"}, {"gone", "pid",
"status"}. A worker connects back to the driver, which sends it the messages that a channel would bring.
"""

import asyncio
import json
import logging
import os
import random
import select
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a forked child has none of its parent's threads

from adapters.clock import OffsetClock
from adapters.errors import StoreError
from bot.bootstrap import App, build
from bot.delivery.killpoints import choose
from bot.messages import DeliveryFailed, Envelope, InboundMessage
from bot.settings import ROOT, load_settings
from bot.turn_log import configure_logging
from knowledge.service import Knowledge
from nlu.interpretation import Utterance
from nlu.interpreter import Interpreter

CHANNEL = "street"


@dataclass(frozen=True)
class Plan:
    """What all workers of a run share; paths and the sandbox's address as text, `at` as ISO time."""

    state_folder: str
    run_folder: str
    hospital_url: str
    port: int
    at: str
    lease_seconds: float
    most_attempts: int
    seed: int
    failing_sends: float


class StreetChannel:
    """A door whose replies are lines of a file that outlives the worker; now and then one cannot be delivered."""

    name = CHANNEL

    def __init__(self, path: Path, worker: str, chance: random.Random, failing: float) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._worker = worker
        self._chance = chance
        self._failing = failing

    async def send(self, envelope: Envelope) -> None:
        """Take as long as a network does, then append the reply and wait for the disk."""
        await asyncio.sleep(self._chance.uniform(0.0, 0.03))
        if self._chance.random() < self._failing:
            raise DeliveryFailed("the street is closed", retry_after_seconds=0.2)
        line = json.dumps(
            {
                "reply_id": envelope.reply_id,
                "session_id": envelope.session_id,
                "sequence": envelope.sequence,
                "position": envelope.position,
                "status": envelope.status,
                "text": envelope.message.text,
                "choices": envelope.message.choices,
                "worker": self._worker,
            },
            ensure_ascii=False,
        )
        # The line break stands first: what a kill cuts short then spoils no other line.
        os.write(self._file, f"\n{line}\r".encode())
        await asyncio.to_thread(os.fsync, self._file)


class Nursery:
    """What is loaded once and shared by all workers."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        state = Path(plan.state_folder)
        self.interpreter = Interpreter.load(state / "models")
        self.knowledge = Knowledge.open(state / "knowledge")
        self.clock = OffsetClock(datetime.fromisoformat(plan.at))
        self.settings = load_settings(
            ROOT / "config.yaml",
            state_folder=state,
            delivery={"lease_seconds": plan.lease_seconds, "poll_seconds": 0.1, "most_attempts": plan.most_attempts},
            departments={"hospital": {"timeout_seconds": 0.8}},
        )

    def fork(self, name: str, killpoint: str) -> int:
        """Fork a worker and return its process id."""
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            log = os.open(
                Path(self.plan.run_folder) / "logs" / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
            )
            for descriptor in (1, 2):
                os.dup2(log, descriptor)
            configure_logging("debug", "json")
            logging.getLogger("asyncio").setLevel(logging.INFO)
            choose(killpoint)
            asyncio.run(self._work(name))
            status = 0
        except BaseException:
            logging.getLogger("worker").exception("worker failed")
        finally:
            os._exit(status)

    def wire(self, *channels: StreetChannel) -> App:
        """Wire the product on the run's store."""
        return build(
            self.settings,
            department_urls={"hospital": self.plan.hospital_url},
            store_folder=Path(self.plan.run_folder),
            clock=self.clock,
            interpreter=self.interpreter,
            knowledge=self.knowledge,
            channels=channels,
        )

    async def _work(self, name: str) -> None:
        chance = random.Random(f"{self.plan.seed} {name}")
        sent = Path(self.plan.run_folder) / "sent.jsonl"
        app = self.wire(StreetChannel(sent, name, chance, self.plan.failing_sends))
        async with app.running():
            reader, writer = await asyncio.open_connection("127.0.0.1", self.plan.port)
            writer.write(_line({"name": name, "pid": os.getpid()}))
            accepting: set[asyncio.Task[None]] = set()

            async def accept(order: dict[str, Any]) -> None:
                try:
                    is_new = await app.inbox.accept(InboundMessage.model_validate(order["message"]))
                except StoreError:
                    return  # not acknowledged: the channel sends it again
                writer.write(_line({"acked": order["number"], "is_new": is_new}))

            while line := await reader.readline():  # the driver hangs up: stop as after SIGTERM
                task = asyncio.create_task(accept(json.loads(line)))
                accepting.add(task)
                task.add_done_callback(accepting.discard)


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def main() -> None:
    """Load, say that we are ready, and fork on request until standard input ends."""
    nursery = Nursery(Plan(**json.loads(sys.argv[1])))
    nursery.wire()  # imports all that a worker imports
    nursery.interpreter.interpret(Utterance("你好", nursery.clock.now()))  # loads what is loaded at the first use
    tell({"ready": os.getpid()})
    pending, alive, is_open = b"", dict[int, str](), True
    while is_open or alive:
        if not is_open:
            time.sleep(0.01)
        elif select.select([0], [], [], 0.01)[0]:
            piece = os.read(0, 65536)
            is_open = bool(piece)
            *orders, pending = (pending + piece).split(b"\n")
            for order in map(json.loads, filter(None, orders)):
                pid = nursery.fork(order["name"], order["killpoint"])
                alive[pid] = order["name"]
                tell({"forked": order["name"], "pid": pid})
        while alive:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            tell({"gone": alive.pop(pid), "pid": pid, "status": os.waitstatus_to_exitcode(status)})


def tell(value: dict[str, Any]) -> None:
    """Write one line to the driver."""
    os.write(1, _line(value))


if __name__ == "__main__":
    main()
