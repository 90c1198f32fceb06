"""`main.py evaluate nlu`: how well people are understood, in figures for scripts and on a page for people.

Without files: cross-validation on the skills' own sentences. With `--data`: the product as it is now, on labelled
sentences. With `--train` and `--test`: the engine from scratch, on anybody's data; with `--train` alone, on its folds.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.clock import SystemClock
from adapters.embedding.encoder import open_encoder
from bot.commands.setup import SEED, prepare_models
from bot.settings import Settings
from nlu.engines import ENGINES
from nlu.engines.base import Engine, EngineUnavailable
from nlu.engines.embedded import EmbeddedEngine, InterpreterReader
from nlu.entities.extractor import EntityExtractor
from nlu.evaluation import Judgement, judge, judge_folds, judge_split
from nlu.figures import report
from nlu.interpreter import Interpreter
from nlu.labelled import Labelled, LabelledDataError, read_labelled, training_set_of
from nlu.neighbours import Neighbours
from nlu.novelty import Novelty
from nlu.report.terminal import table, worst
from nlu.report.writing import PAGE_NAME, write_report
from nlu.training_data import TrainingDataError, TrainingSet, gather
from skills.registry import SKILLS_FOLDER, read_manifests


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is asked for: which engines, on what, and how it is told."""

    engines: Sequence[str] = ()
    data: Path | None = None
    train: Path | None = None
    test: Path | None = None
    folds: int = 5
    seed: int = SEED
    is_json: bool = False
    reports: Path | None = None


def evaluate_nlu(settings: Settings, wanted: Evaluation) -> int:
    """Measure, print, and write the report; returns the exit status, 2 for files that cannot be used."""
    try:
        result = _measure(settings, wanted)
    except (LabelledDataError, TrainingDataError, EngineUnavailable) as error:
        _tell(str(error))
        return 2
    titles = {} if wanted.train else titles_of_skills()
    now = SystemClock().now()
    result = {"measured_at": now.strftime("%Y年%m月%d日 %H:%M"), **result}
    folder = (wanted.reports or settings.state_folder / "reports") / f"nlu-{now:%Y%m%d-%H%M%S}"
    for line in _lines(result, wanted, folder / PAGE_NAME, titles):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    try:
        _tell(f"报告：{write_report(folder, result, titles)}")
    except OSError as error:
        _tell(f"报告没有写成：{error}")
        return 1
    return 0


def titles_of_skills() -> dict[str, str]:
    """Return what citizens and curators call each intent and group."""
    titles: dict[str, str] = {}
    for manifest in read_manifests(SKILLS_FOLDER).values():
        titles |= {entry.name: entry.title for entry in manifest.intents}
        titles.setdefault(manifest.group, manifest.title)
    return titles


