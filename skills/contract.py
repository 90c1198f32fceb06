"""All that a skill's author imports: slots, answers to them, replies, and the shape of a skill itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from nlu.interpretation import Entity

SlotValues = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Slot:
    """How a field of a slot model is asked for; put it into the field's `Annotated[...]`.

    `entities` are the entity types that can fill it; `names` are words by which people mean it ("换个医院"), `any_words` those that leave it to us ("越快越好"),
    `wish_words` those that say what is wanted before there is anything to choose from ("普通号"), `none_words` those that say, asked or not, that there is none ("没上户口"). `why` is the
    place in a service guide that explains the question: document id and heading. A change of a slot in `depends_on`
    empties this one; with `is_reapplied` its old answer is tried again first. A `is_volatile` value may go stale (a seat),
    and is looked at again when a conversation goes on after a gap. A `is_carried_over` value still holds when the same
    thing is asked for somebody else. `is_hint` slots are filled when they are mentioned and never asked. When there is but one option for a slot that
    `is_taken_if_single`, it is taken and not asked, and `single_notice` says so (`{label}` in it). With a `default_notice` the first on offer is taken when
    nobody chooses: all else is told, or the question is passed over; the notice says so (`{label}`, and what else there is in `{others}`).
    """

    title: str
    prompt: str = ""
    reprompt: str = ""
    why: tuple[str, str] | None = None
    entities: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    is_free_text: bool = False
    is_optional: bool = False
    is_sensitive: bool = False
    is_volatile: bool = False
    is_reapplied: bool = False
    is_carried_over: bool = False
    is_hint: bool = False
    is_taken_if_single: bool = False
    single_notice: str = ""
    default_notice: str = ""
    any_words: tuple[str, ...] = ()
    wish_words: tuple[str, ...] = ()
    none_words: tuple[str, ...] = ()

    @property
    def is_said_back(self) -> bool:
        """Tell whether it is worth repeating: not who it is for where there was but one to choose."""
        return bool(self.single_notice) or not self.is_taken_if_single


class SlotModel(BaseModel):
    """The complete, typed content of a form. A form is acted on only once its model could be made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def slots(cls) -> dict[str, Slot]:
        """Return the slots by name, in the order in which they are asked."""
        return dict(_slots_of(cls))

    @classmethod
    def needed(cls, values: SlotValues) -> tuple[str, ...]:
        """Return the slots that this form needs, given what is known; override it where one answer decides the next."""
        del values
        return tuple(name for name, slot in cls.slots().items() if not slot.is_hint)


@cache
def _slots_of(model: type[SlotModel]) -> Mapping[str, Slot]:
    found = {}
    for name, info in model.model_fields.items():
        slot = next((item for item in info.metadata if isinstance(item, Slot)), None)
        if slot is None:
            raise TypeError(f"{model.__name__}.{name} carries no Slot(...) in its annotation")
        found[name] = slot
    return found


@dataclass(frozen=True, slots=True)
class Form:
    """Something that a skill can do, and the model that must be complete before it does."""

    title: str
    model: type[SlotModel]


@dataclass(frozen=True, slots=True)
class Option:
    """A value on offer for a slot, under the words that the citizen sees."""

    label: str
    value: Any


@dataclass(frozen=True, slots=True)
class Options:
    """What is on offer for a slot, best first. With `clears` nothing is: `notice` says why, those slots are asked anew.

    A `notice` with neither items nor `clears` says why the form cannot go on at all: it is closed.
    """

    items: tuple[Option, ...] = ()
    notice: str = ""
    clears: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotAnswer:
    """What the citizen gave for a slot: an option that was on offer (`value`), an entity, free text, "any will do", "there is none".

    `is_as_before` says that it shall be the same as last time. `entities` are all that the same utterance holds.
    """

    text: str
    entity: Entity | None = None
    value: Any = None
    is_any: bool = False
    is_none: bool = False
    is_as_before: bool = False
    entities: tuple[Entity, ...] = ()

    @property
    def is_description(self) -> bool:
        """Tell whether it can only be understood by what is on offer: words alone, or that any will do."""
        is_else = self.is_none or self.is_as_before or self.entity is not None or self.value is not None
        return self.is_any or (bool(self.text) and not is_else)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer is good: `value` is JSON, `shown` is how it is read back; `notice` is said if there is more to say."""

    value: Any
    shown: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """The answer will not do, or fits several things: `notice` says so kindly, `options` are what would do.

    `fits_several` says that the answer is good but not enough. An empty notice says that this was no answer at all
    ("昨天摔的" is not the day of a visit); nothing is said then.
    """

    notice: str
    options: tuple[Option, ...] = ()
    fits_several: bool = False


Resolution = Accepted | NotAccepted


@dataclass(frozen=True, slots=True)
class SkillContext:
    """What a skill may know of the turn: who asks, when, and the key of the effect it asks for.

    `account_id` stands for the citizen towards departments; it tells them nothing of the channel.
    """

    account_id: str
    at: datetime
    key: str = ""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question that a skill answers without a form."""

    name: str
    text: str
    entities: tuple[Entity, ...] = ()

    def first(self, *types: str) -> Entity | None:
        """Return the first entity of these types that is not denied (不是胸口痛), or None."""
        entities = (entity for entity in self.entities if not entity.value.get("negated"))
        return next((entity for entity in entities if entity.type in types), None)


Ending = Literal["answered", "done", "rejected", "unknown"]


@dataclass(frozen=True, slots=True)
class SkillReply:
    """What a skill has to say, and how it ended.

    After `rejected`, `clears` names the slots that must be answered anew (the seat that was just taken by another), and the
    form stays open; without any it is closed.
    """

    text: str
    ending: Ending = "answered"
    choices: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


class Skill(Protocol):
    """One thing that the city can do. All calls may raise DepartmentUnavailable or DepartmentRefused."""

    forms: Mapping[str, Form]

    async def options(self, action: str, slot: str, values: SlotValues, context: SkillContext) -> Options:
        """Return what is on offer for a slot; no items when anything may be said."""
        ...

    async def resolve(
        self, action: str, slot: str, answer: SlotAnswer, values: SlotValues, context: SkillContext
    ) -> Resolution:
        """Turn an answer into the slot's value, given the values so far (this slot's own, too, when it is corrected)."""
        ...

    def summary(self, action: str, shown: Mapping[str, str], values: SlotValues) -> str:
        """Return the complete form in words, to be confirmed."""
        ...

    async def act(self, action: str, slots: SlotModel, context: SkillContext) -> SkillReply:
        """Do it, under `context.key`: asked again with the same key it must not be done a second time."""
        ...

    async def settle(self, action: str, context: SkillContext) -> SkillReply | None:
        """Ask what became of the effect under `context.key`; None when it is still not known."""
        ...

    async def inquire(self, inquiry: Inquiry, context: SkillContext) -> SkillReply:
        """Answer a question that needs no form."""
        ...


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened at a department and that a citizen must hear of; `key` is the same whenever it is read."""

    key: str
    account_id: str
    text: str
    choices: tuple[str, ...] = ()


@runtime_checkable
class NewsSource(Protocol):
    """A skill whose department has news for citizens who did not ask (a suspended clinic)."""

    async def news(self, after: int) -> tuple[int, tuple[News, ...]]:
        """Return the news after a place in the department's sequence, and the new place."""
        ...
