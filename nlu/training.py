"""Train the embedded classifier and store it as a versioned artefact; the same data and seed give the same bytes."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from adapters.clock import Clock, SystemClock
from adapters.embedding.encoder import Encoder
from nlu.artefact import Content, ModelFolder, ModelManifest
from nlu.calibration import Problem, Scores, calibrate, choose_thresholds, held_out_figures
from nlu.classifiers.base import Thresholds
from nlu.classifiers.ngram import Calibration, NgramModel, confidences
from nlu.folds import spread
from nlu.freshness import fingerprint
from nlu.learning import Head, Task, workers
from nlu.material import Material, Recipe
from nlu.training_data import TrainingDataError, TrainingSet

FOLDS = 3
SMALL_SET = 5000
SMALL_SETS_RECIPE = Recipe(fewest=(1, 1, 1, 1), penalty=1.0, is_balanced=True)
"""For up to SMALL_SET examples, of which an intent may have but one: then a feature that occurs once counts, too."""


def train(
    training_set: TrainingSet,
    models_folder: Path,
    *,
    seed: int,
    progress: Callable[[str], None],
    clock: Clock | None = None,
    encoder: Encoder | None = None,
) -> ModelManifest:
    """Fit, calibrate on held-out folds, store, and make it the current model; returns its manifest."""
    model = fit(training_set, seed=seed, progress=progress, encoder=encoder)
    manifest = ModelFolder(models_folder).save(
        Content(model.arrays(), model.document()),
        {
            "fingerprint": fingerprint(training_set, seed, model.encoder_identity),
            "trained_at": (clock or SystemClock()).now().isoformat(timespec="seconds"),
            "seed": seed,
            "examples": len(training_set.examples),
            "intents": len(model.intents),
            "figures": dict(model.figures),
        },
    )
    progress(f"新模型 {manifest.version} 已启用")
    return manifest


def fit(
    training_set: TrainingSet,
    *,
    seed: int,
    progress: Callable[[str], None],
    encoder: Encoder | None = None,
    fewest: int = FOLDS,
    recipe: Recipe | None = None,
) -> NgramModel:
    """Fit both heads, with confidences and limits chosen on folds that were held out; stores nothing.

    Raises `TrainingDataError` for an intent with fewer than `fewest` examples.
    """
    _require_enough(training_set, fewest)
    progress(f"正在准备 {len(training_set.examples)} 句样例、{len(training_set.groups)} 个意图")
    problem, texts = state_problem(training_set)
    recipe = recipe or (SMALL_SETS_RECIPE if len(texts) <= SMALL_SET else Recipe())
    material = Material.prepare(texts, encoder, recipe)
    progress("正在训练和校准")
    heads, judged, held_out = learn(problem, material, seed)
    calibration, thresholds, figures = _settle(judged, held_out)
    selection = material.select(np.arange(len(texts)))
    factors = selection.factors()
    weights, bias = np.hstack([head.weights for head in heads]), np.concatenate([head.bias for head in heads])
    encoder_weights = None
    if material.spread:
        encoder_weights, shift = material.spread.for_raw_vectors(weights[len(factors) :])
        bias = bias + shift
    return NgramModel(
        vocabulary=material.occurrences.vocabulary(selection),
        idf=np.concatenate(selection.idf),
        weights=weights[: len(factors)] * factors[:, None],
        bias=bias,
        intents=problem.intents,
        groups=problem.groups,
        group_of_intent={intent: training_set.groups[intent] for intent in problem.intents},
        calibration=calibration,
        thresholds=thresholds,
        lexicon=material.lexicon,
        concepts=material.concepts,
        words=training_set.words,
        encoder_identity=material.encoder_identity,
        encoder_weights=encoder_weights,
        figures=figures,
    )


def _settle(judged: Problem, held_out: Scores) -> tuple[Calibration, Thresholds, Mapping[str, float]]:
    """Choose confidences and limits; where nothing could be held out, the usual ones."""
    if not len(judged.intent_labels):
        return Calibration(), Thresholds(), {}
    calibration = calibrate(judged, held_out)
    shares = confidences(held_out.intents, held_out.groups, judged.members, calibration)
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


def state_problem(training_set: TrainingSet) -> tuple[Problem, list[str]]:
    """Number the intents and groups; return the labels and the texts of all examples, in an order that no file decides."""
    examples = sorted(training_set.examples, key=lambda example: (example.intent, example.text))
    intents = tuple(sorted({example.intent for example in examples}))
    groups = tuple(sorted({training_set.groups[intent] for intent in intents}))
    numbers = {intent: number for number, intent in enumerate(intents)}
    problem = Problem(
        intents,
        groups,
        np.array([numbers[example.intent] for example in examples], dtype=np.int64),
        np.array([groups.index(training_set.groups[intent]) for intent in intents], dtype=np.int64),
    )
    return problem, [example.text for example in examples]


def learn(problem: Problem, material: Material, seed: int) -> tuple[tuple[Head, Head], Problem, Scores]:
    """Fit the heads of intents and of groups; return them, the examples that were held out, and the scores of those.

    An intent with fewer examples than there are folds is learnt in all of them: held out it could only be wrong.
    """
    labels = problem.intent_labels
    is_judged = np.bincount(labels)[labels] >= FOLDS
    folds = np.where(is_judged, spread(labels, FOLDS, seed), FOLDS)
    parts = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(FOLDS)]
    tasks = _tasks(problem, seed)
    scores = [np.zeros((len(labels), task.classes)) for task in tasks]
    with workers(material) as pool:
        fitting = [pool.fit(task) for task in tasks]
        pending = [(part, [pool.hold_out(task, *part) for task in tasks]) for part in parts if len(part[1])]
        for (_, unseen), held_out in pending:
            for scored, result in zip(scores, held_out, strict=True):
                scored[unseen] = result.result()
        heads = [head.result() for head in fitting]
    if len(tasks) == 1:
        order = np.argsort(problem.group_of)
        heads.append(Head(heads[0].weights[:, order], heads[0].bias[order]))
        scores.append(scores[0][:, order])
    judged = replace(problem, intent_labels=labels[is_judged])
    return (heads[0], heads[1]), judged, Scores(scores[0][is_judged], scores[1][is_judged])


def _tasks(problem: Problem, seed: int) -> list[Task]:
    """Return what has to be learnt: intents, and groups unless there is a group an intent, which makes them the same."""
    intents = Task(problem.intent_labels, len(problem.intents), seed)
    groups = Task(problem.group_labels, len(problem.groups), seed)
    return [intents] if len(problem.groups) == len(problem.intents) else [intents, groups]