def in_brief(engine: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `--train --test` prints for scripts; a figure that the test set cannot give is null."""
    return {
        "engine": engine["engine"],
        "accuracy": engine["accuracy"],
        "macro_f1": engine["macro_f1"],
        "oos_auroc": engine["out_of_scope"]["auroc"],
        "parses_per_second": (engine["speed"] or {}).get("parses_per_second"),
        "train_seconds": engine["train_seconds"],
    }


def _measure(settings: Settings, wanted: Evaluation) -> dict[str, Any]:
    """Choose what is measured by the files that were given."""
    if wanted.train is not None:
        return _measure_from_scratch(wanted, wanted.train, wanted.test)
    if wanted.test is not None:
        raise LabelledDataError(f"--test {wanted.test} needs --train FILE; to measure the product give it as --data")
    return _measure_here(settings, wanted)


def _measure_from_scratch(wanted: Evaluation, train: Path, test: Path | None) -> dict[str, Any]:
    """Train on one file and measure on the other, or on folds of the first."""
    training_set = training_set_of(_with_intents(train))
    rows = None if test is None else _with_intents(test)
    judgements = []
    for engine in _engines(wanted, ("embedded",), ENGINES["embedded"]()):
        if rows is None:
            judgements.append(_on_folds(engine, training_set, wanted))
        else:
            _tell(f"{engine.title}：{len(training_set.examples)} 句训练，{len(rows)} 句测试 …")
            judgements.append(judge_split(engine, training_set, rows, seed=wanted.seed))
    if test is None:
        return _result(judgements, train.name, f"{wanted.folds} 折交叉验证")
    return _result(judgements, f"{train.name} → {test.name}", "用前一个文件从头训练，在后一个上评")


def _with_intents(path: Path) -> tuple[Labelled, ...]:
    """Read a file in which every sentence has an intent."""
    rows = read_labelled(path)
    if not all(row.intent for row in rows):
        raise LabelledDataError(f"{path}: --train and --test take JSON lines of text and intent")
    return rows


def _on_folds(engine: Engine, training_set: TrainingSet, wanted: Evaluation) -> Judgement:
    return judge_folds(engine, training_set, folds=wanted.folds, seed=wanted.seed, progress=_tell)


def _measure_here(settings: Settings, wanted: Evaluation) -> dict[str, Any]:
    """Measure the product: on labelled sentences as it is now, or by cross-validation on its own."""
    training_set = gather(SKILLS_FOLDER)
    engine = EmbeddedEngine(extractor=EntityExtractor(training_set.words))
    if wanted.data is None:
        judgements = [
            _on_folds(one, training_set, wanted) for one in _engines(wanted, ("embedded", "baseline"), engine)
        ]
        return _result(judgements, "技能自带样例", f"{wanted.folds} 折交叉验证")
    rows = read_labelled(wanted.data)
    judgements = []
    for one in _engines(wanted, ("embedded",), engine):
        is_ours = one.name == "embedded"
        judgements.append(
            _judge_product(settings, training_set, rows, one.title)
            if is_ours
            else judge_split(one, training_set, rows, seed=wanted.seed)
        )
    return _result(judgements, wanted.data.name, "用技能样例训练，在这份数据上评")


def _judge_product(settings: Settings, training_set: TrainingSet, rows: Sequence[Labelled], title: str) -> Judgement:
    """Measure the model that answers citizens now."""
    prepare_models(settings, _tell)
    interpreter = Interpreter.load(settings.state_folder / "models", open_encoder(settings.nlu.encoder))
    reader = InterpreterReader(interpreter, Novelty(training_set.examples))
    judged = judge(reader, rows, training_set.groups, Neighbours(training_set.examples))
    return Judgement("embedded", title, judged)


def _engines(wanted: Evaluation, default: Sequence[str], embedded: Engine) -> Iterator[Engine]:
    """Yield the engines that were asked for; ours as it fits the data."""
    for name in dict.fromkeys(wanted.engines or default):
        if name not in ENGINES:
            raise EngineUnavailable(f"--engine {name}: there is none of this name; there are {', '.join(ENGINES)}")
        yield embedded if name == "embedded" else ENGINES[name]()


def _result(judgements: Sequence[Judgement], data: str, method: str) -> dict[str, Any]:
    """Return all figures of all engines."""
    engines = [
        {
            "engine": one.engine,
            "title": one.title,
            "train_seconds": None if one.train_seconds is None else round(one.train_seconds, 2),
            **report(one.judged),
        }
        for one in judgements
    ]
    return {"data": data, "method": method, "engines": engines}


def _lines(result: Mapping[str, Any], wanted: Evaluation, path: Path, titles: Mapping[str, str]) -> Iterator[str]:
    """Yield what goes to standard output: JSON for scripts, otherwise tables."""
    if wanted.is_json and wanted.train is not None:
        yield from (json.dumps(in_brief(engine), ensure_ascii=False) for engine in result["engines"])
    elif wanted.is_json:
        yield json.dumps({**result, "report": str(path)}, ensure_ascii=False)
    else:
        yield from table(result["engines"])
        yield from worst(result["engines"][0], titles)


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
