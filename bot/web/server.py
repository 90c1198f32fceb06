"""Serves the web application, and goes down without losing what has begun."""

from dataclasses import dataclass

from aiohttp import web

from bot.web.app import create_app
from bot.web.product import Product

DRAIN_SECONDS = 20.0
IDLE_SECONDS = 10.0  # aiohttp's one timer for a quiet connection and for headers that come drop by drop
_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 these are recognised here, not listened on


@dataclass(slots=True)
class RunningWeb:
    """A web server that runs; `url` is where a browser on this machine finds it."""

    url: str
    _runner: web.AppRunner

    async def close(self) -> None:
        """Take no more, close the pages with 1012, and wait for what has begun, `DRAIN_SECONDS` at most."""
        await self._runner.cleanup()


async def serve(app: Product, host: str, port: int) -> RunningWeb:
    """Serve the product's pages and API; port 0 takes a free one. Raises OSError when the port is taken."""
    return await serve_application(create_app(app), host, port)


async def serve_application(application: web.Application, host: str, port: int) -> RunningWeb:
    """Serve an application that `create_app` has made."""
    runner = web.AppRunner(
        application,
        access_log=None,
        shutdown_timeout=DRAIN_SECONDS,
        keepalive_timeout=IDLE_SECONDS,
        auto_decompress=False,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    shown = "127.0.0.1" if host in _EVERYWHERE else f"[{host}]" if ":" in host else host
    return RunningWeb(f"http://{shown}:{runner.addresses[0][1]}", runner)
