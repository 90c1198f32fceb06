"""Measure the NLU engine beside a plain baseline: our own examples, or any JSON lines with `text` and `intent`.

    python bench/nlu.py                          cross-validate skills/*/nlu.yml
    python bench/nlu.py --data FILE.jsonl        cross-validate a foreign set
    python bench/nlu.py --speed                  training time, artefact size, time a parse

Figures are printed and written to bench/results/.
"""

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from adapters.clock import SystemClock  # noqa: E402 (the path comes first)
from nlu.evaluation import SPOKEN_AT, cross_validate, read_labelled  # noqa: E402
from nlu.interpretation import Utterance  # noqa: E402
from nlu.interpreter import Interpreter  # noqa: E402
from nlu.training import FOLDS, train  # noqa: E402
from nlu.training_data import Example, TrainingSet, gather  # noqa: E402

RESULTS = ROOT / "bench" / "results"
FEWEST = 2 * FOLDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="JSON lines with text and intent; default: the skills' own examples")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speed", action="store_true")
    given = parser.parse_args()
    training_set = foreign(given.data) if given.data else gather(ROOT / "skills")
    if given.speed:
        figures = speed(training_set, given.seed)
    else:
        figures = cross_validate(training_set, folds=given.folds, seed=given.seed, progress=print)
    name = f"nlu-{given.data.parent.name if given.data else 'skills'}{'-speed' if given.speed else ''}"
    write(name, figures)
    print(json.dumps(brief(figures), ensure_ascii=False, indent=2))


def foreign(path: Path) -> TrainingSet:
    """Read a foreign set; every intent is its own field's, rare intents are left out and counted."""
    rows = {row.text: row.intent for row in read_labelled(path)}
    counts = Counter(rows.values())
    kept = {intent for intent, count in counts.items() if count >= FEWEST}
    print(f"{len(rows)} different sentences; left out {len(counts) - len(kept)} intents with fewer than {FEWEST}")
    examples = tuple(Example(text, intent) for text, intent in rows.items() if intent in kept)
    return TrainingSet(examples, {intent: intent.partition(".")[0] for intent in kept})


def speed(training_set: TrainingSet, seed: int) -> dict[str, Any]:
    """Train once and parse every example."""
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
    return {
        "examples": len(training_set.examples),
        "train_seconds": round(trained - began, 1),
        "load_seconds": round(loaded - trained, 2),
        "artefact_megabytes": round(size / 1e6, 1),
        "parse_p50_milliseconds": round(wall[49], 2),
        "parse_p99_milliseconds": round(wall[98], 2),
        "parse_p50_processor_milliseconds": round(processor[49], 2),
        "parse_p99_processor_milliseconds": round(processor[98], 2),
    }


def write(name: str, figures: dict[str, Any]) -> None:
    """Keep the figures with the day and the kind of machine."""
    RESULTS.mkdir(exist_ok=True)
    facts = {
        "measured_on": SystemClock().now().date().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
    }
    content = json.dumps({**facts, **figures}, ensure_ascii=False, indent=1)
    (RESULTS / f"{name}.json").write_text(content + "\n", encoding="utf-8")


def brief(figures: dict[str, Any]) -> dict[str, Any]:
    """Leave out the long tables."""
    if "engine" not in figures:
        return figures
    engine = {key: value for key, value in figures["engine"].items() if not key.startswith("per_intent")}
    return {"engine": {**engine, "confusions": engine["confusions"][:12]}, "baseline": figures["baseline"]}


if __name__ == "__main__":
    main()
