"""The figures of an evaluation, as plain JSON: accuracy, macro F1, calibration, refusals, confusions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from nlu.interpretation import OUT_OF_SCOPE

BINS = 10
MOST_CONFUSIONS = 30


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence as it was understood: `guess` is the best intent even where it was then refused."""

    intent: str
    guess: str
    taken: str
    group: str
    taken_group: str
    confidence: float
    is_ambiguous: bool
    second: str
    is_dialect: bool = False


def report(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return the figures of judged sentences as plain JSON."""
    truth, guesses = [one.intent for one in judged], [one.guess for one in judged]
    return {
        "sentences": len(judged),
        "intent_accuracy": _share(one.intent == one.guess for one in judged),
        "intent_accuracy_after_refusal": _share(one.intent == one.taken for one in judged),
        "macro_f1": _macro_f1(truth, guesses),
        "group_accuracy": _share(one.group == one.taken_group for one in judged),
        "expected_calibration_error": calibration_error(
            [(one.confidence, one.intent == one.taken) for one in judged if one.taken != OUT_OF_SCOPE]
        ),
        "dialect": _dialect(judged),
        "ambiguity": _ambiguity(judged),
        "out_of_scope": _out_of_scope(judged),
        "per_intent": _per_intent(truth, guesses),
        "per_group": _per_group(judged),
        "confusions": _confusions(zip(truth, guesses, strict=True)),
        "group_confusions": _confusions((one.group, one.taken_group) for one in judged),
    }


def calibration_error(judged: Sequence[tuple[float, bool]]) -> float:
    """Return the expected calibration error over ten equal bins: mean distance of confidence and accuracy."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, is_right in judged:
        bins[min(BINS - 1, int(confidence * BINS))].append((confidence, is_right))
    distances = (
        abs(sum(confidence for confidence, _ in filled) - sum(is_right for _, is_right in filled)) for filled in bins
    )
    return round(sum(distances) / max(1, len(judged)), 4)


def baseline_report(truth: Sequence[str], guesses: Sequence[str], groups: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures that a classifier without confidences can be given."""
    pairs = list(zip(truth, guesses, strict=True))
    return {
        "name": "character n-grams 1-4, TF-IDF, linear SVC",
        "intent_accuracy": _share(right == guess for right, guess in pairs),
        "macro_f1": _macro_f1(truth, guesses),
        "group_accuracy": _share(groups[right] == groups[guess] for right, guess in pairs),
    }


def _dialect(judged: Sequence[Judged]) -> dict[str, float]:
    """Return how often the group is right with a dialect word in the sentence, and without."""
    return {
        "share": _share(one.is_dialect for one in judged),
        "group_accuracy": _share(one.group == one.taken_group for one in judged if one.is_dialect),
        "group_accuracy_elsewhere": _share(one.group == one.taken_group for one in judged if not one.is_dialect),
    }


def _ambiguity(judged: Sequence[Judged]) -> dict[str, float]:
    """Return how often would be asked back, and how often the right intent is then among the two."""
    asked = [one for one in judged if one.is_ambiguous]
    return {
        "share": round(len(asked) / max(1, len(judged)), 4),
        "right_among_two": _share(one.intent in {one.taken, one.second} for one in asked),
    }


def _out_of_scope(judged: Sequence[Judged]) -> dict[str, float]:
    """Return how many out-of-scope sentences were refused, and how many others wrongly."""
    outside = [one for one in judged if one.group == OUT_OF_SCOPE]
    inside = [one for one in judged if one.group != OUT_OF_SCOPE]
    return {
        "recall": _share(one.taken_group == OUT_OF_SCOPE for one in outside),
        "wrongly_refused": _share(one.taken_group == OUT_OF_SCOPE for one in inside),
    }


def _per_intent(truth: Sequence[str], guesses: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return precision, recall and F1 of each intent."""
    right = Counter(one for one, other in zip(truth, guesses, strict=True) if one == other)
    of_truth, of_guesses = Counter(truth), Counter(guesses)
    return {
        intent: {
            "sentences": of_truth[intent],
            "precision": round(right[intent] / max(1, of_guesses[intent]), 4),
            "recall": round(right[intent] / of_truth[intent], 4),
            "f1": round(2 * right[intent] / (of_truth[intent] + of_guesses[intent]), 4),
        }
        for intent in sorted(of_truth)
    }


def _per_group(judged: Sequence[Judged]) -> dict[str, float]:
    """Return the share of each group's sentences that were put into it."""
    groups = sorted({one.group for one in judged})
    return {group: _share(one.taken_group == group for one in judged if one.group == group) for group in groups}


def _confusions(pairs: Any) -> list[dict[str, Any]]:
    """Return the most frequent wrong pairs."""
    wrong = Counter((right, guess) for right, guess in pairs if right != guess)
    return [
        {"is": right, "taken_for": guess, "times": times}
        for (right, guess), times in wrong.most_common(MOST_CONFUSIONS)
    ]


def _macro_f1(truth: Sequence[str], guesses: Sequence[str]) -> float:
    """Return the mean F1 over the intents that occur in the truth."""
    return round(float(f1_score(truth, guesses, labels=sorted(set(truth)), average="macro", zero_division=0)), 4)


def _share(hits: Any) -> float:
    """Return the share of true values; 0 for none."""
    values = np.array([bool(hit) for hit in hits])
    return round(float(values.mean()), 4) if len(values) else 0.0
