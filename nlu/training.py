"""Train the embedded classifier and store it as a versioned artefact; the same data and seed give the same bytes."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from adapters.clock import Clock, SystemClock
from nlu.artefact import Content, ModelFolder, ModelManifest
from nlu.calibration import Labels, Problem, Scores, calibrate, choose_thresholds, held_out_figures
from nlu.classifiers.base import Thresholds
from nlu.classifiers.features import views_of
from nlu.classifiers.ngram import Calibration, NgramModel, confidences
from nlu.classifiers.vectors import Floats, Vectorizer
from nlu.folds import spread
from nlu.freshness import fingerprint
from nlu.normalizer import Normalizer
from nlu.training_data import TrainingDataError, TrainingSet

FOLDS = 3
PENALTY = 1.0
TOLERANCE = 1e-2
SMALL_SET = 5000
"""Up to so many examples a feature counts that occurs once; beyond it would only make the model larger."""


@dataclass(frozen=True, slots=True)
class Head:
    """One separating plane a class: weights (features x classes) and bias."""

    weights: Floats
    bias: Floats


def train(
    training_set: TrainingSet,
    models_folder: Path,
    *,
    seed: int,
    progress: Callable[[str], None],
    clock: Clock | None = None,
) -> ModelManifest:
    """Fit, calibrate on held-out folds, store, and make it the current model; returns its manifest."""
    model = fit(training_set, seed=seed, progress=progress)
    manifest = ModelFolder(models_folder).save(
        Content(model.arrays(), model.document()),
        {
            "fingerprint": fingerprint(training_set, seed),
            "trained_at": (clock or SystemClock()).now().isoformat(timespec="seconds"),
            "seed": seed,
            "examples": len(training_set.examples),
            "intents": len(model.intents),
            "figures": dict(model.figures),
        },
    )
    progress(f"新模型 {manifest.version} 已启用")
    return manifest


def fit(training_set: TrainingSet, *, seed: int, progress: Callable[[str], None], fewest: int = FOLDS) -> NgramModel:
    """Fit both heads, with confidences and limits chosen on folds that were held out; stores nothing.

    Raises `TrainingDataError` for an intent with fewer than `fewest` examples.
    """
    _require_enough(training_set, fewest)
    progress(f"正在准备 {len(training_set.examples)} 句样例、{len(training_set.groups)} 个意图")
    problem = state_problem(training_set)
    judged, held_out = held_out_scores(problem, seed, progress)
    calibration, thresholds, figures = _settle(judged, held_out)
    progress("正在用全部样例训练")
    vectorizer = Vectorizer.fit(problem.views, _minimum_documents(problem))
    matrix = vectorizer.matrix(problem.views)
    intents, groups = fit_heads(matrix, problem, range(len(problem.views)), seed)
    return NgramModel(
        vectorizer,
        np.hstack([intents.weights, groups.weights]),
        np.concatenate([intents.bias, groups.bias]),
        problem.intents,
        problem.groups,
        {intent: training_set.groups[intent] for intent in problem.intents},
        calibration,
        thresholds,
        figures,
    )


def _settle(judged: Problem, held_out: Scores) -> tuple[Calibration, Thresholds, Mapping[str, float]]:
    """Choose confidences and limits; where nothing could be held out, the usual ones."""
    if not judged.views:
        return Calibration(), Thresholds(), {}
    calibration = calibrate(judged, held_out)
    shares = confidences(held_out.intents, held_out.groups, judged.group_of, calibration)
    return calibration, choose_thresholds(judged, shares), held_out_figures(judged, shares)


def _require_enough(training_set: TrainingSet, fewest: int) -> None:
    """Refuse what cannot be learnt and held out at once."""
    counts = Counter(example.intent for example in training_set.examples)
    problems = [
        f"intent {intent!r} has {count} examples, needs {fewest}" for intent, count in counts.items() if count < fewest
    ]
    if len(counts) < 2:
        problems.append(f"{len(counts)} intents have examples, needs 2")
    if problems:
        raise TrainingDataError(problems)


def state_problem(training_set: TrainingSet) -> Problem:
    """Number the intents and groups, and compute the features of every example, in an order that no file decides."""
    normalizer = Normalizer()
    examples = sorted(training_set.examples, key=lambda example: (example.intent, example.text))
    intents = tuple(sorted({example.intent for example in examples}))
    groups = tuple(sorted({training_set.groups[intent] for intent in intents}))
    numbers = {intent: number for number, intent in enumerate(intents)}
    return Problem(
        [views_of(normalizer.normalize(example.text)) for example in examples],
        intents,
        groups,
        np.array([numbers[example.intent] for example in examples], dtype=np.int64),
        np.array([groups.index(training_set.groups[intent]) for intent in intents], dtype=np.int64),
    )


def held_out_scores(problem: Problem, seed: int, progress: Callable[[str], None]) -> tuple[Problem, Scores]:
    """Score examples by models that have not seen them; returns the examples that were scored, and their scores.

    An intent with fewer examples than there are folds is learnt in all of them: held out it could only be wrong.
    """
    labels = problem.intent_labels
    is_judged = np.bincount(labels)[labels] >= FOLDS
    folds = np.where(is_judged, spread(labels, FOLDS, seed), FOLDS)
    scores = Scores(np.zeros((len(labels), len(problem.intents))), np.zeros((len(labels), len(problem.groups))))
    for number in range(FOLDS if is_judged.any() else 0):
        progress(f"正在校准 {number + 1}/{FOLDS}")
        learnt, unseen = (np.flatnonzero(part).tolist() for part in (folds != number, folds == number))
        vectorizer = Vectorizer.fit([problem.views[index] for index in learnt], _minimum_documents(problem))
        matrix = vectorizer.matrix([problem.views[index] for index in learnt])
        target = vectorizer.matrix([problem.views[index] for index in unseen])
        for scored, head in zip((scores.intents, scores.groups), fit_heads(matrix, problem, learnt, seed), strict=True):
            scored[unseen] = target @ head.weights + head.bias
    judged = np.flatnonzero(is_judged).tolist()
    part = replace(problem, views=[problem.views[index] for index in judged], intent_labels=labels[judged])
    return part, Scores(scores.intents[judged], scores.groups[judged])


def _minimum_documents(problem: Problem) -> int:
    """Return in how many examples a feature has to occur; a small set's intents may have but one example."""
    return 1 if len(problem.views) <= SMALL_SET else 2


