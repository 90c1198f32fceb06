"""Train the embedded classifier and store it as a versioned artefact; the same data and seed give the same bytes."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from adapters.clock import Clock, SystemClock
from nlu.artefact import Content, ModelFolder, ModelManifest
from nlu.calibration import Labels, Problem, Scores, calibrate, choose_thresholds, held_out_figures
from nlu.classifiers.features import views_of
from nlu.classifiers.ngram import NgramModel, confidences
from nlu.classifiers.vectors import Floats, Vectorizer
from nlu.freshness import fingerprint
from nlu.normalizer import Normalizer
from nlu.training_data import TrainingDataError, TrainingSet

FOLDS = 3
PENALTY = 1.0
TOLERANCE = 1e-2


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


def fit(training_set: TrainingSet, *, seed: int, progress: Callable[[str], None]) -> NgramModel:
    """Fit both heads, with confidences and limits chosen on folds that were held out; stores nothing.

    Raises `TrainingDataError` for an intent with fewer examples than there are folds.
    """
    _require_enough(training_set)
    progress(f"正在准备 {len(training_set.examples)} 句样例、{len(training_set.groups)} 个意图")
    problem = state_problem(training_set)
    held_out = held_out_scores(problem, seed, progress)
    calibration = calibrate(problem, held_out)
    shares = confidences(held_out.intents, held_out.groups, problem.group_of, calibration)
    progress("正在用全部样例训练")
    vectorizer = Vectorizer.fit(problem.views)
    matrix = vectorizer.matrix(problem.views)
    intent_weights, intent_bias = fit_linear(matrix, problem.intent_labels, len(problem.intents), seed)
    group_weights, group_bias = fit_linear(matrix, problem.group_labels, len(problem.groups), seed)
    return NgramModel(
        vectorizer,
        np.hstack([intent_weights, group_weights]),
        np.concatenate([intent_bias, group_bias]),
        problem.intents,
        problem.groups,
        {intent: training_set.groups[intent] for intent in problem.intents},
        calibration,
        choose_thresholds(problem, shares),
        held_out_figures(problem, shares),
    )


def _require_enough(training_set: TrainingSet) -> None:
    """Refuse what cannot be learnt and held out at once."""
    counts = Counter(example.intent for example in training_set.examples)
    problems = [
        f"intent {intent!r} has {count} examples, needs {FOLDS}" for intent, count in counts.items() if count < FOLDS
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


def held_out_scores(problem: Problem, seed: int, progress: Callable[[str], None]) -> Scores:
    """Score every example by a model that has not seen it."""
    labels = problem.intent_labels
    scores = Scores(np.zeros((len(labels), len(problem.intents))), np.zeros((len(labels), len(problem.groups))))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for number, (learnt, unseen) in enumerate(folds.split(np.zeros(len(labels)), labels), start=1):
        progress(f"正在校准 {number}/{FOLDS}")
        vectorizer = Vectorizer.fit([problem.views[index] for index in learnt])
        matrix = vectorizer.matrix([problem.views[index] for index in learnt])
        target = vectorizer.matrix([problem.views[index] for index in unseen])
        for scored, known in ((scores.intents, labels), (scores.groups, problem.group_labels)):
            weights, bias = fit_linear(matrix, known[learnt], scored.shape[1], seed)
            scored[unseen] = target @ weights + bias
    return scores


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
