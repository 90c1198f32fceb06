"""Leases with fencing tokens: one worker at a time takes the messages of a session."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta

from adapters.clock import Clock
from adapters.errors import DuplicateKey, VersionConflict
from adapters.storage.store import Collection, DocumentStore

LEASES = Collection("leases")
_MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class Lease:
    """The right to take a session's messages until it expires; `token` grows with every holder."""

    session_id: str
    token: int
    version: int
    is_lost: bool = False


class Leases:
    """Leases over a document store; each change is a conditional write, so that of two who ask one gets it."""

    def __init__(self, store: DocumentStore, clock: Clock, holder: str, seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._holder = holder
        self._seconds = seconds
        self._released: OrderedDict[str, Lease] = OrderedDict()

    async def acquire(self, session_id: str) -> Lease | None:
        """Return a lease, or None while another holds one."""
        if await self._acquire_again(lease := self._released.pop(session_id, Lease(session_id, 0, 0))):
            return lease
        stored = await self._store.get(LEASES.name, session_id)
        try:
            if stored is None:
                await self._store.insert(LEASES.name, session_id, self._document(1))
                return Lease(session_id, 1, 1)
            if stored.document["holder"] and stored.document["expires_at"] > self._clock.now().timestamp():
                return None
            token = int(stored.document["token"]) + 1
            version = await self._store.replace(
                LEASES.name, session_id, self._document(token), expected_version=stored.version
            )
        except (DuplicateKey, VersionConflict):
            return None
        return Lease(session_id, token, version)

    async def _acquire_again(self, lease: Lease) -> bool:
        """Take a lease that was last released here, without a look: its version says whether anybody had it since."""
        if lease.version == 0 or not await self._replace(lease, self._document(lease.token + 1)):
            return False
        lease.token += 1
        return True

    async def renew(self, lease: Lease) -> bool:
        """Extend the lease; False says that it is another's by now."""
        return await self._replace(lease, self._document(lease.token))

    async def release(self, lease: Lease) -> None:
        """Give the lease back; one that was lost already is another's and stays."""
        if await self._replace(lease, {"holder": "", "token": lease.token, "expires_at": 0}):
            self._released[lease.session_id] = lease
            while len(self._released) > _MOST_REMEMBERED:
                self._released.popitem(last=False)

    async def _replace(self, lease: Lease, document: dict[str, object]) -> bool:
        try:
            lease.version = await self._store.replace(
                LEASES.name, lease.session_id, document, expected_version=lease.version
            )
        except VersionConflict:
            lease.is_lost = True
            return False
        return True

    def _document(self, token: int) -> dict[str, object]:
        expires_at = self._clock.now() + timedelta(seconds=self._seconds)
        return {"holder": self._holder, "token": token, "expires_at": expires_at.timestamp()}
