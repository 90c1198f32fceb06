"""Write down every effect in order, each row sealed with the hash of the one before: what tests take for the truth."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_FIRST_HASH = "0" * 64
_SEALED = ("at", "department", "effect", "idempotency_key", "actor", "body", "previous_hash")


def append(
    connection: sqlite3.Connection,
    at: datetime,
    effect: str,
    *,
    actor: str,
    body: Mapping[str, Any],
    idempotency_key: str | None = None,
    department: str = "hospital",
) -> int:
    """Append a row within the caller's transaction, and return its sequence number."""
    row = {
        "at": at.isoformat(),
        "department": department,
        "effect": effect,
        "idempotency_key": idempotency_key,
        "actor": actor,
        "body": json.dumps(body, ensure_ascii=False, sort_keys=True),
        "previous_hash": _last_hash(connection),
    }
    inserted = connection.execute(
        "INSERT INTO ledger (at, department, effect, idempotency_key, actor, body, previous_hash, hash)"
        " VALUES (:at, :department, :effect, :idempotency_key, :actor, :body, :previous_hash, :hash)",
        row | {"hash": _seal(row)},
    )
    if inserted.lastrowid is None:
        raise RuntimeError("the ledger row was not written")
    return inserted.lastrowid


def rows(connection: sqlite3.Connection, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    """Return up to `limit` rows above the sequence number `after`, oldest first, bodies as objects."""
    found = connection.execute("SELECT * FROM ledger WHERE sequence > ? ORDER BY sequence LIMIT ?", (after, limit))
    return [dict(row) | {"body": json.loads(row["body"])} for row in found]


def is_intact(connection: sqlite3.Connection) -> bool:
    """Tell whether no row was changed, removed from the middle or put in between."""
    previous = _FIRST_HASH
    for row in connection.execute("SELECT * FROM ledger ORDER BY sequence"):
        if row["previous_hash"] != previous or row["hash"] != _seal({name: row[name] for name in _SEALED}):
            return False
        previous = row["hash"]
    return True


def _last_hash(connection: sqlite3.Connection) -> str:
    last = connection.execute("SELECT hash FROM ledger ORDER BY sequence DESC LIMIT 1").fetchone()
    return str(last["hash"]) if last else _FIRST_HASH


def _seal(row: Mapping[str, Any]) -> str:
    sealed = json.dumps([row[name] for name in _SEALED], ensure_ascii=False)
    return hashlib.sha256(sealed.encode()).hexdigest()
