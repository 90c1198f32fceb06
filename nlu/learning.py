"""Fit the linear heads of the classifier, on all examples and on folds, a process to each fit."""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from nlu.calibration import Labels
from nlu.classifiers.ngram import Matrix
from nlu.classifiers.vectors import Floats, Rows
from nlu.material import Material, Recipe

TOLERANCE = 1e-2
MOST_ROUNDS = 5000


@dataclass(frozen=True, slots=True)
class Head:
    """A linear head: weights (features x classes) and bias."""

    weights: Floats
    bias: Floats

    def score(self, matrix: csr_matrix) -> Matrix:
        """Return a score for each row and class."""
        scores: Matrix = matrix @ self.weights + self.bias
        return scores


@dataclass(frozen=True, slots=True)
class Task:
    """What a head has to tell apart: a label for each example, below `classes`."""

    labels: Labels
    classes: int
    seed: int


class Workers:
    """Fit heads in processes, as many at once as there are processors."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def fit(self, task: Task) -> Future[Head]:
        """Fit a head to all examples."""
        return self._pool.submit(_fit, task)

    def hold_out(self, task: Task, learnt: Rows, unseen: Rows) -> Future[Matrix]:
        """Fit a head to some examples and score the others with it."""
        return self._pool.submit(_hold_out, task, learnt, unseen)


_material: list[Material] = []
"""What a worker process learns from: inherited when it forks, never copied."""


@contextmanager
def workers(material: Material) -> Iterator[Workers]:
    """Give workers that know the material.

    Not threads: the learner draws its random numbers from one stream a process, and threads would share it by chance.
    """
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(os.cpu_count(), fork, _material.append, (material,)) as pool:
        yield Workers(pool)


def _fit(task: Task) -> Head:
    """Fit in a worker."""
    (material,) = _material
    everything = np.arange(len(task.labels))
    matrix = material.matrix(everything, material.select(everything))
    return fit_head(matrix, task.labels, task.classes, task.seed, material.recipe)


def _hold_out(task: Task, learnt: Rows, unseen: Rows) -> Matrix:
    """Fit and score in a worker."""
    (material,) = _material
    selection = material.select(learnt)
    head = fit_head(material.matrix(learnt, selection), task.labels[learnt], task.classes, task.seed, material.recipe)
    return head.score(material.matrix(unseen, selection))


def fit_head(matrix: csr_matrix, labels: Labels, classes: int, seed: int, recipe: Recipe) -> Head:
    """Fit one separating plane a class (squared hinge)."""
    present = np.unique(labels)
    weights = np.zeros((matrix.shape[1], classes), dtype=np.float32)
    bias = np.full(classes, -1.0, dtype=np.float32)
    if len(present) == 1:
        bias[present] = 1.0
        return Head(weights, bias)
    learner = LinearSVC(
        C=recipe.penalty,
        tol=TOLERANCE,
        dual=True,
        random_state=seed,
        max_iter=MOST_ROUNDS,
        class_weight="balanced" if recipe.is_balanced else None,
    ).fit(matrix, labels)
    if len(present) == 2:
        coefficients, intercepts = np.vstack([-learner.coef_, learner.coef_]), np.array([-1, 1]) * learner.intercept_
    else:
        coefficients, intercepts = learner.coef_, learner.intercept_
    weights[:, present] = coefficients.T
    bias[present] = intercepts
    return Head(weights, bias)
