"""The people on the other side of a sandbox bot: their chats, what the bot wrote, and what they press."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from adapters.clock import Clock

CHAT_BURST_SECONDS = 4.0  # a message costs a second; "short bursts" run up this much debt
OVERALL_PER_SECOND = 30
BOT_ID = 510_700


@dataclass(frozen=True)
class SentMessage:
    """A message of the bot as the person sees it; `source` is what the bot asked for, before it was parsed."""

    message_id: int
    chat_id: int
    text: str
    source: str
    parse_mode: str
    links: tuple[str, ...]
    keyboard: tuple[tuple[dict[str, Any], ...], ...]
    has_preview: bool
    date: int

    @property
    def buttons(self) -> list[str]:
        """Return the labels of all buttons, row by row."""
        return [button["text"] for row in self.keyboard for button in row]

    def as_json(self) -> dict[str, Any]:
        """Return the Message object of the Bot API."""
        message: dict[str, Any] = {
            "message_id": self.message_id,
            "from": {"id": BOT_ID, "is_bot": True, "first_name": "绵办 示例", "username": "mianban_sandbox_bot"},
            "chat": private_chat(self.chat_id),
            "date": self.date,
            "text": self.text,
        }
        if self.keyboard:
            message["reply_markup"] = {"inline_keyboard": [list(row) for row in self.keyboard]}
        return message


class Chats:
    """All private chats of the bot."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._next_message_id = 1
        self._known: set[int] = set()
        self._blocked: set[int] = set()
        self._sent: dict[int, list[SentMessage]] = defaultdict(list)
        self._paid_until: dict[int, float] = {}
        self._all_times: deque[float] = deque()

    def next_message_id(self) -> int:
        """Return a new message id."""
        self._next_message_id += 1
        return self._next_message_id

    def now(self) -> int:
        """Return the present second, as the Bot API dates messages."""
        return int(self._clock.now().timestamp())

    def meet(self, chat_id: int) -> None:
        """Let the person write to the bot for the first time, or unblock it."""
        self._known.add(chat_id)
        self._blocked.discard(chat_id)

    def block(self, chat_id: int) -> None:
        """Let the person block the bot."""
        self._known.add(chat_id)
        self._blocked.add(chat_id)

    def is_known(self, chat_id: int) -> bool:
        """Say whether the person ever wrote to the bot."""
        return chat_id in self._known

    def is_blocked(self, chat_id: int) -> bool:
        """Say whether the person blocked the bot."""
        return chat_id in self._blocked

    def sent(self, chat_id: int) -> list[SentMessage]:
        """Return what the bot wrote to the chat, oldest first."""
        return list(self._sent[chat_id])

    def keep(self, message: SentMessage) -> None:
        """Show a message to the person, or the new state of one that is there."""
        messages = self._sent[message.chat_id]
        for index, known in enumerate(messages):
            if known.message_id == message.message_id:
                messages[index] = message
                return
        messages.append(message)

    def find(self, chat_id: int, message_id: int) -> SentMessage | None:
        """Return one message of the bot."""
        return next((message for message in self._sent[chat_id] if message.message_id == message_id), None)

    def set_keyboard(self, message: SentMessage, keyboard: tuple[tuple[dict[str, Any], ...], ...]) -> SentMessage:
        """Replace the buttons below a message."""
        changed = replace(message, keyboard=keyboard)
        self.keep(changed)
        return changed

    def seconds_too_early(self, chat_id: int) -> float:
        """Count a message to the chat, or return in how many seconds Telegram takes it (about 1/s, in all 30/s)."""
        now = self._monotonic()
        while self._all_times and self._all_times[0] <= now - 1.0:
            self._all_times.popleft()
        paid_until = max(now, self._paid_until.get(chat_id, now)) + 1.0
        wait = paid_until - now - CHAT_BURST_SECONDS
        if len(self._all_times) >= OVERALL_PER_SECOND:
            wait = max(wait, self._all_times[0] + 1.0 - now)
        if wait <= 0:
            self._paid_until[chat_id] = paid_until
            self._all_times.append(now)
        return wait


def private_chat(chat_id: int) -> dict[str, Any]:
    """Return the Chat object of a person's private chat."""
    return {"id": chat_id, "first_name": "示例市民", "type": "private"}


def person(chat_id: int) -> dict[str, Any]:
    """Return the User object of the person in a private chat."""
    return {"id": chat_id, "is_bot": False, "first_name": "示例市民", "language_code": "zh-hans"}
