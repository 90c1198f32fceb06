"""The open loop counts from the planned arrival, and the search finds the highest rate that is held."""

import asyncio
import math
from time import perf_counter

import pytest

from bench.open_loop import Exchange, Figures, figures, find_highest_rate, run_open_loop


def seen(rate: float, p99_ms: float, errors: int = 0) -> Figures:
    return Figures(rate, rate, 1.0, 100, errors, 1.0, 1.0, p99_ms, p99_ms, 0.0)


@pytest.mark.parametrize("limit", [7.0, 39.0, 41.0, 97.0, 250.0, 803.0])
async def test_the_search_ends_just_below_the_limit(limit: float) -> None:
    async def run(rate: float, _: int) -> Figures:
        return seen(rate, 20.0 if rate <= limit else 900.0)

    held, steps = await find_highest_rate(run, 40.0, 20, pause_seconds=0)
    assert 0.93 * limit <= held <= limit
    assert any(not step.is_held for step in steps)


async def test_the_search_that_runs_out_of_steps_gives_what_was_held() -> None:
    async def run(rate: float, _: int) -> Figures:
        return seen(rate, 20.0)

    held, steps = await find_highest_rate(run, 40.0, 4, pause_seconds=0)
    assert [step.wanted_per_second for step in steps] == [40.0, 60.0, 90.0, 135.0]
    assert held == 135.0


async def test_an_error_is_not_held_however_fast() -> None:
    assert not seen(40.0, 1.0, errors=1).is_held
    assert seen(40.0, 250.0).is_held
    assert not seen(40.0, 250.1).is_held


def test_figures_worked_out_by_hand() -> None:
    exchanges = [Exchange(10.0, 10.0, 10.0 + number / 1000, "done") for number in range(1, 101)]
    exchanges[0].outcome, exchanges[0].is_error = "error_internal", True
    found = figures(exchanges, 50.0, began=9.9)
    assert (found.p50_ms, found.p95_ms, found.p99_ms, found.max_ms) == (50.0, 95.0, 99.0, 100.0)
    assert (found.arrivals, found.errors, found.outcomes) == (100, 1, {"done": 99, "error_internal": 1})
    assert found.done_per_second == 500.0


def test_what_is_never_answered_is_infinitely_slow() -> None:
    found = figures([Exchange(1.0, 1.0, 1.1, "done"), Exchange(1.0, 1.0, None, "no_answer", is_error=True)], 2.0, 1.0)
    assert math.isinf(found.p99_ms)
    assert not found.is_held


async def test_a_stall_shows_in_every_arrival_that_it_delays() -> None:
    door, began = asyncio.Lock(), perf_counter()

    async def answer(exchange: Exchange) -> None:
        exchange.sent_at = perf_counter()
        async with door:
            if perf_counter() - began < 0.1:
                await asyncio.sleep(0.4)
        exchange.done_at, exchange.outcome = perf_counter(), "done"

    found = await run_open_loop(answer, 100.0, 0.8, 7)
    assert found.errors == 0
    assert found.arrivals > 50
    assert found.p50_ms > 50  # a closed loop would have seen one slow answer and dozens of fast ones
