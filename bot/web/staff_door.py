"""Who of the staff is at the door, and whether a form was really sent from our own page."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from aiohttp import web

from adapters.staff_sessions import StaffSession
from bot.web.doors import DOORS
from bot.web.markup import Markup, element
from bot.web.origins import is_own_origin
from bot.web.refusals import Refused
from bot.web.requests import read_body

COOKIE = "mianban_staff"
SIGN_IN, PASSWORD, DESK = "/staff/sign-in", "/staff/password", "/staff"
FORM_TOKEN = "form_token"  # noqa: S105 the name of a field
_MOST_FIELDS = 10


@dataclass(frozen=True, slots=True)
class AtDoor:
    """A signed-in member of staff, and the fields of the form that was sent (empty for a page that was asked for)."""

    session: StaffSession
    fields: Mapping[str, str]


async def require_staff(request: web.Request, *, may_have_first_password: bool = False) -> AtDoor:
    """Return who is signed in, or send them to the sign-in page; a first password opens only the page that changes it."""
    session = await request.app[DOORS].staff_sessions.get(request.cookies.get(COOKIE, ""))
    if session is None:
        raise web.HTTPSeeOther(SIGN_IN)
    fields: Mapping[str, str] = {}
    if request.method == "POST":
        fields = await read_form(request)
        if not hmac.compare_digest(fields.get(FORM_TOKEN, "").encode(), session.form_token.encode()):
            raise Refused(403, "form_token", "这一页放得太久了，请回到工作台重新操作。")
    if session.must_change_password and not may_have_first_password:
        raise web.HTTPSeeOther(PASSWORD)
    return AtDoor(session, fields)


async def read_form(request: web.Request) -> Mapping[str, str]:
    """Return the fields of a form that a page of ours sent; refuse one that came from anywhere else."""
    if not is_own_origin(request, request.app[DOORS].product.settings.web):
        raise Refused(403, "foreign_origin")
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused(415, "not_a_form", "请在网页上填写。")
    try:
        text = (await read_body(request)).decode("utf-8")
        pairs = parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Refused(400, "malformed_form") from None
    return {name: values[0] for name, values in pairs.items()}


def form_token(session: StaffSession) -> Markup:
    """Return the hidden field that proves a form to be ours."""
    return element("input", type="hidden", name=FORM_TOKEN, value=session.form_token)


def set_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Give the sign-in to the browser: for this site's own pages only, out of reach of scripts, gone when it closes."""
    is_https = request.app[DOORS].product.settings.web.public_url.startswith("https://")
    response.set_cookie(COOKIE, token, path="/staff", httponly=True, samesite="Strict", secure=is_https)


def take_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Take the sign-in away from the browser."""
    is_https = request.app[DOORS].product.settings.web.public_url.startswith("https://")
    response.del_cookie(COOKIE, path="/staff", httponly=True, samesite="Strict", secure=is_https)
