"""Around every request: allowed methods, refusals as answers, the last resort, and the security headers."""

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.errors import StoreError
from bot.web.doors import DOORS
from bot.web.origins import own_origins
from bot.web.rates import TooFast
from bot.web.refusals import TEXTS, Refused, refusal_response

METHODS = frozenset({"GET", "HEAD", "POST", "DELETE"})
_REASONS = {413: "body_too_large", 405: "method", 404: "not_found"}
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

log = structlog.get_logger(__name__)


@web.middleware
async def refuse_kindly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every refusal and every failure into an answer; a bug shows its number and nothing else."""
    headers: dict[str, str] = {}
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except TooFast as error:
        refused = Refused(429, "rate", TEXTS[429], error.wait_seconds)
    except Refused as error:
        refused = error
    except web.HTTPException as error:
        refused = Refused(error.status, _REASONS.get(error.status, "http"))
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    except StoreError as error:
        log.warning("web_store_failed", path=request.path, error=type(error).__name__)
        refused = Refused(503, "store", retry_after_seconds=5)
    except Exception:
        number = request.app[DOORS].product.identifiers.new()[:12]
        log.exception("web_request_failed", number=number, method=request.method, path=request.path)
        refused = Refused(500, "internal", f"{TEXTS[500]}（编号 {number}）")
    request.app[DOORS].product.metrics.refused.labels(refused.code).inc()
    return refusal_response(request, refused, headers)


@web.middleware
async def guard_the_door(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in only the methods that we know, and nothing new once the server goes down."""
    if request.method not in METHODS:
        raise web.HTTPMethodNotAllowed(request.method, METHODS)
    if request.app[DOORS].is_draining and request.path not in {"/healthz", "/readyz"}:
        raise Refused(503, "restarting", "系统正在更新，马上就好，请稍等几秒再试。", retry_after_seconds=5)
    return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on every response, sockets and refusals included, and tell nobody what we run on."""
    settings = request.app[DOORS].product.settings.web
    response.headers.update(_FIXED)
    response.headers["Content-Security-Policy"] = content_security_policy(own_origins(request, settings))
    response.headers.setdefault("Cache-Control", "no-store")
    if settings.public_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    response.headers.popall("Server", None)


def content_security_policy(origins: frozenset[str]) -> str:
    """Return the policy: nothing but our own files, and sockets to our own address (some browsers want that spelled out)."""
    spoken = (origin for origin in origins if "[" not in origin)  # the policy's grammar has no IPv6 addresses
    sockets = " ".join(sorted("ws" + origin.removeprefix("http") for origin in spoken))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' {sockets}; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
