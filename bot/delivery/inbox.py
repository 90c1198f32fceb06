"""The durable inbox: a message is on disk under its channel's own id before anybody acknowledges it."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

from adapters.clock import Clock
from adapters.errors import DuplicateKey, VersionConflict
from adapters.storage.store import Collection, DocumentStore, Stored, equals
from bot.delivery.killpoints import killpoint
from bot.messages import InboundMessage
from bot.redaction import mask

INBOX = Collection("inbox", (("status",), ("session_id", "status")))
_KEPT_DAYS = 8
_MOST_REMEMBERED = 2000


class Inbox:
    """Accepts each message once, and gives them back in the order of a session."""

    def __init__(self, store: DocumentStore, clock: Clock, most_attempts: int) -> None:
        self._store = store
        self._clock = clock
        self._most_attempts = most_attempts
        self._taken: OrderedDict[str, Stored] = OrderedDict()  # as `waiting` gave them, to be finished without a look
        self.on_accepted: Callable[[InboundMessage], None] = lambda message: None

    async def accept(self, message: InboundMessage) -> bool:
        """Store the message durably, and only then return; False says that it was there already."""
        killpoint("before_accept")
        document = {
            "message": message.model_dump(mode="json"),
            "session_id": message.session_id,
            "status": "waiting",
            "attempts": 0,
            "accepted_at": self._clock.now().isoformat(),
        }
        try:
            await self._store.insert(
                INBOX.name, message.key, document, expires_at=self._clock.now() + timedelta(days=_KEPT_DAYS)
            )
        except DuplicateKey:
            return False
        killpoint("after_accept")
        self.on_accepted(message)
        return True

    async def waiting(self, session_id: str) -> list[InboundMessage]:
        """Return the messages of a session that wait to be taken, in the order in which they were accepted."""
        found = await self._store.find(INBOX.name, equals("session_id", session_id), equals("status", "waiting"))
        messages = [InboundMessage.model_validate(stored.document["message"]) for stored in found]
        for message, stored in zip(messages, found, strict=True):
            self._taken[message.key] = stored
        while len(self._taken) > _MOST_REMEMBERED:
            self._taken.popitem(last=False)
        return messages

    async def sessions_waiting(self, limit: int = 200) -> list[str]:
        """Return the sessions that have a message waiting, the longest waiting first."""
        found = await self._store.find(INBOX.name, equals("status", "waiting"), limit=limit)
        return list(dict.fromkeys(str(stored.document["session_id"]) for stored in found))

    def attempts(self, message: InboundMessage) -> int:
        """Return how many attempts had been counted when the message was last read by `waiting`; 1 if that is unknown."""
        stored = self._taken.get(message.key)
        return 1 if stored is None else int(stored.document["attempts"])

    async def note_attempt(self, message: InboundMessage) -> bool:
        """Count an attempt at a message that an earlier worker left behind; False says that it was tried too often."""
        self._taken.pop(message.key, None)
        stored = await self._store.get(INBOX.name, message.key)
        if stored is None:
            return True
        attempts = int(stored.document["attempts"]) + 1
        await self._update(message.key, stored.version, stored.document | {"attempts": attempts})
        return attempts <= self._most_attempts

    async def finish(self, message: InboundMessage, status: str = "done") -> None:
        """Mark a message as taken (its text is masked from now on), or as `dead`."""
        stored = self._taken.pop(message.key, None) or await self._store.get(INBOX.name, message.key)
        while stored is not None and stored.document["status"] == "waiting":
            masked = stored.document["message"] | {"text": mask(message.text)}
            document = stored.document | {"status": status, "message": masked}
            if await self._update(message.key, stored.version, document):
                return
            stored = await self._store.get(INBOX.name, message.key)

    async def _update(self, key: str, version: int, document: dict[str, object]) -> bool:
        """Replace a message; False says that another worker was first."""
        expires_at = self._clock.now() + timedelta(days=_KEPT_DAYS)
        try:
            await self._store.replace(INBOX.name, key, document, expected_version=version, expires_at=expires_at)
        except VersionConflict:
            return False
        return True
