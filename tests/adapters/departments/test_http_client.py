"""The client against small servers that do exactly one thing."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from adapters.errors import DepartmentRefused, DepartmentUnavailable, OutcomeUnknown
from adapters.http_client import JsonClient
from adapters.http_exchange import CircuitBreaker, ClientLimits, Permit

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[..., Awaitable[JsonClient]]
FAST = ClientLimits(backoff_seconds=0.001)
IMPATIENT = ClientLimits(total_seconds=0.3, backoff_seconds=0.001)


class Ticker:
    """A monotonic clock that moves only when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    closing: list[Callable[[], Awaitable[None]]] = []

    async def start(handler: Handler, limits: ClientLimits = FAST, **more: object) -> JsonClient:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        client = JsonClient("hospital", f"http://127.0.0.1:{runner.addresses[0][1]}", limits=limits, **more)  # type: ignore[arg-type]
        await client.open()
        closing.extend([client.close, runner.cleanup])
        return client

    yield start
    for close in closing:
        await close()


def answering(status: int, text: str, content_type: str = "application/json") -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text, content_type=content_type)

    return handler


PROBLEM = '{"status": %d, "code": "%s", "detail": "一句话"}'


@pytest.mark.parametrize(
    ("status", "text", "on_get", "on_post"),
    [
        (409, PROBLEM % (409, "sold_out"), DepartmentRefused, DepartmentRefused),
        (404, "<html>not here</html>", DepartmentUnavailable, OutcomeUnknown),
        (422, '{"code": 7, "detail": null}', DepartmentUnavailable, OutcomeUnknown),
        (401, PROBLEM % (401, "unauthorized"), DepartmentUnavailable, DepartmentUnavailable),
        (429, "slow down", DepartmentUnavailable, DepartmentUnavailable),
        (503, PROBLEM % (503, "unavailable"), DepartmentUnavailable, DepartmentUnavailable),
        (503, "<html>a proxy speaks</html>", DepartmentUnavailable, OutcomeUnknown),
        (500, PROBLEM % (500, "internal_error"), DepartmentUnavailable, OutcomeUnknown),
        (504, "", DepartmentUnavailable, OutcomeUnknown),
        (200, '{"id": "a', DepartmentUnavailable, OutcomeUnknown),
        (200, '{"left": NaN}', DepartmentUnavailable, OutcomeUnknown),
        (200, "[" * 100_000, DepartmentUnavailable, OutcomeUnknown),
        (200, "", DepartmentUnavailable, OutcomeUnknown),
    ],
)
async def test_answers_and_their_meaning(
    serve: Serve, status: int, text: str, on_get: type[Exception], on_post: type[Exception]
) -> None:
    client = await serve(answering(status, text))
    with pytest.raises(on_get):
        await client.get("/x")
    with pytest.raises(on_post):
        await client.post("/x", {}, key="key-00001")


async def test_success_in_another_content_type_is_not_a_success(serve: Serve) -> None:
    client = await serve(answering(200, "{}", "text/html"))
    with pytest.raises(OutcomeUnknown):
        await client.post("/x", {}, key="key-00001")


async def test_redirect_is_not_followed(serve: Serve) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    client = await serve(handler)
    with pytest.raises(OutcomeUnknown):
        await client.post("/x", {}, key="key-00001")
    assert asked == ["/x"]


async def test_endless_body_is_cut(serve: Serve) -> None:
    client = await serve(answering(200, '"' + "a" * 200_000 + '"'), ClientLimits(body_bytes=100_000, read_attempts=1))
    with pytest.raises(DepartmentUnavailable, match="longer than"):
        await client.get("/x")


async def test_post_is_sent_once_and_get_again(serve: Serve) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.method)
        return web.Response(status=500)

    client = await serve(handler)
    with pytest.raises(OutcomeUnknown):
        await client.post("/x", {}, key="key-00001")
    assert seen == ["POST"]
    with pytest.raises(DepartmentUnavailable):
        await client.get("/x")
    assert seen == ["POST", "GET", "GET", "GET"]


async def test_timeout_is_not_retried(serve: Serve) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.method)
        await asyncio.sleep(10)
        return web.json_response({})

    client = await serve(handler, IMPATIENT)
    with pytest.raises(DepartmentUnavailable, match="no answer"):
        await client.get("/x")
    with pytest.raises(OutcomeUnknown, match="no answer"):
        await client.post("/x", {}, key="key-00001")
    assert seen == ["GET", "POST"]


@pytest.mark.parametrize(
    ("status", "text", "asked"),
    [
        (503, PROBLEM % (503, "unavailable"), 3),
        (500, "", 3),
        (200, "{", 3),
        (429, "", 1),
        (401, "", 1),
        (409, PROBLEM % (409, "sold_out"), 1),
    ],
)
async def test_what_is_read_again(serve: Serve, status: int, text: str, asked: int) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(status=status, text=text, content_type="application/problem+json")

    client = await serve(handler)
    with pytest.raises((DepartmentUnavailable, DepartmentRefused)):
        await client.get("/x")
    assert len(seen) == asked


