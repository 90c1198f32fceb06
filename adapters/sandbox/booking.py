"""Book, cancel and move appointments: the hospital's rules, each decision within one transaction."""

import sqlite3
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from adapters.clock import CITY_TIMEZONE
from adapters.sandbox import ledger, patients, visits
from adapters.sandbox.city import City
from adapters.sandbox.effects import Recorded
from adapters.sandbox.problems import Refusal
from adapters.sandbox.seats import Seats, last_bookable_date


class BookingOffice:
    """Takes orders of accounts; every method runs in the caller's transaction and raises `Refusal`."""

    def __init__(self, city: City, seats: Seats) -> None:
        self._city = city
        self._seats = seats

    def book(
        self, connection: sqlite3.Connection, now: datetime, order: Mapping[str, str], *, new_id: str, key: str
    ) -> Recorded:
        """Take a seat for a patient: order {account_id, patient_id, session_id}."""
        if not order["patient_id"]:
            raise Refusal("patient_required")
        patient = patients.belonging_to(connection, order["account_id"], order["patient_id"])
        session = self._bookable(connection, now, order["session_id"])
        rules = self._city.rules_of(session["hospital_id"])
        visits.refuse_if_blocked(connection, rules, now, patient["person"], session["hospital_id"])
        number = self._seats.take(connection, session["id"])
        row = {
            "id": new_id,
            "account_id": order["account_id"],
            "patient_id": patient["id"],
            "person": patient["person"],
            "booked_at": now.isoformat(),
        } | _seat(session, number)
        try:
            connection.execute(
                "INSERT INTO appointments VALUES (:id, :account_id, :patient_id, :person, :session_id, :hospital_id,"
                " :department_id, :visit_date, :ends_at, :queue_number, 'reserved', :booked_at)",
                row,
            )
        except sqlite3.IntegrityError as taken:
            raise Refusal("duplicate_booking") from taken
        body = {"appointment_id": new_id, "patient_id": patient["id"], "session_id": session["id"], "number": number}
        ledger.append(connection, now, "appointment_booked", actor=order["account_id"], body=body, idempotency_key=key)
        return Recorded(201, self.view(connection, now, new_id))

    def cancel(
        self, connection: sqlite3.Connection, now: datetime, appointment_id: str, account_id: str, *, key: str
    ) -> Recorded:
        """Give a seat back; an appointment that is cancelled already stays so."""
        row = self._owned(connection, appointment_id, account_id)
        if row["state"] in {"cancelled_by_user", "cancelled_by_hospital"}:
            return Recorded(200, self.view(connection, now, appointment_id))
        self._refuse_late(row, now)
        connection.execute("UPDATE appointments SET state = 'cancelled_by_user' WHERE id = ?", (appointment_id,))
        self._seats.release(connection, row["session_id"])
        body = {"appointment_id": appointment_id, "session_id": row["session_id"]}
        ledger.append(connection, now, "appointment_cancelled", actor=account_id, body=body, idempotency_key=key)
        return Recorded(200, self.view(connection, now, appointment_id))

    def reschedule(
        self, connection: sqlite3.Connection, now: datetime, appointment_id: str, order: Mapping[str, str], *, key: str
    ) -> Recorded:
        """Move to another session of the same hospital: order {account_id, session_id}."""
        row = self._owned(connection, appointment_id, order["account_id"])
        if row["state"] in {"cancelled_by_user", "cancelled_by_hospital"}:
            raise Refusal("already_cancelled")
        self._refuse_late(row, now)
        session = self._bookable(connection, now, order["session_id"])
        if session["hospital_id"] != row["hospital_id"]:
            raise Refusal("not_found")
        if session["id"] == row["session_id"]:
            raise Refusal("duplicate_booking")
        number = self._seats.take(connection, session["id"])
        self._seats.release(connection, row["session_id"])
        try:
            connection.execute(
                "UPDATE appointments SET session_id = :session_id, department_id = :department_id,"
                " visit_date = :visit_date, ends_at = :ends_at, queue_number = :queue_number WHERE id = :id",
                {"id": appointment_id} | _seat(session, number),
            )
        except sqlite3.IntegrityError as taken:
            raise Refusal("duplicate_booking") from taken
        body = {
            "appointment_id": appointment_id,
            "from_session_id": row["session_id"],
            "session_id": session["id"],
            "number": number,
        }
        actor = order["account_id"]
        ledger.append(connection, now, "appointment_rescheduled", actor=actor, body=body, idempotency_key=key)
        return Recorded(200, self.view(connection, now, appointment_id))

    def view(self, connection: sqlite3.Connection, now: datetime, appointment_id: str) -> dict[str, Any]:
        """Return an appointment as the contract shows it."""
        row = connection.execute(
            "SELECT appointments.*, patients.name AS patient_name FROM appointments"
            " JOIN patients ON patients.id = patient_id WHERE appointments.id = ?",
            (appointment_id,),
        ).fetchone()
        if row is None:
            raise Refusal("not_found")
        return self._shown(connection, now, row)

    def of_account(self, connection: sqlite3.Connection, now: datetime, account_id: str) -> list[dict[str, Any]]:
        """Return an account's appointments, the latest booked first."""
        found = connection.execute(
            "SELECT appointments.*, patients.name AS patient_name FROM appointments"
            " JOIN patients ON patients.id = patient_id WHERE appointments.account_id = ?"
            " ORDER BY booked_at DESC, appointments.rowid DESC",
            (account_id,),
        ).fetchall()
        return [self._shown(connection, now, row) for row in found]

    def _bookable(self, connection: sqlite3.Connection, now: datetime, session_id: str) -> dict[str, Any]:
        """Return the session if it can be booked, but for its seats: only the taking decides about those."""
        self._seats.ensure(connection, session_id)
        session = self._seats.view(connection, session_id, now)
        code = session["refusal_code"]
        if code == "outside_window":
            last = last_bookable_date(self._city.rules_of(session["hospital_id"]), now)
            raise Refusal(code, last_bookable_date=last)
        if code not in {None, "sold_out"}:
            raise Refusal(code)
        return session

    def _owned(self, connection: sqlite3.Connection, appointment_id: str, account_id: str) -> sqlite3.Row:
        row = connection.execute("SELECT * FROM appointments WHERE id = ?", (appointment_id,)).fetchone()
        if row is None:
            raise Refusal("not_found")
        if row["account_id"] != account_id:
            raise Refusal("not_yours")
        owned: sqlite3.Row = row
        return owned

    def _refuse_late(self, row: sqlite3.Row, now: datetime) -> None:
        if row["state"] != "reserved" or now > self._cancel_until(row):
            raise Refusal("cancel_too_late")

    def _cancel_until(self, row: sqlite3.Row) -> datetime:
        rule = self._city.rules_of(row["hospital_id"]).cancel_until
        return _at(date.fromisoformat(row["visit_date"]) - timedelta(days=rule.days_before), rule.time)

    def _shown(self, connection: sqlite3.Connection, now: datetime, row: sqlite3.Row) -> dict[str, Any]:
        session = self._seats.view(connection, row["session_id"], now)
        check_in = self._city.rules_of(row["hospital_id"]).check_in
        until = check_in.morning_until if session["half_day"] == "morning" else check_in.afternoon_until
        opens = datetime.fromisoformat(session["starts_at"]) - timedelta(minutes=check_in.opens_minutes_before)
        hospital = self._city.hospital(row["hospital_id"])
        return {
            "id": row["id"],
            "account_id": row["account_id"],
            "patient_id": row["patient_id"],
            "patient_name": row["patient_name"],
            "queue_number": row["queue_number"],
            "check_in_place": hospital.check_in_place if hospital else "",
            "check_in_from": opens.isoformat(),
            "check_in_until": _at(date.fromisoformat(row["visit_date"]), until).isoformat(),
            "cancel_until": self._cancel_until(row).isoformat(),
            "booked_at": row["booked_at"],
            "state": row["state"],
            "session": session,
        }


def _seat(session: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {
        "session_id": session["id"],
        "hospital_id": session["hospital_id"],
        "department_id": session["department_id"],
        "visit_date": session["date"],
        "ends_at": session["ends_at"],
        "queue_number": number,
    }


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, CITY_TIMEZONE)
