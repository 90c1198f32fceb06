"""A request that is not carried out: what machines and people are told, as JSON for programs and as a page for people."""

from http import HTTPStatus

from aiohttp import web

from bot.web.markup import element
from bot.web.pages import page

TEXTS = {
    400: "这个请求的内容不完整或格式不对，没有办理。",
    401: "还没有建立会话，请重新打开页面。",
    403: "这个请求不是从本站页面发出的，没有办理。请回到绵办页面再试。",
    404: "没有找到这个页面，可能地址有误，或者内容已经撤下。",
    405: "这个地址不支持这样的操作。",
    408: "内容传得太慢，没有收全，请再试一次。",
    413: "内容太大了，放不下。请分几次发送。",
    415: "请用 JSON 格式发送。",
    429: "您发得有点快，我还没看完。请稍等一会儿再发。",
    500: "抱歉，我们这边出了点问题，这一步没有办成。请稍后再试。",
    503: "系统暂时忙不过来，这一步没有办成。请稍后再试；急事请拨打12345（24小时）。",
}


class Refused(Exception):
    """A request that is turned away: HTTP status, machine word, sentence for people, seconds until it may be tried again."""

    def __init__(self, status: int, code: str, text: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.text = text or TEXTS.get(status, TEXTS[400])
        self.retry_after_seconds = retry_after_seconds


def refusal_response(request: web.Request, refused: Refused, headers: dict[str, str] | None = None) -> web.Response:
    """Return the refusal as the caller reads it: a page under the pages, JSON everywhere else."""
    headers = dict(headers or {})
    if refused.retry_after_seconds is not None:
        headers["Retry-After"] = str(max(1, round(refused.retry_after_seconds + 0.5)))
    if _wants_page(request):
        title = "没有办成" if refused.status != HTTPStatus.NOT_FOUND else "没有找到"
        body = element(
            "section",
            element("h1", title),
            element("p", refused.text),
            element("p", element("a", "回到绵办", href="/", class_="button")),
            class_="sheet narrow",
        )
        response = page(title, body)
        response.set_status(refused.status)
        response.headers.update(headers)
        return response
    content = {"status": refused.status, "code": refused.code, "text": refused.text}
    return web.json_response(content, status=refused.status, headers=headers)


def _wants_page(request: web.Request) -> bool:
    is_program = request.path.startswith(("/api/", "/ws", "/healthz", "/readyz", "/metrics", "/static/"))
    return not is_program and "text/html" in request.headers.get("Accept", "")
