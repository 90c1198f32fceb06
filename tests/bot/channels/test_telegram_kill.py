"""A poller that is killed again and again, as a power cut would: nothing that people wrote is lost or taken twice."""

import asyncio
import random
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WORKER = """
import asyncio, os, sys
from adapters.clock import SystemClock
from bot.channels.telegram import TelegramChannel

class FileInbox:
    def __init__(self, path):
        self.file = open(path, "a+")
        self.file.seek(0)
        self.keys = set(self.file.read().splitlines())

    async def accept(self, message):
        await asyncio.sleep(0.01)
        if message.key in self.keys:
            return False
        self.file.write(message.key + "\\n")
        self.file.flush()
        os.fsync(self.file.fileno())
        self.keys.add(message.key)
        await asyncio.sleep(0.01)
        return True

_, token, base_url, path = sys.argv
channel = TelegramChannel(token=token, inbox=FileInbox(path), clock=SystemClock(), api_base_url=base_url)
asyncio.run(channel.run_polling(asyncio.Event()))
"""


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_kill_9_loses_nothing_and_doubles_nothing(sandbox, tmp_path, eventually):
    chance = random.Random(20_261_123)
    kept = tmp_path / "inbox"
    kept.touch()
    said = [f"telegram:{sandbox.say(40 + number % 5, f'第{number}句')}" for number in range(150)]

    def stored():
        return kept.read_text().splitlines()

    for enough in (20, 60, 90, 150):
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WORKER, sandbox.token, sandbox.base_url, str(kept), cwd=ROOT
        )
        try:
            await eventually(lambda: len(stored()) >= enough, 60)  # noqa: B023 called within this round only
            await asyncio.sleep(chance.random() * 0.05)
            if enough == len(said):
                await eventually(lambda: not sandbox.waiting(), 10)
        finally:
            worker.kill()
            await worker.wait()
        lost = [key for key in said if int(key.partition(":")[2]) not in sandbox.waiting() and key not in stored()]
        assert lost == []
    assert stored() == said
