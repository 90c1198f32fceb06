"""Every figure has a fixture whose value was worked out by hand."""

import json

import pytest

from nlu.engines.base import Reading
from nlu.figures import Judged, auroc, calibration, false_refusal, group_matrix, histogram, macro_f1, report, speed
from nlu.interpretation import OUT_OF_SCOPE


def judged(
    intent: str,
    taken: str,
    confidence: float = 0.8,
    *,
    guess: str = "",
    second: str = "",
    asks: bool = False,
    outside: float = 0.2,
    nearest: str = "",
    dialect: bool = False,
) -> Judged:
    return Judged(
        text=f"{intent}?",
        intent=intent,
        groups=frozenset({intent.partition(".")[0]}),
        reading=Reading(guess or taken, taken, confidence, outside, second, asks),
        taken_group=taken.partition(".")[0],
        is_dialect=dialect,
        seconds=0.002,
        nearest=nearest,
    )


FOUR = [
    judged("a.one", "a.one", dialect=True),
    judged("a.one", "a.two", 0.6, asks=True, second="a.one", nearest="二"),
    judged("b.one", OUT_OF_SCOPE, guess="b.one", outside=0.7),
    judged(OUT_OF_SCOPE, OUT_OF_SCOPE, guess="b.one", outside=0.6),
]


def test_four_sentences_by_hand() -> None:
    got = report(FOUR)
    assert got["sentences"] == 4
    assert got["accuracy"] == 0.5
    # Refusal switched off, b.one is right too; the sentence out of scope has no right intent then and is left out.
    assert got["in_scope_accuracy"] == 0.6667
    assert got["group_accuracy"] == 0.75
    # a.one: precision 1, recall 1/2, F1 2/3. b.one: 0. Out of scope: precision 1/2, recall 1, F1 2/3. Mean 4/9.
    assert got["macro_f1"] == pytest.approx(4 / 9, abs=1e-4)
    assert got["per_intent"]["a.one"] == {"sentences": 2, "precision": 1.0, "recall": 0.5, "f1": 0.6667}
    assert got["per_intent"][OUT_OF_SCOPE] == {"sentences": 1, "precision": 0.5, "recall": 1.0, "f1": 0.6667}
    assert got["per_group"]["a"] == {"sentences": 2, "recall": 1.0}
    assert got["ambiguity"] == {"share": 0.25, "right_among_two": 1.0}
    assert got["dialect"]["group_accuracy"] == 1.0
    assert got["dialect"]["group_accuracy_elsewhere"] == 0.6667
    assert got["dialect"]["accuracy_elsewhere"] == 0.3333
    assert got["speed"] == {"parses_per_second": 500.0, "p50_milliseconds": 2.0, "p99_milliseconds": 2.0}
    assert json.loads(json.dumps(got)) == got


def test_out_of_scope_by_hand() -> None:
    got = report(FOUR)["out_of_scope"]
    histogram_of_four = got.pop("histogram")
    # In scope 0.2, 0.2, 0.7; out of scope 0.6, which is above two of the three.
    assert got == {
        "sentences": 1,
        "auroc": 0.6667,
        "false_refusal_at_95_recall": 0.3333,
        "recall": 1.0,
        "precision": 0.5,
        "wrongly_refused": 0.3333,
    }
    assert sum(histogram_of_four["inside"]) == 3
    assert histogram_of_four["outside"][8] == 1  # 1 - 0.6 lies in the bin from 0.40 to 0.45


def test_mistakes_stand_beside_what_they_look_like() -> None:
    got = report(FOUR)["confusions"]
    assert got[0] == {
        "is": "a.one",
        "taken_for": "a.two",
        "times": 1,
        "sentences": [{"text": "a.one?", "nearest": "二", "confidence": 0.6}],
    }
    assert [(pair["is"], pair["taken_for"]) for pair in got] == [("a.one", "a.two"), ("b.one", OUT_OF_SCOPE)]
    assert [(pair["is"], pair["taken_for"]) for pair in report(FOUR)["group_confusions"]] == [("b", OUT_OF_SCOPE)]


def test_auroc_by_hand() -> None:
    # 0.4 beats 0.1, ties with 0.4, loses to 0.5; 0.8 beats all three: 4.5 of 6.
    assert auroc([0.1, 0.4, 0.5], [0.4, 0.8]) == 0.75
    assert auroc([0.1], []) is None
    assert auroc([], [0.1]) is None


def test_false_refusal_by_hand() -> None:
    # 19 of 20 have to be refused: the limit is 0.5, and 0.5 and 0.6 of the four in scope reach it.
    assert false_refusal([0.2, 0.5, 0.6, 0.4], [0.01] + [0.5] * 19) == 0.5
    # Of two both have to be refused (95 % of two is more than one): the limit is 0.4.
    assert false_refusal([0.1, 0.4, 0.5], [0.4, 0.8]) == 0.6667
    assert false_refusal([0.1], [0.9]) == 0.0
    assert false_refusal([0.1], []) is None


def test_calibration_by_hand() -> None:
    # Bin 0.9: 0.9 and 1.0 (mean 0.95), one right: distance 0.45, twice. Bin 0.2: 0.2 against none right: 0.2, once.
    got = calibration([judged("a", "a", 0.9), judged("a", "b", 1.0), judged("a", "b", 0.2)])
    assert got is not None
    assert got["expected_calibration_error"] == pytest.approx((2 * 0.45 + 0.2) / 3, abs=1e-4)
    assert got["bins"] == [
        {"from": 0.2, "sentences": 1, "confidence": 0.2, "accuracy": 0.0},
        {"from": 0.9, "sentences": 2, "confidence": 0.95, "accuracy": 0.5},
    ]
    assert calibration([]) is None


def test_macro_f1_counts_the_intents_of_the_truth() -> None:
    # a: precision 1/2, recall 1: 2/3. b: never taken: 0. c is in no label and counts for nothing.
    assert macro_f1(["a", "b", "b"], ["a", "a", "c"]) == pytest.approx(1 / 3, abs=1e-4)
    assert macro_f1([], []) is None


def test_sentences_with_groups_alone_have_no_figures_of_intents() -> None:
    row = Judged("挂号投诉", "", frozenset({"a", "b"}), Reading("b.one", "b.one", 0.9, 0.1), "b")
    got = report([row])
    assert got["group_accuracy"] == 1.0
    assert got["accuracy"] is got["macro_f1"] is got["in_scope_accuracy"] is got["calibration"] is None
    assert got["per_intent"] == {}
    assert got["confusions"] == []
    assert got["per_group"]["a"] == {"sentences": 1, "recall": 1.0}
    assert got["group_matrix"] == {"groups": [], "counts": []}


def test_rows_of_the_matrix_are_the_truth() -> None:
    got = group_matrix([judged("a", "a"), judged("a", "b"), judged("b", "b"), judged("a", "a")])
    assert got == {"groups": ["a", "b"], "counts": [[2, 1], [0, 1]]}


def test_the_ends_of_the_histogram_hold_what_is_beyond() -> None:
    assert histogram([0.0, 1.0, -1e-9, 0.5])[0] == 1
    assert histogram([0.0, 1.0, -1e-9, 0.5])[-1] == 2


def test_nothing_has_no_speed() -> None:
    assert speed([]) is None
    assert speed([0.001] * 99 + [0.1]) == {
        "parses_per_second": 502.5,
        "p50_milliseconds": 1.0,
        "p99_milliseconds": 1.99,
    }
