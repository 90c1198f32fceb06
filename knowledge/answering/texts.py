"""The fixed sentences around an answer, and the phone that they may point to."""

from functools import lru_cache
from pathlib import Path

import yaml

POINTERS = frozenset({"12345"})
_FILE = Path(__file__).with_name("texts.yml")


def say(name: str, **values: str) -> str:
    """Return a sentence of texts.yml with its blanks filled; raises `KeyError` for an unknown name or blank."""
    return _texts()[name].format(**values)


@lru_cache(maxsize=1)
def _texts() -> dict[str, str]:
    texts: dict[str, str] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return texts
