"""The web channel by itself: who gets a reply, and what becomes of those who do not read."""

import json
from datetime import datetime

from adapters.clock import CITY_TIMEZONE
from bot.channels.web import CLOSE_TOO_SLOW, MOST_LISTENERS, MOST_WAITING_BYTES, WebChannel
from bot.messages import Envelope, OutboundMessage, TurnStatus


def quiet():
    """Wake nobody."""


def envelope(text="您好", session_id="web:a", sequence=1):
    return Envelope(
        reply_id=f"{session_id}#{sequence}/0",
        channel="web",
        session_id=session_id,
        sequence=sequence,
        position=0,
        status=TurnStatus.ANSWERED,
        trace_id="t1",
        sent_at=datetime(2026, 11, 23, 9, 30, tzinfo=CITY_TIMEZONE),
        message=OutboundMessage(text=text),
    )


async def test_every_page_of_the_session_gets_the_reply_and_no_other():
    channel = WebChannel()
    first, second, other = (channel.connect(session_id, quiet) for session_id in ("web:a", "web:a", "web:b"))
    await channel.send(envelope())
    frames = [json.loads(listener.take() or "") for listener in (first, second)]
    assert [frame["message"]["text"] for frame in frames] == ["您好", "您好"]
    assert "session_id" not in frames[0]
    assert other.take() is None


async def test_a_reply_to_nobody_is_delivered():
    channel = WebChannel()
    await channel.send(envelope())
    channel.disconnect(channel.connect("web:a", quiet))
    await channel.send(envelope())
    assert channel.open_pages == 0


async def test_replies_keep_their_order():
    channel = WebChannel()
    listener = channel.connect("web:a", quiet)
    for sequence in range(1, 51):
        await channel.send(envelope(sequence=sequence))
    assert [json.loads(listener.take() or "")["sequence"] for _ in range(50)] == list(range(1, 51))


async def test_who_does_not_read_is_given_up_and_the_others_are_served():
    channel = WebChannel()
    slow, quick = channel.connect("web:a", quiet), channel.connect("web:a", quiet)
    text = "长" * 10_000
    sent = 0
    while slow.close_code is None:
        await channel.send(envelope(text))
        frame = quick.take()
        assert frame is not None
        quick.written(frame)
        sent += len(frame.encode())
    assert slow.close_code == CLOSE_TOO_SLOW
    assert slow.take() is None
    assert quick.close_code is None
    assert MOST_WAITING_BYTES < sent < MOST_WAITING_BYTES + 50_000


async def test_a_page_is_woken_for_each_reply_and_once_for_its_end():
    channel = WebChannel()
    woken = []
    listener = channel.connect("web:a", lambda: woken.append(listener.close_code))
    await channel.send(envelope())
    await channel.send(envelope(sequence=2))
    channel.end_session("web:a")
    await channel.send(envelope(sequence=3))
    channel.close()
    assert woken == [None, None, 4002]
    assert listener.take() is None


async def test_one_page_too_many_takes_the_place_of_the_oldest():
    channel = WebChannel()
    listeners = [channel.connect("web:a", quiet) for _ in range(MOST_LISTENERS + 1)]
    assert [listener.close_code for listener in listeners] == [4001] + [None] * MOST_LISTENERS
    assert channel.open_pages == MOST_LISTENERS
    channel.disconnect(listeners[0])  # its socket says goodbye after it was replaced
    assert channel.open_pages == MOST_LISTENERS


async def test_closing_the_channel_closes_every_page():
    channel = WebChannel()
    listeners = [channel.connect(f"web:{name}", quiet) for name in "abc"]
    channel.close()
    assert {listener.close_code for listener in listeners} == {1012}
