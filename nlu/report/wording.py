"""How figures and names are put before people."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEXTS = Path(__file__).with_name("texts.yml")
NOTHING = "—"
_FORMS = {
    "percent": lambda value: f"{100 * value:.1f}%",
    "share": lambda value: f"{value:.3f}",
    "number": lambda value: f"{value:,.0f}",
    "milliseconds": lambda value: f"{value:.2f} 毫秒",
    "seconds": lambda value: f"{value:.1f} 秒",
}


@cache
def load_texts() -> dict[str, Any]:
    """Read texts.yml."""
    content: dict[str, Any] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    return content


def shown(value: float | None, form: str) -> str:
    """Return a figure as people read it; a dash for one that the data cannot give."""
    return NOTHING if value is None else _FORMS[form](value)


def comparison(engines: list[Mapping[str, Any]]) -> list[tuple[str, str, list[str]]]:
    """Return a row a figure: its name, what it means, and its value for each engine; rows without any are left out."""
    rows = []
    for figure in load_texts()["figures"]:
        values = [_at(engine, figure["path"]) for engine in engines]
        if any(value is not None for value in values):
            rows.append((figure["name"], figure["meaning"], [shown(value, figure["form"]) for value in values]))
    return rows


def _at(engine: Mapping[str, Any], path: list[str]) -> float | None:
    """Return the figure at a path, or None where a part of the way is missing."""
    value: Any = engine
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return None if value is None else float(value)
