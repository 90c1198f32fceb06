"""A worker that is stopped for longer than its lease comes back to find that it has lost its sessions."""

import asyncio
import re
from pathlib import Path
from time import monotonic

import pytest

from tests.faults.oracles import findings, summary
from tests.faults.run import started

pytestmark = [pytest.mark.faults, pytest.mark.timeout(0)]
CITIZENS_AT_ONCE = 10
DRAIN_SECONDS = 60.0
_LEFT = re.compile(r'"session_left_waiting"')


async def test_a_stopped_worker_writes_nothing_under_its_old_token(
    trained: Path, tmp_path: Path, kills: int, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    began, pauses = monotonic(), max(8, kills // 20)
    async with started(tmp_path / "run", trained, seed + 1) as run, asyncio.timeout(120 + pauses * 5):
        workers = [await run.spawn() for _ in range(2)]
        await run.settle(asyncio.create_task(run.keep_pausing(pauses)), CITIZENS_AT_ONCE)
        await run.drain(DRAIN_SECONDS)
        for life in workers:
            await run.fleet.retire(life)
        found = await findings(run)
        lost = sum(len(_LEFT.findall(log.read_text(encoding="utf-8"))) for log in (run.folder / "logs").iterdir())
        with capsys.disabled():
            print(f"\n{summary(run, seed + 1, monotonic() - began)}; {lost} sessions left to another worker")
    assert not found, "\n".join(found)
    assert len(run.pauses) >= pauses // 2
    assert lost > 0, "no worker was stopped while it held a session: nothing was proved"
