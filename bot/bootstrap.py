"""The only place where objects are wired: settings in, a product that can be started out."""

import asyncio
import contextlib
import hashlib
import hmac
import os
import secrets
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapters.clock import Clock, SystemClock
from adapters.departments.directory import Department, connect
from adapters.errors import AdapterError
from adapters.identifiers import IdentifierSource, RandomIdentifiers
from adapters.staff import STAFF_COLLECTIONS
from adapters.storage.sqlite import SqliteStore
from adapters.storage.store import DocumentStore
from bot.conversation import Conversation, UtteranceInterpreter
from bot.delivery.inbox import INBOX, Inbox
from bot.delivery.leases import LEASES, Leases
from bot.delivery.news import CONTACTS, CURSORS, Contacts, NewsDesk
from bot.delivery.outbox import Outbox
from bot.delivery.worker import Worker
from bot.dialogue.tracker_store import SNAPSHOTS, TURNS, TrackerStore
from bot.engines import load_engine
from bot.guards import DangerGuard, Limits
from bot.handoff import WORK_ORDERS, Desk, NobodyAtDesk, WorkOrders
from bot.messages import Channel
from bot.performing.answers import AnswerSteps
from bot.performing.effects import EffectSteps
from bot.performing.filling import Filling
from bot.performing.forms import FormSteps
from bot.performing.handoffs import HandoffSteps
from bot.performing.performer import Performer
from bot.performing.repairs import RepairSteps
from bot.settings import Settings
from bot.turn_log import FallbackLog, Metrics, TurnLog
from bot.web.product import PortHealth
from knowledge.service import Knowledge
from nlu.rasa.interpreter import RasaInterpreter
from skills.contract import Skill
from skills.registry import Catalogue, build_catalogue, create_skills, group_of_intent, read_manifests

COLLECTIONS = (INBOX, TURNS, SNAPSHOTS, LEASES, WORK_ORDERS, CONTACTS, CURSORS, *STAFF_COLLECTIONS)
_NEWS_SECONDS = 2.0


