"""What skills call the things that citizens name."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class EntityWords:
    """Names and patterns by entity type, from the `lookup`, `synonym` and `regex` blocks of the skills' `nlu.yml`.

    `names` holds, for each type, the standard names and what else people call them; an entity's value is `{"name": …}`.
    `patterns` are regular expressions on folded text (half width, lower case, simplified script); the value is
    `{"text": …}`, as it was written.
    """

    names: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return all as JSON values."""
        return asdict(self)

    @classmethod
    def restore(cls, document: Mapping[str, Any]) -> "EntityWords":
        """Return what `document` gave; raises KeyError or AttributeError for anything else."""
        names = {kind: {name: tuple(others) for name, others in row.items()} for kind, row in document["names"].items()}
        return cls(names, {kind: tuple(listed) for kind, listed in document["patterns"].items()})