async def test_refused_connection_did_nothing() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        client = JsonClient("hospital", f"http://127.0.0.1:{held.getsockname()[1]}", limits=FAST)
        await client.open()
        with pytest.raises(DepartmentUnavailable):
            await client.post("/x", {}, key="key-00001")
        await client.close()


async def test_token_and_key_are_sent(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response([request.headers.get("Authorization"), request.headers.get("Idempotency-Key")])

    client = await serve(handler, token="made-up")
    assert await client.post("/x", {}, key="key-00001") == ["Bearer made-up", "key-00001"]
    assert await client.get("/x") == ["Bearer made-up", None]


async def test_bulkhead_turns_away_what_does_not_fit(serve: Serve) -> None:
    release = asyncio.Event()

    async def handler(_: web.Request) -> web.Response:
        await release.wait()
        return web.json_response({})

    client = await serve(handler, ClientLimits(concurrency=2, queue_seconds=0.05, read_attempts=1))
    held = [asyncio.create_task(client.get("/x")) for _ in range(2)]
    await asyncio.sleep(0.05)
    with pytest.raises(DepartmentUnavailable, match="places were busy"):
        await client.get("/x")
    with pytest.raises(DepartmentUnavailable, match="places were busy"):
        await client.post("/x", {}, key="key-00001")
    release.set()
    assert await asyncio.gather(*held) == [{}, {}]
    assert await client.get("/x") == {}


async def test_open_circuit_asks_nobody_then_one_probe(serve: Serve) -> None:
    ticker, seen, is_well = Ticker(), [], False

    async def handler(_: web.Request) -> web.Response:
        seen.append(1)
        return web.json_response({}) if is_well else web.Response(status=500)

    limits = ClientLimits(failures_to_open=3, open_seconds=5, read_attempts=1)
    client = await serve(handler, limits, monotonic=ticker)
    for _ in range(10):
        with pytest.raises(DepartmentUnavailable):
            await client.get("/x")
    assert len(seen) == 3
    with pytest.raises(DepartmentUnavailable):
        await client.post("/x", {}, key="key-00001")
    assert len(seen) == 3, "an open circuit keeps a post away, so nothing was done"
    ticker.seconds += 5
    with pytest.raises(DepartmentUnavailable):
        await client.get("/x")
    assert (len(seen), client.breaker.is_open) == (4, True)
    ticker.seconds += 5
    is_well = True
    assert await client.get("/x") == {}
    assert not client.breaker.is_open


async def test_refusals_do_not_open_the_circuit(serve: Serve) -> None:
    client = await serve(answering(409, PROBLEM % (409, "sold_out")), ClientLimits(failures_to_open=2))
    for _ in range(6):
        with pytest.raises(DepartmentRefused):
            await client.get("/x")


async def test_cancelled_call_gives_its_place_and_its_probe_back(serve: Serve) -> None:
    async def handler(_: web.Request) -> web.Response:
        await asyncio.sleep(0.2)
        return web.json_response({})

    client = await serve(handler, ClientLimits(concurrency=1, queue_seconds=0.05, open_seconds=0))
    for _ in range(5):
        client.breaker.failed(Permit.NORMAL, 0)
    assert client.breaker.is_open
    probe = asyncio.create_task(client.get("/x"))
    await asyncio.sleep(0.05)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert await client.get("/x") == {}
    assert not client.breaker.is_open


def test_breaker_opens_within_ten_seconds_of_slow_failures() -> None:
    ticker = Ticker()
    breaker = CircuitBreaker(ClientLimits(), ticker)
    began = ticker.seconds
    while not breaker.is_open:
        started = ticker.seconds
        ticker.seconds += ClientLimits().total_seconds
        breaker.failed(Permit.NORMAL, started)
    assert ticker.seconds - began <= 10


def test_one_failure_after_a_quiet_night_does_not_open() -> None:
    ticker = Ticker()
    breaker = CircuitBreaker(ClientLimits(), ticker)
    breaker.failed(Permit.NORMAL, ticker.seconds - 60)
    assert not breaker.is_open
    breaker.succeeded(Permit.NORMAL)
    ticker.seconds += 3600
    breaker.failed(Permit.NORMAL, ticker.seconds)
    assert not breaker.is_open


def test_only_one_probe_at_a_time_and_stragglers_decide_nothing() -> None:
    ticker = Ticker()
    breaker = CircuitBreaker(ClientLimits(failures_to_open=1, open_seconds=5), ticker)
    breaker.failed(Permit.NORMAL, ticker.seconds)
    assert breaker.admit() is None
    ticker.seconds += 5
    assert [breaker.admit(), breaker.admit()] == [Permit.PROBE, None]
    breaker.succeeded(Permit.NORMAL)
    assert breaker.is_open
    breaker.succeeded(Permit.PROBE)
    assert breaker.admit() is Permit.NORMAL
