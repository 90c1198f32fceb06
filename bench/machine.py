"""What a figure depends on besides the code: the machine, its disk, and who else was at work on it."""

import os
import platform
import statistics
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

_WRITES = 60


def describe() -> dict[str, Any]:
    """Return the machine in a few figures; nothing that would name it."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "fsync_ms": round(fsync_seconds() * 1000, 2),
        "loop_ms": round(loop_seconds() * 1000, 1),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def fsync_seconds() -> float:
    """Return the median time of a 4 KiB write that reaches the disk."""
    seconds = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(_WRITES):
            began = perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            seconds.append(perf_counter() - began)
    return statistics.median(seconds)


def loop_seconds() -> float:
    """Return the processor time of a fixed piece of Python: it grows when others share the core."""
    seconds = []
    for _ in range(5):
        began, sums = process_time(), dict.fromkeys(range(1000), 0)
        for number in range(300_000):
            sums[number % 1000] += number
        seconds.append(process_time() - began)
    return statistics.median(seconds)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
