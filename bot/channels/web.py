"""The web channel: carries replies to the pages that a session has open. It knows no HTTP; `bot/web` does.

A reply counts as delivered also when nobody listens: the stored turns are the mailbox, and a page that comes back asks
for what it missed by sequence.
"""

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from bot.messages import Envelope

MOST_WAITING_BYTES = 256 * 1024
MOST_LISTENERS = 5
CLOSE_RESTART = 1012
CLOSE_TOO_SLOW = 1013
CLOSE_REPLACED = 4001
CLOSE_SESSION_ENDED = 4002


class Listener:
    """One open page: the frames that wait to be written to it, at most `MOST_WAITING_BYTES` of them.

    `wake` is called when there is a frame to take or the socket is to be closed; a quiet page costs no task.
    """

    def __init__(self, session_id: str, wake: Callable[[], None]) -> None:
        self.session_id = session_id
        self.close_code: int | None = None
        self._wake = wake
        self._frames: deque[str] = deque()
        self._waiting_bytes = 0

    def offer(self, frame: str) -> None:
        """Put a frame in line; a page that reads too slowly is given up with 1013, for it can come back and ask."""
        if self.close_code is not None:
            return
        self._waiting_bytes += len(frame.encode())
        if self._waiting_bytes > MOST_WAITING_BYTES:
            self.close(CLOSE_TOO_SLOW)
            return
        self._frames.append(frame)
        self._wake()

    def close(self, code: int) -> None:
        """Say that the page's socket is to be closed with this code; what waits is dropped."""
        if self.close_code is None:
            self.close_code = code
            self._frames.clear()
            self._wake()

    def take(self) -> str | None:
        """Return the next frame, None when none waits."""
        return self._frames.popleft() if self._frames else None

    def written(self, frame: str) -> None:
        """Say that a frame has left, and takes no room any more."""
        self._waiting_bytes -= len(frame.encode())


class WebChannel:
    """The pages of all sessions. Every page of a session gets every reply."""

    def __init__(self, name: str = "web") -> None:
        self.name = name
        self._listeners: dict[str, list[Listener]] = {}

    async def send(self, envelope: Envelope) -> None:
        """Put the reply in line for every open page of its session."""
        frame = json.dumps(reply_frame(envelope), ensure_ascii=False)
        for listener in self._listeners.get(envelope.session_id, ()):
            listener.offer(frame)

    def connect(self, session_id: str, wake: Callable[[], None]) -> Listener:
        """Return a new page's listener; the longest open one makes room when there are `MOST_LISTENERS` already."""
        listeners = self._listeners.setdefault(session_id, [])
        if len(listeners) >= MOST_LISTENERS:
            listeners.pop(0).close(CLOSE_REPLACED)
        listener = Listener(session_id, wake)
        listeners.append(listener)
        return listener

    def disconnect(self, listener: Listener) -> None:
        """Forget a page that went away."""
        listeners = self._listeners.get(listener.session_id, [])
        if listener in listeners:
            listeners.remove(listener)
        if not listeners:
            self._listeners.pop(listener.session_id, None)

    def end_session(self, session_id: str) -> None:
        """Close all pages of a session whose citizen has left."""
        for listener in self._listeners.get(session_id, ()):
            listener.close(CLOSE_SESSION_ENDED)

    def close(self) -> None:
        """Close all pages because the server goes down; they come back by themselves."""
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.close(CLOSE_RESTART)

    @property
    def open_pages(self) -> int:
        """Return how many pages are open."""
        return sum(len(listeners) for listeners in self._listeners.values())


def reply_frame(envelope: Envelope) -> dict[str, Any]:
    """Return a reply as the page gets it: the envelope without the session, which is the page's secret to keep."""
    return {"type": "reply", **envelope.model_dump(mode="json", exclude={"session_id", "channel"})}
