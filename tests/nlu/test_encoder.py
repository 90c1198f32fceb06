"""An encoder's vectors as a further view: learnt, stored, and refused where the encoder is another one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from adapters.clock import CITY_TIMEZONE, FixedClock
from adapters.embedding.encoder import Vectors
from nlu.artefact import ArtefactCorrupt
from nlu.freshness import is_current
from nlu.interpretation import Utterance
from nlu.interpreter import Interpreter
from nlu.training import train
from nlu.training_data import TrainingSet

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)


@dataclass
class TopicEncoder:
    """Knows an old word for one thing, as a model that has read much does; anything else lies anywhere."""

    identity: str = "topics-1"

    def encode(self, sentences: Sequence[str]) -> Vectors:
        return np.array([self._vector(sentence) for sentence in sentences])

    def _vector(self, sentence: str) -> Vectors:
        seed = int.from_bytes(hashlib.sha256(sentence.encode("utf-8", "replace")).digest()[:4], "big")
        vector = 0.2 * np.random.default_rng(seed).normal(size=8)
        for place, words in enumerate((("退休", "养老", "致仕"), ("你好", "您好"), ("挂", "约"), ("社保", "卡"))):
            vector[place] += 3 * any(word in sentence for word in words)
        return vector / np.linalg.norm(vector)


def quiet(line: str) -> None:
    assert line


def test_a_word_that_only_the_encoder_knows_is_understood(training_set: TrainingSet, tmp_path: Path) -> None:
    def guess(encoder: TopicEncoder | None) -> str:
        train(training_set, tmp_path, seed=7, progress=quiet, clock=FixedClock(NOW), encoder=encoder)
        got = Interpreter.load(tmp_path, encoder).interpret(Utterance("致仕", NOW))
        return got.alternatives[0].intent if got.is_out_of_scope else got.intent

    assert guess(TopicEncoder()) == "social_insurance.pension"
    assert guess(None) != "social_insurance.pension"


def test_a_model_and_another_encoder_do_not_fit_together(training_set: TrainingSet, tmp_path: Path) -> None:
    encoder = TopicEncoder()
    train(training_set, tmp_path, seed=7, progress=quiet, clock=FixedClock(NOW), encoder=encoder)
    assert is_current(tmp_path, training_set, seed=7, encoder_identity=encoder.identity)
    assert not is_current(tmp_path, training_set, seed=7)
    for other in (None, TopicEncoder("topics-2")):
        with pytest.raises(ArtefactCorrupt, match="encoder"):
            Interpreter.load(tmp_path, other)
