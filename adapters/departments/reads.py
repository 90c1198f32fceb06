"""What departments said in the course of one turn: the steps of a turn ask alike, and see one picture."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_heard: ContextVar[dict[Hashable, Any] | None] = ContextVar("heard_from_departments", default=None)


@contextmanager
def asked_once() -> Iterator[None]:
    """Let every read within be asked of a department once; an effect forgets what was read before it."""
    token = _heard.set({})
    try:
        yield
    finally:
        _heard.reset(token)


def recall(question: Hashable) -> Any | None:
    """Return what was answered to this question before, None when nothing was."""
    heard = _heard.get()
    return None if heard is None else heard.get(question)


def remember(question: Hashable, answer: object) -> None:
    """Keep an answer until the turn ends or something is changed."""
    heard = _heard.get()
    if heard is not None:
        heard[question] = answer


def forget() -> None:
    """Forget all: something is about to change, or may have."""
    heard = _heard.get()
    if heard is not None:
        heard.clear()
