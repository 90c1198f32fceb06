"""A small skill with a memory, and a catalogue around it: what the rules and the random dialogues are tried on."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from adapters.clock import local_time
from adapters.errors import DepartmentUnavailable
from bot.dialogue import events as ev
from bot.dialogue.tracker import TrackerState
from knowledge.model import Answer, AnswerStatus, Citation
from nlu.interpretation import Entity, IntentScore, Interpretation
from skills.contract import (
    Accepted,
    Form,
    Inquiry,
    NotAccepted,
    Option,
    Options,
    Resolution,
    SkillContext,
    SkillReply,
    Slot,
    SlotAnswer,
    SlotModel,
    SlotValues,
)
from skills.manifest import Manifest
from skills.registry import Catalogue, build_catalogue

AT = local_time(datetime(2026, 11, 23, 9, 0))
GUIDE = "guide-tea"
TEAS = ("绿茶", "红茶", "花茶")


class Order(SlotModel):
    """A pot of tea, complete."""

    tea: Annotated[
        str, Slot("茶", "您喝什么茶？", "请说茶的名字。", (GUIDE, "茶"), ("tea",), ("茶", "哪种"), is_carried_over=True)
    ]
    room: Annotated[
        str,
        Slot(
            "房间",
            "您坐哪间？",
            "请说房间。",
            (GUIDE, "房间"),
            ("room",),
            ("房间",),
            ("tea",),
            is_reapplied=True,
            is_carried_over=True,
        ),
    ]
    seat: Annotated[
        str,
        Slot(
            "座位",
            "您坐哪个位子？",
            "请选一个位子。",
            (GUIDE, "座位"),
            (),
            ("座位",),
            ("tea", "room"),
            is_volatile=True,
            is_free_text=True,
        ),
    ]
    waiter: Annotated[
        str | None, Slot("茶倌", why=(GUIDE, "茶"), entities=("doctor",), names=("茶倌",), is_hint=True)
    ] = None
    note: Annotated[
        str | None,
        Slot(
            "备注",
            "有什么要交代的？",
            "请说要交代的。",
            (GUIDE, "备注"),
            names=("备注",),
            is_free_text=True,
            is_optional=True,
        ),
    ] = None
    phone: Annotated[
        str,
        Slot("电话", "留个电话？", "请发11位手机号。", (GUIDE, "电话"), ("phone",), ("电话",), is_free_text=True, is_sensitive=True),
    ]  # fmt: skip

    @classmethod
    def needed(cls, values: SlotValues) -> tuple[str, ...]:
        del values
        return ("tea", "room", "seat", "note", "phone")


class Return(SlotModel):
    """The order to give back."""

    order: Annotated[
        str, Slot("订单", "退哪一单？", "请选一单。", (GUIDE, "茶"), ("tea",), ("订单",), is_taken_if_single=True)
    ]


class Teahouse:
    """Sells tea; `sold` remembers every order by its key. `is_down` makes it silent."""

    forms: Mapping[str, Form] = {"order": Form("订茶", Order), "cancel": Form("退茶", Return)}

    def __init__(self) -> None:
        self.sold: dict[str, Order] = {}
        self.is_down = False
        self.full: set[str] = set()

    async def options(self, action: str, slot: str, values: SlotValues, context: SkillContext) -> Options:
        del context
        self._answer()
        if action == "cancel":
            standing = tuple(Option(f"{order.tea} {order.seat}", key) for key, order in self.sold.items())
            return Options(standing) if standing else Options((), "您没有订单。")
        if slot == "tea":
            return Options(tuple(Option(tea, tea) for tea in TEAS))
        if slot == "room":
            return Options((Option("梅厅", "梅厅"), Option("竹厅", "竹厅")))
        if slot == "seat":
            free = tuple(Option(s, s) for s in (f"{values['room']}一号", f"{values['room']}二号") if s not in self.full)
            return Options(free, "有这些位子：") if free else Options((), "这间满了，换一间？", ("room",))
        return Options()

    async def resolve(
        self, action: str, slot: str, answer: SlotAnswer, values: SlotValues, context: SkillContext
    ) -> Resolution:
        self._answer()
        if answer.is_as_before:
            return Accepted("老陈", "老陈") if slot == "waiter" else NotAccepted("")
        offered = (await self.options(action, slot, values, context)).items if slot != "phone" else ()
        value = answer.value
        if value is None and answer.is_any and offered:
            value = offered[0].value
        if value is None and answer.entity is not None:
            value = answer.entity.value.get("name") or answer.entity.value.get("number")
        if slot == "seat" and value is None:
            fitting = [option for option in offered if "靠窗" in answer.text][:1]
            return Accepted(fitting[0].value, fitting[0].label) if fitting else NotAccepted("")
        if slot == "seat" and value not in [option.value for option in offered]:
            return NotAccepted(f"{value}刚刚没了。", offered)
        if slot == "phone":
            said = str(value or answer.text)
            return (
                Accepted(said, f"{said[:3]}****")
                if said.isdigit() and len(said) == 11
                else NotAccepted("电话好像不对。")
            )
        if slot == "note":
            return Accepted(answer.text, answer.text)
        if slot in {"tea", "room"} and offered and value not in [option.value for option in offered]:
            return NotAccepted(f"没有{value}。", offered)
        return Accepted(value, str(value))

    def summary(self, action: str, shown: Mapping[str, str], values: SlotValues) -> str:
        return f"请核对{action}：" + "，".join(shown[name] for name in shown)

    async def act(self, action: str, slots: SlotModel, context: SkillContext) -> SkillReply:
        self._answer()
        if action == "cancel":
            self.sold.pop(Return.model_validate(slots.model_dump()).order, None)
            return SkillReply("已经退了。", "done")
        order = Order.model_validate(slots.model_dump())
        if order.seat in self.full:
            return SkillReply("位子刚没了。", "rejected", clears=("seat",))
        self.sold[context.key] = order
        return SkillReply("订好了。", "done")

    async def settle(self, action: str, context: SkillContext) -> SkillReply | None:
        return SkillReply("订好了。", "done") if context.key in self.sold else None

    async def inquire(self, inquiry: Inquiry, context: SkillContext) -> SkillReply:
        self._answer()
        return SkillReply(f"{inquiry.text[:6]}：今天有绿茶和红茶。", choices=("订绿茶", "订红茶"))

    def _answer(self) -> None:
        if self.is_down:
            raise DepartmentUnavailable("teahouse", "closed for the test")


def _manifest(name: str, kind: str, group: str, *intents: tuple[str, str, str]) -> Manifest:
    texts = {"text": ("一句话。", "另一句话。")}
    return Manifest.model_validate(
        {
            "name": name, "title": name, "summary": "", "kind": kind, "group": group, "owner_unit": "示例", "level": "bronze",
            "intents": [
                {"name": intent, "title": title, "handled_by": by, "texts": texts.get(by, ())} for intent, title, by in intents
            ],
        }
    )  # fmt: skip


MANIFESTS = {
    "tea": _manifest(
        "tea", "service", "culture",
        ("tea.order", "订茶", "form:order"), ("tea.cancel", "退茶", "form:cancel"), ("tea.stock", "有什么茶", "inquiry:stock"),
        ("tea.rules", "茶馆规矩", "knowledge"),
    ),
    "talk": _manifest("talk", "control", "chitchat", ("chitchat.thanks", "道谢", "text"), ("chitchat.bye", "告别", "text")),
    "beyond": _manifest("beyond", "control", "out_of_scope", ("out_of_scope", "其他", "text")),
    "complaint": _manifest(
        "complaint", "control", "complaint", ("complaint.file", "投诉", "handoff"), ("complaint.progress", "查进度", "handoff")
    ),
    "handoff": _manifest("handoff", "control", "handoff", ("handoff.person", "转人工", "handoff")),
    "emergency": _manifest("emergency", "control", "emergency", ("emergency.fire", "火灾", "control")),
    "dialog_control": _manifest(
        "dialog_control", "control", "dialog_control",
        *(
            (f"dialog_control.{name}", name[:12], "control")
            for name in (
                "affirm", "deny", "cancel", "pause", "resume", "restart", "repeat", "simplify", "why", "skip", "refuse",
                "choose", "change", "back", "help", "anything", "wait", "confused",
            )
        ),
    ),
}  # fmt: skip


def catalogue(skill: Teahouse | None = None) -> Catalogue:
    """Return what the city of this one teahouse can do."""
    return build_catalogue(MANIFESTS, {"tea": skill or Teahouse()})


def entity(kind: str, words: str, text: str, **value: Any) -> Entity:
    """Return an entity where its words stand in the text."""
    start = text.index(words)
    return Entity(kind, words, start, start + len(words), value or {"name": words})


def heard(
    text: str,
    intent: str = "out_of_scope",
    confidence: float = 0.9,
    *entities: Entity,
    signals: tuple[str, ...] = (),
    alternatives: tuple[IntentScore, ...] = (),
    is_ambiguous: bool = False,
) -> Interpretation:
    """Return an interpretation; the group is that of the manifests."""
    group = next((m.group for m in MANIFESTS.values() for entry in m.intents if entry.name == intent), "out_of_scope")
    return Interpretation(
        text, text, intent, group, confidence, alternatives, entities, is_ambiguous, frozenset(signals)
    )


def state_after(*events: ev.Event) -> TrackerState:
    """Return the state that these events lead to."""
    state = TrackerState()
    for event in events:
        state.apply(event)
    return state


OPENED = ev.FormOpened(form_id="f", skill="tea", action="order")
TEA = ev.SlotFilled(slot="tea", value="绿茶", shown="绿茶")
ROOM = ev.SlotFilled(slot="room", value="梅厅", shown="梅厅")
SEAT = ev.SlotFilled(slot="seat", value="梅厅一号", shown="梅厅一号")
PHONE = ev.SlotFilled(slot="phone", value="13900001111", shown="139****")


def asks(slot: str, *labels: str) -> ev.SlotAsked:
    """Return the event of asking a slot with options of these labels."""
    return ev.SlotAsked(slot=slot, options=tuple(ev.OfferedOption(label=label, value=label) for label in labels))


class Library:
    """Knows one answer, and why each slot is asked."""

    def ask(self, question: str, *, as_of: date, **_: object) -> Answer:
        """Answer what mentions the rules; anything else has no source."""
        del as_of
        if "规矩" not in question:
            return Answer(AnswerStatus.NO_SOURCE, "没有找到依据。")
        return Answer(AnswerStatus.ANSWERED, "茶馆十点关门。", (self.passage(GUIDE, "规矩"),), "r1")

    def ask_further(self, question: str, before: str, *, as_of: date, **_: object) -> Answer:
        """Answer what is asked of an answer as if it were asked by itself."""
        del before
        return self.ask(question, as_of=as_of)

    def ask_section(self, question: str, **_: object) -> Answer | None:
        """Return no section: this library has none."""
        del question
        return None

    def ask_core(self, story: str, *, as_of: date, **_: object) -> Answer:
        """Answer a story as a question."""
        return self.ask(story, as_of=as_of)

    def nearest_questions(self, question: str, **_: object) -> list[str]:
        """Return the one question that this library answers."""
        del question
        return ["茶馆有啥规矩"]

    def frequent_questions(self, document_id: str, **_: object) -> list[str]:
        """Return the same one, of any document."""
        del document_id
        return ["茶馆有啥规矩"]

    def passage(self, document_id: str, heading: str) -> Citation:
        """Return the passage under a heading."""
        return Citation(
            document_id, "茶馆指南", None, (heading,), f"要问{heading}，因为要准备。", 0, 10, "/sources/tea"
        )
