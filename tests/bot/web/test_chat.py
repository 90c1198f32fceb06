"""Messages in and replies out, over the socket and over REST."""

import asyncio
import json

import pytest

from bot.channels.web import MOST_LISTENERS
from bot.messages import OutboundMessage, TurnStatus
from bot.web.intake import MOST_TURNS_SHOWN


async def test_a_message_is_accepted_and_answered(page, city):
    async with page.socket() as socket:
        await socket.send(type="message", message_id="m-0000001", text="挂号")
        assert await socket.next() == {"type": "accepted", "message_id": "m-0000001"}
        reply = await socket.next("reply")
    assert reply["message"]["text"] == "收到：挂号"
    assert (reply["sequence"], reply["position"], reply["status"]) == (1, 0, "answered")
    assert "session_id" not in reply
    assert city.talk.taken == ["挂号"]


async def test_a_resend_is_acknowledged_and_dropped(page, city):
    async with page.socket() as socket:
        await socket.send(type="message", message_id="m-0000001", text="挂号")
        await socket.next("reply")
    async with page.socket() as socket:
        await socket.send(type="message", message_id="m-0000001", text="挂号")
        assert (await socket.next())["type"] == "accepted"
    assert await page.post("m-0000001", "挂号") == (202, {"message_id": "m-0000001", "is_new": False})
    await city.worker.idle()
    assert city.talk.taken == ["挂号"]


async def test_the_same_client_id_of_another_citizen_is_another_message(open_page, city):
    for page in (open_page(), open_page()):
        await page.session()
        assert (await page.post("m-0000001", "挂号"))[1]["is_new"] is True
    await city.worker.idle()
    assert city.talk.taken == ["挂号", "挂号"]


async def test_all_tabs_of_a_session_get_every_reply_and_other_sessions_none(open_page):
    page, stranger = open_page(), open_page()
    async with page.socket() as first, page.socket() as second, stranger.socket() as other:
        await first.send(type="message", message_id="m-0000001", text="你好")
        assert (await first.next("reply"))["message"]["text"] == "收到：你好"
        assert (await second.next("reply"))["message"]["text"] == "收到：你好"
        with pytest.raises(asyncio.TimeoutError):
            await other.connection.receive(timeout=0.2)


async def test_what_was_missed_is_fetched_by_sequence(page, city):
    await page.session()
    for number in range(1, 4):
        assert (await page.post(f"m-000000{number}", f"第{number}句，身份证51070219900101123X"))[0] == 202
        await city.worker.idle()
    async with page.socket() as socket:
        await socket.send(type="since", sequence=1)
        history = await socket.next("history")
    assert [turn["sequence"] for turn in history["turns"]] == [2, 3]
    assert [turn["message_id"] for turn in history["turns"]] == ["m-0000002", "m-0000003"]
    assert history["is_last"] is True
    assert history["is_cut"] is False
    assert "51070219900101123X" not in json.dumps(history["turns"][0]["text"])
    assert history["turns"] == await page.turns(after=1)


async def test_a_reply_counts_as_delivered_when_nobody_is_there(page, city):
    await page.session()
    await page.post("m-0000001", "有人吗")
    await city.worker.idle()
    assert await city.outbox.counts() == {"pending": 0, "dead": 0}


async def test_only_the_latest_turns_are_told_and_it_is_said(page, city):
    await page.session()
    for number in range(MOST_TURNS_SHOWN + 2):
        await page.post(f"m-{number:07d}", f"{number}")
        city.clock.advance(seconds=3)
        await city.worker.idle()
    async with page.socket() as socket:
        await socket.send(type="since", sequence=0)
        frames = [await socket.next("history")]
        while not frames[-1]["is_last"]:
            frames.append(await socket.next("history"))
    sequences = [turn["sequence"] for frame in frames for turn in frame["turns"]]
    assert sequences == list(range(3, MOST_TURNS_SHOWN + 3))
    assert all(frame["is_cut"] for frame in frames)
    assert len(frames) > 1


async def test_several_replies_of_a_turn_come_in_order(page, city):
    city.talk.script["两条"] = (
        TurnStatus.ASKED,
        [OutboundMessage(text="一"), OutboundMessage(text="二", choices=("好",))],
    )
    async with page.socket() as socket:
        await socket.send(type="message", message_id="m-0000001", text="两条")
        replies = [await socket.next("reply"), await socket.next("reply")]
    assert [(reply["position"], reply["message"]["text"]) for reply in replies] == [(0, "一"), (1, "二")]
    assert replies[1]["message"]["choices"] == ["好"]


