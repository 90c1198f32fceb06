"""Sign-ins of staff: held on the server, and over after a quarter of an hour without a click or a working day."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from adapters.clock import Clock
from adapters.errors import VersionConflict
from adapters.staff import STAFF_SESSIONS, StaffAccount, fingerprint
from adapters.storage.store import DocumentStore, Stored, equals

_IDLE, _LIFE = timedelta(minutes=15), timedelta(hours=8)
_TOUCH_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A sign-in that is still good; `form_token` stands in every form, so that no other site can post one."""

    name: str
    must_change_password: bool
    form_token: str


class StaffSessions:
    """Sign-ins, held on the server; what the browser has is a random token of which only the hash is stored."""

    def __init__(self, store: DocumentStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def open(self, account: StaffAccount) -> str:
        """Return the token of a new sign-in, good for 15 minutes without a click and for 8 hours in all."""
        now = self._clock.now()
        token = secrets.token_urlsafe(32)
        document = {
            "name": account.name,
            "must_change_password": account.must_change_password,
            "form_token": secrets.token_urlsafe(24),
            "opened_at": now.timestamp(),
            "seen_at": now.timestamp(),
        }
        await self._store.insert(STAFF_SESSIONS.name, fingerprint(token), document, expires_at=now + _IDLE)
        return token

    async def get(self, token: str) -> StaffSession | None:
        """Return the sign-in with this token and let it live on, None when it is over or never was."""
        stored = await self._store.get(STAFF_SESSIONS.name, fingerprint(token)) if token else None
        if stored is None:
            return None
        await self._touch(stored)
        document = stored.document
        return StaffSession(document["name"], document["must_change_password"], document["form_token"])

    async def close(self, token: str) -> None:
        """End a sign-in."""
        await self._store.delete(STAFF_SESSIONS.name, fingerprint(token))

    async def close_all(self, name: str) -> None:
        """End every sign-in of an account."""
        for stored in await self._store.find(STAFF_SESSIONS.name, equals("name", name), limit=1000):
            await self._store.delete(STAFF_SESSIONS.name, stored.key)

    async def _touch(self, stored: Stored) -> None:
        now, document = self._clock.now(), stored.document
        if now.timestamp() - document["seen_at"] < _TOUCH_SECONDS:
            return
        life_left = timedelta(seconds=document["opened_at"] - now.timestamp()) + _LIFE
        try:
            await self._store.replace(
                STAFF_SESSIONS.name,
                stored.key,
                document | {"seen_at": now.timestamp()},
                expected_version=stored.version,
                expires_at=now + min(_IDLE, life_left),
            )
        except VersionConflict:
            return  # another request of the same person was first
