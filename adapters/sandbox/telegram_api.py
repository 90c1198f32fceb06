"""The bot's side of the sandbox Bot API: what each method does, without HTTP around it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from adapters.clock import Clock
from adapters.sandbox.telegram_chats import BOT_ID, Chats, SentMessage
from adapters.sandbox.telegram_delivery import Webhook, WebhookSender, is_secret_token
from adapters.sandbox.telegram_methods import ApiError, Params, keyboard_from, rendered, whole_number
from adapters.sandbox.telegram_queue import MOST_AT_ONCE, UpdateQueue

LONGEST_POLL_SECONDS = 50


class BotApi:
    """The methods of one bot over its queue and its chats; parameters come as strings, as in a form."""

    def __init__(self, queue: UpdateQueue, chats: Chats, clock: Clock, *, rate_limit: bool, seconds: float) -> None:
        self.rate_limit = rate_limit
        self.open_queries: set[str] = set()
        self.callback_answers: dict[str, Params] = {}
        self.commands: list[dict[str, str]] = []
        self.sender = WebhookSender(queue, Webhook(), clock, seconds)
        self._queue = queue
        self._chats = chats
        self._clock = clock
        self._seconds = seconds
        self._allowed: list[str] = []
        self._poll: asyncio.Future[str] | None = None

    def is_allowed(self, kind: str) -> bool:
        """Say whether the bot asked for this kind of update."""
        return not self._allowed or kind in self._allowed

    async def close(self) -> None:
        """Stop delivering and end the poll that hangs."""
        await self.sender.close()
        self._abort_poll("Conflict: the server is going down")

    async def call(self, method: str, params: Params) -> object:
        """Carry out one method, named in lower case; raise `ApiError` when it is refused."""
        methods: dict[str, Callable[[Params], Awaitable[object]]] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "sendmessage": self._send_message,
            "editmessagereplymarkup": self._edit_keyboard,
            "answercallbackquery": self._answer_callback_query,
            "setmycommands": self._set_my_commands,
        }
        if method not in methods:
            raise ApiError(404, "Not Found: method not found")
        return await methods[method](params)

    async def _get_me(self, _params: Params) -> dict[str, Any]:
        return {"id": BOT_ID, "is_bot": True, "first_name": "绵办 示例", "username": "mianban_sandbox_bot"}

    async def _get_updates(self, params: Params) -> list[dict[str, Any]]:
        if self.sender.webhook.url:
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        self._abort_poll("Conflict: terminated by other getUpdates request")
        self._remember_allowed(params)
        offset, limit = whole_number(params, "offset", 0), whole_number(params, "limit", MOST_AT_ONCE)
        seconds = max(0, min(whole_number(params, "timeout", 0), LONGEST_POLL_SECONDS))
        limit = max(1, min(limit, MOST_AT_ONCE))
        updates = self._queue.read(offset, limit)
        if not updates and seconds:
            await self._wait_for_update(seconds)
            updates = self._queue.read(0, limit)
        return [update.as_json() for update in updates]

    async def _wait_for_update(self, seconds: float) -> None:
        poll: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._poll = poll
        growing = asyncio.create_task(self._queue.more())
        either: set[asyncio.Future[Any]] = {growing, poll}
        try:
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            growing.cancel()
            if self._poll is poll:
                self._poll = None
        if poll.done():
            raise ApiError(409, poll.result())

    def _abort_poll(self, why: str) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(why)
        self._poll = None

    async def _set_webhook(self, params: Params) -> bool:
        url, secret = params.get("url", ""), params.get("secret_token", "")
        if not is_secret_token(secret):
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        if url and not url.startswith(("https://", "http://127.0.0.1:")):
            raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self._abort_poll("Conflict: terminated by setWebhook request")
        self._remember_allowed(params)
        connections = max(1, min(whole_number(params, "max_connections", 40), 100))
        await self._replace_webhook(Webhook(url, secret, connections), params)
        return True

    async def _delete_webhook(self, params: Params) -> bool:
        await self._replace_webhook(Webhook(), params)
        return True

    async def _replace_webhook(self, webhook: Webhook, params: Params) -> None:
        await self.sender.close()
        if params.get("drop_pending_updates", "").lower() == "true":
            self._queue.clear()
        self.sender = WebhookSender(self._queue, webhook, self._clock, self._seconds, self.sender.is_cut)
        if webhook.url:
            self.sender.wake()

    async def _get_webhook_info(self, _params: Params) -> dict[str, Any]:
        webhook = self.sender.webhook
        info: dict[str, Any] = {
            "url": webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._queue.waiting()),
            "max_connections": webhook.max_connections,
        }
        return info | ({"last_error_message": webhook.last_error} if webhook.last_error else {})

    async def _send_message(self, params: Params) -> dict[str, Any]:
        chat_id = self._reachable_chat(params)
        source, parse_mode = params.get("text", ""), params.get("parse_mode", "")
        text, links = rendered(source, parse_mode)
        keyboard = keyboard_from(params)
        preview = json.loads(params.get("link_preview_options", "{}"))
        if self.rate_limit and (wait := self._chats.seconds_too_early(chat_id)) > 0:
            raise ApiError(429, "Too Many Requests: retry later", retry_after=max(1, round(wait + 0.5)))
        message = SentMessage(
            message_id=self._chats.next_message_id(),
            chat_id=chat_id,
            text=text,
            source=source,
            parse_mode=parse_mode,
            links=links,
            keyboard=keyboard,
            has_preview=not preview.get("is_disabled", False),
            date=self._chats.now(),
        )
        self._chats.keep(message)
        return message.as_json()

    async def _edit_keyboard(self, params: Params) -> dict[str, Any]:
        message = self._chats.find(self._reachable_chat(params), whole_number(params, "message_id", 0))
        if message is None:
            raise ApiError(400, "Bad Request: message to edit not found")
        keyboard = keyboard_from(params)
        if keyboard == message.keyboard:
            raise ApiError(400, "Bad Request: message is not modified")
        return self._chats.set_keyboard(message, keyboard).as_json()

    def _reachable_chat(self, params: Params) -> int:
        chat_id = whole_number(params, "chat_id", 0)
        if not self._chats.is_known(chat_id):
            raise ApiError(400, "Bad Request: chat not found")
        if self._chats.is_blocked(chat_id):
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return chat_id

    async def _answer_callback_query(self, params: Params) -> bool:
        query_id = params.get("callback_query_id", "")
        if query_id not in self.open_queries:
            raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self.callback_answers[query_id] = params
        return True

    async def _set_my_commands(self, params: Params) -> bool:
        self.commands = json.loads(params.get("commands", "[]"))
        return True

    def _remember_allowed(self, params: Params) -> None:
        if "allowed_updates" in params:
            self._allowed = json.loads(params["allowed_updates"])
