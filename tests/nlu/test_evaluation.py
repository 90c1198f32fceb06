"""Judging: nobody is judged on what he learnt, and every sentence once."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nlu.engines import BaselineEngine, EmbeddedEngine
from nlu.engines.base import Reading
from nlu.engines.embedded import InterpreterReader
from nlu.evaluation import judge, judge_folds, judge_split
from nlu.figures import report
from nlu.interpretation import OUT_OF_SCOPE
from nlu.interpreter import Interpreter
from nlu.labelled import Labelled
from nlu.neighbours import Neighbours
from nlu.novelty import Novelty
from nlu.training_data import Example, TrainingSet


class Rote:
    """An engine that knows what it learnt by heart and nothing else, and remembers what it was taught and asked."""

    name, title = "rote", "死记硬背"

    def __init__(self) -> None:
        self.learnt: list[set[str]] = []
        self.asked: list[str] = []
        self.open = 0

    @contextmanager
    def fit(self, training_set: TrainingSet, seed: int) -> Iterator["Rote"]:
        self.known = {one.text: one.intent for one in training_set.examples}
        self.learnt.append(set(self.known))
        self.open += 1
        yield self
        self.open -= 1

    def read(self, text: str) -> Reading:
        self.asked.append(text)
        intent = self.known.get(text, OUT_OF_SCOPE)
        return Reading("", intent, 1.0, float(intent == OUT_OF_SCOPE))


def test_folds_hide_what_they_ask(training_set: TrainingSet) -> None:
    rote = Rote()
    lines: list[str] = []
    got = judge_folds(rote, training_set, folds=3, seed=1, progress=lines.append)
    assert len(lines) == len(rote.learnt) == 3
    assert rote.open == 0
    assert {one.text for one in got.judged} == {one.text for one in training_set.examples}
    assert len(got.judged) == len(training_set.examples)
    assert all(one.is_right == one.is_outside for one in got.judged)  # it had seen none of them
    assert got.facts == {"folds": 3, "seed": 1}


def test_engines_are_compared_on_the_same_folds(training_set: TrainingSet) -> None:
    one, other = Rote(), Rote()
    judge_folds(one, training_set, folds=3, seed=1)
    judge_folds(other, training_set, folds=3, seed=1)
    assert one.learnt == other.learnt
    assert one.asked == other.asked


def test_ours_beats_the_baseline_on_the_small_city(training_set: TrainingSet) -> None:
    ours, plain = (
        report(judge_folds(engine, training_set, folds=3, seed=1).judged)
        for engine in (EmbeddedEngine(), BaselineEngine())
    )
    assert ours["group_accuracy"] > plain["group_accuracy"] > 0.3


def test_a_perfect_reading_of_the_training_set(interpreter: Interpreter, training_set: TrainingSet) -> None:
    reader = InterpreterReader(interpreter, Novelty(training_set.examples))
    neighbours = Neighbours(training_set.examples)
    rows = [Labelled(example.text, example.intent) for example in training_set.examples]
    assert report(judge(reader, rows, training_set.groups, neighbours))["accuracy"] > 0.95
    turned = [Labelled(row.text, "culture.hours") for row in rows]
    assert report(judge(reader, turned, {}, neighbours))["accuracy"] == 0.0


def test_dialect_is_told_apart_by_words_or_by_the_label(interpreter: Interpreter, training_set: TrainingSet) -> None:
    rows = [
        Labelled("社保卡掉了咋个补", "social_insurance.card"),
        Labelled("社保卡丢失补办", "social_insurance.card"),
        Labelled("社保卡掉了咋个补", "", frozenset({"social_insurance"}), is_dialect=False),
    ]
    reader = InterpreterReader(interpreter, Novelty(training_set.examples))
    got = judge(reader, rows, training_set.groups, Neighbours(training_set.examples))
    assert [one.is_dialect for one in got] == [True, False, False]


def test_an_intent_that_was_never_learnt_is_wrong_and_keeps_its_group() -> None:
    learnt = TrainingSet((Example("挂号", "a.book"), Example("退号", "b.undo")), {"a.book": "a", "b.undo": "b"})
    got = judge_split(Rote(), learnt, [Labelled("挂号", "a.book"), Labelled("挂号", "a.never"), Labelled("", "oos")])
    assert [one.is_right for one in got.judged] == [True, False, False]
    assert got.judged[1].is_group_right
    assert got.train_seconds is not None


def test_a_mistake_stands_beside_the_nearest_example_of_what_it_was_taken_for() -> None:
    examples = (Example("挂儿科的号", "book"), Example("给娃娃挂号", "book"), Example("挂号费多少钱", "fee"))
    neighbours = Neighbours(examples)
    assert neighbours.nearest("给娃挂号多少钱", "book") == "给娃娃挂号"
    assert neighbours.nearest("给娃挂号多少钱", "fee") == "挂号费多少钱"
    assert neighbours.nearest("给娃挂号多少钱", OUT_OF_SCOPE) == ""


def test_novelty_by_hand() -> None:
    # ^挂, 挂号, 号$ and ^挂号, 挂号$ were seen. Of ^挂, 挂失, 失$ two are new; of ^挂失, 挂失$ both: (2/3 + 1) / 2.
    novelty = Novelty((Example("挂号", "book"),))
    assert novelty.of("挂号") == 0
    assert novelty.of("挂失") == pytest.approx(5 / 6)
    assert novelty.of("") == 0.5  # its one pair is new, and it has no triple
