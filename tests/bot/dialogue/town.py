"""The real conversation around the teahouse: real steps and store, a scripted interpreter, nothing over the network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from adapters.clock import FixedClock
from adapters.storage.sqlite import SqliteStore
from bot.bootstrap import COLLECTIONS
from bot.conversation import Conversation
from bot.delivery.news import Contacts
from bot.dialogue.tracker import TrackerState
from bot.dialogue.tracker_store import TrackerStore
from bot.dialogue.turn import Turn
from bot.guards import DangerGuard, Limits
from bot.handoff import NobodyAtDesk, WorkOrders
from bot.messages import InboundMessage
from bot.performing.answers import AnswerSteps
from bot.performing.effects import EffectSteps
from bot.performing.filling import Filling
from bot.performing.forms import FormSteps
from bot.performing.handoffs import HandoffSteps
from bot.performing.performer import Performer
from bot.performing.repairs import RepairSteps
from nlu.interpretation import Interpretation, Utterance
from tests.bot.dialogue.teahouse import AT, Library, Teahouse, catalogue, entity, heard


def _meanings() -> dict[str, Interpretation]:
    """Return what people say in the random dialogues, and what it means."""
    control = {
        "要得": "affirm", "不对": "deny", "算了": "cancel", "等下再说": "pause", "接着办": "resume", "重来": "restart", "再说一遍": "repeat",
        "说人话": "simplify", "为啥子要这个": "why", "跳过": "skip", "不给": "refuse", "上一步": "back", "你会啥": "help", "随便": "anything",
        "等一下": "wait", "我要改一下": "change", "换个房间": "change",
    }  # fmt: skip
    said = [heard(text, f"dialog_control.{name}", 0.95) for text, name in control.items()]
    said += [
        heard("绿茶", "out_of_scope", 0.3, entity("tea", "绿茶", "绿茶")),
        heard("不要绿茶，要红茶", "dialog_control.change", 0.9, entity("tea", "绿茶", "不要绿茶，要红茶"), entity("tea", "红茶", "不要绿茶，要红茶")),
        heard("订花茶，竹厅", "tea.order", 0.95, entity("tea", "花茶", "订花茶，竹厅"), entity("room", "竹厅", "订花茶，竹厅")),
        heard("梅厅", "out_of_scope", 0.3, entity("room", "梅厅", "梅厅")),
        heard("松厅", "out_of_scope", 0.3, entity("room", "松厅", "松厅")),
        heard("第一个", "dialog_control.choose", 0.95, entity("ordinal", "第一个", "第一个", index=0)),
        heard("靠窗那个", "out_of_scope", 0.3),
        heard("13900001111", "emergency.fire", 0.6, entity("phone", "13900001111", "13900001111", number="13900001111")),
        heard("订茶", "tea.order", 0.95),
        heard("订绿茶", "tea.order", 0.95, entity("tea", "绿茶", "订绿茶")),
        heard("退茶", "tea.cancel", 0.95),
        heard("也给我妈订一个", "tea.order", 0.9),
        heard("有什么茶", "tea.stock", 0.9, signals=("question",)),
        heard("有什么规矩", "tea.rules", 0.9, signals=("question",)),
        heard("月亮上有什么规定", "out_of_scope", 0.9, signals=("question",)),
        heard("谢谢", "chitchat.thanks", 0.95),
        heard("拜拜", "chitchat.bye", 0.95),
        heard("我要投诉", "complaint.file", 0.9),
        heard("人工", "handoff.person", 0.95),
        heard("屋头燃起来了", "emergency.fire", 0.95),
        heard("叽里咕噜", "out_of_scope", 0.4),
        heard("烦死了", "out_of_scope", 0.4, signals=("angry",)),
        heard("确认", "dialog_control.affirm", 0.95),
        heard("修改", "dialog_control.change", 0.95),
        heard("不用了", "dialog_control.deny", 0.9),
        heard("", "out_of_scope", 1.0),
    ]  # fmt: skip
    return {interpretation.text: interpretation for interpretation in said}


MEANINGS = _meanings()


class Script:
    """An interpreter that knows these utterances and no other."""

    def __init__(self, meanings: Mapping[str, Interpretation] = MEANINGS) -> None:
        self._meanings = meanings

    async def interpret_all(
        self, utterances: Sequence[Utterance], expected: frozenset[str] = frozenset()
    ) -> list[Interpretation]:
        del expected
        return [self._meanings.get(said.text) or heard(said.text, "out_of_scope", 0.4) for said in utterances]


class Counter:
    """Numbers instead of random identifiers, so that a replay makes the same ones."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> str:
        self._count += 1
        return f"{self._count:032d}"


class Watcher:
    """Remembers the turns."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    def turn_ended(self, turn: Turn, seconds: float) -> None:
        del seconds
        self.turns.append(turn)


@dataclass
class Town:
    """One session of the teahouse."""

    conversation: Conversation
    trackers: TrackerStore
    tea: Teahouse
    clock: FixedClock
    watcher: Watcher
    spoken: int = 0
    history: list[tuple[TrackerState, Turn]] = field(default_factory=list)

    async def say(self, text: str, after_minutes: float = 0.5) -> Turn:
        """Say something, and keep the state from before beside the turn."""
        self.clock.advance(minutes=after_minutes)
        self.spoken += 1
        before = (await self.trackers.load("s")).state
        message = InboundMessage(
            channel="t",
            session_id="s",
            message_id=f"m{self.spoken}",
            user_id="t:u",
            text=text,
            sent_at=self.clock.now(),
        )
        turn = await self.conversation.handle(message, self.spoken)
        self.history.append((before, turn))
        return turn

    async def state(self) -> TrackerState:
        """Return the state as it is stored."""
        return (await self.trackers.load("s")).state


async def found(store: SqliteStore, clock: FixedClock, tea: Teahouse | None = None) -> Town:
    """Found a town on an open store."""
    tea = tea or Teahouse()
    known = catalogue(tea)
    skills = {"tea": tea}
    trackers = TrackerStore(store)
    forms = FormSteps(skills, known, Filling(skills, known))
    answers = AnswerSteps(Library(), skills, known, forms)  # type: ignore[arg-type]  # the part of Knowledge that is asked
    handoffs = HandoffSteps(NobodyAtDesk(), WorkOrders(store, clock), forms)
    repairs = RepairSteps(known, forms, answers, handoffs)
    watcher = Watcher()
    conversation = Conversation(
        trackers,
        Script(),
        known,
        Performer(known, forms, answers, handoffs, repairs, EffectSteps(skills, known, Contacts(store), forms)),
        handoffs,
        DangerGuard([]),
        Limits(2000, 30),
        watcher,
        Counter(),
        lambda user_id: user_id,
    )
    return Town(conversation, trackers, tea, clock, watcher)


async def open_store(folder: Path, clock: FixedClock) -> SqliteStore:
    """Open a store in a folder."""
    store = SqliteStore(folder / "town.db", clock)
    await store.open(COLLECTIONS)
    return store


def clock() -> FixedClock:
    """Return a clock at the beginning of a day."""
    return FixedClock(AT + timedelta(0))
