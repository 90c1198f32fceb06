"""The plain baseline keeps the contract of engines."""

import pytest

from nlu.engines.base import Engine
from nlu.engines.baseline import BaselineEngine
from tests.contracts.engine import EngineContract, teaching


class TestBaselineEngine(EngineContract):
    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> Engine:
        return BaselineEngine()

    def test_two_classes_are_told_apart(self, engine: Engine) -> None:
        with engine.fit(teaching(a=("一二三", "二三四"), b=("甲乙丙", "乙丙丁")), 0) as reader:
            assert [reader.read(text).taken for text in ("二三", "乙丙")] == ["a", "b"]
            assert reader.read("二三").second == "b"
