"""Say where the time of a turn goes: processor time by function, store commands a turn, waits.

    python -m bench.profile_turns [--turns 600] [--no-department] [--top 45] [--sort cumulative]

Turns come one after the other (a closed loop), so that what one turn costs is not mixed with what others wait for.
"""

import argparse
import asyncio
import cProfile
import pstats
import statistics
import tempfile
from collections import Counter
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import Any, ClassVar

import structlog

from adapters.clock import SystemClock
from adapters.storage.sqlite import SqliteStore
from bench.in_process import InProcess, bench_settings, running_app
from bench.open_loop import Exchange
from bench.processes import pin, sandbox_city
from bench.sessions import Pool
from bot.bootstrap import App
from bot.turn_log import configure_logging


class CountingStore(SqliteStore):
    """The embedded store, counting its commands."""

    commands: ClassVar[Counter[str]] = Counter()

    async def _run_reading(self, action: Any) -> Any:
        self.commands["reads"] += 1
        return await super()._run_reading(action)

    async def _write(self, action: Any) -> Any:
        self.commands["writes"] += 1
        return await super()._write(action)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=600)
    parser.add_argument("--no-department", action="store_true")
    parser.add_argument("--top", type=int, default=45)
    parser.add_argument("--sort", default="tottime")
    asyncio.run(_main(parser.parse_args()))


async def _main(arguments: argparse.Namespace) -> None:
    pin(0)
    configure_logging("error", "console")
    structlog.configure(cache_logger_on_first_use=True)
    settings = bench_settings()
    with tempfile.TemporaryDirectory() as name:
        async with sandbox_city(Path(name)) as url, running_app(settings, Path(name), url) as (app, channel):
            app.store.__class__ = CountingStore
            pool = Pool("bench:p", has_departments=not arguments.no_department)
            product = InProcess(app, channel, SystemClock(), pool)
            product.prepare(20)
            await _turns(product, app, 200)
            CountingStore.commands.clear()
            cpu, own = process_time(), thread_time()
            seconds = await _turns(product, app, arguments.turns)
            _tell(arguments.turns, process_time() - cpu, thread_time() - own, seconds)
            profile = cProfile.Profile(thread_time)  # waiting, for the disk or for the core, does not count
            profile.enable()
            await _turns(product, app, arguments.turns)
            profile.disable()
            pstats.Stats(profile).sort_stats(arguments.sort).print_stats(arguments.top)


async def _turns(product: InProcess, app: App, count: int) -> list[float]:
    seconds = []
    for _ in range(count):
        exchange = Exchange(perf_counter())
        await product.answer(exchange)
        seconds.append(exchange.seconds)
        await app.worker.idle()
    return seconds


def _tell(turns: int, cpu: float, own: float, seconds: list[float]) -> None:
    counted = ", ".join(f"{count / turns:.2f} {kind}" for kind, count in sorted(CountingStore.commands.items()))
    print(
        f"a turn: {cpu / turns * 1000:.2f} ms of processor time, {own / turns * 1000:.2f} of it in the loop; {counted}"
    )
    print(f"to the last reply: median {statistics.median(seconds) * 1000:.2f} ms, longest {max(seconds) * 1000:.1f} ms")


if __name__ == "__main__":
    main()
