"""What happens to appointments on the hospital's side: visits, missed visits, suspended sessions."""

import calendar
import json
import sqlite3
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from adapters.sandbox import ledger
from adapters.sandbox.city import RuleSet
from adapters.sandbox.problems import Refusal
from adapters.sandbox.seats import Seats

_HOSPITAL = "hospital"


def sweep(connection: sqlite3.Connection, now: datetime) -> int:
    """Turn reserved appointments whose session is over into missed ones; return how many."""
    missed = connection.execute(
        "SELECT id, account_id, session_id FROM appointments WHERE state = 'reserved' AND ends_at <= ?",
        (now.isoformat(),),
    ).fetchall()
    for row in missed:
        set_state(connection, now, row["id"], "no_show")
    return len(missed)


def set_state(connection: sqlite3.Connection, now: datetime, appointment_id: str, state: str) -> None:
    """Write down on the hospital's behalf that an appointment was visited, missed or cancelled; raises `Refusal`."""
    row = connection.execute("SELECT * FROM appointments WHERE id = ?", (appointment_id,)).fetchone()
    if row is None:
        raise Refusal("not_found")
    try:
        connection.execute("UPDATE appointments SET state = ? WHERE id = ?", (state, appointment_id))
    except sqlite3.IntegrityError as taken:
        raise Refusal("duplicate_booking") from taken
    body = {"appointment_id": appointment_id, "account_id": row["account_id"], "session_id": row["session_id"]}
    ledger.append(connection, now, f"appointment_{state}", actor=_HOSPITAL, body=body)


def refuse_if_blocked(
    connection: sqlite3.Connection, rules: RuleSet, now: datetime, person: str, hospital_id: str
) -> None:
    """Raise `Refusal` no_show_blocked if the person missed too many visits in this calendar month at this hospital."""
    first, last = _month(now.date())
    count = connection.execute(
        "SELECT count(*) FROM appointments WHERE person = ? AND hospital_id = ? AND state = 'no_show'"
        " AND visit_date BETWEEN ? AND ?",
        (person, hospital_id, first.isoformat(), last.isoformat()),
    ).fetchone()[0]
    if count >= rules.no_show.limit:
        raise Refusal("no_show_blocked", count=count, until=last)


def suspend(connection: sqlite3.Connection, seats: Seats, now: datetime, session_id: str, reason: str) -> int:
    """Suspend a session, cancel its reservations, and return the sequence number of the notice; raises `Refusal`."""
    seats.ensure(connection, session_id)
    connection.execute("UPDATE sessions SET status = 'suspended' WHERE id = ?", (session_id,))
    affected = [
        {"appointment_id": row["id"], "account_id": row["account_id"]}
        for row in connection.execute(
            "SELECT id, account_id FROM appointments WHERE session_id = ? AND state = 'reserved' ORDER BY booked_at",
            (session_id,),
        ).fetchall()
    ]
    body = {"session_id": session_id, "reason": reason}
    ledger.append(connection, now, "session_suspended", actor=_HOSPITAL, body=body)
    for each in affected:
        set_state(connection, now, each["appointment_id"], "cancelled_by_hospital")
    inserted = connection.execute(
        "INSERT INTO notices (at, session_id, reason, affected) VALUES (?, ?, ?, ?)",
        (now.isoformat(), session_id, reason, json.dumps(affected)),
    )
    return int(inserted.lastrowid or 0)


def notices(connection: sqlite3.Connection, seats: Seats, now: datetime, after: int) -> list[Mapping[str, Any]]:
    """Return the notices above a sequence number, oldest first, 200 at most."""
    found = connection.execute(
        "SELECT * FROM notices WHERE sequence > ? ORDER BY sequence LIMIT 200", (after,)
    ).fetchall()
    return [
        {
            "sequence": row["sequence"],
            "at": row["at"],
            "kind": "session_suspended",
            "reason": row["reason"],
            "session": seats.view(connection, row["session_id"], now),
            "affected": json.loads(row["affected"]),
        }
        for row in found
    ]


def _month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
