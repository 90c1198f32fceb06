"""The figures of an evaluation, as plain JSON. Each is defined where it is computed; README.md, Measured, lists them.

Out of scope counts as one more intent (the K+1 convention of open intent sets): a sentence that is labelled so is right
when it was refused, and a refused sentence of the city's is wrong.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

from nlu.engines.base import Reading
from nlu.interpretation import OUT_OF_SCOPE

BINS = 10
HISTOGRAM_BINS = 20
MOST_CONFUSIONS = 30
MOST_SENTENCES = 3
RECALL_OUTSIDE = 0.95


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence beside its label: `intent` is "" where only its `groups` are known, any of which is right.

    `nearest` is, for a wrong one, the example of the wrong intent that it looks most like.
    """

    text: str
    intent: str
    groups: frozenset[str]
    reading: Reading
    taken_group: str
    is_dialect: bool = False
    seconds: float = 0.0
    nearest: str = ""

    @property
    def is_right(self) -> bool:
        """Tell whether the decision was right: the intent where it is known, otherwise the group."""
        return self.reading.taken == self.intent if self.intent else self.is_group_right

    @property
    def is_group_right(self) -> bool:
        """Tell whether the sentence came to the right field."""
        return self.taken_group in self.groups

    @property
    def is_outside(self) -> bool:
        """Tell whether it is labelled as out of scope."""
        return self.groups == {OUT_OF_SCOPE}


