"""Say where the time of a turn goes: processor time by function, store commands a turn, waits.

    python -m bench.profile_turns [--turns 600] [--no-department] [--top 45] [--sort cumulative]

Turns come one after the other (a closed loop), so that what one turn costs is not mixed with what others wait for.
The shares by room are written to bench/results/turns.json; the profiler makes many small calls look dearer than they are.
"""

import argparse
import asyncio
import cProfile
import json
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
from bench.machine import describe
from bench.open_loop import Exchange
from bench.processes import ROOT, pin, sandbox_city
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
            cost = _tell(arguments.turns, process_time() - cpu, thread_time() - own, seconds)
            profile = cProfile.Profile(thread_time)  # waiting, for the disk or for the core, does not count
            profile.enable()
            await _turns(product, app, arguments.turns)
            profile.disable()
            stats = pstats.Stats(profile)
            _keep(arguments.turns, cost, _by_room(stats))
            stats.sort_stats(arguments.sort).print_stats(arguments.top)


async def _turns(product: InProcess, app: App, count: int) -> list[float]:
    seconds = []
    for _ in range(count):
        exchange = Exchange(perf_counter())
        await product.answer(exchange)
        seconds.append(exchange.seconds)
        await app.worker.idle()
    return seconds


def _tell(turns: int, cpu: float, own: float, seconds: list[float]) -> dict[str, float]:
    """Print what a turn costs, and return it: milliseconds, and commands to the store."""
    cost = {
        "processor_ms": round(cpu / turns * 1000, 2),
        "in_the_loop_ms": round(own / turns * 1000, 2),
        "to_the_last_reply_median_ms": round(statistics.median(seconds) * 1000, 2),
        "to_the_last_reply_longest_ms": round(max(seconds) * 1000, 1),
        **{f"store_{kind}": round(count / turns, 2) for kind, count in sorted(CountingStore.commands.items())},
    }
    print("a turn:", ", ".join(f"{value} {name}" for name, value in cost.items()))
    return cost


def _by_room(stats: Any) -> dict[str, float]:
    """Return the share of the loop's time that each room or library spends itself; what is built in counts for its caller."""
    shares: Counter[str] = Counter()
    for place, (_, _, own, _, callers) in stats.stats.items():
        if place[0] == "~":
            for caller, (_, _, spent, _) in callers.items():
                shares[_room(caller[0])] += spent
        else:
            shares[_room(place[0])] += own
    total = sum(shares.values())
    return {room: round(spent / total, 3) for room, spent in shares.most_common() if spent >= total / 200}


def _room(path: str) -> str:
    parts = Path(path).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    if path.startswith(str(ROOT)):
        within = Path(path).relative_to(ROOT).parts
        return "/".join(within[: min(2, len(within) - 1)]) or within[0]
    return "asyncio" if "asyncio" in parts else "python"


def _keep(turns: int, cost: dict[str, float], rooms: dict[str, float]) -> None:
    facts = {
        "measured_on": SystemClock().now().date().isoformat(),
        "command": f"python -m bench.profile_turns --turns {turns}",
        "machine": describe(),
    }
    content = json.dumps(facts | {"turn": cost, "share_of_the_loop": rooms}, ensure_ascii=False, indent=1)
    (ROOT / "bench" / "results" / "turns.json").write_text(content + "\n", encoding="utf-8")
    print("\n".join(f"{share:6.1%} {room}" for room, share in rooms.items()))


if __name__ == "__main__":
    main()
