"""The trained product, loaded once for all dialogues."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from bot.bootstrap import UtteranceInterpreter
from bot.commands.setup import prepare
from bot.settings import Settings, load_settings
from knowledge.service import Knowledge
from nlu.interpreter import Interpreter
from tests.dialogues.stage import Stage, staged

Staging = Callable[[Path, datetime], AbstractAsyncContextManager[Stage]]


@pytest.fixture(scope="session")
def settings() -> Settings:
    settings = load_settings()
    prepare(settings, lambda line: None)
    return settings


@pytest.fixture(scope="session")
def interpreter(settings: Settings) -> UtteranceInterpreter:
    return Interpreter.load(settings.state_folder / "models")


@pytest.fixture(scope="session")
def knowledge(settings: Settings) -> Knowledge:
    return Knowledge.open(settings.state_folder / "knowledge")


@pytest.fixture(scope="session")
def stage(settings: Settings, interpreter: UtteranceInterpreter, knowledge: Knowledge) -> Staging:
    @asynccontextmanager
    async def raised(folder: Path, at: datetime) -> AsyncIterator[Stage]:
        async with staged(settings, folder, interpreter, knowledge, at) as ready:
            yield ready

    return raised
