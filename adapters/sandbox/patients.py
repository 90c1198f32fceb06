"""Register the patients of an account, by their real names."""

import re
import sqlite3
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from adapters.sandbox import ledger
from adapters.sandbox.effects import Recorded
from adapters.sandbox.identity_numbers import age_on, birth_date_of, masked
from adapters.sandbox.problems import Refusal

_PHONE = re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}")
_ADULT_AGE = 18


def add(
    connection: sqlite3.Connection, now: datetime, account_id: str, order: Mapping[str, Any], *, new_id: str, key: str
) -> Recorded:
    """Register a patient, or return the one that is registered already with the new phone; raises `Refusal`."""
    phone = _phone(connection, account_id, order)
    row = _identity(order, now.date()) | {"account_id": account_id, "name": order["name"], "phone": phone}
    known = connection.execute(
        "SELECT * FROM patients WHERE account_id = :account_id AND person = :person AND name = :name", row
    ).fetchone()
    if known is not None:
        connection.execute("UPDATE patients SET phone = ? WHERE id = ?", (phone, known["id"]))
        return Recorded(200, view(_row(connection, known["id"])))
    connection.execute(
        "INSERT INTO patients VALUES (:id, :account_id, :name, :id_number, :guardian_name, :guardian_id_number,"
        " :birth_date, :phone, :person, :created_at)",
        row | {"id": new_id, "created_at": now.isoformat()},
    )
    shown = view(_row(connection, new_id))
    ledger.append(connection, now, "patient_added", actor=account_id, body=shown, idempotency_key=key)
    return Recorded(201, shown)


def of_account(connection: sqlite3.Connection, account_id: str) -> list[dict[str, Any]]:
    """Return an account's patients, oldest first."""
    found = connection.execute("SELECT * FROM patients WHERE account_id = ? ORDER BY created_at, rowid", (account_id,))
    return [view(row) for row in found]


def belonging_to(connection: sqlite3.Connection, account_id: str, patient_id: str) -> sqlite3.Row:
    """Return the patient's row; raises `Refusal` patient_required or not_yours."""
    row = connection.execute("SELECT * FROM patients WHERE id = ?", (patient_id,)).fetchone()
    if row is None:
        raise Refusal("patient_required")
    if row["account_id"] != account_id:
        raise Refusal("not_yours")
    found: sqlite3.Row = row
    return found


def view(row: sqlite3.Row) -> dict[str, Any]:
    """Return a patient as the contract shows one: numbers only masked."""
    return {
        "id": row["id"],
        "account_id": row["account_id"],
        "name": row["name"],
        "masked_id_number": masked(row["id_number"]) if row["id_number"] else None,
        "guardian_name": row["guardian_name"],
        "birth_date": row["birth_date"],
        "masked_phone": f"{row['phone'][:3]}****{row['phone'][-4:]}",
    }


def _phone(connection: sqlite3.Connection, account_id: str, order: Mapping[str, Any]) -> str:
    """Return the number that is given, or that of another patient of the account; exactly one of the two."""
    given, of = order["phone"], order["phone_of"]
    if of is not None and given is None:
        return str(belonging_to(connection, account_id, of)["phone"])
    if of is not None or given is None or _PHONE.fullmatch(given) is None:
        raise Refusal("invalid_phone")
    return str(given)


def _identity(order: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return who the patient is: by their own number, or a child by the guardian's."""
    if order["id_number"] is not None:
        number = order["id_number"]
        born = birth_date_of(number, today)
        if born is None:
            raise Refusal("invalid_id_number")
        if order["birth_date"] not in {None, born}:
            raise Refusal("invalid_birth_date")
        identity = {"id_number": number, "birth_date": born.isoformat(), "person": number}
        return identity | {"guardian_name": None, "guardian_id_number": None}
    return _child(order, today)


def _child(order: Mapping[str, Any], today: date) -> dict[str, Any]:
    guardian, born = order["guardian"], order["birth_date"]
    if guardian is None:
        raise Refusal("guardian_required")
    guardian_born = birth_date_of(guardian["id_number"], today)
    if guardian_born is None or age_on(guardian_born, today) < _ADULT_AGE:
        raise Refusal("invalid_id_number")
    if born is not None and not (born <= today and age_on(born, today) < _ADULT_AGE):
        raise Refusal("invalid_birth_date")
    return {
        "id_number": None,
        "guardian_name": guardian["name"],
        "guardian_id_number": guardian["id_number"],
        "birth_date": born.isoformat() if born else None,
        "person": f"{guardian['id_number']}/{order['name']}",
    }


def _row(connection: sqlite3.Connection, patient_id: str) -> sqlite3.Row:
    row: sqlite3.Row = connection.execute("SELECT * FROM patients WHERE id = ?", (patient_id,)).fetchone()
    return row
