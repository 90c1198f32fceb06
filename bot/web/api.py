"""The citizens' REST interface: a session, messages in, turns out."""

import json
import re

from aiohttp import web

from adapters.errors import StoreUnavailable
from bot.web.citizens import TICKET_SECONDS
from bot.web.doors import DOORS
from bot.web.rates import TooFast
from bot.web.refusals import TEXTS, Refused
from bot.web.requests import WrittenMessage, read_model

NOT_KEPT = "这条消息没有存下来，我们的系统暂时有问题。请稍后再发；急事请拨打12345（24小时）。"
_NUMBER = re.compile(r"[0-9]{1,12}")


async def open_session(request: web.Request) -> web.Response:
    """Answer POST /api/session: give an anonymous session or renew it, and a one-time ticket for the socket."""
    doors = request.app[DOORS]
    doors.require_own_page(request)
    citizen = doors.citizens.of(request)
    response = web.Response(content_type="application/json", charset="utf-8")
    if citizen is None:
        doors.newcomers.take(doors.address(request))
        citizen = doors.citizens.welcome(response)
    else:
        doors.citizens.renew(request, response)
    ticket = doors.tickets.issue(citizen)
    limit = doors.product.settings.conversation.longest_message
    response.text = json.dumps({"ticket": ticket, "ticket_seconds": TICKET_SECONDS, "longest_message": limit})
    return response


async def end_session(request: web.Request) -> web.Response:
    """Answer DELETE /api/session: take the cookie away and close the session's pages, on a shared computer for example."""
    doors = request.app[DOORS]
    doors.require_own_page(request)
    citizen = doors.require_citizen(request)
    doors.channel.end_session(citizen.session_id)
    response = web.Response(status=204)
    doors.citizens.forget(response)
    return response


async def post_message(request: web.Request) -> web.Response:
    """Answer POST /api/messages: 202 once the message is on disk, and not before."""
    doors = request.app[DOORS]
    doors.require_own_page(request)
    citizen = doors.require_citizen(request)
    written = await read_model(request, WrittenMessage)
    try:
        is_new = await doors.intake.accept(citizen, written)
    except StoreUnavailable:
        raise Refused(503, "not_stored", NOT_KEPT, retry_after_seconds=5) from None
    return web.json_response({"message_id": written.message_id, "is_new": is_new}, status=202)


async def list_messages(request: web.Request) -> web.Response:
    """Answer GET /api/messages?after=N: the session's turns after the N-th."""
    doors = request.app[DOORS]
    doors.require_own_page(request)
    citizen = doors.require_citizen(request)
    after = request.query.get("after", "0")
    if not _NUMBER.fullmatch(after):
        raise Refused(400, "invalid_fields", "这些字段不合要求：after")
    history = await doors.intake.history(citizen, int(after))
    turns = [doors.intake.shown(turn, citizen) for turn in history.turns]
    return web.json_response({"turns": turns, "is_cut": history.is_cut})


def too_fast(error: TooFast) -> Refused:
    """Return the kind notice for somebody who writes faster than the city can read."""
    return Refused(429, "too_fast", TEXTS[429], retry_after_seconds=error.wait_seconds)
