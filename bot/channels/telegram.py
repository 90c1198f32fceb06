"""The Telegram channel, and the only place that knows aiogram.

aiogram's own dispatcher and webhook handler are left aside: they acknowledge an update before it is worked on, so that
a crash loses it. Here an update is acknowledged once the inbox holds it, by polling and by webhook alike.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from aiogram.utils.token import TokenValidationError
from aiohttp import web

from adapters.clock import Clock
from adapters.errors import StoreError
from bot.channels.telegram_format import Part, lay_out
from bot.channels.telegram_pacing import Pacer, TooBusy
from bot.channels.telegram_polling import FetchFailed, Poller
from bot.channels.telegram_updates import ALLOWED_UPDATES, DONE, Press, UnreadableUpdate, UpdateReader
from bot.channels.telegram_webhook import WebhookRefused, checked_secret, read_request
from bot.messages import Acceptance, DeliveryFailed, Envelope

TELEGRAM_URL = "https://api.telegram.org"
POLL_SECONDS = 25
REQUEST_SECONDS = 15
RETRY_AFTER_NO_RIGHTS_SECONDS = 60.0
REMEMBERED_REPLIES = 4096
MOST_COURTESIES = 200
EXPIRED_BUTTON = "按钮已过期，请直接打字告诉我"
ANSWERED_BUTTON = "这一步已经选过了"
_COMMANDS = {"start": "打个招呼", "help": "我能帮您办什么", "human": "转人工", "cancel": "取消正在办的事"}
_GONE_FOR_GOOD = ("chat not found", "user not found", "user is deactivated", "peer_id_invalid", "bot can't initiate")
# aiogram also lets a TypeError through for a 5xx without description, and a UnicodeError for odd bytes.
_API_FAILURES = (AiogramError, TypeError, UnicodeError, OSError)

log = structlog.get_logger(__name__)


class _RawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates without aiogram's types, which refuse a whole batch for one update of a newer shape."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int = POLL_SECONDS
    allowed_updates: list[str] = ALLOWED_UPDATES


class TelegramChannel:
    """A bot's private chats: text and buttons in, replies out. Light to make; the first call opens the connection."""

    def __init__(
        self,
        *,
        token: str,
        inbox: Acceptance,
        clock: Clock,
        webhook_secret: str | None = None,
        name: str = "telegram",
        api_base_url: str = TELEGRAM_URL,
        web_base_url: str | None = None,
        pacer: Pacer | None = None,
    ) -> None:
        """Raise ValueError when the token or the secret cannot be one."""
        self.name = name
        self._token = token
        self._inbox = inbox
        self._secret = None if webhook_secret is None else checked_secret(webhook_secret)
        self._web_base_url = web_base_url
        self._pacer = pacer or Pacer()
        self._reader = UpdateReader(name, clock)
        session = AiohttpSession(api=TelegramAPIServer.from_base(api_base_url), timeout=REQUEST_SECONDS)
        try:
            self._bot = Bot(token, session=session)
        except TokenValidationError:
            raise ValueError("the Telegram bot token must look like 123456:letters, as BotFather gave it") from None
        self._is_ready_to_poll = False
        self._parts_sent: OrderedDict[str, int] = OrderedDict()
        self._courtesies: set[asyncio.Task[None]] = set()

    async def send(self, envelope: Envelope) -> None:
        """Deliver one reply in as many messages as it needs, or raise `DeliveryFailed`.

        A second attempt goes on after the last part that Telegram took; a reply that it took whole is not sent again.
        """
        chat_id = self._chat_id(envelope.session_id)
        parts = lay_out(envelope, self._web_base_url)
        if not parts:
            raise DeliveryFailed(f"reply {envelope.reply_id} has nothing to show", is_permanent=True)
        for number in range(self._parts_sent.get(envelope.reply_id, 0), len(parts)):
            await self._send_part(chat_id, parts[number])
            self._remember(envelope.reply_id, number + 1)

    async def run_polling(self, stop: asyncio.Event) -> None:
        """Take updates by long polling until `stop` is set; a webhook that was set is taken away first."""
        await Poller(self._fetch, self._take).run(stop)

    @property
    def webhook_handler(self) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Return the handler of POST requests from Telegram; ValueError when no webhook secret was given."""
        if self._secret is None:
            raise ValueError("a Telegram webhook needs a secret: set one, or use polling")
        return self._handle_webhook

    async def register_webhook(self, url: str, max_connections: int = 40) -> None:
        """Tell Telegram to post updates to `url` with the secret; raise `DeliveryFailed` when it refuses."""
        if self._secret is None:
            raise ValueError("a Telegram webhook needs a secret: set one, or use polling")
        try:
            await self._bot.set_webhook(
                url, secret_token=self._secret, max_connections=max_connections, allowed_updates=ALLOWED_UPDATES
            )
            await self._publish_commands()
        except _API_FAILURES as error:
            raise self._failure(error) from None

    async def close(self) -> None:
        """Finish what is under way and close the connections."""
        await asyncio.gather(*self._courtesies, return_exceptions=True)
        await self._bot.session.close()

    async def _fetch(self, offset: int | None) -> list[dict[str, Any]]:
        try:
            if not self._is_ready_to_poll:
                await self._bot.delete_webhook(drop_pending_updates=False)
                await self._publish_commands()
                self._is_ready_to_poll = True
            return await self._bot(_RawUpdates(offset=offset), request_timeout=POLL_SECONDS + REQUEST_SECONDS)
        except TelegramRetryAfter as error:
            raise FetchFailed("429", float(error.retry_after)) from None
        except TelegramUnauthorizedError:
            raise FetchFailed("Telegram does not know this token", RETRY_AFTER_NO_RIGHTS_SECONDS) from None
        except _API_FAILURES as error:
            raise FetchFailed(self._detail(error)) from None

    async def _publish_commands(self) -> None:
        """Offer the commands in the app's menu; without them the bot works all the same."""
        try:
            await self._bot.set_my_commands([BotCommand(command=c, description=d) for c, d in _COMMANDS.items()])
        except _API_FAILURES as error:
            log.warning("telegram_commands_not_published", detail=self._detail(error))

    async def _take(self, raw: dict[str, Any]) -> None:
        """Store one polled update; one that cannot be read is passed by, for it would hold up all behind it."""
        try:
            await self._accept(raw)
        except UnreadableUpdate as error:
            log.warning("telegram_update_unreadable", detail=str(error))

    async def _handle_webhook(self, request: web.Request) -> web.Response:
        try:
            await self._accept(await read_request(request, self._secret or ""))
        except WebhookRefused as refusal:
            return web.json_response({"error": refusal.code}, status=refusal.status)
        except UnreadableUpdate as error:
            log.warning("telegram_update_unreadable", detail=str(error))
            return web.json_response({"error": "malformed_update", "detail": str(error)}, status=400)
        except StoreError as error:
            log.warning("telegram_update_not_stored", error=type(error).__name__)
            return web.json_response({"error": "store_unavailable"}, status=503)
        return web.Response()

    async def _accept(self, raw: object) -> None:
        """Store what the update says, and return only then."""
        reading = self._reader.read(raw)
        if reading.message is not None:
            is_new = await self._inbox.accept(reading.message)
            log.info("telegram_update_accepted", update_id=reading.update_id, is_new=is_new)
        else:
            log.info("telegram_update_ignored", update_id=reading.update_id, because=reading.ignored_because)
        if reading.press is not None:
            await self._later(self._acknowledge(reading.press))

    async def _later(self, courtesy: Coroutine[Any, Any, None]) -> None:
        """Do it beside the next update; but wait when too much is going on."""
        task = asyncio.create_task(courtesy)
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)
        if len(self._courtesies) > MOST_COURTESIES:
            await asyncio.wait({task})

    async def _acknowledge(self, press: Press) -> None:
        """Stop the button's spinner and show on the keyboard what was chosen; failing changes nothing that matters."""
        notice = ANSWERED_BUTTON if press.is_done else EXPIRED_BUTTON if press.label is None else None
        try:
            await self._bot.answer_callback_query(press.query_id, text=notice, show_alert=press.label is None)
            if press.is_answer and press.label and press.message_id and self._pacer.try_turn(press.chat_id):
                chosen = InlineKeyboardButton(text=f"✓ {press.label}", callback_data=DONE)
                await self._bot.edit_message_reply_markup(
                    chat_id=press.chat_id,
                    message_id=press.message_id,
                    reply_markup=InlineKeyboardMarkup(inline_keyboard=[[chosen]]),
                )
        except _API_FAILURES as error:
            if "message is not modified" not in str(error):
                log.info("telegram_press_not_answered", detail=self._detail(error))

    async def _send_part(self, chat_id: int, part: Part) -> None:
        try:
            await self._pacer.wait_for_turn(chat_id)
            try:
                await self._call_send(chat_id, part.html, "HTML", _keyboard(part))
            except TelegramBadRequest as error:
                if "can't parse entities" not in error.message:
                    raise
                log.warning("telegram_html_refused", detail=self._detail(error))
                await self._call_send(chat_id, part.plain, None, _keyboard(part))
        except TooBusy as error:
            raise DeliveryFailed(str(error), retry_after_seconds=error.wait_seconds) from None
        except TelegramRetryAfter as error:
            self._pacer.hold(chat_id, error.retry_after)
            raise DeliveryFailed("429", retry_after_seconds=float(error.retry_after)) from None
        except _API_FAILURES as error:
            raise self._failure(error) from None

    async def _call_send(
        self, chat_id: int, text: str, parse_mode: str | None, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        await self._bot.send_message(
            chat_id,
            text,
            parse_mode=parse_mode,
            reply_markup=keyboard,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )

    def _failure(self, error: Exception) -> DeliveryFailed:
        detail = self._detail(error)
        if isinstance(error, TelegramUnauthorizedError):
            return DeliveryFailed(detail, retry_after_seconds=RETRY_AFTER_NO_RIGHTS_SECONDS)
        is_gone = isinstance(error, TelegramBadRequest) and any(words in detail.lower() for words in _GONE_FOR_GOOD)
        return DeliveryFailed(
            detail, is_permanent=is_gone or isinstance(error, (TelegramForbiddenError, TelegramMigrateToChat))
        )

    def _detail(self, error: Exception) -> str:
        """Return what went wrong, short and without the token, which is part of every address."""
        text = error.message if isinstance(error, TelegramAPIError) else str(error)
        return f"{type(error).__name__}: {text}".replace(self._token, "…")[:300]

    def _chat_id(self, session_id: str) -> int:
        prefix, _, account = session_id.partition(":")
        if prefix != self.name or not account.removeprefix("-").isdecimal():
            raise DeliveryFailed(f"{session_id!r} is no session of {self.name}", is_permanent=True)
        return int(account)

    def _remember(self, reply_id: str, parts_sent: int) -> None:
        self._parts_sent[reply_id] = parts_sent
        self._parts_sent.move_to_end(reply_id)
        if len(self._parts_sent) > REMEMBERED_REPLIES:
            self._parts_sent.popitem(last=False)


def _keyboard(part: Part) -> InlineKeyboardMarkup | None:
    rows = [[InlineKeyboardButton(text=b.label, callback_data=b.data) for b in row] for row in part.rows]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None
