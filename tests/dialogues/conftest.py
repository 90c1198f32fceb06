"""The trained product, loaded once for all dialogues."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from bot.bootstrap import UtteranceInterpreter
from bot.settings import ROOT, load_settings
from knowledge.service import Knowledge
from nlu.interpreter import Interpreter
from tests.dialogues.stage import Stage, staged

Staging = Callable[[Path, datetime], AbstractAsyncContextManager[Stage]]


@pytest.fixture(scope="session")
def trained_interpreter(trained: Path) -> UtteranceInterpreter:
    return Interpreter.load(trained / "models")


@pytest.fixture(scope="session")
def stage(trained: Path, trained_interpreter: UtteranceInterpreter) -> Staging:
    settings = load_settings(ROOT / "config.yaml", state_folder=trained)
    knowledge = Knowledge.open(trained / "knowledge")

    @asynccontextmanager
    async def raised(folder: Path, at: datetime) -> AsyncIterator[Stage]:
        async with staged(settings, folder, trained_interpreter, knowledge, at) as ready:
            yield ready

    return raised
