"""For those who run the product: is it alive, is it ready, what do its counters say."""

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from adapters.errors import StoreError
from bot.web.doors import DOORS
from bot.web.origins import is_private_caller


async def show_alive(request: web.Request) -> web.Response:
    """Answer GET /healthz: the process runs."""
    del request
    return web.json_response({"status": "ok"})


async def show_ready(request: web.Request) -> web.Response:
    """Answer GET /readyz: 200 when every port that is needed answers, else 503; details are for private callers alone."""
    doors = request.app[DOORS]
    ports = await doors.product.health()
    is_ready = not doors.is_draining and all(port.is_ok for port in ports.values() if port.is_needed)
    is_whole = all(port.is_ok for port in ports.values())
    content: dict[str, object] = {"status": "not_ready" if not is_ready else "ok" if is_whole else "degraded"}
    if is_private_caller(request, doors.product.settings.web.trusted_proxies):
        content["ports"] = {name: port.state for name, port in ports.items()}
    return web.json_response(content, status=200 if is_ready else 503)


async def show_metrics(request: web.Request) -> web.Response:
    """Answer GET /metrics in Prometheus text, for callers in our own network; to others it does not exist."""
    doors = request.app[DOORS]
    if not is_private_caller(request, doors.product.settings.web.trusted_proxies):
        raise web.HTTPNotFound
    try:
        await doors.product.measure_queues()
    except StoreError:
        doors.product.metrics.refused.labels("store").inc()  # the counters are still worth reading
    body = generate_latest(doors.product.metrics.registry)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
