"""Where new identifiers come from, so that a test or a replay can have the same ones again."""

import secrets
from typing import Protocol


class IdentifierSource(Protocol):
    """Gives identifiers that nobody can guess and that never repeat."""

    def new(self) -> str:
        """Return a new identifier: lower-case hexadecimal, 128 bits."""
        ...


class RandomIdentifiers:
    """Identifiers from the operating system's random source."""

    def new(self) -> str:
        """Return a new identifier."""
        return secrets.token_hex(16)


class CountingIdentifiers:
    """Identifiers 000…1, 000…2, …; for tests."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> str:
        """Return the next number as 32 hexadecimal digits."""
        self._count += 1
        return f"{self._count:032x}"
