"""One structured, masked line a turn, and the counters by status."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from adapters.errors import ExchangeFailed, FailureReason
from bot.dialogue.turn import Turn
from bot.redaction import mask, mask_all

_CONTROL_CHARACTERS = {code: None for code in [*range(32), 127, 0x2028, 0x2029] if code not in {9, 10}}


class Metrics:
    """The product's counters, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.turns = Counter(
            "mianban_turns", "Turns by how they ended.", ["status", "group", "channel"], registry=self.registry
        )
        self.turn_seconds = Histogram(
            "mianban_turn_seconds",
            "Seconds from load to save.",
            buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self.registry,
        )
        self.waiting = Gauge("mianban_waiting", "What waits, by queue.", ["queue"], registry=self.registry)
        self.refused = Counter(
            "mianban_refused", "Requests turned away at a door, by reason.", ["reason"], registry=self.registry
        )
        self.nlu_fallbacks = Counter(
            "mianban_nlu_fallbacks",
            "Messages that the embedded engine understood because the Rasa server gave no usable answer, by reason.",
            ["reason"],
            registry=self.registry,
        )
        for reason in FailureReason:
            self.nlu_fallbacks.labels(reason.value)


class FallbackLog:
    """Counts each fall-back to the embedded engine, and writes a line when it begins or its reason changes."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._logger = structlog.get_logger("nlu")
        self._reason: FailureReason | None = None

    def fell_back(self, failure: ExchangeFailed) -> None:
        """Note that the Rasa server gave no usable answer."""
        self._metrics.nlu_fallbacks.labels(failure.reason.value).inc()
        if failure.reason is not self._reason:
            self._reason = failure.reason
            self._logger.warning("nlu_fallback", reason=failure.reason.value, detail=str(failure))

    def came_back(self) -> None:
        """Note that the Rasa server answers."""
        if self._reason is not None:
            self._reason = None
            self._logger.info("nlu_fallback_ended")


class TurnLog:
    """Writes a line and counts, once a turn is stored."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._logger = structlog.get_logger("turn")

    def turn_ended(self, turn: Turn, seconds: float) -> None:
        """Count and log the turn; what was said is not in it, only how it went."""
        self._metrics.turns.labels(turn.status.value, turn.group or "none", turn.channel).inc()
        self._metrics.turn_seconds.observe(seconds)
        self._logger.info(
            "turn",
            trace_id=turn.trace_id,
            session=mask(turn.session_id),
            sequence=turn.sequence,
            status=turn.status.value,
            intent=turn.intent,
            confidence=turn.confidence,
            skill=turn.skill,
            events=[event.type for event in turn.events],
            milliseconds=round(seconds * 1000, 1),
            token=turn.fencing_token,
        )


def configure_logging(level: str, log_format: str, stream: TextIO | None = None) -> None:
    """Send all logs, our own and the libraries', through one masking formatter to `stream` (standard error if None)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
        masked,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("aiohttp.access", "aiogram"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def masked(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask personal numbers and drop control characters in everything that is logged."""
    for key, value in list(event.items()):
        if key.startswith("_"):
            continue
        event[key] = _plain(mask_all(value))
    return event


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(_CONTROL_CHARACTERS)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
