"""From an update of the Bot API to a message of ours, by the few fields that matter.

Read from the JSON and not from aiogram's types: those refuse a whole batch when one update has a shape that came after
them, and a message that nobody can get past would hold up everybody's behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.clock import Clock, local_time
from bot.messages import InboundMessage

ALLOWED_UPDATES = ["message", "callback_query"]
DONE = "done"  # callback_data of a keyboard that was answered
_COMMANDS = {"start": "你好", "help": "你能做什么", "cancel": "取消", "human": "转人工"}
_SERVICE_FIELDS = frozenset({
    "boost_added", "chat_background_set", "chat_owner_changed", "chat_owner_left", "connected_website",
    "managed_bot_created", "message_auto_delete_timer_changed", "migrate_from_chat_id", "migrate_to_chat_id",
    "pinned_message", "proximity_alert_triggered", "write_access_allowed",
})  # fmt: skip
_LATEST_SECOND = 253_402_214_400  # 9999-12-31: later ones cannot be told in any time zone

_Id = Annotated[int, Field(ge=-(2**63), lt=2**63)]


class UnreadableUpdate(ValueError):
    """An update that does not keep the Bot API's own rules; the text names the fields, never their content."""


@dataclass(frozen=True)
class Press:
    """A button that was pressed: what was on it (None when it cannot be read any more), and where.

    `is_answer` says that its keyboard was a question, which is answered once.
    """

    query_id: str
    chat_id: int
    message_id: int | None
    label: str | None
    is_answer: bool
    is_done: bool


@dataclass(frozen=True)
class Reading:
    """What an update amounts to: a message, a press, both, or nothing (`ignored_because`)."""

    update_id: int
    message: InboundMessage | None = None
    press: Press | None = None
    ignored_because: str | None = None


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="allow", populate_by_name=True)


class _Chat(_Model):
    id: _Id
    type: str


class _User(_Model):
    id: _Id
    is_bot: bool = False


class _Message(_Model):
    message_id: _Id
    date: Annotated[int, Field(ge=0, le=_LATEST_SECOND)]
    chat: _Chat
    sender: _User | None = Field(default=None, alias="from")
    text: str | None = None
    caption: str | None = None
    media_group_id: str | None = None
    location: Any = None
    reply_markup: Any = None


class _CallbackQuery(_Model):
    id: str
    sender: _User = Field(alias="from")
    message: _Message | None = None
    data: str | None = None


class _Update(_Model):
    update_id: Annotated[int, Field(ge=0, lt=2**63)]
    message: _Message | None = None
    callback_query: _CallbackQuery | None = None


class UpdateReader:
    """Read updates for the channel `name`."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock

    def read(self, raw: object) -> Reading:
        """Return what the update amounts to, or raise `UnreadableUpdate`."""
        try:
            update = _Update.model_validate(raw)
        except ValidationError as error:
            places = sorted({".".join(map(str, detail["loc"])) or "update" for detail in error.errors()})
            raise UnreadableUpdate(f"cannot read {', '.join(places)[:200]}") from None
        if update.message is not None:
            return self._read_message(update.update_id, update.message)
        if update.callback_query is not None:
            return self._read_press(update.update_id, update.callback_query)
        return Reading(update.update_id, ignored_because="unknown_kind")

    def _read_message(self, update_id: int, message: _Message) -> Reading:
        if (reason := _reason_to_ignore(message)) is not None:
            return Reading(update_id, ignored_because=reason)
        text = message.text if message.text is not None else message.caption
        is_text = text is not None
        if text is None:
            text = "[位置]" if message.location else ""
        inbound = InboundMessage(
            channel=self._name,
            session_id=f"{self._name}:{message.chat.id}",
            message_id=_message_id(update_id, message, is_text=is_text),
            user_id=f"{self._name}:{(message.sender or message.chat).id}",
            text=_said(_storable(text)) if is_text else text,
            sent_at=local_time(datetime.fromtimestamp(message.date, UTC)),
            kind="text" if is_text else "unsupported",
        )
        return Reading(update_id, message=inbound)

    def _read_press(self, update_id: int, query: _CallbackQuery) -> Reading:
        origin = query.message
        chat_id = origin.chat.id if origin else query.sender.id
        label = _label(origin.reply_markup, query.data) if origin else None
        flag, sequence = _unpack(query.data)
        is_private = origin is None or origin.chat.type == "private"
        press = Press(
            query_id=_storable(query.id),
            chat_id=chat_id,
            message_id=origin.message_id if origin else None,
            label=label if is_private else None,
            is_answer=flag == "a",
            is_done=query.data == DONE,
        )
        if label is None or press.is_done or not is_private:
            return Reading(update_id, press=press, ignored_because="spent_button")
        inbound = InboundMessage(
            channel=self._name,
            session_id=f"{self._name}:{chat_id}",
            message_id=str(update_id),
            user_id=f"{self._name}:{query.sender.id}",
            text=label,
            sent_at=self._clock.now(),
            payload={"answers_sequence": sequence} if press.is_answer else {},
        )
        return Reading(update_id, message=inbound, press=press)


def button_data(*, is_answer: bool, sequence: int, index: int) -> str:
    """Return the callback_data (1-64 bytes) of a reply's button: its text is read back from the keyboard itself."""
    return f"{'a' if is_answer else 'm'}:{sequence}:{index}"


def _unpack(data: str | None) -> tuple[str, str]:
    flag, _, rest = (data or "").partition(":")
    sequence = rest.partition(":")[0]
    return (flag, sequence) if sequence.isascii() and sequence.isdigit() else ("", "")


def _reason_to_ignore(message: _Message) -> str | None:
    if message.chat.type != "private":
        return "not_private"
    if message.sender is not None and message.sender.is_bot:
        return "from_bot"
    if _SERVICE_FIELDS & (message.model_extra or {}).keys():
        return "service_message"
    return None


def _message_id(update_id: int, message: _Message, *, is_text: bool) -> str:
    """Return the update's id; the photos of one album share one, so that they are answered once."""
    if message.media_group_id and not is_text:
        return f"album-{message.chat.id}-{_storable(message.media_group_id)[:64]}"
    return str(update_id)


def _said(text: str) -> str:
    """Return a command as the words that it stands for, and any other text as it is."""
    if not text.startswith("/"):
        return text
    command, *rest = text[1:].split(maxsplit=1) or [""]
    name = command.partition("@")[0]
    return _COMMANDS.get(name.lower()) or " ".join([name, *rest]).strip() or text


def _storable(text: str) -> str:
    """Return the text without what no store can hold: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _label(markup: object, data: str | None) -> str | None:
    """Return the text of the button that carries `data` in an inline keyboard, if it is there."""
    keyboard = markup.get("inline_keyboard") if isinstance(markup, Mapping) else None
    for row in keyboard if isinstance(keyboard, list) else ():
        for button in row if isinstance(row, list) else ():
            if isinstance(button, Mapping) and data is not None and button.get("callback_data") == data:
                text = button.get("text")
                return _storable(text) if isinstance(text, str) and text.strip() else None
    return None
