"""Staff accounts of this installation, until the city's own sign-in is connected: passwords, and patience with guesses."""

import asyncio
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters.clock import Clock
from adapters.errors import DuplicateKey, VersionConflict
from adapters.storage.store import Collection, DocumentStore, Stored

STAFF = Collection("staff")
STAFF_SESSIONS = Collection("staff_sessions", (("name",),))
STAFF_ATTEMPTS = Collection("staff_attempts")
STAFF_COLLECTIONS = (STAFF, STAFF_SESSIONS, STAFF_ATTEMPTS)

FIRST_NAME = "admin"
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128
_LEAST_DIFFERENT_CHARACTERS = 5
_FREE_FAILURES = 5
_FIRST_DELAY_SECONDS, _LONGEST_DELAY_SECONDS = 10.0, 900.0
_ATTEMPTS_KEPT = timedelta(hours=24)
_KNOWN_ADDRESSES = 5


class StaffError(Exception):
    """A member of staff cannot do that now."""


class WrongCredentials(StaffError):
    """The name or the password is wrong; which of the two is not said."""


class TooManyAttempts(StaffError):
    """Too many failures: `wait_seconds` from now it may be tried again."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__(f"too many failures; again in {wait_seconds:.0f} s")
        self.wait_seconds = wait_seconds


class PasswordRefused(StaffError):
    """The new password is not good enough; `reason` is a sentence for the member of staff."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """A member of staff; with `must_change_password` nothing else is allowed yet."""

    name: str
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """What a hash costs: N = 2 ** `log_n`. The default takes 32 MiB and is OWASP's 2024 minimum (N=2^15, r=8, p=3)."""

    log_n: int = 15
    r: int = 8
    p: int = 3

    def derive(self, password: str, salt: bytes) -> bytes:
        """Return the key, 32 bytes; slow on purpose."""
        normal = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
        memory = 256 * self.r * 2**self.log_n
        return hashlib.scrypt(normal, salt=salt, n=2**self.log_n, r=self.r, p=self.p, maxmem=memory, dklen=32)


