"""The port to the document store: JSON documents, each under a unique key, with a version and a place in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

Document = Mapping[str, Any]
Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Collection:
    """A set of documents; `indexes` lists the fields by which they are found, each index a tuple of fields."""

    name: str
    indexes: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it stands in the store.

    `version` is 1 after insert and grows by one at each replace; `sequence` grows with each insert into the collection.
    """

    key: str
    version: int
    sequence: int
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a document must meet: a field, a comparison, a value."""

    field: str
    operator: Literal["=", "<=", ">=", ">", "<"]
    value: Scalar


def equals(field: str, value: Scalar) -> Condition:
    """Require that the field has this value."""
    return Condition(field, "=", value)


def at_most(field: str, value: Scalar) -> Condition:
    """Require that the field is this value or below it."""
    return Condition(field, "<=", value)


def above(field: str, value: Scalar) -> Condition:
    """Require that the field is above this value."""
    return Condition(field, ">", value)


class DocumentStore(Protocol):
    """Keeps documents. A call that returned has reached the disk; one that raised `StoreUnavailable` may have.

    Documents past their `expires_at` are neither got nor found, and `delete_expired` removes them.
    """

    async def open(self, collections: Sequence[Collection]) -> None:
        """Make ready, creating what is missing."""
        ...

    async def close(self) -> None:
        """Finish what was asked for, and let go."""
        ...

    async def ping(self) -> None:
        """Return if the store answers, else raise `StoreUnavailable`."""
        ...

    async def insert(
        self, collection: str, key: str, document: Document, *, expires_at: datetime | None = None
    ) -> Stored:
        """Put a new document; raise `DuplicateKey` if the key is taken."""
        ...

    async def get(self, collection: str, key: str) -> Stored | None:
        """Return the document with this key, or None."""
        ...

    async def replace(
        self,
        collection: str,
        key: str,
        document: Document,
        *,
        expected_version: int,
        expires_at: datetime | None = None,
    ) -> int:
        """Put `document` in place of the one at `expected_version`; return the new version.

        Raises `VersionConflict` if there is no such document at that version.
        """
        ...

    async def find(
        self,
        collection: str,
        *conditions: Condition,
        order_by: str = "sequence",
        descending: bool = False,
        limit: int = 100,
    ) -> list[Stored]:
        """Return up to `limit` documents that meet all conditions; `order_by` is `sequence` or an indexed field."""
        ...

    async def count(self, collection: str, *conditions: Condition) -> int:
        """Return how many documents meet all conditions."""
        ...

    async def delete(self, collection: str, key: str) -> bool:
        """Remove the document; tell whether it was there."""
        ...

    async def delete_expired(self) -> int:
        """Remove the documents whose time is over, in all collections; return how many."""
        ...
