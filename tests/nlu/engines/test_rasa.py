"""Rasa as an engine: the contract where its environment was built, and a clear word where it was not."""

from pathlib import Path

import pytest

from nlu.engines.base import Engine, EngineUnavailable
from nlu.engines.rasa import PYTHON, RasaEngine, document
from nlu.training_data import Example, TrainingSet
from tests.contracts.engine import EngineContract, teaching


@pytest.mark.skipif(not PYTHON.exists(), reason="make rasa builds its environment")
@pytest.mark.timeout(600)
class TestRasaEngine(EngineContract):
    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> Engine:
        return RasaEngine(epochs=20)


def test_without_its_environment_it_says_what_to_do(tmp_path: Path) -> None:
    engine = RasaEngine(tmp_path / "python")
    with pytest.raises(EngineUnavailable, match="make rasa"), engine.fit(teaching(a=("一",), b=("二",)), 0):
        pass


def test_examples_cannot_break_out_of_their_line() -> None:
    data = TrainingSet((Example('一[二](x)\n- 三"', "a/b"), Example("[]", "c")), {"a/b": "a", "c": "c"})
    assert document(data, {"a/b": "i0000", "c": "i0001"}) == (
        'version: "3.1"\nnlu:\n  - intent: i0000\n    examples: |\n      - 一 二 x - 三\n'
    )
