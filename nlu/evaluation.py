"""Measure how well utterances are understood: one labelled set, or cross-validation beside a plain baseline."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from adapters.clock import CITY_TIMEZONE
from nlu.classifiers.ngram import NgramClassifier
from nlu.interpretation import OUT_OF_SCOPE, Entity, Interpretation, Utterance
from nlu.interpreter import Interpreter
from nlu.training import fit
from nlu.training_data import Example, TrainingSet

BINS = 10
MOST_CONFUSIONS = 30
SPOKEN_AT = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence with the intent that a person gave it."""

    text: str
    intent: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence as it was understood: `guess` is the best intent even where it was then refused."""

    intent: str
    guess: str
    taken: str
    group: str
    taken_group: str
    confidence: float
    is_ambiguous: bool
    second: str


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


def report(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return the figures of judged sentences as plain JSON."""
    truth, guesses = [one.intent for one in judged], [one.guess for one in judged]
    return {
        "sentences": len(judged),
        "intent_accuracy": _share(one.intent == one.guess for one in judged),
        "intent_accuracy_after_refusal": _share(one.intent == one.taken for one in judged),
        "macro_f1": _macro_f1(truth, guesses),
        "group_accuracy": _share(one.group == one.taken_group for one in judged),
        "expected_calibration_error": calibration_error(
            [(one.confidence, one.intent == one.taken) for one in judged if one.taken != OUT_OF_SCOPE]
        ),
        "ambiguity": _ambiguity(judged),
        "out_of_scope": _out_of_scope(judged),
        "per_intent": _per_intent(truth, guesses),
        "per_group": _per_group(judged),
        "confusions": _confusions(zip(truth, guesses, strict=True)),
        "group_confusions": _confusions((one.group, one.taken_group) for one in judged),
    }


def calibration_error(judged: Sequence[tuple[float, bool]]) -> float:
    """Return the expected calibration error over ten equal bins: mean distance of confidence and accuracy."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, is_right in judged:
        bins[min(BINS - 1, int(confidence * BINS))].append((confidence, is_right))
    distances = (
        abs(sum(confidence for confidence, _ in filled) - sum(is_right for _, is_right in filled)) for filled in bins
    )
    return round(sum(distances) / max(1, len(judged)), 4)


def baseline_report(truth: Sequence[str], guesses: Sequence[str], groups: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures that a classifier without confidences can be given."""
    pairs = list(zip(truth, guesses, strict=True))
    return {
        "name": "character n-grams 1-4, TF-IDF, linear SVC",
        "intent_accuracy": _share(right == guess for right, guess in pairs),
        "macro_f1": _macro_f1(truth, guesses),
        "group_accuracy": _share(groups[right] == groups[guess] for right, guess in pairs),
    }


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
    )


def _ambiguity(judged: Sequence[Judged]) -> dict[str, float]:
    """Return how often would be asked back, and how often the right intent is then among the two."""
    asked = [one for one in judged if one.is_ambiguous]
    return {
        "share": round(len(asked) / max(1, len(judged)), 4),
        "right_among_two": _share(one.intent in {one.taken, one.second} for one in asked),
    }


def _out_of_scope(judged: Sequence[Judged]) -> dict[str, float]:
    """Return how many out-of-scope sentences were refused, and how many others wrongly."""
    outside = [one for one in judged if one.group == OUT_OF_SCOPE]
    inside = [one for one in judged if one.group != OUT_OF_SCOPE]
    return {
        "recall": _share(one.taken_group == OUT_OF_SCOPE for one in outside),
        "wrongly_refused": _share(one.taken_group == OUT_OF_SCOPE for one in inside),
    }


def _per_intent(truth: Sequence[str], guesses: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return precision, recall and F1 of each intent."""
    right = Counter(one for one, other in zip(truth, guesses, strict=True) if one == other)
    of_truth, of_guesses = Counter(truth), Counter(guesses)
    return {
        intent: {
            "sentences": of_truth[intent],
            "precision": round(right[intent] / max(1, of_guesses[intent]), 4),
            "recall": round(right[intent] / of_truth[intent], 4),
            "f1": round(2 * right[intent] / (of_truth[intent] + of_guesses[intent]), 4),
        }
        for intent in sorted(of_truth)
    }


def _per_group(judged: Sequence[Judged]) -> dict[str, float]:
    """Return the share of each group's sentences that were put into it."""
    groups = sorted({one.group for one in judged})
    return {group: _share(one.taken_group == group for one in judged if one.group == group) for group in groups}


def _confusions(pairs: Any) -> list[dict[str, Any]]:
    """Return the most frequent wrong pairs."""
    wrong = Counter((right, guess) for right, guess in pairs if right != guess)
    return [
        {"is": right, "taken_for": guess, "times": times}
        for (right, guess), times in wrong.most_common(MOST_CONFUSIONS)
    ]


def _macro_f1(truth: Sequence[str], guesses: Sequence[str]) -> float:
    """Return the mean F1 over the intents that occur in the truth."""
    return round(float(f1_score(truth, guesses, labels=sorted(set(truth)), average="macro", zero_division=0)), 4)


def _share(hits: Any) -> float:
    """Return the share of true values; 0 for none."""
    values = np.array([bool(hit) for hit in hits])
    return round(float(values.mean()), 4) if len(values) else 0.0
