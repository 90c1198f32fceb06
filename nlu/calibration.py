"""Turn held-out scores into truthful confidences, and choose the limits by which they are judged."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from nlu.classifiers.base import Thresholds
from nlu.classifiers.ngram import Calibration, Matrix, confidences
from nlu.classifiers.vectors import Floats
from nlu.interpretation import OUT_OF_SCOPE

OUT_OF_SCOPE_SHARE = 0.12
WORTH_OF_ASKING = 0.75
WORTH_OF_REFUSING = 0.15
COST_OF_REFUSING_BLINDLY = 0.002

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Problem:
    """The labels of the training set in numbers."""

    intents: tuple[str, ...]
    groups: tuple[str, ...]
    intent_labels: Labels
    group_of: Labels

    @property
    def group_labels(self) -> Labels:
        """Return the group of each example."""
        return self.group_of[self.intent_labels]

    @property
    def members(self) -> Floats:
        """Return which intent (row) is in which group (column)."""
        return np.eye(len(self.groups), dtype=np.float32)[self.group_of]


@dataclass(frozen=True, slots=True)
class Scores:
    """Raw scores of both heads for some utterances, a row each."""

    intents: Matrix
    groups: Matrix


def calibrate(problem: Problem, scores: Scores) -> Calibration:
    """Find the temperatures and the share of the group head that make held-out confidences most truthful."""
    rows = np.arange(len(problem.intent_labels))

    def surprise(logarithms: npt.NDArray[np.float64]) -> float:
        by = Calibration(*map(float, np.exp(logarithms)))
        shares = confidences(scores.intents, scores.groups, problem.members, by)
        return float(-np.log(np.maximum(shares[rows, problem.intent_labels], 1e-12)).mean())

    start = np.log([6.0, 3.0, 1.0])
    found = minimize(surprise, start, method="Nelder-Mead", options={"xatol": 0.02, "fatol": 1e-4, "maxiter": 80})
    return Calibration(*(round(float(value), 4) for value in np.exp(found.x)))


def choose_thresholds(problem: Problem, shares: Matrix) -> Thresholds:
    """Choose the limits that serve held-out citizens best: right group and not refused, right intent or well asked."""
    return Thresholds(_choose_group_mass(problem, shares), _choose_margin(problem, shares))


def _choose_group_mass(problem: Problem, shares: Matrix) -> float:
    """Weigh wrongly refused sentences against out-of-scope ones that got through, as if those were 12 in 100.

    To refuse where the guess would have been wrong is worth a little: an honest "not understood" beats a wrong answer.
    Where no out-of-scope sentence was taught, nothing tells what a limit gains; it may cost two right answers in a thousand.
    """
    outside = np.array([group == OUT_OF_SCOPE for group in problem.groups])[problem.group_labels]
    best = problem.group_of[shares.argmax(axis=1)]
    mass = (shares @ problem.members)[np.arange(len(best)), best]
    is_right = best == problem.group_labels
    if not outside.any() and is_right.any():
        return round(float(np.quantile(mass[is_right], COST_OF_REFUSING_BLINDLY)), 2)
    if outside.all() or not outside.any():
        return Thresholds().group_mass
    is_refused_anyway = best == problem.groups.index(OUT_OF_SCOPE)
    candidates = np.arange(0.0, 0.8, 0.01)
    served = [
        OUT_OF_SCOPE_SHARE * (is_refused_anyway | (mass < limit))[outside].mean()
        + (1 - OUT_OF_SCOPE_SHARE) * np.where(mass >= limit, is_right, WORTH_OF_REFUSING * ~is_right)[~outside].mean()
        for limit in candidates
    ]
    return round(float(candidates[int(np.argmax(served))]), 2)


def _choose_margin(problem: Problem, shares: Matrix) -> float:
    """Ask between two intents where an answer after a question is worth more than a guess."""
    order = np.argsort(-shares, axis=1)[:, :2]
    rows = np.arange(len(order))
    gap = shares[rows, order[:, 0]] - shares[rows, order[:, 1]]
    guessed = (order[:, 0] == problem.intent_labels).astype(float)
    asked = WORTH_OF_ASKING * (order == problem.intent_labels[:, None]).any(axis=1)
    candidates = np.arange(0.0, 0.5, 0.01)
    worth = [np.where(gap < margin, asked, guessed).mean() for margin in candidates]
    return round(float(candidates[int(np.argmax(worth))]), 2)


def held_out_figures(problem: Problem, shares: Matrix) -> dict[str, float]:
    """Return how often held-out intents and groups were right."""
    best = shares.argmax(axis=1)
    return {
        "held_out_intent_accuracy": round(float((best == problem.intent_labels).mean()), 4),
        "held_out_group_accuracy": round(float((problem.group_of[best] == problem.group_labels).mean()), 4),
    }
