"""`main.py parse`: a line in, its interpretation out."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any

from adapters.clock import SystemClock, local_time
from adapters.embedding.encoder import open_encoder
from bot.commands.setup import prepare_models
from bot.settings import Settings
from nlu.interpretation import Interpretation, Utterance
from nlu.interpreter import Interpreter


def parse(settings: Settings, *, is_json: bool, at: datetime | None) -> None:
    """Interpret standard input line by line; relative dates are read from `at`, or from now."""
    prepare_models(settings, lambda line: print(line, file=sys.stderr))  # noqa: T201 - progress of the command line
    interpreter = Interpreter.load(settings.state_folder / "models", open_encoder(settings.nlu.encoder))
    clock = SystemClock()
    for line in sys.stdin:
        text = line.rstrip("\n")
        interpretation = interpreter.interpret(Utterance(text, local_time(at) if at else clock.now()))
        row = as_json(interpretation)
        shown = json.dumps(row, ensure_ascii=False) if is_json else _for_people(interpretation)
        print(shown, flush=True)  # noqa: T201


def as_json(interpretation: Interpretation) -> dict[str, Any]:
    """Return an interpretation as scripts read it (README.md, For scripts)."""
    return {
        "text": interpretation.text,
        "intent": interpretation.intent,
        "group": interpretation.group,
        "confidence": round(interpretation.confidence, 4),
        "alternatives": [
            asdict(score) | {"confidence": round(score.confidence, 4)} for score in interpretation.alternatives
        ],
        "entities": [
            {"type": e.type, "text": e.text, "start": e.start, "end": e.end, "value": dict(e.value)}
            for e in interpretation.entities
        ],
        "is_ambiguous": interpretation.is_ambiguous,
        "signals": sorted(interpretation.signals),
    }


def _for_people(interpretation: Interpretation) -> str:
    entities = "，".join(f"{e.type}={e.text}" for e in interpretation.entities)
    return f"{interpretation.text}\t{interpretation.intent}\t{interpretation.confidence:.2f}\t{entities}"
