"""Where a request comes from: the page that made it, and the address behind our own proxies."""

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web

from bot.settings import WebSettings


def own_origins(request: web.Request, settings: WebSettings) -> frozenset[str]:
    """Return the origins that our pages have: that of `public_url`, or without one the address that we listen on."""
    if settings.public_url:
        parts = urlsplit(settings.public_url)
        return frozenset({f"{parts.scheme}://{parts.netloc}".lower()})
    sockname = request.transport.get_extra_info("sockname") if request.transport else None
    port = sockname[1] if sockname else settings.port
    hosts = {"localhost", "127.0.0.1", "[::1]", settings.host}
    return frozenset(f"http://{host}:{port}" for host in hosts)


def is_own_origin(request: web.Request, settings: WebSettings) -> bool:
    """Tell whether the request says, exactly once, that a page of ours made it."""
    given = request.headers.getall("Origin", [])
    return len(given) == 1 and given[0].lower() in own_origins(request, settings)


def is_foreign(request: web.Request, settings: WebSettings) -> bool:
    """Tell whether a browser says that another site's page made the request; other programs say nothing."""
    if "Origin" in request.headers:
        return not is_own_origin(request, settings)
    return request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}


def client_address(request: web.Request, trusted_proxies: int) -> str:
    """Return the citizen's address: the peer's, or what the outermost of our `trusted_proxies` has seen."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    hops = [str(peer[0]) if peer else ""]
    if trusted_proxies:
        claimed = ",".join(request.headers.getall("X-Forwarded-For", []))
        hops = [hop.strip() for hop in claimed.split(",") if hop.strip()] + hops
    address = hops[max(0, len(hops) - 1 - trusted_proxies)]
    return address if _parsed(address) else hops[-1]


def is_private_caller(request: web.Request, trusted_proxies: int) -> bool:
    """Tell whether the caller sits in our own network; one who was forwarded by a proxy that we do not know does not."""
    if not trusted_proxies and any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")):
        return False
    address = _parsed(client_address(request, trusted_proxies))
    return address is not None and (address.is_loopback or address.is_private)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