def fit_heads(matrix: csr_matrix, problem: Problem, learnt: Sequence[int], seed: int) -> tuple[Head, Head]:
    """Fit the heads of intents and of groups on some of the examples; a group an intent makes them one and the same."""
    intents = Head(*fit_linear(matrix, problem.intent_labels[list(learnt)], len(problem.intents), seed))
    if len(problem.groups) == len(problem.intents):
        order = np.argsort(problem.group_of)
        return intents, Head(intents.weights[:, order], intents.bias[order])
    return intents, Head(*fit_linear(matrix, problem.group_labels[list(learnt)], len(problem.groups), seed))


def fit_linear(matrix: csr_matrix, labels: Labels, classes: int, seed: int) -> tuple[Floats, Floats]:
    """Fit one separating plane a class (squared hinge); returns weights (features x classes) and bias."""
    present = np.unique(labels)
    weights = np.zeros((matrix.shape[1], classes), dtype=np.float32)
    bias = np.full(classes, -1.0, dtype=np.float32)
    if len(present) == 1:
        bias[present] = 1.0
        return weights, bias
    learner = LinearSVC(C=PENALTY, tol=TOLERANCE, dual=True, random_state=seed, max_iter=5000).fit(matrix, labels)
    if len(present) == 2:
        coefficients, intercepts = np.vstack([-learner.coef_, learner.coef_]), np.array([-1, 1]) * learner.intercept_
    else:
        coefficients, intercepts = learner.coef_, learner.intercept_
    weights[:, present] = coefficients.T
    bias[present] = intercepts
    return weights, bias
