"""For all tests: no network beyond this machine, a trained state, and no personal number in any log."""

import ipaddress
import logging
import re
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest

from bot.commands.setup import prepare
from bot.settings import ROOT, Settings, load_settings
from bot.turn_log import configure_logging

CANARIES = re.compile(
    r"(?<!\d)(?:1[3-9]\d{9}|[1-9]\d{5}(?:19|20)\d{2}(?:0\d|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx])(?![\dA-Za-z])"
)
_LOG = pytest.StashKey[Path]()
_LEAKS = pytest.StashKey[list[str]]()
_connect = socket.socket.connect


class NetworkRefused(Exception):
    """A test wanted to leave this machine."""


def _refusing_connect(self: socket.socket, address: Any) -> None:
    if self.family in {socket.AF_INET, socket.AF_INET6}:
        host = str(address[0])
        try:
            is_local = ipaddress.ip_address(host).is_loopback
        except ValueError:
            is_local = host == "localhost"
        if not is_local:
            raise NetworkRefused(f"a test connects to {host}; tests stay on this machine")
    _connect(self, address)


def pytest_configure(config: pytest.Config) -> None:
    """Shut the network, and collect what is logged as the product would log it."""
    socket.socket.connect = _refusing_connect  # type: ignore[method-assign]
    config.stash[_LEAKS] = []
    with tempfile.NamedTemporaryFile("w", suffix=".log", delete=False) as file:
        config.stash[_LOG] = Path(file.name)
    configure_logging("debug", "json", stream=config.stash[_LOG].open("w", encoding="utf-8"))
    logging.getLogger("asyncio").setLevel(logging.WARNING)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run if a personal number stands in anything that was logged, here or in a worker's process."""
    config = session.config
    logging.shutdown()
    path = config.stash[_LOG]
    leaks = [line for line in path.read_text(encoding="utf-8").splitlines() if CANARIES.search(line)]
    path.unlink()
    config.stash[_LEAKS] += leaks
    if hasattr(config, "workeroutput"):
        config.workeroutput["leaks"] = leaks
    elif config.stash[_LEAKS]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker's process found in its log."""
    node.config.stash[_LEAKS] += getattr(node, "workeroutput", {}).get("leaks", [])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what was found, and what went untested."""
    for line in config.stash[_LEAKS]:
        terminalreporter.write_line(f"a log line holds a personal number: {line[:300]}", red=True)
    untested = [report for report in terminalreporter.getreports("skipped") if "rasa" in report.keywords]
    if untested:
        terminalreporter.write_sep("!", f"RASA WAS NOT TESTED: {len(untested)} tests skipped", red=True, bold=True)
        terminalreporter.write_line(str(untested[0].longrepr[-1]), red=True)


@pytest.fixture(scope="session")
def trained() -> Path:
    """Return the state folder that holds a trained model and a knowledge release, made if missing."""
    settings = load_settings()
    prepare(settings, lambda line: None)
    return settings.state_folder


@pytest.fixture
def settings(trained: Path) -> Settings:
    """Return the default settings on the trained state."""
    return load_settings(ROOT / "config.yaml", state_folder=trained)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a fresh folder for what a test keeps."""
    folder = tmp_path / "state"
    folder.mkdir()
    return folder
