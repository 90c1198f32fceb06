"""Fail on request: the ways in which a department's server misbehaves, by count or by seeded chance."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from fnmatch import fnmatchcase
from typing import Literal, get_args

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ConfigDict, Field

from adapters.sandbox.hospital import FORCE_SOLD_OUT
from adapters.sandbox.problems import Refusal

Kind = Literal[
    "delay",  # answers after `seconds`; the work is done then, even if the caller has left
    "error",  # 500, nothing done
    "commit_then_error",  # done, then 500
    "commit_then_stall",  # done, then silence for `seconds`
    "commit_then_close",  # done, then the line breaks
    "stall",  # silence for `seconds`, nothing done
    "broken_body",  # done, but the JSON of the answer is cut
    "wrong_schema",  # done, but the answer is not what the contract says
    "sold_out",  # refused as sold out, and recorded so
    "busy",  # 429, nothing done
    "down",  # 503 with the problem that says nothing was done
    "gateway_error",  # a proxy's 502 page, nothing done
    "duplicate_response",  # done, and the answer sent twice
]
KINDS: tuple[str, ...] = get_args(Kind)


class Fault(BaseModel):
    """A fault: `route` is "METHOD /path/{as_in_the_contract}", with * and ? as wildcards.

    It strikes the next `times` matching requests (None: all), each with `probability` drawn from `seed`.
    """

    model_config = ConfigDict(extra="forbid")

    route: str = Field(min_length=1, max_length=200)
    kind: Kind
    times: int | None = Field(default=1, ge=1)
    seconds: float = Field(default=0.0, ge=0, le=3600)
    probability: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0


class Faults:
    """The faults that wait to strike; the first that matches and is drawn strikes alone."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, random.Random]] = []
        self.struck: list[str] = []

    def add(self, fault: Fault) -> None:
        """Let a fault wait."""
        self._waiting.append((fault.model_copy(), random.Random(fault.seed)))  # noqa: S311 - chance that can be repeated

    def clear(self) -> None:
        """Forget all faults."""
        self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """Return the faults that have not run out."""
        return [fault for fault, _ in self._waiting]

    def take(self, route: str) -> Fault | None:
        """Return the fault that strikes a request to this route, if any, and count it down."""
        for entry in self._waiting:
            fault, chance = entry
            if not fnmatchcase(route, fault.route) or chance.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self._waiting.remove(entry)
            self.struck.append(f"{fault.kind} {route}")
            return fault
        return None


async def strike(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request the way the fault says."""
    before = _BEFORE.get(fault.kind)
    if before is not None:
        return await before(fault, request, handler)
    response = await handler(request)
    return await _AFTER[fault.kind](fault, request, response)


async def _delay(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    await request.read()  # the request has arrived: it is carried out even if its caller leaves
    await asyncio.sleep(fault.seconds)
    return await handler(request)


async def _stall(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    await asyncio.sleep(fault.seconds)
    return _cut_line(request)


async def _sold_out(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    request[FORCE_SOLD_OUT] = True
    return await handler(request)


async def _error(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    raise Refusal("internal_error")


async def _busy(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    raise Refusal("too_many_requests")


async def _down(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    raise Refusal("unavailable")


async def _gateway_error(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")


async def _then_error(fault: Fault, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    raise Refusal("internal_error")


async def _then_stall(fault: Fault, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    await asyncio.sleep(fault.seconds)
    return response


async def _then_close(fault: Fault, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    return _cut_line(request)


async def _broken_body(fault: Fault, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    body = _body_of(response)
    return web.Response(status=response.status, body=body[: len(body) // 2], content_type=response.content_type)


async def _wrong_schema(fault: Fault, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    return web.json_response({"ok": True, "items": [{}], "msg": "成功"})


async def _twice(fault: Fault, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    body = _body_of(response)
    head = (
        f"HTTP/1.1 {response.status} -\r\nContent-Type: {response.content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    if request.transport is not None:
        request.transport.write(head.encode() + body)
    return response


def _body_of(response: web.StreamResponse) -> bytes:
    return response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""


def _cut_line(request: web.Request) -> web.Response:
    """Break the connection; what is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


_BEFORE: dict[str, Callable[[Fault, web.Request, Handler], Awaitable[web.StreamResponse]]] = {
    "delay": _delay,
    "stall": _stall,
    "sold_out": _sold_out,
    "error": _error,
    "busy": _busy,
    "down": _down,
    "gateway_error": _gateway_error,
}
_AFTER: dict[str, Callable[[Fault, web.Request, web.StreamResponse], Awaitable[web.StreamResponse]]] = {
    "commit_then_error": _then_error,
    "commit_then_stall": _then_stall,
    "commit_then_close": _then_close,
    "broken_body": _broken_body,
    "wrong_schema": _wrong_schema,
    "duplicate_response": _twice,
}
