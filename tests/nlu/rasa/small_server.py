"""A real HTTP server that answers like Rasa's /model/parse, or misbehaves as it is told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Misbehaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOKEN = "made-up-token"
INTENTS = {
    "health_appointment.book": "挂号",
    "social_insurance.pension": "退休",
    "chitchat.greet": "你好",
    "out_of_scope": "股票",
}
GROUPS = {intent: intent.partition(".")[0] for intent in INTENTS}


def ranking(text: str) -> list[dict[str, Any]]:
    """Rank the intents: the one whose word is in the text is sure, and without one all are alike."""
    best = next((intent for intent, word in INTENTS.items() if word in text), None)
    share = {intent: 0.88 if intent == best else 0.04 if best else 0.25 for intent in INTENTS}
    return [{"name": intent, "confidence": share[intent]} for intent in sorted(share, key=lambda i: -share[i])]


@dataclass
class SmallRasa:
    """The server; `misbehave` takes the place of the answer, and `asked` remembers the texts."""

    asked: list[str] = field(default_factory=list)
    misbehave: Misbehaviour | None = None
    delay_seconds: float = 0.0
    url: str = ""
    _runner: web.AppRunner | None = None
    _port: int = 0

    async def open(self) -> None:
        """Listen on a free port, and on the same one again after `close`."""
        app = web.Application()
        app.router.add_post("/model/parse", self._parse)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def close(self) -> None:
        """Go away."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _parse(self, request: web.Request) -> web.StreamResponse:
        text = (await request.json())["text"]
        self.asked.append(text)
        await asyncio.sleep(self.delay_seconds)
        if self.misbehave is not None:
            return await self.misbehave(request)
        if request.query.get("token") != TOKEN:
            return web.json_response({"status": "failure", "reason": "NotAuthenticated", "code": 401}, status=401)
        ranked = ranking(text) if text else []
        best = ranked[0] if ranked else {"name": None, "confidence": 0.0}
        return web.json_response({"text": text, "intent": best, "entities": [], "intent_ranking": ranked})


def answering(body: str, status: int = 200, content_type: str = "application/json") -> Misbehaviour:
    """Answer with this body, whatever was asked."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=body, status=status, content_type=content_type)

    return answer


async def hang(_: web.Request) -> web.Response:
    """Never answer."""
    await asyncio.sleep(3600)
    return web.Response()


async def drip(request: web.Request) -> web.StreamResponse:
    """Answer a byte at a time, for ever."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.05)


async def cut(request: web.Request) -> web.Response:
    """Cut the line instead of answering."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def cut_in_the_body(request: web.Request) -> web.StreamResponse:
    """Cut the line in the middle of the answer."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"intent_ranking": [')
    if request.transport is not None:
        request.transport.abort()
    return response


async def redirect(_: web.Request) -> web.Response:
    """Send the caller elsewhere."""
    return web.Response(status=307, headers={"Location": "http://127.0.0.1:1/model/parse"})
