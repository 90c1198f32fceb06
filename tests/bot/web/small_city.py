"""A product small enough for the tests of its doors: real store, inbox, worker and outbox; only the talk is scripted."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.clock import Clock
from adapters.errors import StoreUnavailable
from adapters.identifiers import IdentifierSource, RandomIdentifiers
from adapters.staff import STAFF_COLLECTIONS
from adapters.storage.sqlite import SqliteStore
from bot.channels.web import WebChannel
from bot.delivery.inbox import INBOX, Inbox
from bot.delivery.leases import LEASES, Leases
from bot.delivery.outbox import Outbox
from bot.delivery.worker import Worker
from bot.dialogue.tracker_store import SNAPSHOTS, TURNS, TrackerStore
from bot.dialogue.turn import Turn
from bot.handoff import WORK_ORDERS, WorkOrders
from bot.messages import Channel, InboundMessage, OutboundMessage, QuotedSource, TurnStatus
from bot.redaction import mask
from bot.settings import Settings
from bot.turn_log import Metrics
from bot.web.product import PortHealth
from knowledge.service import Knowledge

COLLECTIONS = (INBOX, TURNS, SNAPSHOTS, LEASES, WORK_ORDERS, *STAFF_COLLECTIONS)
QUOTE = "就诊人应当携带本人有效身份证件取号。"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>&amp;"
GUIDE = """---
document_id: guide-sample
title: 门诊预约示例指南
kind: guide
issuer: 示例单位
issued_date: 2025-03-01
effective_date: 2025-04-01
district: "510700"
rank: municipal
status: in_force
legal_basis:
  - 《示例条例》第三条
---

# 门诊预约示例指南

## 一句话说明

预约挂号实行实名制，号源以医院公布的为准。

## 所需材料

- 身份证件。就诊人应当携带本人有效身份证件取号。没有证件的儿童带户口簿。
- 就诊人的手机号码。

## 常见问题

### 可以替家里老人预约吗

可以，一个账号可以添加多位就诊人。
"""
REPEALED = """---
document_id: old-sample
title: 已经废止的示例办法<b>粗体</b>
kind: digest
document_number: 示例发〔2019〕3号
issuer: 示例单位<script>alert(3)</script>
issued_date: 2019-01-01
repealed_date: 2024-06-01
district: "510700"
rank: municipal
status: repealed
---

# 已经废止的示例办法

## 内容

原来的规定是<script>alert(4)</script>不再执行，请看新的规定。
"""


class MoodyStore(SqliteStore):
    """The SQLite store, which can be told not to answer, or to wait with what it is given."""

    is_down = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.is_inserting, self.may_insert = asyncio.Event(), asyncio.Event()
        self.may_insert.set()

    async def insert(self, *arguments: Any, **options: Any) -> Any:
        self._check_mood()
        self.is_inserting.set()
        await self.may_insert.wait()
        return await super().insert(*arguments, **options)

    async def get(self, *arguments: Any, **options: Any) -> Any:
        self._check_mood()
        return await super().get(*arguments, **options)

    async def find(self, *arguments: Any, **options: Any) -> Any:
        self._check_mood()
        return await super().find(*arguments, **options)

    async def ping(self) -> None:
        self._check_mood()
        await super().ping()

    def _check_mood(self) -> None:
        if self.is_down:
            raise StoreUnavailable("the store was told not to answer")


class ScriptedTalk:
    """Answers what it was told to answer, and anything else by saying it again; turns are stored like real ones."""

    def __init__(self, trackers: TrackerStore, clock: Clock) -> None:
        self._trackers = trackers
        self._clock = clock
        self.script: dict[str, tuple[TurnStatus, Sequence[OutboundMessage]]] = {}
        self.taken: list[str] = []
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def handle(self, message: InboundMessage, fencing_token: int, *, is_retry: bool = False) -> Turn:
        tracker = await self._trackers.load(message.session_id)
        if message.key in tracker.state.message_keys:
            earlier = await self._trackers.turn(message.session_id, message.key)
            assert earlier is not None
            return earlier
        await self.may_go_on.wait()
        self.taken.append(message.text)
        echo = (TurnStatus.ANSWERED, [OutboundMessage(text=f"收到：{message.text}")])
        status, replies = self.script.get(message.text, echo)
        turn = Turn(
            session_id=message.session_id,
            sequence=tracker.sequence + 1,
            message_key=message.key,
            channel=message.channel,
            user_id=message.user_id,
            text=mask(message.text),
            at=self._clock.now(),
            status=status,
            replies=tuple(replies),
            trace_id=f"trace{tracker.sequence + 1}",
            fencing_token=fencing_token,
        )
        assert await self._trackers.append(tracker, turn)
        return turn

    async def give_up(self, message: InboundMessage, fencing_token: int) -> Turn:
        return await self.handle(message, fencing_token)


@dataclass
class SmallCity:
    """What the doors need; see `bot.web.product.Product`."""

    settings: Settings
    clock: Clock
    store: MoodyStore
    knowledge: Knowledge
    identifiers: IdentifierSource = field(default_factory=RandomIdentifiers)
    metrics: Metrics = field(default_factory=Metrics)
    channel: WebChannel = field(default_factory=WebChannel)
    bug: Exception | None = None
    spare_ports: dict[str, PortHealth] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.channels: Mapping[str, Channel] = {"web": self.channel}
        self.trackers = TrackerStore(self.store)
        self.inbox = Inbox(self.store, self.clock, 5)
        self.outbox = Outbox(self.store, self.clock, self.channels, 5)
        self.work_orders = WorkOrders(self.store, self.clock)
        self.talk = ScriptedTalk(self.trackers, self.clock)
        leases = Leases(self.store, self.clock, "test", 10)
        self.worker = Worker(
            self.inbox, leases, self.talk, self.outbox, most_sessions_at_once=8, poll_seconds=0.2, renew_seconds=3
        )

    async def start(self) -> None:
        await self.store.open(COLLECTIONS)
        self.worker.start()

    async def close(self) -> None:
        self.talk.may_go_on.set()
        await self.worker.close()
        await self.store.close()

    async def health(self) -> dict[str, PortHealth]:
        if self.bug is not None:
            raise self.bug
        try:
            await self.store.ping()
        except StoreUnavailable as error:
            return {"store": PortHealth(str(error))} | self.spare_ports
        return {"store": PortHealth("ok")} | self.spare_ports

    async def measure_queues(self) -> None:
        self.metrics.waiting.labels("inbox").set(len(await self.inbox.sessions_waiting()))

    def refusals(self, reason: str) -> float:
        return self.metrics.registry.get_sample_value("mianban_refused_total", {"reason": reason}) or 0.0

    def cited(self, quote: str = QUOTE) -> OutboundMessage:
        """Return an answer that cites the sample guide."""
        document = self.knowledge.document("guide-sample")
        assert document is not None
        start = document.text.index(quote)
        source = QuotedSource(
            title=document.title,
            document_number=None,
            heading_path=("所需材料",),
            quote=quote,
            url=f"/documents/guide-sample?start={start}&end={start + len(quote)}",
        )
        return OutboundMessage(text=quote, citations=(source,))


def settings_of(folder: Path, **sections: Any) -> Settings:
    """Return settings of their own, without config.yaml."""
    return Settings(state_folder=folder, **sections)


def write_seed(folder: Path) -> Path:
    """Write the two sample documents, and return their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "guide-sample.md").write_text(GUIDE, encoding="utf-8")
    (folder / "old-sample.md").write_text(REPEALED, encoding="utf-8")
    return folder
