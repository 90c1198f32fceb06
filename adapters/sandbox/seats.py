"""Count the seats of clinic sessions: every change is one conditional statement."""

import json
import sqlite3
from datetime import date, datetime, timedelta
from typing import Any

from adapters.sandbox import ledger
from adapters.sandbox.city import RuleSet
from adapters.sandbox.problems import Refusal
from adapters.sandbox.schedule import PlannedSession, Schedule


class Seats:
    """The seats of a schedule, in the caller's transaction."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule

    def ensure(self, connection: sqlite3.Connection, session_id: str) -> None:
        """Make the session's row if it has none; raises `Refusal` not_found if nothing is planned under this id."""
        if connection.execute("SELECT 1 FROM sessions WHERE id = ?", (session_id,)).fetchone():
            return
        plan = self._schedule.session(session_id)
        if plan is None:
            raise Refusal("not_found")
        connection.execute(
            "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                plan.id,
                json.dumps(plan.fields(), ensure_ascii=False),
                plan.starts_at.isoformat(),
                plan.ends_at.isoformat(),
                plan.capacity,
                plan.initially_left,
                plan.capacity - plan.initially_left,
                "suspended" if plan.is_suspended else "open",
            ),
        )

    def take(self, connection: sqlite3.Connection, session_id: str) -> int:
        """Take a seat and return its number in the queue; raises `Refusal` sold_out. Numbers are never given twice."""
        taken = connection.execute(
            "UPDATE sessions SET seats_left = seats_left - 1, last_number = last_number + 1"
            " WHERE id = ? AND seats_left > 0 AND status = 'open' RETURNING last_number",
            (session_id,),
        ).fetchone()
        if taken is None:
            raise Refusal("sold_out")
        return int(taken["last_number"])

    def release(self, connection: sqlite3.Connection, session_id: str) -> None:
        """Give a seat back."""
        connection.execute("UPDATE sessions SET seats_left = seats_left + 1 WHERE id = ?", (session_id,))

    def set_left(self, connection: sqlite3.Connection, now: datetime, session_id: str, left: int) -> None:
        """Set the seats that are left, as another booking channel may; raises `Refusal` not_found, invalid_request."""
        self.ensure(connection, session_id)
        reserved = "(SELECT count(*) FROM appointments WHERE session_id = :id AND state IN ('reserved', 'visited'))"
        changed = connection.execute(
            f"UPDATE sessions SET seats_left = :left WHERE id = :id AND :left + {reserved} <= capacity",  # noqa: S608
            {"id": session_id, "left": left},
        )
        if changed.rowcount == 0:
            raise Refusal("invalid_request", fields=["left"])
        ledger.append(connection, now, "seats_set", actor="hospital", body={"session_id": session_id, "left": left})

    def view(self, connection: sqlite3.Connection, session_id: str, now: datetime) -> dict[str, Any]:
        """Return a session as the contract shows it; raises `Refusal` not_found."""
        row = connection.execute("SELECT * FROM sessions WHERE id = ?", (session_id,)).fetchone()
        plan = None if row else self._schedule.session(session_id)
        if row is not None:
            fields, left, status = json.loads(row["plan"]), row["seats_left"], row["status"]
        elif plan is not None:
            fields, left, status = plan.fields(), plan.initially_left, "suspended" if plan.is_suspended else "open"
        else:
            raise Refusal("not_found")
        rules = self._schedule.city.rules_of(fields["hospital_id"])
        view: dict[str, Any] = fields | {"left": left, "status": status}
        return view | {"refusal_code": refusal_code(view, rules, now)}

    def views(
        self, connection: sqlite3.Connection, planned: list[PlannedSession], now: datetime
    ) -> list[dict[str, Any]]:
        """Return several sessions as the contract shows them."""
        return [self.view(connection, plan.id, now) for plan in planned]


def refusal_code(view: dict[str, Any], rules: RuleSet, now: datetime) -> str | None:
    """Return why a session cannot be booked now by anyone, or None."""
    visit_date = date.fromisoformat(view["date"])
    if view["status"] == "suspended":
        return "session_suspended"
    if visit_date < now.date() or (visit_date == now.date() and _is_closed_today(view["half_day"], rules, now)):
        return "session_started"
    if visit_date > last_bookable_date(rules, now) or (visit_date == now.date() and not rules.same_day.allowed):
        return "outside_window"
    return None if view["left"] > 0 else "sold_out"


def last_bookable_date(rules: RuleSet, now: datetime) -> date:
    """Return the last day of the window: the day `window_days` ahead is added at the release time."""
    days = rules.window_days if now.time() >= rules.release_time else rules.window_days - 1
    return now.date() + timedelta(days=days)


def _is_closed_today(half_day: str, rules: RuleSet, now: datetime) -> bool:
    if not rules.same_day.allowed:
        return False
    until = rules.same_day.morning_until if half_day == "morning" else rules.same_day.afternoon_until
    return now.time() >= until
