"""What the web doors need of the product; `bot.bootstrap.App` is one, and lies above this layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from adapters.clock import Clock
from adapters.identifiers import IdentifierSource
from adapters.storage.store import DocumentStore
from bot.delivery.inbox import Inbox
from bot.delivery.outbox import Outbox
from bot.dialogue.tracker_store import TrackerStore
from bot.handoff import WorkOrders
from bot.messages import Channel
from bot.settings import Settings
from bot.turn_log import Metrics
from knowledge.service import Knowledge


@dataclass(frozen=True, slots=True)
class PortHealth:
    """Whether a port answers: `ok` or what went wrong. One that is not needed has another in its place meanwhile."""

    state: str
    is_needed: bool = True

    @property
    def is_ok(self) -> bool:
        """Tell whether the port answers."""
        return self.state == "ok"


class Product(Protocol):
    """The parts that the pages and the API stand on."""

    @property
    def settings(self) -> Settings:
        """Return config.yaml and the environment."""
        ...

    @property
    def clock(self) -> Clock:
        """Return where the time comes from."""
        ...

    @property
    def identifiers(self) -> IdentifierSource:
        """Return where new identifiers come from."""
        ...

    @property
    def store(self) -> DocumentStore:
        """Return the document store."""
        ...

    @property
    def knowledge(self) -> Knowledge:
        """Return the open release of the policy documents."""
        ...

    @property
    def trackers(self) -> TrackerStore:
        """Return the stored turns."""
        ...

    @property
    def inbox(self) -> Inbox:
        """Return where messages are accepted."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Return what carries the replies out."""
        ...

    @property
    def work_orders(self) -> WorkOrders:
        """Return the work orders."""
        ...

    @property
    def metrics(self) -> Metrics:
        """Return the counters."""
        ...

    @property
    def channels(self) -> Mapping[str, Channel]:
        """Return the doors by name."""
        ...

    async def health(self) -> Mapping[str, PortHealth]:
        """Ping every port."""
        ...

    async def measure_queues(self) -> None:
        """Bring the gauges of what waits up to date."""
        ...
