"""Measure how well engines understand: on folds of one set, on another set, or as the product runs now.

`judge_folds(engine, training_set)` is what an ablation needs: every example, judged by an engine that never saw it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from time import perf_counter

import numpy as np

from nlu.engines.base import Engine, Reader
from nlu.figures import Judged
from nlu.folds import spread
from nlu.interpretation import OUT_OF_SCOPE
from nlu.labelled import Labelled, group_of
from nlu.neighbours import Neighbours
from nlu.normalizer import PhraseTable, load_lexicon
from nlu.training_data import TrainingSet

WARM_UP = "预约"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one engine made of labelled sentences, and how long it learnt (in the mean over folds)."""

    engine: str
    title: str
    judged: tuple[Judged, ...]
    train_seconds: float | None = None
    facts: Mapping[str, int] = field(default_factory=dict)


def judge_folds(
    engine: Engine,
    training_set: TrainingSet,
    *,
    folds: int = 5,
    taken: int | None = None,
    seed: int = 0,
    progress: Progress = lambda line: None,
) -> Judgement:
    """Judge every example by an engine that has not seen it; the folds depend on the set and the seed alone.

    `taken` judges only the examples of so many folds, for an engine that takes long to learn.
    """
    taken = taken or folds
    examples = training_set.examples
    parts = spread([example.intent for example in examples], folds, seed)
    judged: list[Judged] = []
    seconds = 0.0
    for number in range(taken):
        progress(f"{engine.title} {number + 1}/{taken}")
        learnt = tuple(examples[index] for index in np.flatnonzero(parts != number))
        unseen = [examples[index] for index in np.flatnonzero(parts == number)]
        part = TrainingSet(learnt, {one.intent: training_set.groups[one.intent] for one in learnt})
        rows = [Labelled(one.text, one.intent) for one in unseen]
        got = judge_split(engine, part, rows, seed=seed, groups=training_set.groups)
        judged.extend(got.judged)
        seconds += got.train_seconds or 0.0
    return Judgement(engine.name, engine.title, tuple(judged), seconds / taken, {"folds": folds, "seed": seed})


def judge_split(
    engine: Engine,
    training_set: TrainingSet,
    rows: Sequence[Labelled],
    *,
    seed: int = 0,
    groups: Mapping[str, str] | None = None,
) -> Judgement:
    """Learn one set and judge another; `groups` may know intents that were not learnt."""
    began = perf_counter()
    with engine.fit(training_set, seed) as reader:
        seconds = perf_counter() - began
        judged = judge(reader, rows, groups or training_set.groups, Neighbours(training_set.examples))
    return Judgement(engine.name, engine.title, judged, seconds, {"seed": seed})


def judge(
    reader: Reader, rows: Sequence[Labelled], groups: Mapping[str, str], neighbours: Neighbours
) -> tuple[Judged, ...]:
    """Read every sentence, one after the other as citizens write them, and set it beside its label."""
    reader.read(WARM_UP)
    judged = []
    for row in rows:
        began = perf_counter()
        reading = reader.read(row.text)
        seconds = perf_counter() - began
        is_dialect = _has_dialect_words(row.text) if row.is_dialect is None else row.is_dialect
        one = Judged(
            text=row.text,
            intent=row.intent,
            groups=row.groups or frozenset({_group(row.intent, groups)}),
            reading=reading,
            taken_group=_group(reading.taken, groups),
            is_dialect=is_dialect,
            seconds=seconds,
        )
        if not one.is_right:
            one = replace(one, nearest=neighbours.nearest(row.text, reading.taken))
        judged.append(one)
    return tuple(judged)


def _group(intent: str, groups: Mapping[str, str]) -> str:
    """Return an intent's group; what was never learnt has the one that its name says."""
    return OUT_OF_SCOPE if intent == OUT_OF_SCOPE else groups.get(intent, group_of(intent))


@cache
def _dialect_words() -> PhraseTable:
    """Return the dialect words of the lexicon."""
    return PhraseTable(load_lexicon().replacements["dialect"])


def _has_dialect_words(text: str) -> bool:
    """Tell whether a dialect word of the lexicon is in the text."""
    return any(True for _ in _dialect_words().edits(text))
