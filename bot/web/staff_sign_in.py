"""Staff come in and go out: sign-in, the first change of password, sign-out."""

from collections.abc import Mapping

import structlog
from aiohttp import web

from adapters.staff import SHORTEST_PASSWORD, PasswordRefused, StaffAccount, TooManyAttempts, WrongCredentials
from bot.web.doors import DOORS
from bot.web.markup import Markup, element
from bot.web.pages import page
from bot.web.staff_door import (
    COOKIE,
    DESK,
    PASSWORD,
    SIGN_IN,
    form_token,
    read_form,
    require_staff,
    set_cookie,
    take_cookie,
)

_WRONG = "账号或密码不对，请再试一次。"
_WRONG_NOW = "现在的密码不对，请再试一次。"
_UNEQUAL = "两次输入的新密码不一样，请重新输入。"

log = structlog.get_logger(__name__)


async def show_sign_in(request: web.Request) -> web.Response:
    """Answer GET /staff/sign-in."""
    del request
    return _sign_in_page()


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Answer POST /staff/sign-in: a new session under a new token; the one that the browser had is over."""
    doors = request.app[DOORS]
    fields = await read_form(request)
    try:
        account = await doors.staff.verify(fields.get("name", ""), fields.get("password", ""), doors.address(request))
    except WrongCredentials:
        log.warning("staff_sign_in_refused", address=doors.address(request))
        return _sign_in_page(_WRONG, status=403)
    except TooManyAttempts as error:
        log.warning("staff_sign_in_held", address=doors.address(request), seconds=round(error.wait_seconds))
        return _sign_in_page(_wait(error), status=429, wait_seconds=error.wait_seconds)
    log.info("staff_signed_in", name=account.name)
    return await _let_in(request, account)


async def show_password(request: web.Request) -> web.Response:
    """Answer GET /staff/password."""
    at_door = await require_staff(request, may_have_first_password=True)
    is_first = at_door.session.must_change_password
    return _password_page(form_token(at_door.session), is_first=is_first)


async def change_password(request: web.Request) -> web.StreamResponse:
    """Answer POST /staff/password: the new password ends every session of the account but a new one."""
    doors = request.app[DOORS]
    at_door = await require_staff(request, may_have_first_password=True)
    session, fields = at_door.session, at_door.fields
    try:
        account = await doors.staff.change_password(
            session.name, fields.get("old", ""), _typed_twice(fields), doors.address(request)
        )
    except PasswordRefused as refused:
        fault, status = refused.reason, 400
    except WrongCredentials:
        fault, status = _WRONG_NOW, 403
    except TooManyAttempts as error:
        fault, status = _wait(error), 429
    else:
        log.info("staff_password_changed", name=account.name)
        await doors.staff_sessions.close_all(account.name)
        return await _let_in(request, account)
    return _password_page(form_token(session), is_first=session.must_change_password, fault=fault, status=status)


async def sign_out(request: web.Request) -> web.StreamResponse:
    """Answer POST /staff/sign-out: the session is over on the server, not only in the browser."""
    at_door = await require_staff(request, may_have_first_password=True)
    await request.app[DOORS].staff_sessions.close(request.cookies[COOKIE])
    log.info("staff_signed_out", name=at_door.session.name)
    response = _go(SIGN_IN)
    take_cookie(request, response)
    return response


async def _let_in(request: web.Request, account: StaffAccount) -> web.StreamResponse:
    sessions = request.app[DOORS].staff_sessions
    await sessions.close(request.cookies.get(COOKIE, ""))
    response = _go(PASSWORD if account.must_change_password else DESK)
    set_cookie(request, response, await sessions.open(account))
    return response


def _typed_twice(fields: Mapping[str, str]) -> str:
    if fields.get("new", "") != fields.get("again", ""):
        raise PasswordRefused(_UNEQUAL)
    return fields.get("new", "")


def _go(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path})


def _wait(error: TooManyAttempts) -> str:
    seconds = int(error.wait_seconds) + 1
    words = f"{seconds} 秒" if seconds < 60 else f"{(seconds + 59) // 60} 分钟"
    return f"试错次数太多，请等 {words}再试。"


def _sign_in_page(fault: str | None = None, *, status: int = 200, wait_seconds: float | None = None) -> web.Response:
    body = element(
        "section",
        element("h1", "工作人员登录"),
        element("p", fault, class_="fault", role="alert") if fault else None,
        element(
            "form",
            _field("账号", "name", "text", autocomplete="username"),
            _field("密码", "password", "password", autocomplete="current-password"),
            element("button", "登录", class_="button", type="submit"),
            method="post",
            action=SIGN_IN,
        ),
        class_="sheet narrow",
    )
    response = page("工作人员登录", body)
    response.set_status(status)
    if wait_seconds is not None:
        response.headers["Retry-After"] = str(int(wait_seconds) + 1)
    return response


def _password_page(token: Markup, *, is_first: bool, fault: str | None = None, status: int = 200) -> web.Response:
    lead = "第一次登录，请先设一个自己的密码，之后就能进工作台。" if is_first else "改好后，其他地方的登录会全部退出。"
    body = element(
        "section",
        element("h1", "设置新密码"),
        element("p", lead, class_="lead"),
        element("p", fault, class_="fault", role="alert") if fault else None,
        element(
            "form",
            token,
            _field("现在的密码", "old", "password", autocomplete="current-password"),
            _field("新密码", "new", "password", f"至少 {SHORTEST_PASSWORD} 个字符", autocomplete="new-password"),
            _field("再输一次新密码", "again", "password", autocomplete="new-password"),
            element("button", "保存", class_="button", type="submit"),
            method="post",
            action=PASSWORD,
        ),
        class_="sheet narrow",
    )
    response = page("设置新密码", body)
    response.set_status(status)
    return response


def _field(label: str, name: str, kind: str, hint: str | None = None, **more: str) -> Markup:
    return element(
        "label",
        element("span", label),
        element("small", hint) if hint else None,
        element("input", name=name, type=kind, required=True, maxlength="128", **more),
        class_="field",
    )
