"""Workers are killed at every named point and at any other moment; nothing is lost and nothing is done twice."""

import asyncio
from pathlib import Path
from time import monotonic

import pytest

from bot.delivery.killpoints import NAMES
from tests.faults.oracles import findings, summary
from tests.faults.run import started

pytestmark = [pytest.mark.faults, pytest.mark.timeout(0)]
CITIZENS_AT_ONCE = 14
DRAIN_SECONDS = 60.0


async def test_kills_lose_nothing_and_double_nothing(
    trained: Path, tmp_path: Path, kills: int, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    began = monotonic()
    async with started(tmp_path / "run", trained, seed) as run, asyncio.timeout(120 + kills * 3):
        troubling = asyncio.create_task(run.keep_troubling())

        async def kill_two_side_by_side() -> None:
            await asyncio.gather(run.keep_killing(kills), run.keep_killing(kills))
            troubling.cancel()
            for _ in range(2):
                await run.spawn()

        await run.settle(asyncio.create_task(kill_two_side_by_side()), CITIZENS_AT_ONCE)
        await run.drain(DRAIN_SECONDS)
        for life in [life for life in run.fleet.lives.values() if life.is_reachable]:
            await run.fleet.retire(life)
        found = await findings(run)
        with capsys.disabled():
            print(f"\n{summary(run, seed, monotonic() - began)}")
    assert not found, "\n".join(found)
    assert run.kills.total() >= kills
    if kills >= 100:
        assert set(NAMES) <= run.kills.keys(), "a point at which nobody died proves nothing"
