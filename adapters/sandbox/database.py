"""Keep the sandbox's data in SQLite: one writer at a time, and nothing acknowledged that is not on the disk."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

_SCHEMA = Path(__file__).with_name("schema.sql")


class Database:
    """Runs functions on a connection, in a thread of its own, each in one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="sandbox-write")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="sandbox-read")
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open the file, and make the tables if they are missing."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        loop = asyncio.get_running_loop()
        self._writer = await loop.run_in_executor(self._writing, self._connect)
        await loop.run_in_executor(self._writing, self._writer.executescript, _SCHEMA.read_text(encoding="utf-8"))
        self._reader = await loop.run_in_executor(self._reading, self._connect)

    async def close(self) -> None:
        """Close the file."""
        for pool, connection in ((self._reading, self._reader), (self._writing, self._writer)):
            if connection is not None:
                await asyncio.get_running_loop().run_in_executor(pool, connection.close)
            pool.shutdown()
        self._writer = self._reader = None

    async def write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run `work` in a transaction that holds the write lock from its start; an exception undoes it."""
        return await asyncio.get_running_loop().run_in_executor(
            self._writing, _in_transaction, self._writer, "BEGIN IMMEDIATE", work
        )

    async def read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run `work` on one consistent view of the data."""
        return await asyncio.get_running_loop().run_in_executor(
            self._reading, _in_transaction, self._reader, "BEGIN", work
        )

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection


def _in_transaction(
    connection: sqlite3.Connection | None, begin: str, work: Callable[[sqlite3.Connection], Result]
) -> Result:
    if connection is None:
        raise RuntimeError("the database is not open")
    connection.execute(begin)
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite has undone it itself when the disk was full
            connection.execute("ROLLBACK")
        raise
    return result