async def test_while_the_store_is_down_nothing_is_acknowledged_and_it_is_said(page, city):
    async with page.socket() as socket:
        city.store.is_down = True
        await socket.send(type="message", message_id="m-0000001", text="挂号")
        notice = await socket.next()
        assert (notice["type"], notice["message_id"]) == ("notice", "m-0000001")
        assert notice["retry_after_seconds"] > 0
        assert "12345" in notice["text"]
        await socket.send(type="since", sequence=0)
        assert (await socket.next())["type"] == "notice"
        status, content = await page.post("m-0000002", "挂号")
        assert (status, content["code"]) == (503, "not_stored")
        city.store.is_down = False
        await socket.send(type="message", message_id="m-0000001", text="挂号")
        assert (await socket.next())["type"] == "accepted"
        await socket.next("reply")
    assert city.talk.taken == ["挂号"]


@pytest.mark.parametrize("sections", [{"conversation": {"messages_per_minute": 3}}])
async def test_who_writes_too_fast_is_told_kindly_and_may_go_on_later(page, city, clock):
    async with page.socket() as socket:
        for number in range(4):
            await socket.send(type="message", message_id=f"m-000000{number}", text=f"{number}")
        frames = [await socket.next() for _ in range(7)]
        notices = [frame for frame in frames if frame["type"] == "notice"]
        assert [notice["message_id"] for notice in notices] == ["m-0000003"]
        assert 0 < notices[0]["retry_after_seconds"] <= 60
        status, content = await page.post("m-0000004", "4")
        assert (status, content["code"]) == (429, "rate")
        assert "稍等" in content["text"]
        assert city.refusals("rate") == 2
        clock.advance(seconds=61)
        await socket.send(type="message", message_id="m-0000003", text="3")
        assert (await socket.next())["type"] == "accepted"


async def test_a_sixth_page_takes_the_place_of_the_first(page, city):
    async with page.socket() as first:
        others = [page.socket() for _ in range(MOST_LISTENERS)]
        sockets = [await other.__aenter__() for other in others]
        assert await first.close_code() == 4001
        assert city.channel.open_pages == MOST_LISTENERS
        assert all(not socket.connection.closed for socket in sockets)
        for other in others:
            await other.__aexit__(None, None, None)


async def test_leaving_ends_the_session_everywhere(page, city):
    async with page.socket() as socket:
        async with page.http.delete(f"{page.base}/api/session") as response:
            assert response.status == 204
        assert await socket.close_code() == 4002
    async with page.http.get(f"{page.base}/api/messages") as response:
        assert response.status == 401


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "[]",
        "null",
        '{"type": "message", "message_id": "m-0000001"}',
        '{"type": "message", "message_id": "short", "text": "x"}',
        '{"type": "message", "message_id": "m-0000001", "text": 5}',
        '{"type": "message", "message_id": "m-0000001", "text": "x", "user_id": "web:other"}',
        '{"type": "message", "message_id": "m-0000001", "text": "x", "text": "y"}',
        '{"type": "message", "message_id": "m-0000001", "text": "\\ud800"}',
        '{"type": "since", "sequence": -1}',
        '{"type": "since", "sequence": NaN}',
        '{"type": "since", "sequence": "1"}',
        '{"type": "unknown"}',
        "[" * 10_000,
    ],
)
async def test_a_frame_that_is_none_of_ours_closes_the_socket(page, city, frame):
    async with page.socket() as socket:
        await socket.connection.send_str(frame)
        assert await socket.close_code() == 1008
    assert city.talk.taken == []
    assert city.refusals("unreadable") == 1


async def test_binary_and_oversized_frames_close_the_socket(page):
    async with page.socket() as socket:
        await socket.connection.send_bytes(b"\x00")
        assert await socket.close_code() == 1008
    async with page.socket() as socket:
        await socket.send(type="message", message_id="m-0000001", text="长" * 40_000)
        assert await socket.close_code() == 1009


@pytest.mark.parametrize("text", ["", "  ", "\x00", "😀" * 10, "\u202e翻转", "第一行\n第二行"])
async def test_odd_texts_pass_through_to_the_conversation(page, city, text):
    await page.session()
    assert (await page.post("m-0000001", text))[0] == 202
    await city.worker.idle()
    assert city.talk.taken == [text]


async def test_a_bug_behind_the_socket_closes_it_and_the_next_one_works(page, city, monkeypatch):
    async def fail(session_id):
        raise RuntimeError("a bug")

    async with page.socket() as socket:
        with monkeypatch.context() as patched:
            patched.setattr(city.trackers, "load", fail)
            await socket.send(type="since", sequence=0)
            assert await socket.close_code() == 1011
    async with page.socket() as socket:
        await socket.send(type="since", sequence=0)
        assert (await socket.next())["turns"] == []
