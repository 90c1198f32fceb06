"""Exchange JSON over HTTP with a server that may fail: timeouts, bounded concurrency, a circuit breaker, no redirects."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import aiohttp

from adapters.errors import ExchangeFailed, ExchangeRefused, FailureReason

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """How long and how often: the defaults open the circuit of a silent server within 10 seconds of failing."""

    connect_seconds: float = 2.0
    total_seconds: float = 4.5
    concurrency: int = 32
    queue_seconds: float = 1.0
    body_bytes: int = 4 * 1024 * 1024
    read_attempts: int = 3
    backoff_seconds: float = 0.1
    failures_to_open: int = 5
    failing_seconds: float = 8.0
    open_seconds: float = 5.0


class Permit(Enum):
    """The right to make one call; a probe's result decides about a half-open circuit."""

    NORMAL = "normal"
    PROBE = "probe"


class CircuitBreaker:
    """Keeps calls away from a server that fails.

    It opens after `failures_to_open` failures in a row, or when failures in a row span `failing_seconds`; after
    `open_seconds` one probe is let through, and its result closes or opens it again.
    """

    def __init__(self, limits: ClientLimits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._failures = 0
        self._failing_since = 0.0
        self._opened_at: float | None = None
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        """Tell whether calls are being kept away (a probe may be on its way)."""
        return self._opened_at is not None

    def admit(self) -> Permit | None:
        """Return a permit for one call, or None: do not call."""
        if self._opened_at is None:
            return Permit.NORMAL
        if self._is_probing or self._monotonic() - self._opened_at < self._limits.open_seconds:
            return None
        self._is_probing = True
        return Permit.PROBE

    def succeeded(self, permit: Permit) -> None:
        """Note that the server answered; a straggler from before the opening decides nothing."""
        if self.is_open and permit is Permit.NORMAL:
            return
        self._failures, self._opened_at, self._is_probing = 0, None, False

    def failed(self, permit: Permit, began_at: float) -> None:
        """Note that a call begun at `began_at` (monotonic seconds) got no usable answer."""
        now = self._monotonic()
        if self.is_open:
            if permit is Permit.PROBE:
                self._opened_at, self._is_probing = now, False
            return
        if self._failures == 0:
            self._failing_since = began_at
        self._failures += 1
        has_failed_long = self._failures > 1 and now - self._failing_since >= self._limits.failing_seconds
        if has_failed_long or self._failures >= self._limits.failures_to_open:
            self._opened_at = now

    def abandoned(self, permit: Permit) -> None:
        """Note that the caller gave up before anything was known."""
        if permit is Permit.PROBE:
            self._is_probing = False


@dataclass(frozen=True, slots=True)
class Request:
    """One request; the path is put behind the server's base URL."""

    method: str
    path: str
    query: Query = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


class JsonExchange:
    """The line to one server: open it, call it, close it. A call is made once; who repeats it knows whether it may."""

    def __init__(
        self, base_url: str, limits: ClientLimits | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._limits = limits or ClientLimits()
        self._monotonic = monotonic
        self._places = asyncio.Semaphore(self._limits.concurrency)
        self._session: aiohttp.ClientSession | None = None
        self.breaker = CircuitBreaker(self._limits, monotonic)

    async def open(self) -> None:
        """Make the connection pool; no connection is opened yet. Calling it again does nothing."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._limits.concurrency),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self._limits.total_seconds, connect=self._limits.connect_seconds),
                headers={"Accept": "application/json, application/problem+json", "Accept-Encoding": "identity"},
            )

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def call(self, request: Request) -> Any:
        """Return the JSON value of a 2xx answer; raises `ExchangeRefused` (4xx with a problem) or `ExchangeFailed`."""
        async with self._place():
            permit = self.breaker.admit()
            if permit is None:
                raise _not_sent(FailureReason.CIRCUIT_OPEN, "the circuit is open")
            began_at = self._monotonic()
            try:
                value = await self._exchange(request)
            except ExchangeRefused:
                self.breaker.succeeded(permit)
                raise
            except ExchangeFailed:
                self.breaker.failed(permit, began_at)
                raise
            except BaseException:
                self.breaker.abandoned(permit)
                raise
            self.breaker.succeeded(permit)
            return value

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._limits.queue_seconds):
                await self._places.acquire()
        except TimeoutError as full:
            raise _not_sent(FailureReason.BUSY, f"all {self._limits.concurrency} places were busy") from full
        try:
            yield
        finally:
            self._places.release()

    async def _exchange(self, request: Request) -> Any:
        if self._session is None:
            raise RuntimeError(f"{self._base_url}: call open() before the first request")
        try:
            async with self._session.request(
                request.method,
                self._base_url + request.path,
                params=request.query,
                data=request.body,
                headers=request.headers,
                allow_redirects=False,
            ) as response:
                body = await self._read(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as failure:
            detail = f"no connection ({type(failure).__name__})"
            raise _not_sent(FailureReason.UNREACHABLE, detail, may_repeat=True) from failure
        except TimeoutError as failure:
            # Asking again at once would only make a slow server slower.
            detail = f"no answer within {self._limits.total_seconds} s"
            raise _lost(FailureReason.TIMEOUT, detail, may_repeat=False) from failure
        except (aiohttp.ClientError, OSError) as failure:
            detail = f"the connection broke ({type(failure).__name__})"
            raise _lost(FailureReason.CONNECTION_LOST, detail) from failure
        return _interpret(response.status, _parse(response.content_type, body))

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for piece in response.content.iter_chunked(65536):
            body += piece
            if len(body) > self._limits.body_bytes:
                raise _lost(FailureReason.BAD_BODY, f"the body is longer than {self._limits.body_bytes} bytes")
        return bytes(body)


_BROKEN = object()


def _not_sent(reason: FailureReason, detail: str, *, may_repeat: bool = False) -> ExchangeFailed:
    """Nothing was done there, for certain."""
    return ExchangeFailed(reason, detail, was_sent=False, may_repeat=may_repeat)


def _lost(reason: FailureReason, detail: str, *, may_repeat: bool = True) -> ExchangeFailed:
    """The request may have been read; its answer is missing or cannot be used."""
    return ExchangeFailed(reason, detail, was_sent=True, may_repeat=may_repeat)


def _interpret(status: int, value: Any) -> Any:
    """Return the value of a success, or raise what the status and the problem mean."""
    if 200 <= status < 300:
        if value is _BROKEN:
            raise _lost(FailureReason.BAD_BODY, f"status {status} with a body that is not JSON")
        return value
    code, detail = _problem(value)
    if status in {401, 429} or (status == 503 and code == "unavailable"):
        said = f"status {status}, nothing was done ({code})"
        raise _not_sent(FailureReason.BAD_STATUS, said, may_repeat=status == 503)
    if 400 <= status < 500 and code and detail:
        raise ExchangeRefused(code, detail)
    raise _lost(FailureReason.BAD_STATUS, f"status {status} ({code or 'no problem body'})")


def _parse(content_type: str, body: bytes) -> Any:
    """Return the JSON value of a body, or `_BROKEN`; NaN and Infinity are not JSON."""
    if content_type not in {"application/json", "application/problem+json"}:
        return _BROKEN
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return _BROKEN


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _problem(value: Any) -> tuple[str, str]:
    """Return code and detail of a problem (RFC 9457 with `code`), or two empty strings."""
    if not isinstance(value, dict):
        return "", ""
    code, detail = value.get("code"), value.get("detail")
    return (code, detail) if isinstance(code, str) and isinstance(detail, str) else ("", "")
