"""Serve the peer's model on loopback; run by the interpreter of .venv-rasa, with the port as its argument.

The token comes from RASA_BENCH_TOKEN and every door asks for it, PUT /model and POST /model/train too: without it nobody
can put another model in, or read one from the disk. It is not given on the command line, which every local user can read.
"""

import os
import runpy
import sys


def main() -> None:
    """Start `rasa run` with what the bench wants of it."""
    sys.argv = [
        "rasa", "run", "--enable-api", "--interface", "127.0.0.1", "--port", sys.argv[1], "--model", "models/peer.tar.gz",
        "--auth-token", os.environ["RASA_BENCH_TOKEN"], "--log-file", "server.log",
    ]  # fmt: skip
    runpy.run_module("rasa", run_name="__main__")


if __name__ == "__main__":
    main()
