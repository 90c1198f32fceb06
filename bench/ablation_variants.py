"""What the ablation compares: heads, additions to the training texts, and the variants themselves."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from nlu.calibration import Labels, Problem
from nlu.classifiers.ngram import Calibration, Matrix, confidences
from nlu.classifiers.pinyin import sounds
from nlu.learning import fit_head
from nlu.material import Recipe

SEED = 0
TEMPERATURES = Calibration(6.0, 3.8, 0.9)
DEFAULT = Recipe()

Value = TypeVar("Value")
Learner = Callable[[Problem, csr_matrix, Labels, csr_matrix, Recipe], Matrix]
"""Learns from a matrix with its intents' labels, and returns the shares of the intents for each row of another."""


def planes(problem: Problem, learnt: csr_matrix, labels: Labels, unseen: csr_matrix, recipe: Recipe) -> Matrix:
    """Both heads of the product: linear SVC for intents and for groups."""
    intents = fit_head(learnt, labels, len(problem.intents), SEED, recipe).score(unseen)
    groups = fit_head(learnt, problem.group_of[labels], len(problem.groups), SEED, recipe).score(unseen)
    return confidences(intents, groups, problem.members, TEMPERATURES)


def one_head(problem: Problem, learnt: csr_matrix, labels: Labels, unseen: csr_matrix, recipe: Recipe) -> Matrix:
    """Linear SVC for intents alone."""
    intents = fit_head(learnt, labels, len(problem.intents), SEED, recipe).score(unseen)
    return confidences(intents, np.zeros((len(intents), len(problem.groups))), problem.members, Calibration(6, 1, 0))


def logistic(problem: Problem, learnt: csr_matrix, labels: Labels, unseen: csr_matrix, recipe: Recipe) -> Matrix:
    """Multinomial logistic regression."""
    learner = LogisticRegression(C=40 * recipe.penalty, max_iter=60, tol=1e-3).fit(learnt, labels)
    return _over_all(problem, learner.classes_, learner.predict_proba(unseen))


def perceptron(problem: Problem, learnt: csr_matrix, labels: Labels, unseen: csr_matrix, recipe: Recipe) -> Matrix:
    """One hidden layer of 128."""
    learner = MLPClassifier((128,), alpha=1e-5, batch_size=128, max_iter=8, learning_rate_init=2e-3, random_state=SEED)
    learner.fit(learnt, labels)
    return _over_all(problem, learner.classes_, learner.predict_proba(unseen))


def ensemble(problem: Problem, learnt: csr_matrix, labels: Labels, unseen: csr_matrix, recipe: Recipe) -> Matrix:
    """The mean of both heads' and the perceptron's confidences."""
    mean: Matrix = (
        planes(problem, learnt, labels, unseen, recipe) + perceptron(problem, learnt, labels, unseen, recipe)
    ) / 2
    return mean


def _over_all(problem: Problem, classes: Labels, shares: Matrix) -> Matrix:
    """Return shares over all intents, those that were not learnt included."""
    everywhere = np.zeros((len(shares), len(problem.intents)))
    everywhere[:, classes] = shares
    return everywhere


def no_more(texts: Sequence[str]) -> list[str]:
    """Add nothing."""
    return []


def homophones(texts: Sequence[str]) -> list[str]:
    """Return each text once more, with one character replaced by another of the texts that sounds alike."""
    chance = np.random.default_rng(SEED)
    alike: dict[str, list[str]] = {}
    for character in sorted(set("".join(texts))):
        alike.setdefault(sounds(character), []).append(character)
    return [_replaced(text, chance, lambda character: alike[sounds(character)]) for text in texts]


def gaps(texts: Sequence[str]) -> list[str]:
    """Return each text once more, without one of its characters."""
    chance = np.random.default_rng(SEED)
    return [_replaced(text, chance, lambda _: [""]) for text in texts]


def _replaced(text: str, chance: np.random.Generator, choices: Callable[[str], Sequence[str]]) -> str:
    """Return the text with one character replaced by chance."""
    place = int(chance.integers(len(text)))
    offered = choices(text[place])
    return text[:place] + offered[int(chance.integers(len(offered)))] + text[place + 1 :]


@dataclass(frozen=True)
class Variant:
    """One way to learn."""

    name: str
    recipe: Recipe = DEFAULT
    learner: Learner = planes
    more: Callable[[Sequence[str]], list[str]] = no_more
    has_encoder: bool = False


def variants(has_encoder: bool) -> Iterator[Variant]:
    """Yield the default and what differs from it in one thing."""
    yield Variant("default")
    for place, view in enumerate(("characters", "sounds", "concepts", "frames")):
        yield Variant(f"without {view}", replace(DEFAULT, scales=_with(DEFAULT.scales, place, 0.0)))
    yield Variant("characters alone", replace(DEFAULT, scales=(1.0, 0.0, 0.0, 0.0)))
    yield Variant("all views count the same", replace(DEFAULT, scales=(1.0, 1.0, 1.0, 1.0)))
    for longest in (1, 3, 4, 5):
        yield Variant(f"characters 1-{longest}", replace(DEFAULT, longest=_with(DEFAULT.longest, 0, longest)))
    yield Variant("sounds and frames 1-3", replace(DEFAULT, longest=(2, 3, 2, 3)))
    yield Variant("concepts without pairs", replace(DEFAULT, longest=(2, 2, 1, 2)))
    yield Variant("features of one text, too", replace(DEFAULT, fewest=(1, 1, 1, 1)))
    yield Variant("features of three texts", replace(DEFAULT, fewest=(3, 3, 3, 3)))
    yield Variant("penalty 0.25", replace(DEFAULT, penalty=0.25))
    yield Variant("penalty 1", replace(DEFAULT, penalty=1.0))
    yield Variant("class weights", replace(DEFAULT, is_balanced=True))
    yield Variant("class weights, penalty 1", replace(DEFAULT, is_balanced=True, penalty=1.0))
    yield Variant("homophones at training", more=homophones)
    yield Variant("characters left out at training", more=gaps)
    yield Variant("one head, intents alone", learner=one_head)
    yield Variant("logistic regression", learner=logistic)
    yield Variant("perceptron", learner=perceptron)
    yield Variant("ensemble of planes and perceptron", learner=ensemble)
    if has_encoder:
        yield Variant("with the encoder", has_encoder=True)
        yield Variant("characters and the encoder", replace(DEFAULT, scales=(1.0, 0.0, 0.0, 0.0)), has_encoder=True)


def _with(values: tuple[Value, ...], place: int, value: Value) -> tuple[Value, ...]:
    """Return the values with one of them changed."""
    return (*values[:place], value, *values[place + 1 :])
