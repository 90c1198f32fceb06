"""The sandbox city as a process of its own: no kill reaches it, so its ledger is the truth."""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.sandbox.remote import RemoteControl
from bot.settings import ROOT


@dataclass(frozen=True)
class City:
    """A running city: its address, its database and the hand on it."""

    url: str
    database: Path
    control: RemoteControl


@asynccontextmanager
async def running_city(folder: Path, at: str) -> AsyncIterator[City]:
    """Start the city with its clock at `at`; stop it on exit."""
    token, database = secrets.token_urlsafe(16), folder / "city.db"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "adapters.sandbox", "--database", str(database), "--at", at,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"SANDBOX_CONTROL_TOKEN": token},
    )  # fmt: skip
    try:
        if process.stdout is None:
            raise RuntimeError("the city has no output")
        said = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
        async with RemoteControl(said["control_url"], token) as control:
            yield City(said["url"], database, control)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
