"""The product as a citizen reaches it: `main.py serve`, a cookie, a ticket and a WebSocket for each session.

Each session says that it comes from another address (the server is told to believe one proxy, as in a real installation):
from a single one the door lets in no more than a few hundred newcomers a minute.
"""

import asyncio
import contextlib
import json
import random
import re
import shutil
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from bench.open_loop import Exchange
from bench.processes import ROOT, SERVER_CORE, started
from bench.sessions import Pool, Session

_ENTRY = re.compile(r"市民入口\s+(http://\S+?)/?$")
_START_SECONDS = 240.0
_AT_ONCE = 32


@contextlib.asynccontextmanager
async def web_server(folder: Path, state: Path, hospital_url: str) -> AsyncIterator[tuple[Process, str]]:
    """Run the product on the server's core, on a copy of the trained state; yield the process and its address."""
    for part in ("models", "knowledge"):
        await asyncio.to_thread(shutil.copytree, state / part, folder / "state" / part)
    environment = {
        "MIANBAN_STATE_FOLDER": str(folder / "state"),
        "MIANBAN_WEB__PORT": "0",
        "MIANBAN_WEB__TRUSTED_PROXIES": "1",
        "MIANBAN_SANDBOX__ENABLED": "false",
        "MIANBAN_DEPARTMENTS__HOSPITAL__URL": hospital_url,
    }
    command = (sys.executable, str(ROOT / "main.py"), "serve")
    async with started(*command, core=SERVER_CORE, environment=environment, folder=folder) as process:
        async with asyncio.timeout(_START_SECONDS):
            url = await _address(process)
        yield process, url


async def _address(process: Process) -> str:
    if process.stdout is None:
        raise RuntimeError("the server has no output to read its address from")
    async for line in process.stdout:
        if found := _ENTRY.search(line.decode().rstrip()):
            return found[1]
    raise RuntimeError("the server ended before it said its address; see bench.log in its folder")


class WebDoor:
    """Holds a socket open for each session, and writes and reads there."""

    def __init__(self, url: str, pool: Pool, http: aiohttp.ClientSession) -> None:
        self._url = url
        self._pool = pool
        self._http = http
        self._sockets: dict[str, aiohttp.ClientWebSocketResponse] = {}
        self._readers: list[asyncio.Task[None]] = []

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["WebDoor"]:
        """Close all sessions at the end."""
        try:
            yield self
        finally:
            for socket in self._sockets.values():
                await socket.close()
            await asyncio.gather(*self._readers, return_exceptions=True)

    async def prepare(self, rate: float) -> None:
        """Let as many citizens in as write at this rate, before the clock runs."""
        places = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(self._open_one(session, places) for session in self._pool.grow(rate)))

    async def answer(self, exchange: Exchange) -> None:
        """Write the next message of some session, and wait until the reply is there."""
        session = await self._pool.take()
        text = session.begin(exchange)
        frame = {"type": "message", "message_id": f"bench-{session.count:08d}", "text": text}
        await self._sockets[session.session_id].send_str(json.dumps(frame, ensure_ascii=False))
        await session.answered.wait()
        self._pool.give_back(session)

    async def _open_one(self, session: Session, places: asyncio.Semaphore) -> None:
        chance = random.Random(session.session_id)
        address = ".".join(["10", *(str(chance.randint(1, 254)) for _ in range(3))])
        headers = {"Origin": self._url, "X-Forwarded-For": address}
        async with places:
            async with self._http.post(f"{self._url}/api/session", headers=headers) as response:
                response.raise_for_status()
                cookies = [f"{name}={morsel.value}" for name, morsel in response.cookies.items()]
                ticket = (await response.json())["ticket"]
            headers["Cookie"] = "; ".join(cookies)
            socket = await self._http.ws_connect(f"{self._url}/ws?ticket={ticket}", headers=headers, compress=0)
        self._sockets[session.session_id] = socket
        self._readers.append(asyncio.create_task(self._read(socket, session)))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, session: Session) -> None:
        async for frame in socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                break
            content: dict[str, Any] = json.loads(frame.data)
            if content["type"] == "reply":
                message = content["message"]
                session.hear(message["text"], tuple(message["choices"]), content["status"])
            elif content["type"] == "notice":
                session.fail("notice")
        session.fail("closed")
