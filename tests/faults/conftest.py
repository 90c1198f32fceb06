"""Options of the fault suite: `pytest tests/faults --kills 2000 --seed 7`."""

import pytest

KILLS, SEED = 200, 20261122  # also when all tests run and these options are read too late to be known


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the number of kills and the seed."""
    parser.addoption("--kills", type=int, default=KILLS, help="how many workers the fault suite kills")
    parser.addoption("--seed", type=int, default=SEED, help="the seed of the killer, the citizens and the faults")


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """Return how many kills are wanted."""
    return int(request.config.getoption("--kills", KILLS))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Return the seed."""
    return int(request.config.getoption("--seed", SEED))
