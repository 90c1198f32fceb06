"""The WebSocket of the chat page.

The page sends `{"type": "message", "message_id", "text"}` and `{"type": "since", "sequence"}`. It gets
`{"type": "accepted", "message_id"}` once its message is on disk, `{"type": "reply", ...}` for each reply,
`{"type": "history", "turns": [...], "is_cut", "is_last"}` as often as needed after `since`, and
`{"type": "notice", "text"}`, with `message_id` and `retry_after_seconds` when it should send that message again.
Close codes: 1008 not one of these messages, 1009 too large, 1011 a fault of ours, 1012 the server restarts, 1013 read too slowly, 4001 too
many pages of one session, 4002 the session was ended.
"""

import asyncio
import json
from typing import Annotated, Any, Literal

import structlog
from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import Field, RootModel

from adapters.errors import StoreError
from bot.channels.web import CLOSE_TOO_SLOW
from bot.web.api import NOT_KEPT
from bot.web.citizens import Citizen
from bot.web.doors import DOORS, Doors
from bot.web.origins import is_own_origin
from bot.web.rates import RateLimit, TooFast
from bot.web.refusals import TEXTS, Refused
from bot.web.requests import Strict, WrittenMessage, parse_model

MOST_FRAME_BYTES = 64 * 1024
MOST_PAGES = 10_000
_PING_SECONDS = 25.0
_WRITE_SECONDS = 15.0
_GOODBYE_SECONDS = 3.0
_TURNS_A_FRAME = 20
_FRAMES_PER_MINUTE = 120
_RESEND_SECONDS = 5.0
_OUTAGE = "系统暂时有问题，查不到之前的对话。正在重试；急事请拨打12345（24小时）。"

log = structlog.get_logger(__name__)


class MessageFrame(WrittenMessage):
    """A message of the citizen."""

    type: Literal["message"]


class SinceFrame(Strict):
    """The page asks for the turns after this one."""

    type: Literal["since"]
    sequence: int = Field(ge=0, le=10**12)


class ClientFrame(RootModel[Annotated[MessageFrame | SinceFrame, Field(discriminator="type")]]):
    """Whatever a page may send."""


async def open_socket(request: web.Request) -> web.StreamResponse:
    """Answer GET /ws: only to our own page, with a cookie and a ticket of the same session."""
    doors = request.app[DOORS]
    citizen = _let_in(doors, request)
    socket = web.WebSocketResponse(
        heartbeat=_PING_SECONDS, max_msg_size=MOST_FRAME_BYTES, compress=False, timeout=_GOODBYE_SECONDS
    )
    await socket.prepare(request)
    await ChatSocket(doors, citizen, socket).run()
    if request.transport is not None and request.transport.get_write_buffer_size():
        request.transport.abort()  # nobody reads there: a polite close would wait for them until the network gives up
    return socket


def _let_in(doors: Doors, request: web.Request) -> Citizen:
    if not is_own_origin(request, doors.product.settings.web):
        raise Refused(403, "foreign_origin")
    citizen = doors.require_citizen(request)
    if not doors.tickets.redeem(request.query.get("ticket", ""), citizen):
        raise Refused(403, "no_ticket", "连接凭证已失效，请重新连接。")
    if doors.channel.open_pages >= MOST_PAGES:
        raise Refused(503, "too_many_pages", retry_after_seconds=30)
    return citizen


class ChatSocket:
    """One open socket: what comes in is answered in order, and replies are written beside it."""

    def __init__(self, doors: Doors, citizen: Citizen, socket: web.WebSocketResponse) -> None:
        self._doors = doors
        self._citizen = citizen
        self._socket = socket
        self._rate = RateLimit(doors.product.clock, _FRAMES_PER_MINUTE)
        self._writing: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._listener = doors.channel.connect(citizen.session_id, self._wake)

    async def run(self) -> None:
        """Serve the socket until either side closes it; a bug closes it with 1011, and the page comes back."""
        try:
            await self._read()
        except Exception:
            log.exception("web_socket_failed")
            self._listener.close(WSCloseCode.INTERNAL_ERROR)
        finally:
            self._doors.channel.disconnect(self._listener)
            if self._writing is not None:
                self._writing.cancel()
            begun = [task for task in (self._writing, self._leaving) if task is not None]
            await asyncio.gather(*begun, return_exceptions=True)

    async def _read(self) -> None:
        async for frame in self._socket:
            if frame.type is not WSMsgType.TEXT:
                await self._refuse("unreadable")
                return
            try:
                self._rate.take("frames")
                content = parse_model(frame.data.encode(), ClientFrame).root
            except (Refused, UnicodeEncodeError):
                await self._refuse("unreadable")
                return
            except TooFast:
                await self._refuse("rate")
                return
            await self._answer(content)

    async def _answer(self, content: MessageFrame | SinceFrame) -> None:
        if isinstance(content, MessageFrame):
            await self._take(content)
        else:
            await self._tell_history(content.sequence)

    async def _take(self, frame: MessageFrame) -> None:
        try:
            await self._doors.intake.accept(self._citizen, frame)
        except TooFast as error:
            self._doors.product.metrics.refused.labels("rate").inc()
            await self._notice(TEXTS[429], frame.message_id, error.wait_seconds)
        except StoreError as error:
            self._doors.product.metrics.refused.labels("store").inc()
            log.warning("web_message_not_stored", error=type(error).__name__)
            await self._notice(NOT_KEPT, frame.message_id, _RESEND_SECONDS)
        else:
            await self._send({"type": "accepted", "message_id": frame.message_id})

    async def _tell_history(self, after: int) -> None:
        try:
            history = await self._doors.intake.history(self._citizen, after)
        except StoreError:
            await self._notice(_OUTAGE)
            return
        turns = [self._doors.intake.shown(turn, self._citizen) for turn in history.turns]
        for start in range(0, max(1, len(turns)), _TURNS_A_FRAME):
            some = turns[start : start + _TURNS_A_FRAME]
            is_last = start + _TURNS_A_FRAME >= len(turns)
            await self._send({"type": "history", "turns": some, "is_cut": history.is_cut, "is_last": is_last})

    async def _notice(self, text: str, message_id: str | None = None, wait_seconds: float | None = None) -> None:
        again = {} if message_id is None else {"message_id": message_id, "retry_after_seconds": wait_seconds}
        await self._send({"type": "notice", "text": text, **again})

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._put(json.dumps(frame, ensure_ascii=False))

    async def _put(self, frame: str) -> None:
        """Write a frame; give up who does not read it."""
        try:
            async with asyncio.timeout(_WRITE_SECONDS):
                await self._socket.send_str(frame)
        except TimeoutError:
            self._listener.close(CLOSE_TOO_SLOW)
        except ConnectionError:
            return  # the reading side has noticed as well

    async def _refuse(self, reason: str) -> None:
        self._doors.product.metrics.refused.labels(reason).inc()
        await self._socket.close(code=WSCloseCode.POLICY_VIOLATION, drain=False)

    def _wake(self) -> None:
        """Begin to write what waits, or to close the socket, also while a write to it hangs."""
        if self._listener.close_code is not None:
            self._leaving = self._leaving or asyncio.create_task(self._leave(self._listener.close_code))
        elif self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while (frame := self._listener.take()) is not None:
            await self._put(frame)
            self._listener.written(frame)

    async def _leave(self, code: int) -> None:
        await self._socket.close(code=code, drain=False)
