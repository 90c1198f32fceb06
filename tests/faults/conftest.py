"""Options of the fault suite: `pytest tests/faults --kills 2000 --seed 7`."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the number of kills and the seed."""
    parser.addoption("--kills", type=int, default=200, help="how many workers the fault suite kills")
    parser.addoption("--seed", type=int, default=20261122, help="the seed of the killer, the citizens and the faults")


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """Return how many kills are wanted."""
    return int(request.config.getoption("--kills"))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Return the seed."""
    return int(request.config.getoption("--seed"))
