"""The anonymous session of a citizen: a signed random id in a cookie, and one-time tickets for the socket."""

import hashlib
import hmac
import os
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from adapters.clock import Clock
from adapters.identifiers import IdentifierSource

COOKIE = "mianban_session"
TICKET_SECONDS = 30
_COOKIE_SECONDS = 30 * 24 * 3600
_MOST_TICKETS = 20_000
_SIGNED = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Citizen:
    """Who writes: named after a hash of the cookie's id, so that no log, store or clerk ever holds the cookie itself."""

    digest: str

    @property
    def session_id(self) -> str:
        """Return the session's id, unique within the product."""
        return f"web:{self.digest}"

    @property
    def user_id(self) -> str:
        """Return the channel's account of the person."""
        return f"web:{self.digest}"


class Citizens:
    """Gives sessions out and knows them again. The signature keeps anybody from making up sessions by the thousand."""

    def __init__(self, key: bytes, identifiers: IdentifierSource, *, is_https: bool) -> None:
        self._key = key
        self._identifiers = identifiers
        self._is_https = is_https

    def of(self, request: web.Request) -> Citizen | None:
        """Return the citizen of the request's cookie, None when it has none of ours."""
        match = _SIGNED.fullmatch(request.cookies.get(COOKIE, ""))
        if match is None or not hmac.compare_digest(match[2], self._signature(match[1])):
            return None
        return Citizen(hashlib.sha256(match[1].encode()).hexdigest()[:32])

    def welcome(self, response: web.StreamResponse) -> Citizen:
        """Give a new session in the response's cookie, and return its citizen."""
        new = self._identifiers.new()
        self._set(response, f"{new}.{self._signature(new)}")
        return Citizen(hashlib.sha256(new.encode()).hexdigest()[:32])

    def renew(self, request: web.Request, response: web.StreamResponse) -> None:
        """Let the cookie that the request came with last from now again."""
        self._set(response, request.cookies[COOKIE])

    def forget(self, response: web.StreamResponse) -> None:
        """Take the cookie away."""
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=self._is_https)

    def _set(self, response: web.StreamResponse, value: str) -> None:
        response.set_cookie(
            COOKIE, value, max_age=_COOKIE_SECONDS, path="/", httponly=True, samesite="Lax", secure=self._is_https
        )

    def _signature(self, identifier: str) -> str:
        return hmac.new(self._key, identifier.encode(), hashlib.sha256).hexdigest()[:32]


class Tickets:
    """One-time tickets: who holds one may open one socket of its session, within `TICKET_SECONDS`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tickets: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def issue(self, citizen: Citizen) -> str:
        """Return a new ticket; the oldest is dropped when there are too many."""
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = (citizen.session_id, self._clock.now().timestamp() + TICKET_SECONDS)
        if len(self._tickets) > _MOST_TICKETS:
            self._tickets.popitem(last=False)
        return ticket

    def redeem(self, ticket: str, citizen: Citizen) -> bool:
        """Take the ticket, and tell whether it was this citizen's and still good."""
        session_id, good_until = self._tickets.pop(ticket, ("", 0.0))
        return session_id == citizen.session_id and self._clock.now().timestamp() <= good_until


def cookie_key(folder: Path) -> bytes:
    """Return this installation's key for signing cookies; it is made once, readable by the owner alone."""
    path = folder / "web.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".web-{os.getpid()}-{secrets.token_hex(4)}.key"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(draft, path)  # whole or not at all, and the first process to come wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return bytes.fromhex(path.read_text(encoding="ascii"))
