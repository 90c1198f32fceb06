"""What the clients of all departments share: typed reads, and effects whose lost answers are found again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.departments import reads
from adapters.departments.outcome import Done, Outcome, Rejected, Unknown
from adapters.errors import DepartmentError, DepartmentRefused, DepartmentUnavailable, OutcomeUnknown
from adapters.http_client import JsonClient

Model = TypeVar("Model", bound=BaseModel)
IsOurs = Callable[[Model], bool]


@dataclass(frozen=True)
class Effect(Generic[Model]):
    """Something to be done once: `is_ours` tells whether an answer is about this request and no other."""

    key: str
    path: str
    body: Mapping[str, Any]
    model: type[Model]
    is_ours: IsOurs[Model]


class EffectRecord(BaseModel):
    """What a department answered to the request with a key."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: int = Field(ge=200, le=599, strict=True)
    body: dict[str, Any]


class _Problem(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str = Field(min_length=1)
    detail: str = Field(min_length=1)


class DepartmentClient:
    """Reads and effects over one `JsonClient`.

    An answer that breaks the contract, or is about somebody else, counts as no answer. A lost outcome is asked for with
    its key after each of `settle_waits` (seconds), and the request repeated with the same key if the department has not
    seen it; all of it within `settle_seconds`.
    """

    def __init__(
        self,
        http: JsonClient,
        *,
        settle_waits: Sequence[float] = (0.3, 1.0),
        settle_seconds: float = 8.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.http = http
        self._settle_waits = tuple(settle_waits)
        self._settle_seconds = settle_seconds
        self._sleep = sleep

    async def one(
        self, path: str, model: type[Model], is_ours: IsOurs[Model], query: Mapping[str, str] | None = None
    ) -> Model:
        """Return one thing; raises `DepartmentRefused` or `DepartmentUnavailable`."""
        question = self._question(path, model, query)
        found: Model | None = reads.recall(question)
        if found is None:
            found = self._checked(path, model, is_ours, await self.http.get(path, query))
            reads.remember(question, found)
        return found

    async def items(
        self, path: str, model: type[Model], is_ours: IsOurs[Model], query: Mapping[str, str] | None = None
    ) -> list[Model]:
        """Return the `items` of a list; raises `DepartmentRefused` or `DepartmentUnavailable`."""
        question = self._question(path, model, query)
        found: list[Model] | None = reads.recall(question)
        if found is None:
            value = await self.http.get(path, query)
            items = value.get("items") if isinstance(value, dict) else None
            if not isinstance(items, list):
                raise DepartmentUnavailable(self.http.department, f"{path}: no list of items")
            found = [self._checked(path, model, is_ours, item) for item in items]
            reads.remember(question, found)
        return [*found]

    async def recorded(self, key: str, model: type[Model], is_ours: IsOurs[Model]) -> Outcome[Model] | None:
        """Return what came of the request with this key; None: not seen so far. Raises `DepartmentUnavailable`."""
        path = f"/effects/{part(key)}"
        try:
            record = self._checked(path, EffectRecord, lambda _: True, await self.http.get(path))
        except DepartmentRefused as refused:
            if refused.code == "not_found":
                return None
            raise DepartmentUnavailable(self.http.department, f"{path}: {refused.code}") from refused
        if record.status >= 400:
            problem = self._checked(path, _Problem, lambda _: True, record.body)
            return Rejected(problem.code, problem.detail)
        return Done(self._checked(path, model, is_ours, record.body))

    async def perform(self, effect: Effect[Model]) -> Outcome[Model]:
        """Do it once; raises `DepartmentUnavailable` when this call did nothing."""
        try:
            return await self._ask(effect)
        except OutcomeUnknown:
            return await self._settle(effect)
        finally:
            reads.forget()

    async def _ask(self, effect: Effect[Model]) -> Outcome[Model]:
        try:
            value = await self.http.post(effect.path, effect.body, key=effect.key)
        except DepartmentRefused as refused:
            return Rejected(refused.code, refused.reason)
        try:
            return Done(self._checked(effect.path, effect.model, effect.is_ours, value))
        except DepartmentUnavailable as broken:
            raise OutcomeUnknown(self.http.department, broken.detail) from broken

    async def _settle(self, effect: Effect[Model]) -> Outcome[Model]:
        """Find out what came of a request whose answer was lost; whatever goes wrong here leaves it unknown."""
        try:
            async with asyncio.timeout(self._settle_seconds):
                for wait in self._settle_waits:
                    await self._sleep(wait)
                    try:
                        recorded = await self.recorded(effect.key, effect.model, effect.is_ours)
                        return recorded or await self._ask(effect)
                    except DepartmentError:
                        continue
        except TimeoutError:
            pass
        return Unknown(effect.key)

    def _question(self, path: str, model: type[Model], query: Mapping[str, str] | None) -> tuple[Any, ...]:
        return (id(self.http), path, model, *sorted((query or {}).items()))

    def _checked(self, path: str, model: type[Model], is_ours: IsOurs[Model], value: object) -> Model:
        """Return the value as a model; raises `DepartmentUnavailable`, without values: they may be personal."""
        try:
            checked = model.model_validate(value)
        except ValidationError as broken:
            places = ", ".join(".".join(str(step) for step in error["loc"]) for error in broken.errors()[:3])
            detail = f"{path}: the answer breaks the contract at {places}"
            raise DepartmentUnavailable(self.http.department, detail) from broken
        if not is_ours(checked):
            raise DepartmentUnavailable(self.http.department, f"{path}: the answer is about something else")
        return checked


def part(value: str) -> str:
    """Return `value` as one segment of a path; raises ValueError for one that would lead elsewhere."""
    if value in {"", ".", ".."}:
        raise ValueError(f"{value!r} is no identifier")
    return quote(value, safe="")
