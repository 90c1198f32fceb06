"""The frame around every page that the server writes, and the chat page itself."""

from functools import cache
from pathlib import Path
from string import Template

from aiohttp import web

from bot.web.assets import asset_url
from bot.web.markup import Child, Markup, element, fragment

_TEMPLATES = Path(__file__).with_name("templates")


def page(
    title: str, *body: Child, script: str | None = None, navigation: Child = None, is_wide: bool = False
) -> web.Response:
    """Return a page of ours: header, `body`, footer; `script` is a file of static/."""
    html = _template("page.html").substitute(
        title=fragment(title),
        styles=_styles("page.css"),
        view_script=element("script", src=asset_url("view.js")),
        script=element("script", type="module", src=asset_url(script)) if script else "",
        icon=_icon(),
        navigation=fragment(navigation),
        width="wide" if is_wide else "reading",
        body=fragment(*body),
    )
    return web.Response(text=html, content_type="text/html", charset="utf-8")


async def show_chat(request: web.Request) -> web.Response:
    """Answer GET /: the chat page; all that changes on it comes over the socket."""
    del request
    html = _template("chat.html").substitute(
        styles=_styles("chat.css"),
        view_script=element("script", src=asset_url("view.js")),
        script=element("script", type="module", src=asset_url("chat.js")),
        icon=_icon(),
    )
    return web.Response(text=html, content_type="text/html", charset="utf-8")


@cache
def _template(name: str) -> Template:
    return Template((_TEMPLATES / name).read_text(encoding="utf-8"))


def _styles(own: str) -> Markup:
    return fragment([element("link", rel="stylesheet", href=asset_url(name)) for name in ("base.css", own)])


def _icon() -> Markup:
    return element("link", rel="icon", type="image/svg+xml", href=asset_url("icon.svg"))
