"""What the Bot API checks in a call before it does anything, and how it says no."""

import json
from typing import Any

from adapters.sandbox.telegram_html import BadEntities, render_html

MOST_UNITS = 4096
MOST_DATA_BYTES = 64

NO_LINKS: tuple[str, ...] = ()

Params = dict[str, str]
Keyboard = tuple[tuple[dict[str, Any], ...], ...]


class ApiError(Exception):
    """A refusal: the HTTP status, Telegram's description, and the seconds to wait after a 429."""

    def __init__(self, status: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after

    def as_json(self) -> dict[str, Any]:
        """Return the body of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        return body if self.retry_after is None else body | {"parameters": {"retry_after": self.retry_after}}


def whole_number(params: Params, name: str, default: int) -> int:
    """Return an integer parameter, or refuse what is none."""
    try:
        return int(params.get(name, default))
    except ValueError:
        raise ApiError(400, f"Bad Request: {name} must be an integer") from None


def rendered(source: str, parse_mode: str) -> tuple[str, tuple[str, ...]]:
    """Return the visible text of a message (1-4096 UTF-16 units) and its links."""
    text, links = source, NO_LINKS
    if parse_mode.upper() == "HTML":
        try:
            page = render_html(source)
            text, links = page.text, page.links
        except BadEntities as error:
            raise ApiError(400, f"Bad Request: can't parse entities: {error}") from None
    if not text.strip():
        raise ApiError(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > MOST_UNITS:
        raise ApiError(400, "Bad Request: message is too long")
    return text, links


def keyboard_from(params: Params) -> Keyboard:
    """Return the inline keyboard of a call; every button needs a text and 1-64 bytes of data."""
    markup = json.loads(params.get("reply_markup", "{}"))
    keyboard = tuple(tuple(dict(button) for button in row) for row in markup.get("inline_keyboard", []))
    for button in (button for row in keyboard for button in row):
        if not str(button.get("text", "")).strip():
            raise ApiError(400, "Bad Request: can't parse inline keyboard button: Text buttons must be non-empty")
        if not 1 <= len(str(button.get("callback_data", "")).encode()) <= MOST_DATA_BYTES:
            raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return keyboard
