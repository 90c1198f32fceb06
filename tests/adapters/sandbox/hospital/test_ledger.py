import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox import ledger
from adapters.sandbox.database import Database
from adapters.sandbox.remote import RemoteControl


def tampering(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


async def test_rows_say_who_did_what_under_which_key(town: Any, control: RemoteControl, tomorrow: date) -> None:
    patient = await town.patient("a1")
    outcome = await town.client.book("key-ledger-01", "a1", patient.id, (await town.session(tomorrow)).id)
    await town.client.cancel("key-ledger-02", outcome.value.id, "a1")
    rows = await control.ledger()
    assert [row["effect"] for row in rows] == ["patient_added", "appointment_booked", "appointment_cancelled"]
    assert [row["idempotency_key"] for row in rows[1:]] == ["key-ledger-01", "key-ledger-02"]
    assert {row["actor"] for row in rows} == {"a1"}
    assert [row["sequence"] for row in rows] == [1, 2, 3]
    assert [row["effect"] for row in await control.ledger(after=2)] == ["appointment_cancelled"]
    assert "id_number" not in rows[0]["body"]


async def test_refusals_leave_no_row(town: Any, control: RemoteControl, tomorrow: date) -> None:
    session = await town.session(tomorrow)
    await control.set_seats(session.id, 0)
    patient = await town.patient()
    await town.client.book(town.key(), patient.account_id, patient.id, session.id)
    assert await control.ledger("appointment_booked") == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET actor = 'nobody' WHERE sequence = 1",
        "DELETE FROM ledger WHERE sequence = 1",
        (
            "INSERT OR REPLACE INTO ledger SELECT sequence, at, department, effect, idempotency_key, 'x', body, previous_hash, hash"
            " FROM ledger WHERE sequence = 1"
        ),
        (
            "INSERT OR REPLACE INTO ledger SELECT 99, at, department, effect, idempotency_key, 'x', body, previous_hash, hash"
            " FROM ledger WHERE sequence = 1"
        ),
    ],
)
async def test_rows_cannot_be_changed(town: Any, tmp_path: Path, statement: str) -> None:
    await town.patient()
    connection = tampering(tmp_path / "city.sqlite")
    before = [tuple(row) for row in connection.execute("SELECT * FROM ledger")]
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    assert [tuple(row) for row in connection.execute("SELECT * FROM ledger")] == before
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET actor = 'nobody' WHERE sequence = 2",
        "UPDATE ledger SET body = replace(body, '测试', '另一个') WHERE sequence = 1",
        "DELETE FROM ledger WHERE sequence = 2",
        "DELETE FROM ledger WHERE sequence = 1",
    ],
)
async def test_tampering_past_the_triggers_is_seen(tmp_path: Path, town: Any, statement: str) -> None:
    for account in ("a1", "a2", "a3"):
        await town.patient(account)
    connection = tampering(tmp_path / "city.sqlite")
    assert ledger.is_intact(connection)
    for name in ("changed", "deleted", "replaced"):
        connection.execute(f"DROP TRIGGER ledger_is_not_{name}")
    connection.execute(statement)
    assert not ledger.is_intact(connection)
    connection.close()


async def test_nothing_is_kept_of_a_transaction_that_failed(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.sqlite")
    await database.open()

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO effects VALUES ('k', 'f', 200, '{}', 'now')")
        raise ValueError("broken off")

    with pytest.raises(ValueError, match="broken off"):
        await database.write(work)
    assert await database.read(lambda connection: connection.execute("SELECT count(*) FROM effects").fetchone()[0]) == 0
    await database.close()
