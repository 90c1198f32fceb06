"""Start what is measured, each on its own core, and read its processor time and memory from /proc."""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
SERVER_CORE, LOAD_CORE = 0, 1
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process had used by an instant: processor seconds of all its threads, resident and peak memory."""

    at: float
    cpu_seconds: float
    rss_mb: float
    peak_mb: float


def usage_of(pid: int) -> Usage:
    """Read a process's usage."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    memory = {key: int(rest.split()[0]) / 1024 for key, _, rest in _lines(status) if key in {"VmRSS", "VmHWM"}}
    return Usage(perf_counter(), ticks / _TICKS_PER_SECOND, round(memory["VmRSS"], 1), round(memory["VmHWM"], 1))


def cpu_share(before: Usage, after: Usage) -> float:
    """Return the processor time between two readings as a share of one core."""
    return round((after.cpu_seconds - before.cpu_seconds) / (after.at - before.at), 3)


def pin(core: int, pid: int = 0) -> None:
    """Keep a process (0: this one) on one core; a machine that lacks it leaves the process where it is."""
    with contextlib.suppress(OSError):
        os.sched_setaffinity(pid, {core})


@contextlib.asynccontextmanager
async def started(
    *command: str, core: int, environment: Mapping[str, str], folder: Path = ROOT
) -> AsyncIterator[Process]:
    """Run a program on a core; its output can be read, its errors go to bench.log in `folder`. It is stopped at the end."""
    log = await asyncio.to_thread((folder / "bench.log").open, "ab")
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=PIPE,
        stderr=log,
        stdin=DEVNULL,
        cwd=folder,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"} | dict(environment),
        preexec_fn=lambda: pin(core),  # the bench has no threads of its own that could hold a lock here
    )
    try:
        yield process
    finally:
        log.close()
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.communicate(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


@contextlib.asynccontextmanager
async def sandbox_city(folder: Path) -> AsyncIterator[str]:
    """Run the sandbox city with a database of its own beside the load; yield its address."""
    command = (sys.executable, "-m", "adapters.sandbox", "--database", str(folder / "city.db"))
    async with started(*command, core=LOAD_CORE, environment={"PYTHONPATH": str(ROOT)}, folder=folder) as process:
        if process.stdout is None:
            raise RuntimeError("the sandbox city has no output")
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        yield str(json.loads(line)["url"])


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def _lines(text: str) -> list[tuple[str, str, str]]:
    return [line.partition(":") for line in text.splitlines()]
