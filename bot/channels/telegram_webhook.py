"""Who may hand updates in over HTTP, and in what form: nothing is read further before it passed here."""

import asyncio
import hmac
import json
import re
from typing import Any, NoReturn

from aiohttp import web

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 the name of a header, not a secret
BODY_BYTES = 256 * 1024
BODY_SECONDS = 30.0
JSON_DEPTH = 32
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class WebhookRefused(Exception):
    """A request that is not let in: the HTTP status and the machine word of the reason."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


def checked_secret(secret: str) -> str:
    """Return the secret if Telegram would take it (1-256 of A-Za-z0-9_-), or raise ValueError."""
    if not _SECRET.fullmatch(secret):
        raise ValueError("the Telegram webhook secret must be 1 to 256 characters of A-Z a-z 0-9 _ -, and not empty")
    return secret


async def read_request(request: web.Request, secret: str) -> object:
    """Return the JSON of an update that Telegram sent, or raise `WebhookRefused`."""
    if request.method != "POST":
        raise WebhookRefused(405, "method_not_allowed")
    if not _has_secret(request, secret):
        raise WebhookRefused(401, "wrong_secret")
    return parse_json(await _body(request))


def parse_json(body: bytes) -> object:
    """Return strict JSON: UTF-8, no NaN, no duplicate key, at most `JSON_DEPTH` deep; or raise `WebhookRefused`."""
    try:
        document = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise WebhookRefused(400, "malformed_json") from None
    if _is_deeper_than(document, JSON_DEPTH):
        raise WebhookRefused(400, "nested_too_deep")
    return document


def _has_secret(request: web.Request, secret: str) -> bool:
    given = request.headers.getall(SECRET_HEADER, [])
    presented = given[0] if len(given) == 1 else ""
    return hmac.compare_digest(presented.encode("utf-8", "surrogateescape"), secret.encode())


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > BODY_BYTES:
        raise WebhookRefused(413, "body_too_large")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > BODY_BYTES:
                    raise WebhookRefused(413, "body_too_large")
    except TimeoutError:
        raise WebhookRefused(408, "body_too_slow") from None
    except web.RequestPayloadError:
        raise WebhookRefused(400, "malformed_body") from None
    return bytes(body)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key is there twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _is_deeper_than(document: object, limit: int) -> bool:
    level: list[object] = [document]
    for _ in range(limit):
        level = [child for value in level for child in _children(value)]
        if not level:
            return False
    return any(isinstance(value, (dict, list)) for value in level)


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []
