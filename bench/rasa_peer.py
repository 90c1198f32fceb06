"""The peer: a Rasa server that parses the same messages, one by one, over HTTP."""

import asyncio
import contextlib
import itertools
import secrets
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter

import aiohttp

from bench.citizens import single_messages
from bench.open_loop import Exchange
from bench.processes import ROOT, SERVER_CORE, started

FOLDER = ROOT / "var" / "rasa"
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
MODEL = FOLDER / "models" / "peer.tar.gz"
_START_SECONDS = 180.0
_ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


def training() -> dict[str, str | int]:
    """Return what the peer was trained on, as bench/rasa/collect.py wrote it down."""
    fingerprint, examples, intents, epochs = (FOLDER / "fingerprint.txt").read_text(encoding="utf-8").split()
    return {"fingerprint": fingerprint, "examples": int(examples), "intents": int(intents), "epochs": int(epochs)}


class RasaPeer:
    """Asks the server what a message means."""

    def __init__(self, url: str, token: str, http: aiohttp.ClientSession) -> None:
        self._url = f"{url}/model/parse?token={token}"
        self._http = http
        self._messages = itertools.cycle(single_messages())

    async def answer(self, exchange: Exchange) -> None:
        """Have one message parsed."""
        exchange.sent_at = perf_counter()
        try:
            async with self._http.post(self._url, json={"text": next(self._messages)}) as response:
                content = await response.json()
        except aiohttp.ClientError as error:
            exchange.outcome, exchange.is_error = type(error).__name__, True
            return
        exchange.done_at = perf_counter()
        exchange.is_error = "intent" not in content
        exchange.outcome = "failed" if exchange.is_error else "parsed"


@contextlib.asynccontextmanager
async def rasa_server() -> AsyncIterator[tuple[Process, str, str]]:
    """Run the peer on the server's core; yield the process, its address and the token that its doors ask for."""
    if not MODEL.is_file():
        raise FileNotFoundError("the peer has no model; build it with bench/rasa/build.sh")
    port, token = _free_port(), secrets.token_urlsafe(24)
    serve = str(Path("..") / ".." / "bench" / "rasa" / "serve.py")
    environment = _ENVIRONMENT | {"RASA_BENCH_TOKEN": token}
    async with started(
        str(PYTHON), serve, str(port), core=SERVER_CORE, environment=environment, folder=FOLDER
    ) as process:
        url = f"http://127.0.0.1:{port}"
        async with asyncio.timeout(_START_SECONDS):
            await _ready(url, token)
        await _require_token(url)
        yield process, url, token


async def _ready(url: str, token: str) -> None:
    async with aiohttp.ClientSession() as http:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get(f"{url}/status?token={token}") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.5)


async def _require_token(url: str) -> None:
    """Make sure that no other model can be put in without the token."""
    async with aiohttp.ClientSession() as http, http.put(f"{url}/model", json={"model_file": "x"}) as response:
        if response.status not in {401, 403}:
            raise RuntimeError(f"PUT /model answered {response.status} without a token")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
