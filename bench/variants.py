"""What the load bench measures, each variant in a process of its own: the highest rate that is held, and runs at it."""

import contextlib
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp

from adapters.clock import SystemClock
from bench.in_process import InProcess, bench_settings, running_app
from bench.open_loop import Figures, find_highest_rate, run_open_loop
from bench.processes import LOAD_CORE, SERVER_CORE, cpu_share, pin, sandbox_city, usage_of
from bench.rasa_peer import RasaPeer, rasa_server
from bench.sessions import Pool
from bench.web_door import WebDoor, web_server
from bot.turn_log import configure_logging

Run = Callable[[float, float, int], Awaitable[Figures]]
_WARM_RATE, _WARM_SECONDS = 25.0, 20.0
_RETREAT = 0.9
_MOST_RETREATS = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often: seconds of a step of the search and of a run, number of runs, and where to begin."""

    step_seconds: float = 6.0
    run_seconds: float = 12.0
    runs: int = 3
    start: float = 40.0
    most_steps: int = 11


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing to measure: how it is opened, whether its citizens need departments, on which core the bench runs."""

    title: str
    opened: Callable[["Variant"], contextlib.AbstractAsyncContextManager[tuple[Run, int]]]
    core: int
    has_departments: bool = True


async def measure(name: str, plan: Plan) -> dict[str, Any]:
    """Measure one variant: find the highest held rate, then run several times at it; medians of those runs."""
    variant = VARIANTS[name]
    pin(variant.core)
    async with variant.opened(variant) as (run, pid):
        await run(_WARM_RATE, _WARM_SECONDS, 1)
        held, steps = await find_highest_rate(
            lambda rate, number: run(rate, plan.step_seconds, 100 + number), plan.start, plan.most_steps
        )
        result: dict[str, Any] = {"title": variant.title, "steps": [asdict(step) for step in steps]}
        for retreat in range(_MOST_RETREATS):
            rate = (held or steps[-1].wanted_per_second) * _RETREAT**retreat
            before = usage_of(pid)
            runs = [await run(rate, plan.run_seconds, 1000 + 10 * retreat + number) for number in range(plan.runs)]
            result |= summary(runs) | {"runs": [asdict(each) for each in runs]}
            after = usage_of(pid)
            result |= {"cpu_share": cpu_share(before, after), "rss_mb": after.rss_mb, "peak_mb": after.peak_mb}
            if result["is_held"]:
                break
        return result


def summary(runs: list[Figures]) -> dict[str, Any]:
    """Return the medians over the runs; held is what is held in the median."""
    medians = {
        key: statistics.median(getattr(run, key) for run in runs)
        for key in ("done_per_second", "p50_ms", "p95_ms", "p99_ms", "max_ms", "lag_p99_ms")
    }
    errors = sum(run.errors for run in runs)
    return medians | {
        "rate": runs[0].wanted_per_second,
        "errors": errors,
        "is_held": errors == 0 and medians["p99_ms"] <= 250,
    }


@contextlib.asynccontextmanager
async def _in_process(variant: Variant) -> AsyncIterator[tuple[Run, int]]:
    configure_logging("warning", "console")
    settings = bench_settings()
    with tempfile.TemporaryDirectory() as name:
        async with sandbox_city(Path(name)) as url, running_app(settings, Path(name), url) as (app, channel):
            pool = Pool("bench:s", has_departments=variant.has_departments)
            product = InProcess(app, channel, SystemClock(), pool)

            async def run(rate: float, seconds: float, seed: int) -> Figures:
                product.prepare(rate)
                seen = await run_open_loop(product.answer, rate, seconds, seed)
                await app.worker.idle()
                return seen

            yield run, _own_pid()


@contextlib.asynccontextmanager
async def _web(variant: Variant) -> AsyncIterator[tuple[Run, int]]:
    state = bench_settings().state_folder
    with tempfile.TemporaryDirectory() as name:
        async with (
            sandbox_city(Path(name)) as hospital,
            web_server(Path(name), state, hospital) as (process, url),
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()) as http,
            WebDoor(url, Pool("web", has_departments=variant.has_departments), http).open() as door,
        ):

            async def run(rate: float, seconds: float, seed: int) -> Figures:
                await door.prepare(rate)
                return await run_open_loop(door.answer, rate, seconds, seed)

            yield run, process.pid


@contextlib.asynccontextmanager
async def _rasa(variant: Variant) -> AsyncIterator[tuple[Run, int]]:
    del variant
    async with (
        rasa_server() as server,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
    ):
        peer = RasaPeer(server.url, server.token, http)
        yield lambda rate, seconds, seed: run_open_loop(peer.answer, rate, seconds, seed), server.process.pid


def _own_pid() -> int:
    return int(Path("/proc/self").resolve().name)


VARIANTS = {
    "in_process": Variant("the product in process, whole turns", _in_process, SERVER_CORE),
    "in_process_plain": Variant("the same, no turn that needs a department", _in_process, SERVER_CORE, False),
    "web": Variant("the product through its web door, whole turns", _web, LOAD_CORE),
    "web_plain": Variant("the same, no turn that needs a department", _web, LOAD_CORE, False),
    "rasa_parse": Variant("Rasa, POST /model/parse alone", _rasa, LOAD_CORE),
}
