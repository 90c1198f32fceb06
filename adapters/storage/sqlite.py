"""The embedded document store: SQLite in WAL mode, one writing thread that commits what has queued up in one go."""

import asyncio
import json
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from adapters.clock import Clock
from adapters.errors import DuplicateKey, StoreError, StoreUnavailable, VersionConflict
from adapters.storage.store import Collection, Condition, Document, Stored

T = TypeVar("T")
_LARGEST_BATCH = 200
_BUSY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Write:
    """A statement that waits for the writing thread, and the future of the caller who waits for its commit."""

    action: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any]


class SqliteStore:
    """A `DocumentStore` in one file, safe for several processes on one machine.

    Writes that arrive while a commit runs are committed together, so that one synchronous write serves them all.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._fields: dict[str, frozenset[str]] = {}
        self._writes: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._reading = ThreadPoolExecutor(1, "sqlite-read")
        self._reader: sqlite3.Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self, collections: Sequence[Collection]) -> None:
        """Make the file, the tables and the indexes that are missing, and start the writing thread."""
        self._loop = asyncio.get_running_loop()
        self._fields = {c.name: frozenset(f for index in c.indexes for f in index) for c in collections}
        try:
            await asyncio.to_thread(self._prepare, tuple(collections))
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(f"cannot open {self._path}: {error}") from error
        self._writer = threading.Thread(target=self._write_forever, name="sqlite-write", daemon=True)
        self._writer.start()

    async def close(self) -> None:
        """Commit what is queued and close the file."""
        if self._writer is not None:
            self._writes.put(None)
            await asyncio.to_thread(self._writer.join)
            self._writer = None
        if self._reader is not None:
            reader, self._reader = self._reader, None
            await self._run_reading(reader.close)
        self._reading.shutdown()

    async def ping(self) -> None:
        """Read one row and take the write lock once."""
        await self._write(lambda connection: connection.execute("SELECT 1").fetchone())

    async def insert(
        self, collection: str, key: str, document: Document, *, expires_at: datetime | None = None
    ) -> Stored:
        """Put a new document; raise `DuplicateKey` if the key is taken."""
        self._check(collection)
        body = _encode(document)
        now, expires = self._clock.now().timestamp(), _seconds(expires_at)

        def action(connection: sqlite3.Connection) -> int:
            connection.execute(f"DELETE FROM {collection} WHERE key = ? AND expires_at <= ?", (key, now))  # noqa: S608 - checked name
            try:
                cursor = connection.execute(
                    f"INSERT INTO {collection} (key, version, document, expires_at) VALUES (?, 1, ?, ?)",  # noqa: S608
                    (key, body, expires),
                )
            except sqlite3.IntegrityError:
                raise DuplicateKey(collection, key) from None
            return int(cursor.lastrowid or 0)

        sequence = await self._write(action)
        return Stored(key, 1, sequence, json.loads(body))

    async def get(self, collection: str, key: str) -> Stored | None:
        """Return the document with this key, or None."""
        self._check(collection)
        now = self._clock.now().timestamp()

        def action() -> Stored | None:
            row = self._reading_connection.execute(
                f"SELECT key, version, sequence, document FROM {collection}"  # noqa: S608
                " WHERE key = ? AND (expires_at IS NULL OR expires_at > ?)",
                (key, now),
            ).fetchone()
            return None if row is None else _decode(row)

        return await self._run_reading(action)

    async def replace(
        self,
        collection: str,
        key: str,
        document: Document,
        *,
        expected_version: int,
        expires_at: datetime | None = None,
    ) -> int:
        """Put `document` in place of the one at `expected_version`; return the new version."""
        self._check(collection)
        body, expires, now = _encode(document), _seconds(expires_at), self._clock.now().timestamp()

        def action(connection: sqlite3.Connection) -> int:
            cursor = connection.execute(
                f"UPDATE {collection} SET document = ?, version = version + 1, expires_at = ?"  # noqa: S608
                " WHERE key = ? AND version = ? AND (expires_at IS NULL OR expires_at > ?)",
                (body, expires, key, expected_version, now),
            )
            if cursor.rowcount == 0:
                raise VersionConflict(collection, key, expected_version)
            return expected_version + 1

        return await self._write(action)

    async def find(
        self,
        collection: str,
        *conditions: Condition,
        order_by: str = "sequence",
        descending: bool = False,
        limit: int = 100,
    ) -> list[Stored]:
        """Return up to `limit` documents that meet all conditions."""
        where, values = self._where(collection, conditions)
        order = "sequence" if order_by == "sequence" else f"{self._field(collection, order_by)}, sequence"
        direction = " DESC" if descending else ""
        statement = (
            f"SELECT key, version, sequence, document FROM {collection} WHERE {where}"  # noqa: S608
            f" ORDER BY {order.replace(',', direction + ',')}{direction} LIMIT ?"
        )

        def action() -> list[Stored]:
            return [_decode(row) for row in self._reading_connection.execute(statement, (*values, limit))]

        return await self._run_reading(action)

    async def count(self, collection: str, *conditions: Condition) -> int:
        """Return how many documents meet all conditions."""
        where, values = self._where(collection, conditions)
        statement = f"SELECT count(*) FROM {collection} WHERE {where}"  # noqa: S608
        return await self._run_reading(lambda: int(self._reading_connection.execute(statement, values).fetchone()[0]))

    async def delete(self, collection: str, key: str) -> bool:
        """Remove the document; tell whether it was there."""
        self._check(collection)
        statement = f"DELETE FROM {collection} WHERE key = ?"  # noqa: S608
        return await self._write(lambda connection: connection.execute(statement, (key,)).rowcount > 0)

    async def delete_expired(self) -> int:
        """Remove the documents whose time is over, in all collections."""
        now = self._clock.now().timestamp()

        def action(connection: sqlite3.Connection) -> int:
            return sum(
                connection.execute(f"DELETE FROM {name} WHERE expires_at <= ?", (now,)).rowcount  # noqa: S608
                for name in self._fields
            )

        return await self._write(action)

    def _check(self, collection: str) -> None:
        if collection not in self._fields:
            raise StoreError(f"unknown collection {collection!r}; declared are {sorted(self._fields)}")

    def _field(self, collection: str, field: str) -> str:
        """Return the SQL of an indexed field; others are refused, so that no search reads a whole collection."""
        self._check(collection)
        if field not in self._fields[collection]:
            raise StoreError(f"{collection}.{field} is not indexed; indexed are {sorted(self._fields[collection])}")
        return f"json_extract(document, '$.{field}')"

    def _where(self, collection: str, conditions: Sequence[Condition]) -> tuple[str, tuple[Any, ...]]:
        parts = [f"{self._field(collection, c.field)} {c.operator} ?" for c in conditions]
        parts.append("(expires_at IS NULL OR expires_at > ?)")
        return " AND ".join(parts), (*(c.value for c in conditions), self._clock.now().timestamp())

    @property
    def _reading_connection(self) -> sqlite3.Connection:
        if self._reader is None:
            self._reader = self._connect()
        return self._reader

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _prepare(self, collections: tuple[Collection, ...]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = self._connect()
        try:
            connection.execute("BEGIN IMMEDIATE")
            for collection in collections:
                _create(connection, collection)
            connection.execute("COMMIT")
        finally:
            connection.close()

    async def _run_reading(self, action: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reading, action)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{self._path}: {error}") from error

    async def _write(self, action: Callable[[sqlite3.Connection], T]) -> T:
        if self._writer is None:
            raise StoreUnavailable(f"{self._path} is not open")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._writes.put(_Write(action, future))
        return await future

    def _write_forever(self) -> None:
        connection = self._connect()
        while (first := self._writes.get()) is not None:
            batch, is_last = [first], False
            while len(batch) < _LARGEST_BATCH and not self._writes.empty():
                following = self._writes.get()
                if following is None:
                    is_last = True
                    break
                batch.append(following)
            outcomes = _commit_together(connection, batch, self._path)
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(_resolve, batch, outcomes)
            if is_last:
                break
        connection.close()


def _commit_together(connection: sqlite3.Connection, batch: Sequence[_Write], path: Path) -> list[Any]:
    """Run the writes in one transaction; a write that fails by itself leaves the others standing."""
    outcomes: list[Any] = []
    try:
        connection.execute("BEGIN IMMEDIATE")
        for write in batch:
            try:
                outcomes.append(write.action(connection))
            except StoreError as error:
                outcomes.append(error)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return [StoreUnavailable(f"{path}: {error}") for _ in batch]
    return outcomes


def _resolve(batch: Sequence[_Write], outcomes: Sequence[Any]) -> None:
    for write, outcome in zip(batch, outcomes, strict=True):
        if write.future.done():
            continue
        if isinstance(outcome, StoreError):
            write.future.set_exception(outcome)
        else:
            write.future.set_result(outcome)


def _create(connection: sqlite3.Connection, collection: Collection) -> None:
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {collection.name} (sequence INTEGER PRIMARY KEY AUTOINCREMENT,"
        " key TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, document TEXT NOT NULL, expires_at REAL)"
    )
    connection.execute(
        f"CREATE INDEX IF NOT EXISTS {collection.name}_expires ON {collection.name} (expires_at)"
        " WHERE expires_at IS NOT NULL"
    )
    for fields in collection.indexes:
        name = f"{collection.name}_by_{'_'.join(fields)}"
        expressions = ", ".join(f"json_extract(document, '$.{field}')" for field in fields)
        connection.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {collection.name} ({expressions})")


def _encode(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _decode(row: tuple[Any, ...]) -> Stored:
    return Stored(row[0], row[1], row[2], json.loads(row[3]))


def _seconds(instant: datetime | None) -> float | None:
    return None if instant is None else instant.timestamp()
