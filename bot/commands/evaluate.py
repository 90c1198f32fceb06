"""`main.py evaluate nlu`: how well people are understood, on labelled sentences or by cross-validation on our own."""

import json
import sys
from pathlib import Path
from typing import Any

from bot.commands.setup import SEED, prepare_models
from bot.settings import Settings
from nlu.evaluation import cross_validate, evaluate, read_labelled
from nlu.interpreter import Interpreter
from nlu.training_data import gather
from skills.registry import SKILLS_FOLDER

_SHOWN = ("sentences", "intent_accuracy", "group_accuracy", "macro_f1", "expected_calibration_error")


def evaluate_nlu(settings: Settings, *, data: Path | None, is_json: bool) -> None:
    """Measure the current model on JSON lines of `text, intent`, or cross-validate on the skills' own examples."""
    training_set = gather(SKILLS_FOLDER)
    if data is None:
        report: dict[str, Any] = cross_validate(training_set, folds=5, seed=SEED, progress=_progress)
    else:
        prepare_models(settings, _progress)
        interpreter = Interpreter.load(settings.state_folder / "models")
        report = evaluate(interpreter, read_labelled(data), training_set.groups)
    if is_json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
        return
    for engine, figures in ({"engine": report} if "sentences" in report else report).items():
        for name in _SHOWN:
            if name in figures:
                sys.stdout.write(f"{engine}\t{name}\t{figures[name]:.4g}\n")


def _progress(line: str) -> None:
    sys.stderr.write(line + "\n")
