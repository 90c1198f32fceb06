"""A small Bot API server that keeps the real one's rules for the queue, for limits and for refusals.

It stands in for api.telegram.org in tests and demonstrations: point a Bot API client at `base_url`. The public methods
are the people's side: what they say, press and block, and what they got to see. It differs from the real one in that a
webhook on loopback may be plain http, and that rates are limited only when `rate_limit` is on.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from adapters.clock import Clock, SystemClock
from adapters.sandbox.telegram_api import BotApi
from adapters.sandbox.telegram_chats import BOT_ID, Chats, SentMessage, person, private_chat
from adapters.sandbox.telegram_delivery import Attempt
from adapters.sandbox.telegram_methods import ApiError, Params
from adapters.sandbox.telegram_queue import UpdateQueue

SANDBOX_TOKEN = f"{BOT_ID}:sandbox-token-without-any-value"


class TelegramSandbox:
    """One bot and its people, served on loopback between `start` and `close`."""

    def __init__(
        self,
        token: str = SANDBOX_TOKEN,
        *,
        clock: Clock | None = None,
        rate_limit: bool = False,
        seconds: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a sandbox; `seconds` scales the pauses before a webhook is tried again."""
        self.token = token
        self.base_url = ""
        self.calls: list[tuple[str, Params]] = []
        clock = clock or SystemClock()
        self._chats = Chats(clock, monotonic)
        self._queue = UpdateQueue(clock)
        self._api = BotApi(self._queue, self._chats, clock, rate_limit=rate_limit, seconds=seconds)
        self._faults: dict[str, list[web.Response | None]] = {}
        self._is_cut = False
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 and return the base address."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.base_url

    async def close(self) -> None:
        """Stop serving and delivering."""
        await self._api.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # The people's side.

    def say(self, chat_id: int, text: str) -> int:
        """Let a person write; return the update's id."""
        return self.push_message(chat_id, {"text": text})

    def push_message(self, chat_id: int, content: dict[str, Any]) -> int:
        """Let a person send anything (`content` is merged into the Message object); return the update's id."""
        self._chats.meet(chat_id)
        message = {
            "message_id": self._chats.next_message_id(),
            "from": person(chat_id),
            "chat": private_chat(chat_id),
            "date": self._chats.now(),
        }
        return self.push("message", message | content, lane=f"chat {chat_id}")

    def press(self, message: SentMessage, label: str, *, is_inaccessible: bool = False) -> str:
        """Let a person press a button of a message; return the callback query's id."""
        data = next(b["callback_data"] for row in message.keyboard for b in row if b["text"] == label)
        query_id = f"9{self._chats.next_message_id():017d}"
        origin = {"chat": private_chat(message.chat_id), "message_id": message.message_id, "date": 0}
        query = {
            "id": query_id,
            "from": person(message.chat_id),
            "message": origin if is_inaccessible else message.as_json(),
            "chat_instance": str(message.chat_id),
            "data": data,
        }
        self._api.open_queries.add(query_id)
        self.push("callback_query", query, lane=f"buttons {message.chat_id}")
        return query_id

    def push(self, kind: str, content: dict[str, Any], lane: str = "other") -> int:
        """Put any update into the queue, unless allowed_updates leaves it out; return its id, or 0."""
        if not self._api.is_allowed(kind):
            return 0
        update = self._queue.add(kind, content, lane)
        if self._api.sender.webhook.url:
            self._api.sender.wake()
        return update.update_id

    def block(self, chat_id: int) -> None:
        """Let a person block the bot; writing again unblocks it."""
        self._chats.block(chat_id)

    def sent(self, chat_id: int) -> list[SentMessage]:
        """Return what the bot wrote to a person, as it looks now."""
        return self._chats.sent(chat_id)

    def waiting(self) -> list[int]:
        """Return the ids of the updates that nobody acknowledged."""
        return [update.update_id for update in self._queue.waiting()]

    def restart_ids(self, first_id: int) -> None:
        """Number updates from `first_id` on, as Telegram may after a quiet week."""
        self._queue.restart_ids(first_id)

    @property
    def rate_limit(self) -> bool:
        """Say whether too many messages are refused with 429."""
        return self._api.rate_limit

    @rate_limit.setter
    def rate_limit(self, is_on: bool) -> None:
        self._api.rate_limit = is_on

    @property
    def callback_answers(self) -> dict[str, Params]:
        """Return how the bot answered presses, by callback query id."""
        return self._api.callback_answers

    @property
    def commands(self) -> list[dict[str, str]]:
        """Return the commands that the bot offers."""
        return self._api.commands

    @property
    def webhook_attempts(self) -> list[Attempt]:
        """Return every POST to the webhook that is set, in order."""
        return self._api.sender.attempts

    # Faults.

    def stop_network(self) -> None:
        """Cut every connection without an answer, in both directions."""
        self._is_cut = self._api.sender.is_cut = True

    def start_network(self) -> None:
        """Answer again."""
        self._is_cut = self._api.sender.is_cut = False

    def fail_next(self, method: str, status: int, body: str, content_type: str = "application/json") -> None:
        """Answer the next call of a method like this, before anything is done."""
        answer = web.Response(status=status, text=body, content_type=content_type)
        self._faults.setdefault(method.lower(), []).append(answer)

    def lose_next_answer(self, method: str) -> None:
        """Carry the next call of a method out, and cut the connection before its answer."""
        self._faults.setdefault(method.lower(), []).append(None)

    # The bot's side.

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self._is_cut:
            return _cut(request)
        method = request.match_info["method"].lower()
        if request.match_info["token"] != self.token:
            return _refusal(ApiError(401, "Unauthorized"))
        params = await _params(request)
        self.calls.append((method, params))
        fault = self._faults[method].pop(0) if self._faults.get(method) else _NO_FAULT
        if isinstance(fault, web.Response):
            return fault
        try:
            result = await self._api.call(method, params)
        except ApiError as error:
            return _refusal(error)
        if fault is None or self._is_cut:
            return _cut(request)
        return web.json_response({"ok": True, "result": result})


_NO_FAULT = object()


async def _params(request: web.Request) -> Params:
    if request.content_type == "application/json":
        given = json.loads(await request.text() or "{}")
    else:
        given = {**request.query, **await request.post()}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()}


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _refusal(error: ApiError) -> web.Response:
    return web.json_response(error.as_json(), status=error.status)
