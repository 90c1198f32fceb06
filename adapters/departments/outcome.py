"""How an effect that a department was asked for ended: done, rejected, or not known yet."""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

Value_co = TypeVar("Value_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Done(Generic[Value_co]):
    """The department did it; `value` is what it wrote down."""

    value: Value_co


@dataclass(frozen=True, slots=True)
class Rejected:
    """The department refused, for good under this key: `code` for machines, `reason` a Chinese sentence to show."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have been done: ask again with the same `key`, and tell nobody that it failed or succeeded."""

    key: str


Outcome: TypeAlias = Done[Value_co] | Rejected | Unknown