class StaffAccounts:
    """Accounts in the document store. Failures cost time, by account and by address.

    An address from which the account has signed in before has a count of its own, so that a stranger who keeps guessing
    cannot keep the rightful owner out.
    """

    def __init__(self, store: DocumentStore, clock: Clock, cost: ScryptCost | None = None) -> None:
        self._store = store
        self._clock = clock
        self._cost = cost or ScryptCost()
        self._hashing = asyncio.Semaphore(2)
        self._nobody = ""

    async def create_first(self) -> tuple[str, str] | None:
        """Return name and one-time password of a new first account, None when there is an account already."""
        if await self._store.count(STAFF.name):
            return None
        password = secrets.token_urlsafe(15)
        document = {"hash": await self._hash(password), "must_change_password": True, "known_addresses": []}
        try:
            await self._store.insert(STAFF.name, FIRST_NAME, document)
        except DuplicateKey:
            return None
        return FIRST_NAME, password

    async def verify(self, name: str, password: str, address: str = "") -> StaffAccount:
        """Return the account, or raise `WrongCredentials` or `TooManyAttempts`. An unknown name takes as long as a known one."""
        name = _plain_name(name)
        stored = await self._store.get(STAFF.name, name)
        known = stored is not None and fingerprint(address) in stored.document["known_addresses"]
        whose = f"{name}@{address}" if known else name
        counts = [fingerprint("account", whose), fingerprint("address", address)]
        for key in counts:
            await self._count_attempt(key)  # before looking, so that many tries at once do not count as one
        expected = stored.document["hash"] if stored is not None else await self._hash_of_nobody()
        is_right = await self._matches(password, expected) and stored is not None
        if stored is None or not is_right:
            raise WrongCredentials(f"{name!r} could not sign in")
        for key in counts:
            await self._store.delete(STAFF_ATTEMPTS.name, key)
        await self._remember_address(stored, address)
        return StaffAccount(name, bool(stored.document["must_change_password"]))

    async def change_password(self, name: str, old: str, new: str, address: str = "") -> StaffAccount:
        """Set a new password after the old one was shown again; raises `PasswordRefused` and what `verify` raises."""
        refuse_weak(name, old, new)
        account = await self.verify(name, old, address)
        hashed = await self._hash(new)
        stored = await self._store.get(STAFF.name, account.name)
        if stored is None:
            raise WrongCredentials(f"{name!r} is gone")
        document = stored.document | {"hash": hashed, "must_change_password": False}
        try:
            await self._store.replace(STAFF.name, account.name, document, expected_version=stored.version)
        except VersionConflict:
            raise PasswordRefused("密码刚刚在别处改过，请重新登录。") from None
        return StaffAccount(account.name, must_change_password=False)

    async def _count_attempt(self, key: str) -> None:
        """Count an attempt, or raise `TooManyAttempts`; a refused one does not count, so that waiting always helps."""
        while True:
            now = self._clock.now()
            stored = await self._store.get(STAFF_ATTEMPTS.name, key)
            failures = 0 if stored is None else int(stored.document["failures"])
            wait = 0.0 if stored is None else float(stored.document["next_at"]) - now.timestamp()
            if 0 < wait <= _LONGEST_DELAY_SECONDS:
                raise TooManyAttempts(wait)
            document = {"failures": failures + 1, "next_at": now.timestamp() + _delay(failures + 1)}
            try:
                await self._put_attempt(key, stored, document, now + _ATTEMPTS_KEPT)
            except (DuplicateKey, VersionConflict):
                continue
            return

    async def _put_attempt(self, key: str, stored: Stored | None, document: dict[str, Any], until: datetime) -> None:
        if stored is None:
            await self._store.insert(STAFF_ATTEMPTS.name, key, document, expires_at=until)
        else:
            await self._store.replace(
                STAFF_ATTEMPTS.name, key, document, expected_version=stored.version, expires_at=until
            )

    async def _remember_address(self, stored: Stored, address: str) -> None:
        known = [seen for seen in stored.document["known_addresses"] if seen != fingerprint(address)]
        known = [*known, fingerprint(address)][-_KNOWN_ADDRESSES:]
        if known == stored.document["known_addresses"]:
            return
        try:
            await self._store.replace(
                STAFF.name, stored.key, stored.document | {"known_addresses": known}, expected_version=stored.version
            )
        except VersionConflict:
            return  # the next sign-in remembers it

    async def _hash(self, password: str) -> str:
        salt = secrets.token_bytes(16)
        key = await self._derive(self._cost, password, salt)
        return f"scrypt${self._cost.log_n}${self._cost.r}${self._cost.p}${salt.hex()}${key.hex()}"

    async def _matches(self, password: str, hashed: str) -> bool:
        _, log_n, r, p, salt, key = hashed.split("$")
        derived = await self._derive(ScryptCost(int(log_n), int(r), int(p)), password, bytes.fromhex(salt))
        return hmac.compare_digest(derived, bytes.fromhex(key))

    async def _derive(self, cost: ScryptCost, password: str, salt: bytes) -> bytes:
        async with self._hashing:
            return await asyncio.to_thread(cost.derive, password[:LONGEST_PASSWORD], salt)

    async def _hash_of_nobody(self) -> str:
        if not self._nobody:
            self._nobody = await self._hash(secrets.token_hex(16))
        return self._nobody


def refuse_weak(name: str, old: str, new: str) -> None:
    """Raise `PasswordRefused` for a password that is too short, too long, too uniform, the old one, or the name."""
    if len(new) < SHORTEST_PASSWORD:
        raise PasswordRefused(f"新密码至少要 {SHORTEST_PASSWORD} 个字符。")
    if len(new) > LONGEST_PASSWORD:
        raise PasswordRefused(f"新密码最多 {LONGEST_PASSWORD} 个字符。")
    if new == old:
        raise PasswordRefused("新密码不能和现在的密码一样。")
    if len(set(new)) < _LEAST_DIFFERENT_CHARACTERS or name.lower() in new.lower():
        raise PasswordRefused("新密码太简单，或者包含了账号名，请换一个。")


def _delay(failures: int) -> float:
    over = failures - _FREE_FAILURES
    return 0.0 if over < 0 else min(_FIRST_DELAY_SECONDS * 2**over, _LONGEST_DELAY_SECONDS)


def _plain_name(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().lower()[:64].encode("utf-8", "replace").decode()


def fingerprint(*parts: str) -> str:
    """Return a hash under which something is found again without being kept."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
