"""The embedded engine keeps the contract of engines, on data of any kind."""

import math

import pytest

from nlu.classifiers.base import Thresholds
from nlu.engines.base import Engine
from nlu.engines.embedded import EmbeddedEngine
from nlu.interpretation import OUT_OF_SCOPE, IntentScore
from nlu.training_data import TrainingSet
from tests.contracts.engine import EngineContract, teaching


class TestEmbeddedEngine(EngineContract):
    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> Engine:
        return EmbeddedEngine()

    def test_intents_with_one_example_are_learnt(self, engine: Engine) -> None:
        with engine.fit(teaching(a=("打开窗户",), b=("play some music",), c=("откройте дверь",)), 0) as reader:
            texts = ("请打开窗户", "play music please", "откройте")
            assert [reader.read(text).guess for text in texts] == ["a", "b", "c"]

    def test_another_classifier_can_be_put_in(self) -> None:
        class Parrot:
            thresholds = Thresholds(group_mass=0.5, margin=0.3)

            def classify(self, text: object) -> tuple[IntentScore, ...]:
                return (IntentScore("a", "a", 0.6), IntentScore("b", "b", 0.4))

        learnt: list[TrainingSet] = []

        def learn(training_set: TrainingSet, seed: int) -> Parrot:
            learnt.append(training_set)
            return Parrot()

        with EmbeddedEngine(learn, name="parrot").fit(teaching(a=("一",), b=("二",)), 0) as reader:
            got = reader.read("什么")
        assert len(learnt) == 1
        assert (got.guess, got.taken, got.second, got.is_ambiguous) == ("a", "a", "b", True)
        # Odds of 0.4 to 0.6, and all of 什么 is new: 6 times 0.5 is added to their logarithm.
        assert got.outside == pytest.approx(1 / (1 + 1.5 * math.exp(-3)))

    def test_what_is_refused_still_has_its_likeliest_intent(self) -> None:
        class Doubter:
            thresholds = Thresholds(group_mass=0.7)

            def classify(self, text: object) -> tuple[IntentScore, ...]:
                return (IntentScore("a", "a", 0.6), IntentScore(OUT_OF_SCOPE, OUT_OF_SCOPE, 0.4))

        with EmbeddedEngine(lambda *_: Doubter()).fit(teaching(a=("一",), b=("二",)), 0) as reader:
            got = reader.read("什么")
        assert (got.guess, got.taken, got.second) == ("a", OUT_OF_SCOPE, "")
