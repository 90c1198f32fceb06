"""Evaluation: every figure has a fixture whose value was worked out by hand."""

import json
from pathlib import Path

import pytest

from nlu.evaluation import Labelled, cross_validate, evaluate, read_labelled
from nlu.figures import Judged, calibration_error, report
from nlu.interpreter import Interpreter
from nlu.training_data import TrainingSet


def judged(
    intent: str, taken: str, confidence: float = 0.8, guess: str = "", second: str = "", asks: bool = False
) -> Judged:
    return Judged(
        intent, guess or taken, taken, intent.partition(".")[0], taken.partition(".")[0], confidence, asks, second
    )


FOUR = [
    judged("a.one", "a.one"),
    judged("a.one", "a.two", asks=True, second="a.one"),
    judged("b.one", "out_of_scope", guess="b.one"),
    judged("out_of_scope", "out_of_scope"),
]


def test_figures_by_hand() -> None:
    got = report(FOUR)
    assert got["sentences"] == 4
    assert got["intent_accuracy"] == 0.75
    assert got["intent_accuracy_after_refusal"] == 0.5
    assert got["group_accuracy"] == 0.75
    # a.one: precision 1, recall 1/2, so F1 2/3; b.one and out_of_scope 1; their mean is 8/9.
    assert got["macro_f1"] == pytest.approx(8 / 9, abs=1e-4)
    assert got["per_intent"]["a.one"] == {"sentences": 2, "precision": 1.0, "recall": 0.5, "f1": 0.6667}
    assert got["dialect"] == {"share": 0.0, "group_accuracy": 0.0, "group_accuracy_elsewhere": 0.75}
    assert got["ambiguity"] == {"share": 0.25, "right_among_two": 1.0}
    assert got["out_of_scope"] == {"recall": 1.0, "wrongly_refused": 0.3333}
    assert got["confusions"] == [{"is": "a.one", "taken_for": "a.two", "times": 1}]
    assert got["group_confusions"] == [{"is": "b", "taken_for": "out_of_scope", "times": 1}]
    assert got["per_group"] == {"a": 1.0, "b": 0.0, "out_of_scope": 1.0}
    assert json.loads(json.dumps(got)) == got


def test_dialect_is_told_apart(interpreter: Interpreter) -> None:
    rows = [
        Labelled("社保卡掉了咋个补", "social_insurance.card"),
        Labelled("社保卡丢失补办", "social_insurance.pension"),
    ]
    got = evaluate(interpreter, [*rows, Labelled("退休", "health_appointment.book")])["dialect"]
    assert got == {"share": 0.3333, "group_accuracy": 1.0, "group_accuracy_elsewhere": 0.5}


def test_calibration_error_by_hand() -> None:
    # Bin 0.9: two sentences of 0.9 and 1.0 (mean 0.95), one right (0.5): distance 0.45; bin 0.2: 0.2 against 0: 0.2.
    assert calibration_error([(0.9, True), (1.0, False), (0.2, False)]) == pytest.approx((2 * 0.45 + 0.2) / 3, abs=1e-4)
    assert calibration_error([]) == 0.0


def test_a_perfect_reading_of_the_training_set(interpreter: Interpreter, training_set: TrainingSet) -> None:
    rows = [Labelled(example.text, example.intent) for example in training_set.examples]
    got = evaluate(interpreter, rows, training_set.groups)
    assert got["intent_accuracy"] > 0.95
    turned = [Labelled(row.text, "culture.hours") for row in rows]
    assert evaluate(interpreter, turned)["intent_accuracy"] == 0.0


def test_cross_validation_stands_beside_its_baseline(training_set: TrainingSet) -> None:
    lines: list[str] = []
    got = cross_validate(training_set, folds=3, seed=1, progress=lines.append)
    assert lines == ["1/3", "2/3", "3/3"]
    assert got["engine"]["sentences"] == len(training_set.examples)
    assert got["engine"]["group_accuracy"] > got["baseline"]["group_accuracy"] > 0.3
    assert json.loads(json.dumps(got)) == got


def test_labelled_lines_are_read_and_a_bad_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"text": "挂号", "intent": "a.b", "more": 1}\n\n', encoding="utf-8")
    assert read_labelled(path) == (Labelled("挂号", "a.b"),)
    path.write_text('{"text": "挂号", "intent": "a.b"}\n{"text": "挂号"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"set\.jsonl:2: expected an object"):
        read_labelled(path)
