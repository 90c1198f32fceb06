"""The suite passes the sandbox, and finds each server that breaks a promise."""

import asyncio
import json
import re
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from adapters.departments import conformance
from adapters.sandbox.remote import RemoteControl
from adapters.sandbox.server import RunningSandbox

Headers = dict[str, str]


class Spoiler:
    """A proxy before a good server that spoils what it is told to."""

    def __init__(self, target: str) -> None:
        self.target = target

    def request(self, method: str, path: str, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
        return headers, body

    def answer(self, method: str, path: str, status: int, text: str) -> tuple[int, str]:
        return status, text

    async def handle(self, request: web.Request) -> web.Response:
        keep = {"Idempotency-Key", "Content-Type"}
        headers, body = self.request(
            request.method,
            request.path,
            {name: value for name, value in request.headers.items() if name in keep},
            await request.read(),
        )
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, self.target + request.path_qs, headers=headers, data=body) as reply,
        ):
            status, text = self.answer(request.method, request.path, reply.status, await reply.text())
            return web.Response(status=status, text=text, content_type=reply.content_type)


class ForgetsKeys(Spoiler):
    def request(self, method: str, path: str, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
        return headers | ({"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}), body


class TakesAnyKey(Spoiler):
    def answer(self, method: str, path: str, status: int, text: str) -> tuple[int, str]:
        return (
            (409, text.replace("key_reused", "sold_out").replace("422", "409"))
            if "key_reused" in text
            else (status, text)
        )


class ShowsBirthDates(Spoiler):
    def answer(self, method: str, path: str, status: int, text: str) -> tuple[int, str]:
        return status, re.sub(
            r'"birth_date": "(\d{4})-(\d\d)-(\d\d)"', r'"birth_date": "\1-\2-\3", "raw": "\1\2\3"', text
        )


class LosesEffects(Spoiler):
    def answer(self, method: str, path: str, status: int, text: str) -> tuple[int, str]:
        problem = json.dumps({"status": 404, "code": "not_found", "detail": "没有"})
        return (404, problem) if path.startswith("/effects/") else (status, text)


class LeavesAFieldOut(Spoiler):
    def answer(self, method: str, path: str, status: int, text: str) -> tuple[int, str]:
        return status, text.replace('"fee_fen"', '"fee"')


class LetsStrangersIn(Spoiler):
    def answer(self, method: str, path: str, status: int, text: str) -> tuple[int, str]:
        return status, text.replace("not_yours", "not_found")


class Oversells(Spoiler):
    last = ""

    def answer(self, method: str, path: str, status: int, text: str) -> tuple[int, str]:
        if (method, path, status) == ("POST", "/appointments", 201):
            self.last = text
        is_full = (method, path) == ("POST", "/appointments") and "sold_out" in text
        return (201, self.last) if is_full else (status, text)


class KeepsTheSeat(Spoiler):
    """It says that it moved, and did not; nor does it give anything back."""

    async def handle(self, request: web.Request) -> web.Response:
        if not request.path.endswith("/rescheduling"):
            return await super().handle(request)
        target = json.loads(await request.read())["session_id"]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{self.target}{request.path.removesuffix('/rescheduling')}") as reply:
                appointment = await reply.json()
            async with session.get(f"{self.target}/clinic-sessions/{target}") as reply:
                appointment["session"] = await reply.json()
        return web.json_response(appointment)


@asynccontextmanager
async def spoiled(make: Callable[[str], Spoiler], target: str) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", make(target).handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_sandbox_keeps_every_promise(sandbox: RunningSandbox, control: RemoteControl) -> None:
    results = await conformance.run(sandbox.url)
    assert [(each.title, each.detail) for each in results if not each.passed] == []
    assert len(results) == len(conformance.CHECKS)
    states = {each["state"] for each in await control.appointments()}
    assert states == {"cancelled_by_user"}, "what the suite booked is given back"


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (ForgetsKeys, {"key_books_once", "key_required", "key_reused_refused", "outcome_resolvable"}),
        (TakesAnyKey, {"key_reused_refused"}),
        (ShowsBirthDates, {"patients_masked_once"}),
        (LosesEffects, {"outcome_resolvable"}),
        (LetsStrangersIn, {"strangers_refused", "phone_shared"}),
        (Oversells, {"last_seat_once"}),
        (KeepsTheSeat, {"reschedule_atomic"}),
    ],
)
async def test_suite_finds_what_is_spoiled(
    sandbox: RunningSandbox, make: Callable[[str], Spoiler], found: set[str]
) -> None:
    async with spoiled(make, sandbox.url) as url:
        results = await conformance.run(url)
    assert {each.name for each in results if not each.passed} == found
    assert all(each.detail for each in results if not each.passed)


async def test_suite_finds_a_missing_field(sandbox: RunningSandbox) -> None:
    async with spoiled(LeavesAFieldOut, sandbox.url) as url:
        results = {each.name: each for each in await conformance.run(url)}
    assert not results["reads_follow_contract"].passed
    assert "fee_fen" in results["reads_follow_contract"].detail


async def test_suite_survives_a_server_that_is_away() -> None:
    results = await conformance.run("http://127.0.0.1:9")
    assert not any(each.passed for each in results)


async def test_suite_sends_the_access_token(sandbox: RunningSandbox) -> None:
    async def guarded(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer made-up":
            problem = {"status": 401, "code": "unauthorized", "detail": "没有访问凭证"}
            return web.json_response(problem, status=401, content_type="application/problem+json")
        return await Spoiler(sandbox.url).handle(request)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", guarded)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    outcomes: dict[str, Any] = {}
    for token in (None, "made-up"):
        outcomes[str(token)] = {each.passed for each in await conformance.run(url, token)}
    await runner.cleanup()
    assert outcomes == {"None": {False}, "made-up": {True}}


async def test_command_line_reports_in_chinese_and_by_its_exit_status(sandbox: RunningSandbox) -> None:
    async def report(url: str) -> tuple[int | None, list[str]]:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "adapters.departments.conformance", url), stdout=asyncio.subprocess.PIPE
        )
        output, _ = await child.communicate()
        return child.returncode, output.decode().splitlines()

    status, lines = await report(sandbox.url)
    assert (status, len(lines)) == (0, len(conformance.CHECKS))
    assert all(line.startswith("通过") for line in lines)
    async with spoiled(LosesEffects, sandbox.url) as url:
        status, lines = await report(url)
    assert status == 1
    assert [line.split()[1] for line in lines if line.startswith("未通过")] == ["办理结果可以用键查询"]
