"""`main.py serve`: the sandbox city, the product, and its doors, until told to stop."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from adapters.clock import SystemClock
from adapters.staff import StaffAccounts
from bot.bootstrap import App, build
from bot.channels.web import WebChannel
from bot.commands.setup import prepare
from bot.settings import ROOT, Settings
from bot.turn_log import configure_logging
from bot.web.app import create_app
from bot.web.server import serve_application

if TYPE_CHECKING:
    from bot.channels.telegram import TelegramChannel

logger = structlog.get_logger()
_SANDBOX_WAIT_SECONDS = 20.0
_TELEGRAM_PATH = "/telegram/webhook"


def serve(settings: Settings) -> None:
    """Set up what is missing, then run until SIGINT or SIGTERM."""
    configure_logging(settings.log.level, settings.log.format)
    prepare(settings, _say)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        urls = {}
        if settings.sandbox.enabled:
            urls["hospital"] = await stack.enter_async_context(_sandbox(settings))
        app = build(settings, department_urls=urls, channels=[WebChannel()])
        application = create_app(app)
        telegram = _telegram(app, application)
        await stack.enter_async_context(app.running())
        await _first_account(app)
        running = await serve_application(application, settings.web.host, settings.web.port)
        stack.push_async_callback(running.close)
        if telegram is not None:
            await stack.enter_async_context(_telegram_open(telegram, settings, stop))
        _announce(settings, running.url, urls)
        await stop.wait()
        _say("正在停止：等手上的话办完 …")
    _say("已停止")


@contextlib.asynccontextmanager
async def _sandbox(settings: Settings) -> AsyncIterator[str]:
    """Run the sandbox city as a process of its own, with its own database; yield its address."""
    database = settings.state_folder / "sandbox" / "city.db"
    await asyncio.to_thread(database.parent.mkdir, parents=True, exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "adapters.sandbox", "--database", str(database), "--port", str(settings.sandbox.port),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"SANDBOX_CONTROL_TOKEN": os.environ.get("SANDBOX_CONTROL_TOKEN") or secrets.token_urlsafe(24)},
        start_new_session=True,
    )  # fmt: skip
    try:
        if process.stdout is None:
            raise RuntimeError("the sandbox city has no output to read its address from")
        line = await asyncio.wait_for(process.stdout.readline(), _SANDBOX_WAIT_SECONDS)
        if not line:
            raise RuntimeError(f"the sandbox city did not start; is port {settings.sandbox.port} taken? (sandbox.port)")
        yield str(json.loads(line)["url"])
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _telegram(app: App, application: web.Application) -> "TelegramChannel | None":
    """Wire the Telegram door if there is a token for it."""
    wanted = app.settings.telegram
    if not wanted.token:
        return None
    from bot.channels.telegram import TELEGRAM_URL, TelegramChannel  # noqa: PLC0415 - its library takes seconds to load

    channel = TelegramChannel(
        token=wanted.token,
        inbox=app.inbox,
        clock=app.clock,
        webhook_secret=wanted.webhook_secret if wanted.mode == "webhook" else None,
        api_base_url=wanted.api_url or TELEGRAM_URL,
        web_base_url=app.settings.web.public_url or None,
    )
    app.channels[channel.name] = channel
    if wanted.mode == "webhook":
        application.router.add_post(_TELEGRAM_PATH, channel.webhook_handler)
    return channel


@contextlib.asynccontextmanager
async def _telegram_open(channel: "TelegramChannel", settings: Settings, stop: asyncio.Event) -> AsyncIterator[None]:
    """Let Telegram deliver, by webhook or by our own polling."""
    polling = None
    if settings.telegram.mode == "webhook":
        await channel.register_webhook(settings.web.public_url.rstrip("/") + _TELEGRAM_PATH)
    else:
        polling = asyncio.create_task(channel.run_polling(stop))
    try:
        yield
    finally:
        if polling is not None:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
        await channel.close()


async def _first_account(app: App) -> None:
    created = await StaffAccounts(app.store, app.clock).create_first()
    if created is not None:
        name, password = created
        _say(f"第一个工作人员账号：{name}，一次性密码：{password}（只显示这一次，首次登录要改）")


def _announce(settings: Settings, url: str, urls: dict[str, str]) -> None:
    shown = settings.web.public_url or url
    _say(f"绵办已启动（{SystemClock().now():%Y-%m-%d %H:%M:%S}）")
    _say(f"  市民入口    {shown}/")
    _say(f"  工作人员    {shown}/staff")
    _say(f"  接口说明    {shown}/docs")
    _say(f"  健康检查    {url}/healthz  {url}/readyz")
    _say(f"  运行指标    {url}/metrics")
    if settings.nlu.engine == "rasa":
        _say(f"  语言引擎    Rasa {settings.nlu.rasa.url}（无应答时由内置引擎理解）")
    for name, address in urls.items():
        _say(f"  示例城市    {address}/（{name}，全部是示例数据）")
    _say("按 Ctrl-C 停止")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
