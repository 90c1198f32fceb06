"""`main.py parse`: a line in, its interpretation out."""

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any

from adapters.clock import SystemClock, local_time
from adapters.errors import ExchangeFailed
from bot.commands.setup import prepare_models
from bot.engines import load_engine, opened
from bot.settings import Settings
from nlu.interpretation import Interpretation, Utterance
from skills.registry import group_of_intent, read_manifests


class _ToldFallback:
    """Says that the embedded engine understood a line because the Rasa server gave no usable answer."""

    def fell_back(self, failure: ExchangeFailed) -> None:
        print(f"Rasa 没有应答，用内置引擎理解：{failure.reason}（{failure}）", file=sys.stderr)  # noqa: T201

    def came_back(self) -> None:
        """Say nothing: this is as it should be."""


def parse(settings: Settings, *, is_json: bool, at: datetime | None) -> None:
    """Interpret standard input line by line with the engine of the settings; relative dates are read from `at`, or from now."""
    prepare_models(settings, lambda line: print(line, file=sys.stderr))  # noqa: T201 - progress of the command line
    asyncio.run(_parse(settings, is_json=is_json, at=at))


async def _parse(settings: Settings, *, is_json: bool, at: datetime | None) -> None:
    engine = load_engine(settings, group_of_intent(read_manifests()), _ToldFallback())
    clock = SystemClock()
    async with opened(engine):
        for line in sys.stdin:
            utterance = Utterance(line.rstrip("\n"), local_time(at) if at else clock.now())
            [interpretation] = await engine.interpret_all([utterance])
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
