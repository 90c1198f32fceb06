"""Say no the way the contract says it: a status, a machine code and a sentence that a citizen may read."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import yaml


class _Entry(TypedDict):
    status: int
    detail: str


class Refusal(Exception):
    """A request is refused; `members` are further fields of the problem body, and the values of its sentence."""

    def __init__(self, code: str, **members: Any) -> None:
        entry = _entries()[code]
        super().__init__(code)
        self.code = code
        self.status = entry["status"]
        self.problem: dict[str, Any] = {
            "status": entry["status"],
            "code": code,
            "detail": entry["detail"].format(**{name: _said(value) for name, value in members.items()}),
            **{name: _written(value) for name, value in members.items()},
        }


def _said(value: Any) -> Any:
    return f"{value.month}月{value.day}日" if isinstance(value, date) else value


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@cache
def _entries() -> dict[str, _Entry]:
    loaded: dict[str, _Entry] = yaml.safe_load(Path(__file__).with_name("refusals.yml").read_text(encoding="utf-8"))
    return loaded