def report(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return all figures; those that need intents are None where only groups are known."""
    by_intent = [one for one in judged if one.intent]
    inside = [one for one in by_intent if not one.is_outside]
    truth, taken = [one.intent for one in by_intent], [one.reading.taken for one in by_intent]
    return {
        "sentences": len(judged),
        "accuracy": share(one.is_right for one in by_intent),
        "macro_f1": macro_f1(truth, taken),
        "in_scope_accuracy": share(one.reading.guess == one.intent for one in inside),
        "group_accuracy": share(one.is_group_right for one in judged),
        "calibration": calibration([one for one in by_intent if one.reading.taken != OUT_OF_SCOPE]),
        "out_of_scope": out_of_scope(judged),
        "ambiguity": ambiguity(by_intent),
        "dialect": dialect(judged),
        "speed": speed([one.seconds for one in judged]),
        "per_intent": per_intent(truth, taken),
        "per_group": per_group(judged),
        "group_matrix": group_matrix(judged),
        "confusions": confusions(by_intent),
        "group_confusions": group_confusions(judged),
    }


def share(hits: Iterable[bool]) -> float | None:
    """Return the share of true values; None of nothing."""
    values = [bool(hit) for hit in hits]
    return round(sum(values) / len(values), 4) if values else None


def macro_f1(truth: Sequence[str], taken: Sequence[str]) -> float | None:
    """Return the mean F1 over the intents that occur in the truth, out of scope being one of them."""
    if not truth:
        return None
    return round(float(f1_score(truth, taken, labels=sorted(set(truth)), average="macro", zero_division=0)), 4)


def calibration(answered: Sequence[Judged]) -> dict[str, Any] | None:
    """Return the expected calibration error of what was not refused, and its bins for the reliability diagram.

    The error is the mean distance of confidence and accuracy over ten bins of equal width, by the sentences in each.
    """
    if not answered:
        return None
    filled: dict[int, list[Judged]] = defaultdict(list)
    for one in answered:
        filled[min(BINS - 1, int(one.reading.confidence * BINS))].append(one)
    bins = [
        {
            "from": number / BINS,
            "sentences": len(filled[number]),
            "confidence": round(sum(one.reading.confidence for one in filled[number]) / len(filled[number]), 4),
            "accuracy": share(one.is_right for one in filled[number]),
        }
        for number in sorted(filled)
    ]
    distances = (
        abs(sum(one.reading.confidence for one in members) - sum(one.is_right for one in members))
        for members in filled.values()
    )
    return {"expected_calibration_error": round(sum(distances) / len(answered), 4), "bins": bins}


def out_of_scope(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return how well sentences out of scope are told from the others, by the score and by the decision."""
    inside = [one for one in judged if not one.is_outside]
    outside = [one for one in judged if one.is_outside]
    refused = [one for one in judged if one.taken_group == OUT_OF_SCOPE]
    scores = [one.reading.outside for one in inside], [one.reading.outside for one in outside]
    return {
        "sentences": len(outside),
        "auroc": auroc(*scores),
        "false_refusal_at_95_recall": false_refusal(*scores),
        "recall": share(one.taken_group == OUT_OF_SCOPE for one in outside),
        "precision": share(one.is_outside for one in refused),
        "wrongly_refused": share(one.taken_group == OUT_OF_SCOPE for one in inside),
        "histogram": {"inside": histogram(scores[0]), "outside": histogram(scores[1])},
    }


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Return how often a sentence out of scope scores higher than one in scope (a tie counts half); None without both."""
    if not inside or not outside:
        return None
    truth = [0] * len(inside) + [1] * len(outside)
    return round(float(roc_auc_score(truth, [*inside, *outside])), 4)


def false_refusal(inside: Sequence[float], outside: Sequence[float], recall: float = RECALL_OUTSIDE) -> float | None:
    """Return the share in scope that is refused by the highest limit that refuses at least `recall` of the others.

    A score at the limit is refused. Known elsewhere as the false positive rate at 95 % recall (FPR95).
    """
    if not inside or not outside:
        return None
    needed = math.ceil(recall * len(outside) - 1e-9)
    limit = sorted(outside, reverse=True)[needed - 1]
    return share(score >= limit for score in inside)


def histogram(scores: Sequence[float]) -> list[int]:
    """Return how many sentences look how much like something in scope, in twenty bins from not at all."""
    counts = [0] * HISTOGRAM_BINS
    for score in scores:
        counts[max(0, min(HISTOGRAM_BINS - 1, int((1.0 - score) * HISTOGRAM_BINS)))] += 1
    return counts


def ambiguity(judged: Sequence[Judged]) -> dict[str, float | None]:
    """Return how often it would be asked which of two was meant, and how often the right one is then among them."""
    asked = [one for one in judged if one.reading.is_ambiguous]
    return {
        "share": share(one.reading.is_ambiguous for one in judged),
        "right_among_two": share(one.intent in {one.reading.taken, one.reading.second} for one in asked),
    }


def dialect(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return accuracy for sentences in dialect, and for all others."""
    spoken = [one for one in judged if one.is_dialect]
    plain = [one for one in judged if not one.is_dialect]
    return {
        "sentences": len(spoken),
        "accuracy": share(one.is_right for one in spoken if one.intent),
        "group_accuracy": share(one.is_group_right for one in spoken),
        "accuracy_elsewhere": share(one.is_right for one in plain if one.intent),
        "group_accuracy_elsewhere": share(one.is_group_right for one in plain),
    }


def speed(seconds: Sequence[float]) -> dict[str, float] | None:
    """Return parses a second, one after the other in one thread, and how long one takes."""
    if not seconds or sum(seconds) == 0:
        return None
    p50, p99 = np.percentile(seconds, [50, 99])
    return {
        "parses_per_second": round(len(seconds) / sum(seconds), 1),
        "p50_milliseconds": round(float(p50) * 1000, 3),
        "p99_milliseconds": round(float(p99) * 1000, 3),
    }


def per_intent(truth: Sequence[str], taken: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return precision, recall and F1 of each intent, and how many sentences it has."""
    right = Counter(one for one, other in zip(truth, taken, strict=True) if one == other)
    of_truth, of_taken = Counter(truth), Counter(taken)
    return {
        intent: {
            "sentences": of_truth[intent],
            "precision": round(right[intent] / max(1, of_taken[intent]), 4),
            "recall": round(right[intent] / of_truth[intent], 4),
            "f1": round(2 * right[intent] / (of_truth[intent] + of_taken[intent]), 4),
        }
        for intent in sorted(of_truth)
    }


def per_group(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Return how many sentences each group has, and the share that came to a right one."""
    members: dict[str, list[bool]] = defaultdict(list)
    for one in judged:
        for group in one.groups:
            members[group].append(one.is_group_right)
    return {group: {"sentences": len(hits), "recall": share(hits)} for group, hits in sorted(members.items())}


def group_matrix(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return a row a true group and a column a group that it was taken for; sentences of several groups are left out."""
    pairs = Counter((next(iter(one.groups)), one.taken_group) for one in judged if len(one.groups) == 1)
    sizes = Counter({group: 0 for pair in pairs for group in pair})
    for (group, _), times in pairs.items():
        sizes[group] += times
    groups = sorted(sizes, key=lambda group: (-sizes[group], group))
    return {"groups": groups, "counts": [[pairs[row, column] for column in groups] for row in groups]}


def confusions(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return the most frequent wrong pairs of intents, each with sentences and the examples that they look like."""
    return _pairs((one.intent, one.reading.taken, one) for one in judged if not one.is_right)


def group_confusions(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return the most frequent wrong pairs of groups, likewise."""
    return _pairs(("|".join(sorted(one.groups)), one.taken_group, one) for one in judged if not one.is_group_right)


def _pairs(wrong: Iterable[tuple[str, str, Judged]]) -> list[dict[str, Any]]:
    """Return the most frequent pairs of what was meant and what was taken."""
    members: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for truth, taken, one in wrong:
        members[truth, taken].append(one)
    most = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_CONFUSIONS]
    return [
        {"is": truth, "taken_for": taken, "times": len(found), "sentences": _side_by_side(found)}
        for (truth, taken), found in most
    ]


def _side_by_side(members: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return the surest mistakes beside what they look like."""
    surest = sorted(members, key=lambda one: -one.reading.confidence)[:MOST_SENTENCES]
    return [
        {"text": one.text, "nearest": one.nearest, "confidence": round(one.reading.confidence, 4)} for one in surest
    ]
