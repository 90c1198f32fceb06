"""Calibration: overconfident rankings are flattened, timid ones sharpened, and the limits fit what was measured."""

import random

import pytest

from nlu.interpretation import IntentScore
from nlu.rasa.calibration import calibrate

GROUPS = {"a.one": "a", "a.two": "a", "b.one": "b", "out_of_scope": "out_of_scope"}


def rankings(share: float, right: float, count: int = 400) -> tuple[list[str], list[list[IntentScore]]]:
    """Return labels, and rankings whose first has `share` and is right in the part `right` of all."""
    chance = random.Random(7)
    labels, ranked = [], []
    for number in range(count):
        label = list(GROUPS)[number % len(GROUPS)]
        others = [intent for intent in GROUPS if intent != label]
        best = label if chance.random() < right else chance.choice(others)
        rest = (1 - share) / (len(GROUPS) - 1)
        labels.append(label)
        ranked.append([IntentScore(i, GROUPS[i], share if i == best else rest) for i in sorted(GROUPS)])
    return labels, ranked


def calibrated(share: float, temperature: float) -> float:
    """Return what a share becomes: computed apart from the code."""
    best, rest = share ** (1 / temperature), ((1 - share) / 3) ** (1 / temperature)
    return best / (best + 3 * rest)


@pytest.mark.parametrize(("share", "right"), [(0.99, 0.8), (0.4, 0.8), (0.8, 0.8), (0.99, 0.5)])
def test_the_confidence_becomes_the_share_of_right_answers(share: float, right: float) -> None:
    labels, ranked = rankings(share, right)
    seen = sum(max(row, key=lambda s: s.confidence).intent == label for label, row in zip(labels, ranked, strict=True))
    calibration, figures = calibrate(labels, ranked, GROUPS)
    assert calibrated(share, calibration.temperature) == pytest.approx(seen / len(labels), abs=0.01)
    assert figures["held_out_intent_accuracy"] == pytest.approx(seen / len(labels), abs=1e-4)
    assert figures["held_out_group_accuracy"] >= figures["held_out_intent_accuracy"]


def test_what_a_server_leaves_out_of_its_ranking_counts_as_nothing() -> None:
    labels, ranked = rankings(0.9, 0.9)
    calibration, _ = calibrate(labels, [[max(row, key=lambda s: s.confidence)] for row in ranked], GROUPS)
    assert calibration.temperature > 1
    assert 0 <= calibration.thresholds.group_mass < 1
