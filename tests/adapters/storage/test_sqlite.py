"""The embedded store: the contract, and what only a file on disk can get wrong."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.clock import FixedClock, SystemClock
from adapters.errors import StoreUnavailable
from adapters.storage.sqlite import SqliteStore
from tests.contracts.document_store import COLLECTIONS, DocumentStoreContract

ROOT = Path(__file__).parents[3]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


@pytest.fixture
async def store(tmp_path: Path, clock: FixedClock) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "deep" / "store.db", clock)
    await opened.open(COLLECTIONS)
    yield opened
    await opened.close()


class TestSqliteStore(DocumentStoreContract):
    async def test_what_was_put_is_there_after_a_restart(self, tmp_path: Path, clock: FixedClock) -> None:
        first = SqliteStore(tmp_path / "store.db", clock)
        await first.open(COLLECTIONS)
        await first.insert("things", "a", {"size": 1})
        await first.close()
        second = SqliteStore(tmp_path / "store.db", clock)
        await second.open(COLLECTIONS)
        got = await second.get("things", "a")
        await second.close()
        assert got is not None

    async def test_two_processes_never_both_take_a_key(self, tmp_path: Path) -> None:
        path = tmp_path / "store.db"
        store = SqliteStore(path, SystemClock())
        await store.open(COLLECTIONS)
        program = (
            "import asyncio, sys\n"
            "from pathlib import Path\n"
            "from adapters.clock import SystemClock\n"
            "from adapters.errors import DuplicateKey\n"
            "from adapters.storage.sqlite import SqliteStore\n"
            "from tests.contracts.document_store import COLLECTIONS\n"
            "async def main():\n"
            "    store = SqliteStore(Path(sys.argv[1]), SystemClock()); await store.open(COLLECTIONS); won = 0\n"
            "    for n in range(300):\n"
            "        try: await store.insert('things', str(n), {'size': n}); won += 1\n"
            "        except DuplicateKey: pass\n"
            "    await store.close(); print(won)\n"
            "asyncio.run(main())\n"
        )
        running = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", program, str(path), cwd=ROOT, stdout=subprocess.PIPE
            )
            for _ in range(3)
        ]
        won = [int((await process.communicate())[0]) for process in running]
        assert sum(won) == 300
        assert await store.count("things") == 300
        await store.close()

    async def test_a_folder_that_cannot_be_made_is_said(self, tmp_path: Path, clock: FixedClock) -> None:
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(StoreUnavailable, match="cannot open"):
            await SqliteStore(tmp_path / "file" / "store.db", clock).open(COLLECTIONS)

    async def test_a_closed_store_says_so(self, tmp_path: Path, clock: FixedClock) -> None:
        store = SqliteStore(tmp_path / "store.db", clock)
        await store.open(COLLECTIONS)
        await store.close()
        with pytest.raises(StoreUnavailable, match="not open"):
            await store.insert("things", "a", {})
