"""A claim is kept up while the work lasts, and left alone once it has ended."""

import asyncio

import pytest

from bot.delivery.heartbeat import Heartbeat


class Pulse:
    """Counts beats; stops after `most`, and takes `seconds` for each."""

    def __init__(self, most: int = 1000, seconds: float = 0.0) -> None:
        self.begun = self.ended = 0
        self.has_begun, self.has_beaten_thrice = asyncio.Event(), asyncio.Event()
        self._most, self._seconds = most, seconds

    async def beat(self) -> bool:
        self.begun += 1
        self.has_begun.set()
        await asyncio.sleep(self._seconds)
        self.ended += 1
        if self.ended == 3:
            self.has_beaten_thrice.set()
        return self.ended < self._most


async def test_beats_while_the_work_lasts_and_no_longer() -> None:
    pulse = Pulse()
    async with Heartbeat(0.01, pulse.beat):
        await pulse.has_beaten_thrice.wait()
    seen = pulse.begun
    await asyncio.sleep(0.05)
    assert pulse.begun == seen


async def test_short_work_sees_no_beat() -> None:
    pulse = Pulse()
    async with Heartbeat(30, pulse.beat):
        await asyncio.sleep(0)
    assert pulse.begun == 0


async def test_a_beat_that_has_begun_is_waited_for() -> None:
    pulse = Pulse(seconds=0.05)
    async with Heartbeat(0.01, pulse.beat):
        await pulse.has_begun.wait()
    assert pulse.ended == pulse.begun == 1


async def test_stops_when_the_claim_is_lost() -> None:
    pulse = Pulse(most=2)
    async with Heartbeat(0.005, pulse.beat):
        await asyncio.sleep(0.1)
    assert pulse.begun == 2


async def test_what_went_wrong_in_the_work_is_not_hidden() -> None:
    with pytest.raises(ValueError, match="work"):
        async with Heartbeat(0.01, Pulse().beat):
            raise ValueError("work")
