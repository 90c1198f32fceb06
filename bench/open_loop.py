"""An open loop: arrivals come at their own rate, whatever the answers do, and latency counts from the planned arrival.

A closed loop sends the next request after the last answer, so a server that stalls is asked less and looks better than it
is (coordinated omission). Here a stall shows in every arrival that it delays.
"""

import asyncio
import math
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

LATENCY_LIMIT_SECONDS = 0.25
_LONGEST_WAIT_SECONDS = 15.0
_NEAR_ENOUGH = 0.06
_PAUSE_SECONDS = 2.0


@dataclass(slots=True)
class Exchange:
    """One request; instants are on the `perf_counter` clock, `done_at` is when the last of the answer had come."""

    planned_at: float
    sent_at: float | None = None
    done_at: float | None = None
    outcome: str = ""
    is_error: bool = False

    @property
    def seconds(self) -> float:
        """Return how long the answer took from the planned arrival; infinite if none came."""
        return math.inf if self.done_at is None else self.done_at - self.planned_at


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run at one rate showed; latencies in milliseconds."""

    wanted_per_second: float
    done_per_second: float
    seconds: float
    arrivals: int
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    lag_p99_ms: float
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def is_held(self) -> bool:
        """Tell whether the rate was held: nothing failed, and p99 is within the limit."""
        return self.errors == 0 and self.p99_ms <= LATENCY_LIMIT_SECONDS * 1000


Answer = Callable[[Exchange], Awaitable[None]]


async def run_open_loop(answer: Answer, rate: float, seconds: float, seed: int) -> Figures:
    """Let arrivals come at random (Poisson) at `rate` a second for `seconds`; `answer` fills in each exchange."""
    chance = random.Random(seed)
    exchanges: list[Exchange] = []
    tasks: set[asyncio.Task[None]] = set()
    began = perf_counter()
    planned = began
    while (planned := planned + chance.expovariate(rate)) < began + seconds:
        if (wait := planned - perf_counter()) > 0:
            await asyncio.sleep(wait)
        exchange = Exchange(planned)
        exchanges.append(exchange)
        task = asyncio.create_task(_answered(answer, exchange))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return figures(exchanges, rate, began)


async def _answered(answer: Answer, exchange: Exchange) -> None:
    try:
        async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
            await answer(exchange)
    except TimeoutError:
        exchange.outcome, exchange.is_error = "no_answer", True
    except OSError as error:
        exchange.outcome, exchange.is_error = type(error).__name__, True


def figures(exchanges: Sequence[Exchange], rate: float, began: float) -> Figures:
    """Count what came of the exchanges; those that got no answer count as infinitely slow."""
    seconds = sorted(exchange.seconds for exchange in exchanges)
    ends = [exchange.done_at for exchange in exchanges if exchange.done_at is not None]
    duration = max(ends, default=began) - began
    lags = sorted(e.sent_at - e.planned_at for e in exchanges if e.sent_at is not None)
    return Figures(
        wanted_per_second=round(rate, 1),
        done_per_second=round(len(ends) / duration, 1) if duration > 0 else 0.0,
        seconds=round(duration, 2),
        arrivals=len(exchanges),
        errors=sum(exchange.is_error for exchange in exchanges),
        p50_ms=_milliseconds(seconds, 0.50),
        p95_ms=_milliseconds(seconds, 0.95),
        p99_ms=_milliseconds(seconds, 0.99),
        max_ms=_milliseconds(seconds, 1.0),
        lag_p99_ms=_milliseconds(lags, 0.99),
        outcomes=dict(Counter(exchange.outcome for exchange in exchanges).most_common()),
    )


def _milliseconds(sorted_seconds: Sequence[float], share: float) -> float:
    """Return the nearest-rank quantile in milliseconds; infinite for no values."""
    if not sorted_seconds:
        return math.inf
    place = max(0, math.ceil(share * len(sorted_seconds)) - 1)
    return round(sorted_seconds[place] * 1000, 1)


async def find_highest_rate(
    run: Callable[[float, int], Awaitable[Figures]],
    start: float,
    most_steps: int,
    pause_seconds: float = _PAUSE_SECONDS,
) -> tuple[float, list[Figures]]:
    """Climb by half from `start` until the rate is not held, then halve the gap; return the highest held rate and all steps."""
    held, failed, rate = 0.0, math.inf, start
    steps: list[Figures] = []
    for number in range(most_steps):
        seen = await run(rate, number)
        steps.append(seen)
        if seen.is_held:
            held = rate
        else:
            failed = rate
            await asyncio.sleep(pause_seconds)  # what is left of an overload is not the next step's
        if not math.isinf(failed) and failed - held <= _NEAR_ENOUGH * failed:
            break
        rate = held * 1.5 if math.isinf(failed) else (held + failed) / 2 if held else failed / 2
    return held, steps
