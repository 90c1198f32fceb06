"""Measure how well utterances are understood: one labelled set, or cross-validation beside a plain baseline."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from adapters.clock import CITY_TIMEZONE
from nlu.classifiers.ngram import NgramClassifier
from nlu.figures import Judged, baseline_report, report
from nlu.interpretation import OUT_OF_SCOPE, Entity, Interpretation, Utterance
from nlu.interpreter import Interpreter
from nlu.normalizer import PhraseTable, load_lexicon
from nlu.training import fit
from nlu.training_data import Example, TrainingSet

SPOKEN_AT = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence with the intent that a person gave it."""

    text: str
    intent: str


class NoEntities:
    """An extractor for measuring intents alone."""

    def extract(self, utterance: Utterance, expected: frozenset[str] = frozenset()) -> tuple[Entity, ...]:
        """Return nothing."""
        return ()


def read_labelled(path: Path) -> tuple[Labelled, ...]:
    """Read JSON lines with `text` and `intent`; raises ValueError naming the line that is neither."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.append(Labelled(str(row["text"]), str(row["intent"])))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}:{number}: expected an object with text and intent: {error!r}") from error
    return tuple(rows)


def evaluate(
    interpreter: Interpreter, labelled: Sequence[Labelled], groups: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Interpret every sentence and report; `groups` gives the group of each intent (default: the intent's first part)."""
    judged = [_judge(interpreter, row, groups or {}) for row in labelled]
    return report(judged)


def cross_validate(
    training_set: TrainingSet, *, folds: int = 5, seed: int = 0, progress: Callable[[str], None] = lambda line: None
) -> dict[str, Any]:
    """Judge every example by an engine that has not seen it, and by a plain baseline on the same folds."""
    examples = training_set.examples
    judged: list[Judged] = []
    baseline: list[str] = [""] * len(examples)
    for number, (learnt, unseen) in enumerate(_split(examples, folds, seed), start=1):
        progress(f"{number}/{folds}")
        part = TrainingSet(tuple(examples[index] for index in learnt), training_set.groups)
        interpreter = Interpreter(NgramClassifier(fit(part, seed=seed, progress=lambda line: None)), NoEntities())
        rows = [Labelled(examples[index].text, examples[index].intent) for index in unseen]
        judged.extend(_judge(interpreter, row, training_set.groups) for row in rows)
        for index, guess in zip(unseen, _baseline(part.examples, [row.text for row in rows]), strict=True):
            baseline[index] = guess
    truth = [example.intent for example in examples]
    return {"engine": report(judged), "baseline": baseline_report(truth, baseline, training_set.groups)}


def _split(examples: Sequence[Example], folds: int, seed: int) -> Iterator[tuple[Any, Any]]:
    """Yield the places of learnt and unseen examples, each intent spread over all folds."""
    labels = [example.intent for example in examples]
    yield from StratifiedKFold(folds, shuffle=True, random_state=seed).split(labels, labels)


def _baseline(examples: Sequence[Example], texts: Sequence[str]) -> list[str]:
    """Return what the plain baseline guesses."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True)
    matrix = vectorizer.fit_transform([example.text for example in examples])
    learner = LinearSVC(random_state=0).fit(matrix, [example.intent for example in examples])
    return [str(guess) for guess in learner.predict(vectorizer.transform(texts))]


def _judge(interpreter: Interpreter, row: Labelled, groups: Mapping[str, str]) -> Judged:
    """Interpret one sentence and set it beside its label."""
    got: Interpretation = interpreter.interpret(Utterance(row.text, SPOKEN_AT))
    second = got.alternatives[0].intent if got.alternatives else ""
    is_refused_guess = got.is_out_of_scope and row.intent != OUT_OF_SCOPE and bool(second)
    return Judged(
        row.intent,
        second if is_refused_guess else got.intent,
        got.intent,
        groups.get(row.intent, row.intent.partition(".")[0]),
        got.group,
        got.confidence,
        got.is_ambiguous,
        second,
        _is_dialect(got.text),
    )


@cache
def _dialect_words() -> PhraseTable:
    """Return the dialect words of the lexicon."""
    return PhraseTable(load_lexicon().replacements["dialect"])


def _is_dialect(text: str) -> bool:
    """Tell whether a dialect word of the lexicon is in the text."""
    return any(True for _ in _dialect_words().edits(text))
