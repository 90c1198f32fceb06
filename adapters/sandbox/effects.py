"""Do what is asked under an idempotency key once, and give the recorded answer ever after."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.sandbox.problems import Refusal


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer as it was given the first time."""

    status: int
    body: Mapping[str, Any]


def fingerprint_of(method: str, path: str, body: Mapping[str, Any]) -> str:
    """Return what makes two requests the same request."""
    return hashlib.sha256(f"{method} {path} {json.dumps(body, sort_keys=True)}".encode()).hexdigest()


def perform(
    connection: sqlite3.Connection,
    key: str,
    fingerprint: str,
    now: datetime,
    action: Callable[[], Recorded],
) -> Recorded:
    """Run `action` within the caller's transaction, unless the key is known; a refusal is recorded as well.

    Raises `Refusal` key_reused when the key belongs to another request.
    """
    known = connection.execute("SELECT * FROM effects WHERE idempotency_key = ?", (key,)).fetchone()
    if known is not None:
        if known["fingerprint"] != fingerprint:
            raise Refusal("key_reused")
        return Recorded(known["status"], json.loads(known["body"]))
    connection.execute("SAVEPOINT effect")
    try:
        recorded = action()
    except Refusal as refusal:
        connection.execute("ROLLBACK TO effect")
        recorded = Recorded(refusal.status, refusal.problem)
    connection.execute("RELEASE effect")
    connection.execute(
        "INSERT INTO effects VALUES (?, ?, ?, ?, ?)",
        (key, fingerprint, recorded.status, json.dumps(recorded.body, ensure_ascii=False), now.isoformat()),
    )
    return recorded


def find(connection: sqlite3.Connection, key: str) -> Recorded:
    """Return the recorded answer; raises `Refusal` not_found if no request with this key was carried out."""
    known = connection.execute("SELECT status, body FROM effects WHERE idempotency_key = ?", (key,)).fetchone()
    if known is None:
        raise Refusal("not_found")
    return Recorded(known["status"], json.loads(known["body"]))
