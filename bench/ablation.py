"""Which views, which head, which settings: every variant on the same folds of our own examples.

    python -m bench.ablation                                    all variants, on three of five folds
    python -m bench.ablation --encoder PATH                     also with an encoder's vectors as a further view
    python -m bench.ablation --check FILE.tsv                   also the share of right groups on a table of text, group

Raw scores are compared, before anything is refused; the confidences' temperatures are fixed. Figures are written to
bench/results/ablation.json and, as a table, ablation.md.
"""

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from adapters.clock import SystemClock
from adapters.embedding.encoder import open_encoder
from bench.ablation_variants import Variant, variants
from bench.machine import describe
from nlu.calibration import Problem
from nlu.classifiers.ngram import Matrix
from nlu.classifiers.vectors import Rows
from nlu.folds import spread
from nlu.labelled import Labelled, read_labelled
from nlu.material import Material
from nlu.training import state_problem
from nlu.training_data import gather

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
FOLDS, FOLDS_TAKEN = 5, 3
SEED = 0
COLUMNS = ("accuracy", "macro_f1", "group_accuracy", "log_loss", "check_group_accuracy", "features", "learn_seconds")


@dataclass(frozen=True)
class Task:
    """A variant on one fold."""

    variant: Variant
    fold: int
    encoder: str
    check: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="", help="folder of a model in the format of sentence-transformers")
    parser.add_argument(
        "--check", default="", help="a table of text, group, notes that is no part of the training data"
    )
    parser.add_argument("--only", action="append", help="the name of a variant; may be given several times")
    given = parser.parse_args()
    chosen = [one for one in variants(bool(given.encoder)) if not given.only or one.name in given.only]
    tasks = [Task(one, fold, given.encoder, given.check) for one in chosen for fold in range(FOLDS_TAKEN)]
    rows: dict[str, dict[str, float]] = {}
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("fork")) as pool:
        for number, got in enumerate(pool.map(judge, tasks)):
            name = tasks[number].variant.name
            rows[name] = {key: rows.get(name, {}).get(key, 0.0) + value / FOLDS_TAKEN for key, value in got.items()}
            if number % FOLDS_TAKEN == FOLDS_TAKEN - 1:
                print(name, {key: round(value, 4) for key, value in rows[name].items()}, flush=True)
    write(rows, given.check, given.encoder)


def judge(task: Task) -> dict[str, float]:
    """Learn on four folds, judge the fifth and the check set."""
    variant = task.variant
    problem, learnt, unseen = _parts(task.fold)
    material, labels, check = _material(variant, task)
    added = np.arange(len(problem.intent_labels), len(labels))
    own = np.concatenate([learnt, added[np.isin(added - len(problem.intent_labels), learnt)]]) if len(added) else learnt
    selection = material.select(own)
    target = material.matrix(np.concatenate([unseen, check]), selection)
    began = time.process_time()
    shares = variant.learner(problem, material.matrix(own, selection), labels[own], target, variant.recipe)
    seconds = time.process_time() - began
    figures = _figures(problem, shares[: len(unseen)], problem.intent_labels[unseen])
    if len(check):
        figures["check_group_accuracy"] = _right_groups(problem, shares[len(unseen) :], _labelled(task.check))
    return figures | {"features": float(target.shape[1]), "learn_seconds": seconds}


@lru_cache(maxsize=1)
def _all() -> tuple[Problem, list[str]]:
    """Return the labels and texts of the skills' examples."""
    return state_problem(gather(ROOT / "skills"))


@lru_cache(maxsize=1)
def _labelled(check: str) -> tuple[Labelled, ...]:
    """Return the rows of the check set."""
    return read_labelled(Path(check)) if check else ()


def _parts(fold: int) -> tuple[Problem, Rows, Rows]:
    """Return the problem, and which examples are learnt and which are not."""
    problem, _ = _all()
    folds = spread(problem.intent_labels, FOLDS, SEED)
    return problem, np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)


def _material(variant: Variant, task: Task) -> tuple[Material, Any, Rows]:
    """Return the features of examples, additions and check set; the labels of the first two; the rows of the last."""
    problem, texts = _all()
    more = variant.more(texts)
    check = [row.text for row in _labelled(task.check)]
    encoder = open_encoder(task.encoder) if variant.has_encoder else None
    material = Material.prepare([*texts, *more, *check], encoder, variant.recipe)
    labels = np.concatenate([problem.intent_labels, problem.intent_labels[: len(more)]])
    return material, labels, np.arange(len(labels), len(labels) + len(check))


def _figures(problem: Problem, shares: Matrix, labels: Any) -> dict[str, float]:
    """Return how often the best intent and its group are right, and how surprising the labels are."""
    best = shares.argmax(axis=1)
    held = shares[np.arange(len(labels)), labels]
    return {
        "accuracy": float((best == labels).mean()),
        "macro_f1": float(f1_score(labels, best, average="macro", zero_division=0)),
        "group_accuracy": float((problem.group_of[best] == problem.group_of[labels]).mean()),
        "log_loss": float(-np.log(np.maximum(held, 1e-9)).mean()),
    }


def _right_groups(problem: Problem, shares: Matrix, rows: Sequence[Labelled]) -> float:
    """Return how often the best intent's group is among a row's."""
    best = problem.group_of[shares.argmax(axis=1)]
    return float(np.mean([problem.groups[group] in row.groups for group, row in zip(best, rows, strict=True)]))


def write(rows: dict[str, dict[str, float]], check: str, encoder: str) -> None:
    """Keep the figures as JSON and as a table."""
    problem, _ = _all()
    facts = {
        "measured_on": SystemClock().now().date().isoformat(),
        "machine": describe(),
        "examples": len(problem.intent_labels),
        "intents": len(problem.intents),
        "folds": f"{FOLDS_TAKEN} of {FOLDS}",
        "check": Path(check).name,
        "encoder": Path(encoder).name,
    }
    content = {**facts, "variants": {name: {key: round(row[key], 4) for key in row} for name, row in rows.items()}}
    (RESULTS / "ablation.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    columns = [column for column in COLUMNS if any(column in row for row in rows.values())]
    lines = [f"| variant | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for name, row in rows.items():
        shown = [f"{row[column]:.0f}" if row.get(column, 0) > 99 else f"{row[column]:.4g}" for column in columns]
        lines.append(f"| {name} | {' | '.join(shown)} |")
    told = "\n".join(f"{key}: {value}  " for key, value in facts.items() if value and key != "machine")
    (RESULTS / "ablation.md").write_text(f"# Ablation\n\n{told}\n\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
