"""The exceptions that cross a port.

AdapterError
├── StoreError
│   ├── DuplicateKey           the key is taken: somebody was here before
│   ├── VersionConflict        the document changed since it was read
│   └── StoreUnavailable       the store did not answer; nothing was acknowledged
├── ExchangeError
│   ├── ExchangeRefused        a server said no, with a problem that names why
│   └── ExchangeFailed         no usable answer came from a server; `reason` says why not
├── EncoderUnavailable         the encoder's folder holds no model, or the library for it is not installed
└── DepartmentError
    ├── DepartmentRefused      the department said no, and why: final
    ├── DepartmentUnavailable  nothing was done: down, circuit open, or refused before it was read
    └── OutcomeUnknown         it may or may not have been done: ask again with the same key
"""

from enum import StrEnum


class AdapterError(Exception):
    """Something outside did not do as asked."""


class EncoderUnavailable(AdapterError):
    """The configured encoder cannot be used; the message says what to do."""


class StoreError(AdapterError):
    """The document store did not do as asked."""


class DuplicateKey(StoreError):
    """A document with this key is there already."""

    def __init__(self, collection: str, key: str) -> None:
        super().__init__(f"{collection}: a document with key {key!r} is there already")
        self.collection = collection
        self.key = key


class VersionConflict(StoreError):
    """The document is not at the version that the caller had read."""

    def __init__(self, collection: str, key: str, expected_version: int) -> None:
        super().__init__(f"{collection}: {key!r} is not at version {expected_version}; load it again")
        self.collection = collection
        self.key = key
        self.expected_version = expected_version


class StoreUnavailable(StoreError):
    """The store did not answer, so nothing may be acknowledged."""


class FailureReason(StrEnum):
    """Why no usable answer came; also the names by which such failures are counted."""

    UNREACHABLE = "unreachable"
    CIRCUIT_OPEN = "circuit_open"
    BUSY = "busy"
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection_lost"
    BAD_STATUS = "bad_status"
    BAD_BODY = "bad_body"


class ExchangeError(AdapterError):
    """A server did not give what it was asked for over HTTP."""


class ExchangeRefused(ExchangeError):
    """The server refused with a problem: `code` is its machine word, `detail` its sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class ExchangeFailed(ExchangeError):
    """No usable answer came. `was_sent`: it may have been read there; `may_repeat`: a read may be tried again at once."""

    def __init__(self, reason: FailureReason, detail: str, *, was_sent: bool = True, may_repeat: bool = True) -> None:
        super().__init__(detail)
        self.reason = reason
        self.was_sent = was_sent
        self.may_repeat = may_repeat


class DepartmentError(AdapterError):
    """A department did not do as asked."""

    def __init__(self, department: str, detail: str) -> None:
        super().__init__(f"{department}: {detail}")
        self.department = department
        self.detail = detail


class DepartmentRefused(DepartmentError):
    """The department refused: `code` is its machine word, `reason` the sentence that a citizen may read."""

    def __init__(self, department: str, code: str, reason: str) -> None:
        super().__init__(department, f"{code}: {reason}")
        self.code = code
        self.reason = reason


class DepartmentUnavailable(DepartmentError):
    """The department cannot be reached, and nothing was done there."""


class OutcomeUnknown(DepartmentError):
    """An effect was asked for and its answer was lost: it must be asked for with the same key."""
