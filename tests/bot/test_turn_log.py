"""The log: a line a turn, masked and in one piece; counters by status."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from adapters.errors import ExchangeFailed, FailureReason
from bot.dialogue.turn import Turn
from bot.messages import OutboundMessage, TurnStatus
from bot.turn_log import FallbackLog, Metrics, TurnLog, configure_logging

ID_NUMBER, PHONE = "510703199001019992", "13800138000"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    structlog.reset_defaults()
    configure_logging("info", "json", stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def test_a_turn_is_one_line_without_what_was_said(written: io.StringIO) -> None:
    turn = Turn(
        session_id="web:1",
        sequence=3,
        message_key="web:m",
        channel="web",
        user_id="web:u",
        text="我的秘密",
        at=datetime(2026, 11, 23, tzinfo=UTC),
        status=TurnStatus.ANSWERED,
        group="culture",
        replies=(OutboundMessage(text="答复"),),
        trace_id="abc",
        fencing_token=1,
    )
    metrics = Metrics()
    TurnLog(metrics).turn_ended(turn, 0.012)
    lines = written.getvalue().splitlines()
    assert len(lines) == 1
    line = json.loads(lines[0])
    assert (line["status"], line["sequence"], line["milliseconds"]) == ("answered", 3, 12.0)
    assert "秘密" not in lines[0]
    assert "答复" not in lines[0]
    counted = metrics.registry.get_sample_value(
        "mianban_turns_total", {"status": "answered", "group": "culture", "channel": "web"}
    )
    assert counted == 1


def test_personal_numbers_are_masked_in_fields_messages_and_tracebacks(written: io.StringIO) -> None:
    structlog.get_logger().info("said", text=f"号{ID_NUMBER}", nested={"phone": [PHONE]}, number=int(PHONE))
    logging.getLogger("library").warning("got %s from %s", PHONE, ID_NUMBER)
    try:
        raise ValueError(f"bad {ID_NUMBER}")
    except ValueError:
        structlog.get_logger().exception("failed", who=PHONE)
    text = written.getvalue()
    assert "failed" in text
    assert ID_NUMBER not in text
    assert PHONE not in text


def test_a_line_cannot_be_forged(written: io.StringIO) -> None:
    structlog.get_logger().info("said", text='a\r\n{"event": "forged"}\x1b[31m\u2028b')
    lines = written.getvalue().splitlines()
    assert len(lines) == 1
    assert "\x1b" not in lines[0]
    assert json.loads(lines[0])["event"] == "said"


def test_each_fallback_is_counted_and_each_change_is_told(written: io.StringIO) -> None:
    metrics = Metrics()
    log = FallbackLog(metrics)
    log.came_back()
    for reason in (FailureReason.TIMEOUT, FailureReason.TIMEOUT, FailureReason.CIRCUIT_OPEN):
        log.fell_back(ExchangeFailed(reason, f"because of {reason}"))
    log.came_back()
    log.came_back()
    log.fell_back(ExchangeFailed(FailureReason.TIMEOUT, "again"))
    counted = {
        reason.value: metrics.registry.get_sample_value("mianban_nlu_fallbacks_total", {"reason": reason.value})
        for reason in FailureReason
    }
    assert {reason: count for reason, count in counted.items() if count} == {"timeout": 3, "circuit_open": 1}
    assert set(counted.values()) == {0, 1, 3}, "a reason that has not come up is counted as 0, not left out"
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["event"], line.get("reason"), line.get("detail")) for line in lines] == [
        ("nlu_fallback", "timeout", "because of timeout"),
        ("nlu_fallback", "circuit_open", "because of circuit_open"),
        ("nlu_fallback_ended", None, None),
        ("nlu_fallback", "timeout", "again"),
    ]
