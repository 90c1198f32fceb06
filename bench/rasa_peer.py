"""The peer: a Rasa server that parses the same messages, one by one, over HTTP."""

import contextlib
import itertools
from collections.abc import AsyncIterator
from time import perf_counter

import aiohttp

from bench.citizens import single_messages
from bench.open_loop import Exchange
from bench.processes import LOAD_CORE, ROOT, SERVER_CORE, pin
from nlu.rasa.model import checked_file, read_model
from nlu.rasa.server import RunningRasa, running

FOLDER = ROOT / "var" / "rasa"


def training() -> dict[str, str | int]:
    """Return what the peer was trained on (`make rasa-train`)."""
    model = read_model(FOLDER)
    return {
        "fingerprint": model.fingerprint,
        "examples": model.examples,
        "intents": model.intents,
        "epochs": model.epochs,
    }


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
async def rasa_server() -> AsyncIterator[RunningRasa]:
    """Run the peer on the server's core; it is started from there, and the bench goes back to its own."""
    pin(SERVER_CORE)
    async with running(checked_file(FOLDER, read_model(FOLDER)), FOLDER / "server.log") as server:
        pin(LOAD_CORE)
        yield server
