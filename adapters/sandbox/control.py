"""The hand on the sandbox: faults, the ledger, and what hospital staff would do. No part of any contract."""

import secrets
import sqlite3
from functools import partial
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from adapters.sandbox import ledger, visits
from adapters.sandbox.database import Database
from adapters.sandbox.faults import Fault, Faults
from adapters.sandbox.hospital import HospitalDesk
from adapters.sandbox.problems import Refusal
from adapters.sandbox.requests import read_body, read_query

PREFIX = "/_control"

Identifier = Annotated[str, Field(min_length=1, max_length=128)]


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SuspendOrder(_Order):
    """A session to suspend."""

    session_id: Identifier
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class MarkOrder(_Order):
    """What became of an appointment."""

    appointment_id: Identifier
    state: Literal["visited", "no_show", "cancelled_by_hospital"]


class SeatsOrder(_Order):
    """How many seats a session shall have left."""

    session_id: Identifier
    left: Annotated[int, Field(ge=0)]


class LedgerQuery(_Order):
    """From where to read the ledger."""

    after: Annotated[int, Field(ge=0)] = 0


class ControlDesk:
    """The control API; every request needs the control token."""

    def __init__(self, database: Database, hospital: HospitalDesk, faults: Faults, token: str) -> None:
        if not token:
            raise ValueError("the control API needs a token")
        self._database = database
        self._hospital = hospital
        self._faults = faults
        self._token = token

    def routes(self) -> list[web.RouteDef]:
        """Return the routes under the prefix."""
        return [
            web.get(f"{PREFIX}/faults", self.faults),
            web.post(f"{PREFIX}/faults", self.add_fault),
            web.delete(f"{PREFIX}/faults", self.clear_faults),
            web.get(f"{PREFIX}/ledger", self.ledger),
            web.get(f"{PREFIX}/appointments", self.appointments),
            web.post(f"{PREFIX}/suspend", self.suspend),
            web.post(f"{PREFIX}/mark", self.mark),
            web.post(f"{PREFIX}/seats", self.set_seats),
        ]

    def check(self, request: web.Request) -> None:
        """Raise `Refusal` unauthorized without the right token."""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            raise Refusal("unauthorized")

    async def faults(self, _: web.Request) -> web.Response:
        """GET faults: those that wait, and what has struck."""
        waiting = [fault.model_dump() for fault in self._faults.waiting()]
        return web.json_response({"waiting": waiting, "struck": self._faults.struck})

    async def add_fault(self, request: web.Request) -> web.Response:
        """POST faults."""
        self._faults.add(await read_body(request, Fault))
        return web.json_response({}, status=201)

    async def clear_faults(self, _: web.Request) -> web.Response:
        """DELETE faults."""
        self._faults.clear()
        return web.Response(status=204)

    async def ledger(self, request: web.Request) -> web.Response:
        """GET ledger: rows above `after`, and whether the chain of the whole ledger holds."""
        after = read_query(request, LedgerQuery).after

        def work(connection: sqlite3.Connection) -> dict[str, Any]:
            return {"items": ledger.rows(connection, after), "is_intact": ledger.is_intact(connection)}

        return web.json_response(await self._database.read(work))

    async def appointments(self, _: web.Request) -> web.Response:
        """GET appointments: all of them, as they stand."""
        columns = "id, account_id, patient_id, session_id, queue_number, state, booked_at"

        def work(connection: sqlite3.Connection) -> list[dict[str, Any]]:
            visits.sweep(connection, self._hospital.now())
            found = connection.execute(f"SELECT {columns} FROM appointments ORDER BY rowid")  # noqa: S608 - a constant
            return [dict(row) for row in found]

        return web.json_response({"items": await self._database.write(work)})

    async def suspend(self, request: web.Request) -> web.Response:
        """POST suspend."""
        order = await read_body(request, SuspendOrder)
        sequence = await self._database.write(
            partial(
                visits.suspend,
                seats=self._hospital.seats,
                now=self._hospital.now(),
                session_id=order.session_id,
                reason=order.reason,
            )
        )
        return web.json_response({"notice": sequence}, status=201)

    async def mark(self, request: web.Request) -> web.Response:
        """POST mark."""
        order = await read_body(request, MarkOrder)
        now = self._hospital.now()

        def work(connection: sqlite3.Connection) -> dict[str, Any]:
            visits.set_state(connection, now, order.appointment_id, order.state)
            return self._hospital.office.view(connection, now, order.appointment_id)

        return web.json_response(await self._database.write(work))

    async def set_seats(self, request: web.Request) -> web.Response:
        """POST seats: seats given away, or given back, by another booking channel."""
        order = await read_body(request, SeatsOrder)
        now = self._hospital.now()

        def work(connection: sqlite3.Connection) -> dict[str, Any]:
            self._hospital.seats.set_left(connection, now, order.session_id, order.left)
            return self._hospital.seats.view(connection, order.session_id, now)

        return web.json_response(await self._database.write(work))