@dataclass(slots=True)
class App:
    """The product, wired. `start` opens it, `close` ends what has begun and lets go."""

    settings: Settings
    clock: Clock
    identifiers: IdentifierSource
    store: DocumentStore
    departments: Mapping[str, Department]
    interpreter: UtteranceInterpreter
    knowledge: Knowledge
    catalogue: Catalogue
    skills: Mapping[str, Skill]
    trackers: TrackerStore
    inbox: Inbox
    outbox: Outbox
    worker: Worker
    news_desk: NewsDesk
    work_orders: WorkOrders
    conversation: Conversation
    metrics: Metrics
    channels: dict[str, Channel]
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self) -> None:
        """Open the store and the departments, and begin to take messages."""
        await self.store.open(COLLECTIONS)
        for department in self.departments.values():
            await department.open()
        if self._rasa is not None:
            await self._rasa.open()
        self.worker.start()
        self.tasks.append(asyncio.create_task(self._look_for_news()))

    async def close(self) -> None:
        """End the turns that have begun, and close everything."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.worker.close()
        for department in self.departments.values():
            await department.close()
        if self._rasa is not None:
            await self._rasa.close()
        await self.store.close()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["App"]:
        """Start on entry, close on exit."""
        await self.start()
        try:
            yield self
        finally:
            await self.close()

    async def health(self) -> dict[str, PortHealth]:
        """Ping every port. A silent Rasa server is no outage: the embedded engine understands in its place."""
        pings = {"store": self.store.ping()} | {name: client.ping() for name, client in self.departments.items()}
        if self._rasa is not None:
            pings["rasa"] = self._rasa.ping()
        results = await asyncio.gather(*pings.values(), return_exceptions=True)
        return {
            name: PortHealth(str(result) if isinstance(result, BaseException) else "ok", is_needed=name != "rasa")
            for name, result in zip(pings, results, strict=True)
        }

    @property
    def _rasa(self) -> RasaInterpreter | None:
        return self.interpreter if isinstance(self.interpreter, RasaInterpreter) else None

    async def measure_queues(self) -> None:
        """Bring the gauges of what waits up to date."""
        self.metrics.waiting.labels("inbox").set(len(await self.inbox.sessions_waiting()))
        for status, count in (await self.outbox.counts()).items():
            self.metrics.waiting.labels(f"outbox_{status}").set(count)

    async def _look_for_news(self) -> None:
        while True:
            with contextlib.suppress(AdapterError):
                await self.news_desk.look()
            await asyncio.sleep(_NEWS_SECONDS)


def build(
    settings: Settings,
    *,
    department_urls: Mapping[str, str],
    store_folder: Path | None = None,
    clock: Clock | None = None,
    identifiers: IdentifierSource | None = None,
    store: DocumentStore | None = None,
    interpreter: UtteranceInterpreter | None = None,
    knowledge: Knowledge | None = None,
    channels: Sequence[Channel] = (),
    desk: Desk | None = None,
) -> App:
    """Wire the product. What is given in place of a default is taken; `department_urls` fills in what settings leave empty.

    Models and knowledge are read from the state folder; `store_folder` keeps what is said elsewhere (`chat --state`).
    """
    clock = clock or SystemClock()
    identifiers = identifiers or RandomIdentifiers()
    folder = settings.state_folder
    store_folder = store_folder or folder
    store = store or SqliteStore(store_folder / "mianban.db", clock)
    metrics = Metrics()
    knowledge = knowledge or Knowledge.open(folder / "knowledge")
    manifests = read_manifests()
    interpreter = interpreter or load_engine(settings, group_of_intent(manifests), FallbackLog(metrics))
    departments = _departments(settings, department_urls, {d for m in manifests.values() for d in m.departments})
    skills = create_skills(manifests, departments)
    catalogue = build_catalogue(manifests, skills)
    doors = {channel.name: channel for channel in channels}
    inbox = Inbox(store, clock, settings.delivery.most_attempts)
    outbox = Outbox(store, clock, doors, settings.delivery.most_attempts, settings.delivery.lease_seconds)
    trackers = TrackerStore(store, outbox.claimed_until)
    trackers.on_appended = outbox.expect
    work_orders = WorkOrders(store, clock)
    contacts = Contacts(store)
    performer, handoffs = _performer(knowledge, skills, catalogue, contacts, work_orders, desk or NobodyAtDesk())
    conversation = Conversation(
        trackers,
        interpreter,
        catalogue,
        performer,
        handoffs,
        DangerGuard.load(),
        _limits(settings),
        TurnLog(metrics),
        identifiers,
        account_namer(store_folder),
    )
    leases = Leases(store, clock, f"{socket.gethostname()}:{os.getpid()}", settings.delivery.lease_seconds)
    worker = Worker(
        inbox,
        leases,
        conversation,
        outbox,
        most_sessions_at_once=settings.delivery.sessions_at_once,
        poll_seconds=settings.delivery.poll_seconds,
        renew_seconds=settings.delivery.lease_seconds / 3,
    )
    news_desk = NewsDesk(store, inbox, contacts, skills, clock)
    return App(
        settings, clock, identifiers, store, departments, interpreter, knowledge, catalogue, skills, trackers, inbox,
        outbox, worker, news_desk, work_orders, conversation, metrics, doors,
    )  # fmt: skip


def _performer(
    knowledge: Knowledge,
    skills: Mapping[str, Skill],
    catalogue: Catalogue,
    contacts: Contacts,
    work_orders: WorkOrders,
    desk: Desk,
) -> tuple[Performer, HandoffSteps]:
    forms = FormSteps(skills, catalogue, Filling(skills, catalogue))
    answers = AnswerSteps(knowledge, skills, catalogue, forms)
    handoffs = HandoffSteps(desk, work_orders, forms)
    repairs = RepairSteps(catalogue, forms, answers, handoffs)
    effects = EffectSteps(skills, catalogue, contacts, forms)
    return Performer(catalogue, forms, answers, handoffs, repairs, effects), handoffs


def _limits(settings: Settings) -> Limits:
    allowed = settings.conversation
    return Limits(allowed.longest_message, allowed.gap_minutes, allowed.maintenance)


def _departments(settings: Settings, urls: Mapping[str, str], wanted: set[str]) -> dict[str, Department]:
    departments = {}
    for name in sorted(wanted):
        configured = settings.departments.get(name)
        url = configured.url if configured and configured.url else urls.get(name, "")
        token = configured.token if configured else ""
        departments[name] = connect(name, url, token, configured.timeout_seconds if configured else 4.5)
    return departments


class AccountNamer:
    """Names a citizen towards departments: the same account always gets the same name, which tells nothing of it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, user_id: str) -> str:
        """Return the account's name, 32 hexadecimal digits."""
        return hmac.new(self._key, user_id.encode(), hashlib.sha256).hexdigest()[:32]


def account_namer(folder: Path) -> AccountNamer:
    """Return the namer of this installation; its key is made once and kept, readable by the owner alone."""
    path = folder / "account.key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return AccountNamer(bytes.fromhex(path.read_text(encoding="ascii")))
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return AccountNamer(bytes.fromhex(path.read_text(encoding="ascii")))
