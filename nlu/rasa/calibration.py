"""Make Rasa's confidences truthful: its own are whatever its loss left them at, and its limits are not ours."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from nlu.calibration import Problem, choose_thresholds, held_out_figures
from nlu.classifiers.ngram import Matrix
from nlu.classifiers.rasa import RasaCalibration
from nlu.interpretation import IntentScore

_TEMPERATURES = (0.05, 20.0)
_LEAST = 1e-12


def calibrate(
    labels: Sequence[str], rankings: Sequence[Sequence[IntentScore]], groups: Mapping[str, str]
) -> tuple[RasaCalibration, dict[str, float]]:
    """Choose temperature and limits on held-out sentences (`labels` are their intents); also return how often it was right."""
    intents = tuple(sorted(groups))
    names = tuple(sorted(set(groups.values())))
    place = {intent: number for number, intent in enumerate(intents)}
    problem = Problem(
        intents=intents,
        groups=names,
        intent_labels=np.array([place[label] for label in labels], dtype=np.int64),
        group_of=np.array([names.index(groups[intent]) for intent in intents], dtype=np.int64),
    )
    raw = np.full((len(labels), len(intents)), _LEAST)
    for row, ranking in enumerate(rankings):
        for score in ranking:
            raw[row, place[score.intent]] = max(score.confidence, _LEAST)

    def surprise(logarithm: float) -> float:
        held = _shares(raw, float(np.exp(logarithm)))[np.arange(len(labels)), problem.intent_labels]
        return float(-np.log(np.maximum(held, _LEAST)).mean())

    found = minimize_scalar(surprise, bounds=tuple(np.log(_TEMPERATURES)), method="bounded")
    temperature = round(float(np.exp(found.x)), 4)
    shares = _shares(raw, temperature)
    return RasaCalibration(temperature, choose_thresholds(problem, shares)), held_out_figures(problem, shares)


def _shares(raw: Matrix, temperature: float) -> Matrix:
    raised = raw ** (1 / temperature)
    shares: Matrix = raised / raised.sum(axis=1, keepdims=True)
    return shares
