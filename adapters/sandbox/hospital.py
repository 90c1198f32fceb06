"""Answer the hospital contract: every route of `adapters/departments/hospital.openapi.yaml`."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from adapters.clock import CITY_TIMEZONE, Clock
from adapters.identifiers import IdentifierSource
from adapters.sandbox import effects, patients, visits
from adapters.sandbox.booking import BookingOffice
from adapters.sandbox.city import City, HospitalEntry
from adapters.sandbox.database import Database
from adapters.sandbox.effects import Recorded
from adapters.sandbox.problems import Refusal
from adapters.sandbox.requests import (
    BookingOrder,
    CancellationOrder,
    PatientOrder,
    ReschedulingOrder,
    SessionQuery,
    read_body,
    read_key,
    read_query,
)
from adapters.sandbox.schedule import Schedule
from adapters.sandbox.seats import Seats, last_bookable_date

Action = Callable[[sqlite3.Connection, datetime, str], Recorded]
FORCE_SOLD_OUT = web.RequestKey("force_sold_out", bool)


class HospitalDesk:
    """The hospitals' side of the contract, all of them behind one server."""

    def __init__(self, database: Database, city: City, clock: Clock, identifiers: IdentifierSource) -> None:
        self._database = database
        self._city = city
        self._clock = clock
        self._identifiers = identifiers
        self._schedule = Schedule(city)
        self.seats = Seats(self._schedule)
        self.office = BookingOffice(city, self.seats)

    def routes(self) -> list[web.RouteDef]:
        """Return the contract's routes."""
        return [
            web.get("/health", self.health),
            web.get("/hospitals", self.hospitals),
            web.get("/hospitals/{hospital_id}/departments", self.departments),
            web.get("/booking-rules", self.rules),
            web.get("/clinic-sessions", self.sessions),
            web.get("/clinic-sessions/{session_id}", self.session),
            web.get("/accounts/{account_id}/patients", self.patients),
            web.post("/accounts/{account_id}/patients", self.add_patient),
            web.get("/appointments", self.appointments),
            web.post("/appointments", self.book),
            web.get("/appointments/{appointment_id}", self.appointment),
            web.post("/appointments/{appointment_id}/cancellation", self.cancel),
            web.post("/appointments/{appointment_id}/rescheduling", self.reschedule),
            web.get("/effects/{idempotency_key}", self.effect),
            web.get("/notices", self.notices),
        ]

    def now(self) -> datetime:
        """Return the hospital's time, in whole seconds."""
        return self._clock.now().astimezone(CITY_TIMEZONE).replace(microsecond=0)

    async def health(self, _: web.Request) -> web.Response:
        """GET /health."""
        return web.json_response({"status": "ok", "at": self.now().isoformat()})

    async def hospitals(self, _: web.Request) -> web.Response:
        """GET /hospitals."""
        return _items([{"id": each.id, "name": each.name, "level": each.level} for each in self._city.hospitals])

    async def departments(self, request: web.Request) -> web.Response:
        """GET /hospitals/{hospital_id}/departments."""
        hospital = self._hospital(request.match_info["hospital_id"])
        found = [(each, self._city.departments[each]) for each in hospital.departments]
        return _items(
            [{"id": id_, "name": each.name, "bookable": each.doctors > 0, "note": each.note} for id_, each in found]
        )

    async def rules(self, request: web.Request) -> web.Response:
        """GET /booking-rules."""
        hospital = self._hospital(request.query.get("hospital_id", ""))
        rules = self._city.rules_of(hospital.id)
        return web.json_response(
            {
                "hospital_id": hospital.id,
                "window_days": rules.window_days,
                "release_time": f"{rules.release_time:%H:%M}",
                "last_bookable_date": last_bookable_date(rules, self.now()).isoformat(),
                "same_day": {
                    "allowed": rules.same_day.allowed,
                    "morning_until": f"{rules.same_day.morning_until:%H:%M}",
                    "afternoon_until": f"{rules.same_day.afternoon_until:%H:%M}",
                },
                "cancel_until": {
                    "days_before": rules.cancel_until.days_before,
                    "time": f"{rules.cancel_until.time:%H:%M}",
                },
                "no_show": rules.no_show.model_dump(),
            }
        )

    async def sessions(self, request: web.Request) -> web.Response:
        """GET /clinic-sessions."""
        query = read_query(request, SessionQuery)
        if not query.is_reasonable():
            raise Refusal("invalid_request", fields=["date_from", "date_to"])
        if query.department_id not in self._hospital(query.hospital_id).departments:
            raise Refusal("not_found")
        now = self.now()
        planned = [
            each
            for each in self._schedule.sessions(query.hospital_id, query.department_id, query.date_from, query.date_to)
            if each.date >= now.date() and query.doctor_name in {None, each.doctor_name}
        ]
        return _items(await self._database.read(partial(self.seats.views, planned=planned, now=now)))

    async def session(self, request: web.Request) -> web.Response:
        """GET /clinic-sessions/{session_id}."""
        session_id = request.match_info["session_id"]
        return web.json_response(
            await self._database.read(partial(self.seats.view, session_id=session_id, now=self.now()))
        )

    async def patients(self, request: web.Request) -> web.Response:
        """GET /accounts/{account_id}/patients."""
        return _items(
            await self._database.read(partial(patients.of_account, account_id=request.match_info["account_id"]))
        )

    async def add_patient(self, request: web.Request) -> web.Response:
        """POST /accounts/{account_id}/patients."""
        account_id = request.match_info["account_id"]
        if len(account_id) > 128:
            raise Refusal("invalid_request", fields=["account_id"])
        order = await read_body(request, PatientOrder)
        new_id = self._identifiers.new()

        def action(connection: sqlite3.Connection, now: datetime, key: str) -> Recorded:
            return patients.add(connection, now, account_id, order.model_dump(), new_id=new_id, key=key)

        return await self._perform(request, order, action)

    async def appointments(self, request: web.Request) -> web.Response:
        """GET /appointments."""
        account_id = request.query.get("account_id", "")
        if not account_id:
            raise Refusal("invalid_request", fields=["account_id"])
        now = self.now()

        def work(connection: sqlite3.Connection) -> list[dict[str, Any]]:
            visits.sweep(connection, now)
            return self.office.of_account(connection, now, account_id)

        return _items(await self._database.write(work))

    async def appointment(self, request: web.Request) -> web.Response:
        """GET /appointments/{appointment_id}."""
        appointment_id = request.match_info["appointment_id"]
        now = self.now()

        def work(connection: sqlite3.Connection) -> dict[str, Any]:
            visits.sweep(connection, now)
            return self.office.view(connection, now, appointment_id)

        return web.json_response(await self._database.write(work))

    async def book(self, request: web.Request) -> web.Response:
        """POST /appointments."""
        order = await read_body(request, BookingOrder)
        is_sold_out = request.get(FORCE_SOLD_OUT, False)
        new_id = self._identifiers.new()

        def action(connection: sqlite3.Connection, now: datetime, key: str) -> Recorded:
            if is_sold_out:
                raise Refusal("sold_out")
            return self.office.book(connection, now, order.model_dump(), new_id=new_id, key=key)

        return await self._perform(request, order, action)

    async def cancel(self, request: web.Request) -> web.Response:
        """POST /appointments/{appointment_id}/cancellation."""
        appointment_id = request.match_info["appointment_id"]
        order = await read_body(request, CancellationOrder)

        def action(connection: sqlite3.Connection, now: datetime, key: str) -> Recorded:
            return self.office.cancel(connection, now, appointment_id, order.account_id, key=key)

        return await self._perform(request, order, action)

    async def reschedule(self, request: web.Request) -> web.Response:
        """POST /appointments/{appointment_id}/rescheduling."""
        appointment_id = request.match_info["appointment_id"]
        order = await read_body(request, ReschedulingOrder)
        is_sold_out = request.get(FORCE_SOLD_OUT, False)

        def action(connection: sqlite3.Connection, now: datetime, key: str) -> Recorded:
            if is_sold_out:
                raise Refusal("sold_out")
            return self.office.reschedule(connection, now, appointment_id, order.model_dump(), key=key)

        return await self._perform(request, order, action)

    async def effect(self, request: web.Request) -> web.Response:
        """GET /effects/{idempotency_key}."""
        recorded = await self._database.read(partial(effects.find, key=request.match_info["idempotency_key"]))
        return web.json_response({"status": recorded.status, "body": recorded.body})

    async def notices(self, request: web.Request) -> web.Response:
        """GET /notices."""
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) <= 15):
            raise Refusal("invalid_request", fields=["after"])
        now = self.now()
        return _items(
            await self._database.read(lambda connection: visits.notices(connection, self.seats, now, int(after)))
        )

    async def sweep(self) -> int:
        """Run the no-show job; return how many appointments were missed."""
        return await self._database.write(partial(visits.sweep, now=self.now()))

    async def _perform(self, request: web.Request, order: BaseModel, action: Action) -> web.Response:
        key = read_key(request)
        fingerprint = effects.fingerprint_of(request.method, request.path, order.model_dump(mode="json"))
        now = self.now()

        def work(connection: sqlite3.Connection) -> Recorded:
            visits.sweep(connection, now)
            return effects.perform(connection, key, fingerprint, now, lambda: action(connection, now, key))

        recorded = await self._database.write(work)
        content_type = "application/json" if recorded.status < 400 else "application/problem+json"
        return web.json_response(recorded.body, status=recorded.status, content_type=content_type)

    def _hospital(self, hospital_id: str) -> HospitalEntry:
        hospital = self._city.hospital(hospital_id)
        if hospital is None:
            raise Refusal("not_found")
        return hospital


def _items(found: list[Any]) -> web.Response:
    return web.json_response({"items": found})
