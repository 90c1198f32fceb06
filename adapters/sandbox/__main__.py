"""Run the sandbox city as a process: `python -m adapters.sandbox --database PATH --port N [--at ISO]`.

Its first line on standard output is JSON: url and control_url. Tokens come from SANDBOX_CONTROL_TOKEN (a random one,
told to nobody, if unset) and SANDBOX_API_TOKEN (none needed, if unset). SIGTERM and SIGINT stop it.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from adapters.clock import OffsetClock, SystemClock
from adapters.sandbox.server import start


async def _run(arguments: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    sandbox = await start(
        arguments.database,
        OffsetClock(arguments.at) if arguments.at else SystemClock(),
        arguments.port,
        os.environ.get("SANDBOX_CONTROL_TOKEN"),
        api_token=os.environ.get("SANDBOX_API_TOKEN"),
    )
    try:
        sys.stdout.write(json.dumps({"url": sandbox.url, "control_url": sandbox.control_url}) + "\n")
        sys.stdout.flush()
        await stopped.wait()
    finally:
        await sandbox.close()


def main() -> None:
    """Parse the command line and run until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m adapters.sandbox", description="The sandbox city.")
    parser.add_argument("--database", type=Path, required=True, help="the SQLite file; made if missing")
    parser.add_argument("--port", type=int, default=0, help="a port of 127.0.0.1; 0 takes a free one")
    parser.add_argument("--at", type=datetime.fromisoformat, help="start the city's clock at this ISO instant")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
