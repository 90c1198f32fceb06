"""Train the embedded classifier and store it as a versioned artefact; the same data and seed give the same bytes."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedKFold

from adapters.clock import Clock, SystemClock
from adapters.embedding.encoder import Encoder
from nlu.artefact import Content, ModelFolder, ModelManifest
from nlu.calibration import Problem, Scores, calibrate, choose_thresholds, held_out_figures
from nlu.classifiers.ngram import NgramModel, confidences
from nlu.freshness import fingerprint
from nlu.learning import Head, Task, workers
from nlu.material import Material, Recipe
from nlu.training_data import TrainingDataError, TrainingSet

FOLDS = 3


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
    recipe: Recipe | None = None,
) -> NgramModel:
    """Fit both heads, with confidences and limits chosen on folds that were held out; stores nothing.

    Raises `TrainingDataError` for an intent with fewer examples than there are folds.
    """
    _require_enough(training_set)
    progress(f"正在准备 {len(training_set.examples)} 句样例、{len(training_set.groups)} 个意图")
    problem, texts = state_problem(training_set)
    material = Material.prepare(texts, encoder, recipe or Recipe())
    progress("正在训练和校准")
    intents, groups, held_out = learn(problem, material, seed)
    calibration = calibrate(problem, held_out)
    shares = confidences(held_out.intents, held_out.groups, problem.members, calibration)
    selection = material.select(np.arange(len(texts)))
    factors = selection.factors()
    weights, bias = np.hstack([intents.weights, groups.weights]), np.concatenate([intents.bias, groups.bias])
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
        thresholds=choose_thresholds(problem, shares),
        lexicon=material.lexicon,
        concepts=material.concepts,
        encoder_identity=material.encoder_identity,
        encoder_weights=encoder_weights,
        figures=held_out_figures(problem, shares),
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


def learn(problem: Problem, material: Material, seed: int) -> tuple[Head, Head, Scores]:
    """Fit the heads of intents and of groups, and score every example by heads that have not seen it."""
    labels = problem.intent_labels
    intents = Task(labels, len(problem.intents), seed)
    groups = Task(problem.group_labels, len(problem.groups), seed)
    folds = [*StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(labels, labels)]
    scores = Scores(np.zeros((len(labels), intents.classes)), np.zeros((len(labels), groups.classes)))
    with workers(material) as pool:
        heads = pool.fit(intents), pool.fit(groups)
        pending = [(pool.hold_out(intents, *fold), pool.hold_out(groups, *fold)) for fold in folds]
        for (_, unseen), (of_intents, of_groups) in zip(folds, pending, strict=True):
            scores.intents[unseen], scores.groups[unseen] = of_intents.result(), of_groups.result()
        return heads[0].result(), heads[1].result(), scores
