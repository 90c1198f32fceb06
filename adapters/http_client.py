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
from collections.abc import Callable, Mapping
from typing import Any

from adapters.errors import (
    DepartmentRefused,
    DepartmentUnavailable,
    ExchangeFailed,
    ExchangeRefused,
    OutcomeUnknown,
)
from adapters.http_exchange import CircuitBreaker, ClientLimits, JsonExchange, Query, Request


class JsonClient:
    """One department's door: reads that are repeated, effects that are asked for once."""

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
        self._token = token
        self._limits = limits or ClientLimits()
        self._jitter = jitter
        self._exchange = JsonExchange(base_url, self._limits, monotonic)

    @property
    def breaker(self) -> CircuitBreaker:
        """Return what keeps calls away while the department fails."""
        return self._exchange.breaker

    async def open(self) -> None:
        """Make the connection pool; no connection is opened yet. Calling it again does nothing."""
        await self._exchange.open()

    async def close(self) -> None:
        """Close the connections."""
        await self._exchange.close()

    async def get(self, path: str, query: Query | None = None) -> Any:
        """Read: return the JSON value; refused and broken connections, 5xx and broken bodies are retried with jitter.

        Raises `DepartmentRefused` or `DepartmentUnavailable`.
        """
        request = Request("GET", path, query or {}, self._headers())
        for attempt in range(1, self._limits.read_attempts + 1):
            try:
                return await self._exchange.call(request)
            except ExchangeRefused as refused:
                raise self._refused(refused) from refused
            except ExchangeFailed as failure:
                if attempt == self._limits.read_attempts or self.breaker.is_open or not failure.may_repeat:
                    raise DepartmentUnavailable(self.department, f"GET {path}: {failure}") from failure
            await asyncio.sleep(self._limits.backoff_seconds * 2 ** (attempt - 1) * (0.5 + self._jitter()))
        raise DepartmentUnavailable(self.department, f"GET {path}: no attempt is allowed (read_attempts is 0)")

    async def post(self, path: str, body: Mapping[str, Any], *, key: str) -> Any:
        """Ask for an effect once, under an idempotency key; return the JSON value.

        Raises `DepartmentRefused`, `DepartmentUnavailable` (this call did nothing) or `OutcomeUnknown`.
        """
        headers = self._headers() | {"Idempotency-Key": key, "Content-Type": "application/json"}
        request = Request("POST", path, {}, headers, json.dumps(body, ensure_ascii=False).encode())
        try:
            return await self._exchange.call(request)
        except ExchangeRefused as refused:
            raise self._refused(refused) from refused
        except ExchangeFailed as failure:
            known = OutcomeUnknown if failure.was_sent else DepartmentUnavailable
            raise known(self.department, f"POST {path}: {failure}") from failure

    def _refused(self, refused: ExchangeRefused) -> DepartmentRefused:
        return DepartmentRefused(self.department, refused.code, refused.detail)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}
