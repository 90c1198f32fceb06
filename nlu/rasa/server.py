"""Start the Rasa server of a trained model on this machine, and end it."""

import asyncio
import contextlib
import json
import os
import secrets
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from nlu.rasa.environment import PYTHON, QUIET, require_built
from nlu.rasa.errors import RasaServerError

SERVING = Path(__file__).with_name("serving.py")
START_SECONDS, STOP_SECONDS = 180.0, 20.0
_SHOWN_LINES = 3
_ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class RunningRasa:
    """A server that answers: where, with which token, and which process it is."""

    url: str
    token: str
    process: Process


def command(model_file: Path, port: int) -> list[str]:
    """Return the command that serves a model; it needs the `environment`."""
    return [str(PYTHON), "-I", "-W", "ignore", str(SERVING), str(model_file), str(port)]


def environment(token: str) -> dict[str, str]:
    """Return the environment of a server: one thread is fastest for one sentence at a time."""
    return os.environ | QUIET | _ONE_THREAD | {"RASA_SERVER_TOKEN": token}


def serve(model_file: Path, port: int, token: str) -> NoReturn:
    """Become the server of a model."""
    arguments = command(model_file, port)
    os.execve(arguments[0], arguments, environment(token))  # noqa: S606 - no shell is wanted


@contextlib.asynccontextmanager
async def running(model_file: Path, log_file: Path, *, port: int = 0) -> AsyncIterator[RunningRasa]:
    """Run a server beside us, on a free port and with a token of its own; end it on exit. Raises `RasaError`."""
    require_built()
    token = secrets.token_urlsafe(24)
    with log_file.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command(model_file, port), stdin=DEVNULL, stdout=PIPE, stderr=log, env=environment(token)
        )
    draining: asyncio.Task[None] | None = None
    try:
        try:
            async with asyncio.timeout(START_SECONDS):
                url = await _announced(process, log_file)
        except TimeoutError as late:
            raise RasaServerError(f"Rasa 服务 {START_SECONDS:.0f} 秒内没有启动，日志：{log_file}") from late
        draining = asyncio.create_task(_drain(process))
        yield RunningRasa(url, token, process)
    finally:
        await stop(process)
        if draining is not None:
            await draining


async def stop(process: Process) -> None:
    """Ask a server to end, and end it if it does not."""
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _announced(process: Process, log_file: Path) -> str:
    """Read the server's output up to the line that says where it is."""
    async for line in _lines(process):
        with contextlib.suppress(ValueError, TypeError, KeyError):
            return str(json.loads(line)["url"])
    raise RasaServerError(f"Rasa 服务没有启动（退出码 {await process.wait()}）：{_end_of(log_file)}")


async def _drain(process: Process) -> None:
    """Read on, so that the server never waits for us to."""
    async for _ in _lines(process):
        pass


async def _lines(process: Process) -> AsyncIterator[bytes]:
    if process.stdout is None:
        raise RuntimeError("the server's output is not ours to read")
    async for line in process.stdout:
        yield line


def _end_of(log_file: Path) -> str:
    return " | ".join(log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-_SHOWN_LINES:])
