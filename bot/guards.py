"""Before understanding: what ends a turn at once, whatever was meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from opencc import OpenCC

from bot.red_flags import RedFlags

_RULES_FILE = Path(__file__).with_name("guards.yml")
_LONGEST_SCANNED = 2000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a conversation allows.

    The longest message, in characters; after how many minutes a form counts as left alone; and whether every message is
    kept and answered with the notice of maintenance.
    """

    longest_message: int
    gap_minutes: float
    is_maintenance: bool = False


@dataclass(frozen=True, slots=True)
class DangerRule:
    """Fires when a phrase of each list in `required` stands in the text, and none of `excluded`."""

    kind: str
    required: tuple[tuple[str, ...], ...]
    excluded: tuple[str, ...]

    def fits(self, text: str) -> bool:
        """Tell whether the rule fires on a text in simplified script without spaces."""
        return all(any(phrase in text for phrase in phrases) for phrases in self.required) and not any(
            phrase in text for phrase in self.excluded
        )


class DangerGuard:
    """Knows the words of danger: acute illness, fire, crime, accident, suicide, disaster; and the signs of illness."""

    def __init__(self, rules: Sequence[DangerRule], red_flags: RedFlags | None = None) -> None:
        self._rules = tuple(rules)
        self._red_flags = red_flags
        self._to_simplified = OpenCC("t2s")

    @classmethod
    def load(cls, path: Path = _RULES_FILE) -> "DangerGuard":
        """Read the rules from YAML."""
        content: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(
            [
                DangerRule(
                    rule["kind"],
                    tuple(tuple(map(str, phrases)) for phrases in rule["all"]),
                    tuple(map(str, rule["none"])),
                )
                for rule in content["rules"]
            ],
            RedFlags(content),
        )

    def danger_in(self, text: str) -> str | None:
        """Return the kind of danger that the text speaks of, or None."""
        plain = self._to_simplified.convert("".join(text[:_LONGEST_SCANNED].split()))
        return next((rule.kind for rule in self._rules if rule.fits(plain)), None)

    def signs_in(self, text: str) -> tuple[bool, bool]:
        """Tell whether signs of an acute illness are told of, and whether illness is only spoken of as what is long over."""
        if self._red_flags is None:
            return False, False
        return self._red_flags.are_in(text), self._red_flags.are_history(text)
