"""Measure NLU engines side by side on the same folds: our own examples, or any JSON lines with `text` and `intent`.

    python -m bench.nlu                              cross-validate skills/*/nlu.yml
    python -m bench.nlu --train FILE.jsonl           cross-validate a foreign set; with --test FILE.jsonl judge that
    python -m bench.nlu --engine embedded --engine baseline --engine rasa
    python -m bench.nlu --per-intent 40 --folds-taken 1 --engine rasa …    a part of it, for an engine that learns for hours
    python -m bench.nlu --speed                      training time, artefact size, time of a whole parse

Figures are printed and written to bench/results/, without any sentence of the set. An ablation calls `measure` with
engines of its own, for example `EmbeddedEngine(learn=…, name="without sounds")`.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adapters.clock import SystemClock
from bench.machine import describe
from nlu.engines import ENGINES
from nlu.engines.base import Engine
from nlu.engines.embedded import SPOKEN_AT, EmbeddedEngine
from nlu.entities.extractor import EntityExtractor
from nlu.evaluation import judge_folds, judge_split
from nlu.figures import report
from nlu.interpretation import Utterance
from nlu.interpreter import Interpreter
from nlu.labelled import Labelled, read_labelled, training_set_of
from nlu.training import train
from nlu.training_data import Example, TrainingSet, gather

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
SHOWN = ("accuracy", "macro_f1", "in_scope_accuracy", "group_accuracy", "train_seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, help="JSON lines with text and intent; default: the skills' own examples")
    parser.add_argument("--test", type=Path, help="likewise; judged instead of folds of --train")
    parser.add_argument("--engine", action="append", choices=ENGINES)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--folds-taken", type=int, help="judge only so many of the folds")
    parser.add_argument("--per-intent", type=int, help="take at most so many examples an intent, by chance")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", help="of the result's file; the folder of --train if not given")
    parser.add_argument("--speed", action="store_true")
    given = parser.parse_args()
    training_set = training_set_of(read_labelled(given.train)) if given.train else gather(ROOT / "skills")
    if given.per_intent:
        training_set = sample(training_set, given.per_intent, given.seed)
    rows = read_labelled(given.test) if given.test else None
    name = f"nlu-{given.name or (given.train.parent.name if given.train else 'skills')}"
    if given.speed:
        write(f"{name}-speed", speed(training_set, given.seed))
        return
    own = None if given.train else EntityExtractor(training_set.words)
    engines = [
        EmbeddedEngine(extractor=own) if engine == "embedded" else ENGINES[engine]()
        for engine in given.engine or ("embedded", "baseline")
    ]
    write(name, measure(engines, training_set, rows, folds=given.folds, taken=given.folds_taken, seed=given.seed))


def measure(
    engines: Sequence[Engine],
    training_set: TrainingSet,
    rows: Sequence[Labelled] | None = None,
    *,
    folds: int = 5,
    taken: int | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Return the figures of every engine on the same folds, or on the same rows."""
    results: dict[str, Any] = {"examples": len(training_set.examples), "intents": len(training_set.groups)}
    results |= {"seed": seed, "engines": {}} | ({"folds": folds, "folds_taken": taken or folds} if rows is None else {})
    for engine in engines:
        if rows is None:
            got = judge_folds(engine, training_set, folds=folds, taken=taken, seed=seed, progress=print)
        else:
            got = judge_split(engine, training_set, rows, seed=seed)
        figures = {"title": engine.title, "train_seconds": round(got.train_seconds or 0.0, 1), **report(got.judged)}
        del figures["group_matrix"]
        for pair in (*figures["confusions"], *figures["group_confusions"]):
            del pair["sentences"]
        results["engines"][engine.name] = figures
        print(engine.name, {key: figures[key] for key in SHOWN}, figures["out_of_scope"]["auroc"])
    return results


def sample(training_set: TrainingSet, most: int, seed: int) -> TrainingSet:
    """Return a set with at most so many examples of each intent."""
    chance = random.Random(seed)
    examples: dict[str, list[Example]] = {}
    for example in training_set.examples:
        examples.setdefault(example.intent, []).append(example)
    kept = [one for each in examples.values() for one in chance.sample(each, min(most, len(each)))]
    return TrainingSet(tuple(kept), training_set.groups)


def speed(training_set: TrainingSet, seed: int) -> dict[str, Any]:
    """Train once and parse every example as the product does, entities included."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        manifest = train(training_set, Path(folder), seed=seed, progress=print)
        trained = time.perf_counter()
        interpreter = Interpreter.load(Path(folder))
        loaded = time.perf_counter()
        size = sum((Path(folder) / manifest.version / name).stat().st_size for name in manifest.files)
    walls, processors = [], []
    for example in training_set.examples:
        start, spent = time.perf_counter(), time.thread_time()
        interpreter.interpret(Utterance(example.text, SPOKEN_AT))
        processors.append((time.thread_time() - spent) * 1000)
        walls.append((time.perf_counter() - start) * 1000)
    wall, processor = statistics.quantiles(walls, n=100), statistics.quantiles(processors, n=100)
    figures = {
        "examples": len(training_set.examples),
        "train_seconds": round(trained - began, 1),
        "load_seconds": round(loaded - trained, 2),
        "artefact_megabytes": round(size / 1e6, 1),
        "parse_p50_milliseconds": round(wall[49], 2),
        "parse_p99_milliseconds": round(wall[98], 2),
        "parse_p50_processor_milliseconds": round(processor[49], 2),
        "parse_p99_processor_milliseconds": round(processor[98], 2),
    }
    print(figures)
    return figures


def write(name: str, figures: dict[str, Any]) -> None:
    """Keep the figures with the day, the command and the kind of machine."""
    RESULTS.mkdir(exist_ok=True)
    facts = {
        "measured_on": SystemClock().now().date().isoformat(),
        "command": " ".join(["python -m bench.nlu", *(Path(part).name for part in sys.argv[1:])]),
        "machine": describe(),
    }
    content = json.dumps({**facts, **figures}, ensure_ascii=False, indent=1)
    (RESULTS / f"{name}.json").write_text(content + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
