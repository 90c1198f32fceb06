"""Speak JSON over HTTP to one department, and say exactly what is known when it does not answer.

What a caller sees, by what was asked:

                                          get                     post
    2xx with JSON                         the value               the value
    4xx with a problem                    DepartmentRefused       DepartmentRefused
    never sent: refused connection, open  DepartmentUnavailable   DepartmentUnavailable
      circuit, no free place, 429, 401,
      503 whose problem says unavailable
    anything else: timeout, lost line,    DepartmentUnavailable   OutcomeUnknown
      broken body, 5xx, redirect
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import aiohttp

from adapters.errors import DepartmentRefused, DepartmentUnavailable, OutcomeUnknown

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """How long and how often: the defaults open the circuit of a silent department within 10 seconds of failing."""

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


class _FailureError(Exception):
    """No usable answer came; `again` tells whether a read may be tried again at once."""

    def __init__(self, detail: str, *, again: bool = True) -> None:
        super().__init__(detail)
        self.again = again


class _NotSentError(_FailureError):
    """Nothing was done there, for certain."""


class _LostError(_FailureError):
    """The request may have been read; its answer is missing or cannot be used."""


class Permit(Enum):
    """The right to make one call; a probe's result decides about a half-open circuit."""

    NORMAL = "normal"
    PROBE = "probe"


class CircuitBreaker:
    """Keeps calls away from a department that fails.

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
        """Note that the department answered; a straggler from before the opening decides nothing."""
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
class _Request:
    method: str
    path: str
    query: Query
    headers: Mapping[str, str]
    body: bytes | None


class JsonClient:
    """One department's door: timeouts, a bounded number of calls at a time, a circuit breaker, no redirects."""

    def __init__(
        self,
        department: str,
        base_url: str,
        *,
        token: str | None = None,
        limits: ClientLimits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.department = department
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._limits = limits or ClientLimits()
        self._monotonic = monotonic
        self._jitter = jitter
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

    async def get(self, path: str, query: Query | None = None) -> Any:
        """Read: return the JSON value; refused and broken connections, 5xx and broken bodies are retried with jitter.

        Raises `DepartmentRefused` or `DepartmentUnavailable`.
        """
        request = _Request("GET", path, query or {}, self._headers(), None)
        for attempt in range(1, self._limits.read_attempts + 1):
            try:
                return await self._call(request)
            except _FailureError as failure:
                if attempt == self._limits.read_attempts or self.breaker.is_open or not failure.again:
                    raise DepartmentUnavailable(self.department, f"GET {path}: {failure}") from failure
            await asyncio.sleep(self._limits.backoff_seconds * 2 ** (attempt - 1) * (0.5 + self._jitter()))
        raise DepartmentUnavailable(self.department, f"GET {path}: no attempt is allowed (read_attempts is 0)")

    async def post(self, path: str, body: Mapping[str, Any], *, key: str) -> Any:
        """Ask for an effect once, under an idempotency key; return the JSON value.

        Raises `DepartmentRefused`, `DepartmentUnavailable` (this call did nothing) or `OutcomeUnknown`.
        """
        headers = self._headers() | {"Idempotency-Key": key, "Content-Type": "application/json"}
        request = _Request("POST", path, {}, headers, json.dumps(body, ensure_ascii=False).encode())
        try:
            return await self._call(request)
        except _NotSentError as failure:
            raise DepartmentUnavailable(self.department, f"POST {path}: {failure}") from failure
        except _LostError as failure:
            raise OutcomeUnknown(self.department, f"POST {path}: {failure}") from failure

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    async def _call(self, request: _Request) -> Any:
        async with self._place():
            permit = self.breaker.admit()
            if permit is None:
                raise _NotSentError("the circuit is open", again=False)
            began_at = self._monotonic()
            try:
                value = await self._exchange(request)
            except DepartmentRefused:
                self.breaker.succeeded(permit)
                raise
            except _FailureError:
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
            raise _NotSentError(f"all {self._limits.concurrency} places were busy", again=False) from full
        try:
            yield
        finally:
            self._places.release()

    async def _exchange(self, request: _Request) -> Any:
        if self._session is None:
            raise RuntimeError(f"{self.department}: call open() before the first request")
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
            raise _NotSentError(f"no connection ({type(failure).__name__})") from failure
        except TimeoutError as failure:
            # Asking again at once would only make a slow department slower.
            raise _LostError(f"no answer within {self._limits.total_seconds} s", again=False) from failure
        except (aiohttp.ClientError, OSError) as failure:
            raise _LostError(f"the connection broke ({type(failure).__name__})") from failure
        return self._interpret(response.status, _parse(response.content_type, body))

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for piece in response.content.iter_chunked(65536):
            body += piece
            if len(body) > self._limits.body_bytes:
                raise _LostError(f"the body is longer than {self._limits.body_bytes} bytes")
        return bytes(body)

    def _interpret(self, status: int, value: Any) -> Any:
        """Return the value of a success, or raise what the status and the problem mean."""
        if 200 <= status < 300:
            if value is _BROKEN:
                raise _LostError(f"status {status} with a body that is not JSON")
            return value
        code, detail = _problem(value)
        if status in {401, 429} or (status == 503 and code == "unavailable"):
            raise _NotSentError(f"status {status}, nothing was done ({code})", again=status == 503)
        if 400 <= status < 500 and code and detail:
            raise DepartmentRefused(self.department, code, detail)
        raise _LostError(f"status {status} ({code or 'no problem body'})")


_BROKEN = object()


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
