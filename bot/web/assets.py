"""The files that the pages are made of, read once at the start; nothing else of the disk can be asked for."""

import hashlib
from pathlib import Path

from aiohttp import web

STATIC_FOLDER = Path(__file__).with_name("static")
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_A_YEAR = 365 * 24 * 3600


def _read() -> dict[str, tuple[str, bytes]]:
    return {
        path.name: (_TYPES[path.suffix], path.read_bytes())
        for path in sorted(STATIC_FOLDER.iterdir())
        if path.suffix in _TYPES
    }


FILES = _read()
VERSION = hashlib.sha256(b"".join(name.encode() + body for name, (_, body) in FILES.items())).hexdigest()[:12]


def asset_url(name: str) -> str:
    """Return the address of a file; it changes with the content, so that browsers may keep it. KeyError if unknown."""
    if name not in FILES:
        raise KeyError(f"{name}: no such file in {STATIC_FOLDER}")
    return f"/static/{VERSION}/{name}"


async def show_asset(request: web.Request) -> web.Response:
    """Answer GET /static/{version}/{name}."""
    found = FILES.get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    content_type, body = found
    is_current = request.match_info["version"] == VERSION
    cache = f"public, max-age={_A_YEAR}, immutable" if is_current else "no-store"
    return web.Response(body=body, content_type=content_type, charset="utf-8", headers={"Cache-Control": cache})
