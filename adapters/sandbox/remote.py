"""Work the sandbox's control API from outside: for tests, demonstrations and the fault suite; never for the product."""

from types import TracebackType
from typing import Any, Self

import aiohttp

from adapters.sandbox.faults import Kind


class RemoteControl:
    """The control API over HTTP; an asynchronous context manager. Raises aiohttp.ClientResponseError if refused."""

    def __init__(self, control_url: str, control_token: str) -> None:
        self._url = control_url
        self._headers = {"Authorization": f"Bearer {control_token}"}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers=self._headers, raise_for_status=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def fault(
        self,
        route: str,
        kind: Kind,
        *,
        times: int | None = 1,
        seconds: float = 0.0,
        probability: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Let a fault wait for requests to `route` ("POST /appointments", wildcards allowed)."""
        await self._send(
            "POST",
            "faults",
            route=route,
            kind=kind,
            times=times,
            seconds=seconds,
            probability=probability,
            seed=seed,
        )

    async def clear_faults(self) -> None:
        """Forget all faults."""
        await self._send("DELETE", "faults")

    async def struck(self) -> list[str]:
        """Return what has struck so far, as "kind METHOD /path"."""
        return list((await self._send("GET", "faults"))["struck"])

    async def ledger(self, effect: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """Return the ledger's rows (of one effect); raises RuntimeError if its chain is broken."""
        rows: list[dict[str, Any]] = []
        while True:
            answer = await self._send("GET", f"ledger?after={rows[-1]['sequence'] if rows else after}")
            if not answer["is_intact"]:
                raise RuntimeError("the ledger was tampered with")
            if not answer["items"]:
                return [row for row in rows if effect in {None, row["effect"]}]
            rows += answer["items"]

    async def appointments(self) -> list[dict[str, Any]]:
        """Return all appointments as they stand now, each with its session_id, queue_number and state."""
        return list((await self._send("GET", "appointments"))["items"])

    async def suspend(self, session_id: str, reason: str) -> int:
        """Suspend a session; return the number of its notice."""
        return int((await self._send("POST", "suspend", session_id=session_id, reason=reason))["notice"])

    async def mark(self, appointment_id: str, state: str) -> None:
        """Write down that an appointment was visited, no_show or cancelled_by_hospital."""
        await self._send("POST", "mark", appointment_id=appointment_id, state=state)

    async def set_seats(self, session_id: str, left: int) -> None:
        """Set how many seats a session has left."""
        await self._send("POST", "seats", session_id=session_id, left=left)

    async def _send(self, method: str, path: str, **body: Any) -> Any:
        if self._session is None:
            raise RuntimeError("use it as an asynchronous context manager")
        async with self._session.request(method, f"{self._url}/{path}", json=body or None) as answer:
            return None if answer.status == 204 else await answer.json()
