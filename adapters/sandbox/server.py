"""Run the sandbox city: in this process on loopback (`chat`), or as a process of its own (`serve`)."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.clock import Clock, SystemClock
from adapters.identifiers import IdentifierSource, RandomIdentifiers
from adapters.sandbox.city import CITY_FILE, load_city
from adapters.sandbox.control import PREFIX, ControlDesk
from adapters.sandbox.database import Database
from adapters.sandbox.faults import Faults, strike
from adapters.sandbox.hospital import HospitalDesk
from adapters.sandbox.problems import Refusal
from adapters.sandbox.remote import RemoteControl

_NOTICE = "绵办示例城市服务器：这里的医生、号源、费用和规则全部是示例数据，不代表任何医院的真实安排。\n"
_BODY_BYTES = 64 * 1024
_SWEEP_SECONDS = 30.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that answers: the contract at `url`, the control API at `control_url` with `control_token`."""

    url: str
    control_url: str
    control_token: str
    hospital: HospitalDesk
    runner: web.AppRunner

    def control(self) -> RemoteControl:
        """Return the hand on this sandbox."""
        return RemoteControl(self.control_url, self.control_token)

    async def close(self) -> None:
        """Stop answering, and close the database."""
        await self.runner.cleanup()


def create_app(
    database: Database,
    hospital: HospitalDesk,
    control_token: str,
    *,
    api_token: str | None = None,
) -> web.Application:
    """Return the application; it opens the database when it starts and closes it when it stops."""
    faults = Faults()
    control = ControlDesk(database, hospital, faults, control_token)
    app = web.Application(
        middlewares=[_answer_refusals, _check_tokens(control, api_token), _let_faults_strike(faults)],
        client_max_size=_BODY_BYTES,
    )
    app.add_routes([web.get("/", _index), *hospital.routes(), *control.routes()])
    app.on_response_prepare.append(_mark_as_demo)
    app.cleanup_ctx.append(_keeping_house(database, hospital))
    return app


async def start(
    database_path: Path,
    clock: Clock | None = None,
    port: int = 0,
    control_token: str | None = None,
    *,
    api_token: str | None = None,
    city_path: Path = CITY_FILE,
    identifiers: IdentifierSource | None = None,
) -> RunningSandbox:
    """Start a sandbox on 127.0.0.1; port 0 takes a free one, and a control token is made if none is given.

    With `api_token` the contract's routes need it as a bearer token. Raises OSError if the port is taken.
    """
    token = control_token or secrets.token_urlsafe(24)
    database = Database(database_path)
    hospital = HospitalDesk(database, load_city(city_path), clock or SystemClock(), identifiers or RandomIdentifiers())
    app = create_app(database, hospital, token, api_token=api_token)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5, keepalive_timeout=30.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, backlog=512).start()
    except OSError:
        await runner.cleanup()
        raise
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    return RunningSandbox(url, url + PREFIX, token, hospital, runner)


async def _index(_: web.Request) -> web.Response:
    return web.Response(text=_NOTICE)


async def _mark_as_demo(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["X-Demo-Data"] = "true"


@web.middleware
async def _answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong into a problem body."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return _problem(refusal)
    except web.HTTPNotFound:
        return _problem(Refusal("not_found"))
    except web.HTTPException as wrong:
        return _problem(Refusal("invalid_request"), status=wrong.status)
    except ConnectionResetError:  # the caller left before its request was whole: nothing was done, and nobody listens
        return _problem(Refusal("invalid_request"))
    except Exception:
        _log.exception("sandbox: %s %s failed", request.method, request.path)
        return _problem(Refusal("internal_error"))


def _problem(refusal: Refusal, status: int | None = None) -> web.Response:
    body = refusal.problem | {"status": status or refusal.status}
    return web.json_response(body, status=body["status"], content_type="application/problem+json")


def _check_tokens(control: ControlDesk, api_token: str | None) -> Middleware:
    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(PREFIX):
            control.check(request)
        elif api_token is not None and request.path not in {"/", "/health"}:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if not secrets.compare_digest(given.encode(), api_token.encode()):
                raise Refusal("unauthorized")
        return await handler(request)

    return check


def _let_faults_strike(faults: Faults) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        if resource is None or request.path.startswith(PREFIX):
            return await handler(request)
        fault = faults.take(f"{request.method} {resource.canonical}")
        return await (strike(fault, request, handler) if fault else handler(request))

    return middleware


def _keeping_house(database: Database, hospital: HospitalDesk) -> Callable[[web.Application], AsyncIterator[None]]:
    async def keep(_: web.Application) -> AsyncIterator[None]:
        await database.open()
        sweeping = asyncio.create_task(_sweep_forever(hospital))
        yield
        sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeping
        await database.close()

    return keep


async def _sweep_forever(hospital: HospitalDesk) -> None:
    """Run the no-show job now and then; one that fails is logged, and the next one runs."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        try:
            await hospital.sweep()
        except Exception:
            _log.exception("sandbox: the no-show job failed")
