"""Long polling: nothing is confirmed to Telegram before the inbox holds it, and nothing ends the loop."""

import asyncio

import pytest

from adapters.sandbox.telegram_queue import UpdateQueue
from bot.channels.telegram_polling import Poller
from bot.messages import TurnStatus


def offsets(sandbox):
    return [params.get("offset") for method, params in sandbox.calls if method == "getupdates"]


async def test_what_people_write_reaches_the_inbox_in_order(sandbox, channel, inbox, polling, eventually):
    update_id = sandbox.say(42, "我想挂号")
    async with polling(channel):
        await eventually(lambda: inbox.messages)
        sandbox.say(42, "口腔科")
        sandbox.say(43, "社保咋个查")
        await eventually(lambda: len(inbox.messages) == 3 and not sandbox.waiting())
    first = inbox.messages[0]
    assert (first.session_id, first.user_id, first.message_id) == ("telegram:42", "telegram:42", str(update_id))
    assert inbox.texts == ["我想挂号", "口腔科", "社保咋个查"]


async def test_an_update_is_confirmed_only_after_it_was_accepted(sandbox, channel, inbox, polling, eventually):
    inbox.takes_seconds = 0.2
    update_id = sandbox.say(42, "我想挂号")
    async with polling(channel):
        await eventually(lambda: inbox.offers)
        assert sandbox.waiting() == [update_id]
        assert set(offsets(sandbox)) == {None}
        await eventually(lambda: not sandbox.waiting())
    assert str(update_id + 1) in offsets(sandbox)
    assert inbox.texts == ["我想挂号"]


async def test_while_the_store_is_down_nothing_is_acknowledged_and_all_of_it_comes_again(
    sandbox, channel, inbox, polling, eventually
):
    inbox.is_down = True
    waiting = [sandbox.say(42, f"第{number}句") for number in range(5)]
    async with polling(channel):
        await eventually(lambda: len(inbox.offers) >= 2)
        assert sandbox.waiting() == waiting
        inbox.is_down = False
        await eventually(lambda: not sandbox.waiting())
    assert inbox.texts == [f"第{number}句" for number in range(5)]


async def test_a_store_that_fails_in_the_middle_of_a_batch_keeps_the_rest_unacknowledged(
    sandbox, channel, inbox, polling, eventually
):
    inbox.goes_down_after = 3
    waiting = [sandbox.say(42, f"第{number}句") for number in range(5)]
    async with polling(channel):
        await eventually(lambda: sandbox.waiting() == waiting[3:])
        inbox.goes_down_after = None
        await eventually(lambda: not sandbox.waiting())
    assert inbox.texts == [f"第{number}句" for number in range(5)]


async def test_a_bug_behind_the_inbox_neither_loses_the_update_nor_ends_the_loop(
    sandbox, channel, inbox, polling, eventually
):
    inbox.bug = ZeroDivisionError("a bug")
    waiting = [sandbox.say(42, "我想挂号")]
    async with polling(channel):
        await eventually(lambda: len(inbox.offers) >= 2)
        assert sandbox.waiting() == waiting
        inbox.bug = None
        await eventually(lambda: inbox.texts == ["我想挂号"])


async def test_a_process_that_died_before_confirming_gets_the_updates_again_and_the_inbox_drops_the_copies(
    sandbox, open_channel, inbox, polling, eventually
):
    sandbox.say(42, "我想挂号")
    inbox.takes_seconds = 0.05
    first = asyncio.create_task(open_channel().run_polling(asyncio.Event()))
    await eventually(lambda: inbox.offers)
    first.cancel()  # as abruptly as a kill, before anything was confirmed
    await asyncio.gather(first, return_exceptions=True)
    assert len(sandbox.waiting()) == 1
    async with polling(open_channel()):
        await eventually(lambda: not sandbox.waiting())
    async with polling(open_channel()):
        await asyncio.sleep(0.1)
    assert inbox.texts == ["我想挂号"]
    assert len(inbox.offers) == 2


@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (502, "<html><body>502 Bad Gateway</body></html>", "text/html"),
        (500, '{"ok": false}', "application/json"),
        (200, '{"ok": true, "result"', "application/json"),
        (200, '{"ok": true, "result": {"not": "a list"}}', "application/json"),
        (409, '{"ok": false, "error_code": 409, "description": "Conflict: terminated"}', "application/json"),
    ],
)
async def test_a_failed_poll_is_survived(sandbox, channel, inbox, polling, eventually, status, body, content_type):
    sandbox.fail_next("getUpdates", status, body, content_type)
    sandbox.say(42, "我想挂号")
    async with polling(channel):
        await eventually(lambda: inbox.texts == ["我想挂号"] and not sandbox.waiting())


async def test_a_lost_answer_brings_the_same_updates_again(sandbox, channel, inbox, polling, eventually):
    sandbox.lose_next_answer("getUpdates")
    sandbox.say(42, "我想挂号")
    async with polling(channel):
        await eventually(lambda: inbox.texts == ["我想挂号"] and not sandbox.waiting())


async def test_429_is_waited_out(sandbox, channel, inbox, polling, eventually):
    body = '{"ok": false, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 1}}'
    sandbox.fail_next("getUpdates", 429, body)
    sandbox.say(42, "我想挂号")
    async with polling(channel):
        await asyncio.sleep(0.5)
        assert len(offsets(sandbox)) == 1
        await eventually(lambda: inbox.texts == ["我想挂号"])


async def test_the_network_may_go_away_and_come_back(sandbox, channel, inbox, polling, eventually):
    async with polling(channel):
        sandbox.say(42, "第一句")
        await eventually(lambda: inbox.texts == ["第一句"])
        sandbox.stop_network()
        sandbox.say(42, "第二句")
        await asyncio.sleep(0.2)
        sandbox.start_network()
        await eventually(lambda: inbox.texts == ["第一句", "第二句"])


async def test_a_second_poller_takes_turns_and_nothing_is_lost_or_doubled(
    sandbox, open_channel, inbox, polling, eventually
):
    async with polling(open_channel()), polling(open_channel()):
        for number in range(20):
            sandbox.say(42, f"第{number}句")
            await asyncio.sleep(0.02)
        await eventually(lambda: len(inbox.messages) == 20 and not sandbox.waiting(), 20)
    assert sorted(inbox.texts) == sorted({f"第{number}句" for number in range(20)})


async def test_a_webhook_that_was_left_is_taken_away_without_dropping_what_waits(
    sandbox, open_channel, inbox, polling, eventually
):
    await open_channel().register_webhook("https://city.example/channels/telegram")
    sandbox.stop_network()
    sandbox.say(42, "我想挂号")
    sandbox.start_network()
    async with polling(open_channel()):
        await eventually(lambda: inbox.texts == ["我想挂号"])
    assert [command["command"] for command in sandbox.commands] == ["start", "help", "human", "cancel"]


async def test_a_menu_that_cannot_be_published_does_not_keep_the_bot_from_working(
    sandbox, channel, inbox, polling, eventually
):
    sandbox.fail_next("setMyCommands", 400, '{"ok": false, "error_code": 400, "description": "Bad Request: x"}')
    sandbox.say(42, "我想挂号")
    async with polling(channel):
        await eventually(lambda: inbox.texts == ["我想挂号"])


async def test_ids_that_start_again_lower_after_a_quiet_week_are_not_missed(clock):
    queue = UpdateQueue(clock)
    offsets, taken, stop = [], [], asyncio.Event()

    async def fetch(offset):
        offsets.append(offset)
        if len(offsets) == 4:  # a request that confirmed came back empty: the week is quiet from here on
            queue.restart_ids(1000)
        if len(offsets) in {1, 2, 4}:
            queue.add("message", {}, lane="chat 42")
        if len(offsets) == 5:
            stop.set()
        return [update.as_json() for update in queue.read(offset or 0, 100)]

    async def take(update):
        taken.append(update["update_id"])

    await Poller(fetch, take).run(stop)
    first = taken[0]
    assert taken == [first, first + 1, 1000]
    assert offsets == [None, first + 1, first + 2, None, 1001]


async def test_an_update_that_nobody_can_read_does_not_hold_up_the_ones_behind_it(
    sandbox, channel, inbox, polling, eventually
):
    sandbox.push("message", {"chat": "nothing that Telegram would send"})
    sandbox.push("message_of_a_kind_to_come", {"some": "field"})
    sandbox.say(42, "我想挂号")
    async with polling(channel):
        await eventually(lambda: inbox.texts == ["我想挂号"] and not sandbox.waiting())


async def test_a_message_with_a_part_that_is_newer_than_the_client_library_is_still_accepted(
    sandbox, channel, inbox, polling, eventually
):
    entity = {"type": "a_kind_to_come", "offset": 0, "length": 2}
    origin = {"type": "an_origin_to_come", "date": 1}
    sandbox.push_message(42, {"text": "我想挂号", "entities": [entity], "forward_origin": origin})
    async with polling(channel):
        await eventually(lambda: inbox.texts == ["我想挂号"])


async def test_stopping_ends_a_long_poll_at_once(channel, sandbox, eventually):
    stop = asyncio.Event()
    task = asyncio.create_task(channel.run_polling(stop))
    await eventually(lambda: offsets(sandbox))
    stop.set()
    await asyncio.wait_for(task, 10)


async def test_a_pressed_button_becomes_its_words_and_shows_that_it_was_chosen(
    sandbox, channel, inbox, envelope, polling, eventually
):
    sandbox.say(42, "我想挂号")
    question = envelope("哪个科？", choices=("口腔科", "眼科"), status=TurnStatus.ASKED, sequence=3)
    async with polling(channel):
        await eventually(lambda: inbox.messages)
        await channel.send(question)
        query_id = sandbox.press(sandbox.sent(42)[-1], "眼科")
        await eventually(lambda: len(inbox.messages) == 2 and query_id in sandbox.callback_answers)
        await eventually(lambda: sandbox.sent(42)[-1].buttons == ["✓ 眼科"])
        again = sandbox.press(sandbox.sent(42)[-1], "✓ 眼科")
        await eventually(lambda: again in sandbox.callback_answers)
    pressed = inbox.messages[1]
    assert (pressed.text, pressed.session_id, pressed.kind) == ("眼科", "telegram:42", "text")
    assert pressed.payload == {"answers_sequence": "3"}
    assert sandbox.callback_answers[again]["text"] == "这一步已经选过了"
    assert len(inbox.messages) == 2


async def test_a_button_works_after_a_restart(sandbox, open_channel, inbox, envelope, polling, eventually):
    sandbox.say(42, "你好")
    await open_channel().send(envelope("我能帮您：", choices=("预约挂号", "查社保")))
    async with polling(open_channel()):
        sandbox.press(sandbox.sent(42)[-1], "查社保")
        await eventually(lambda: inbox.texts == ["你好", "查社保"])
        sandbox.press(sandbox.sent(42)[-1], "预约挂号")  # a menu stays usable
        await eventually(lambda: inbox.texts == ["你好", "查社保", "预约挂号"])
    assert inbox.messages[-1].payload == {}


async def test_a_button_that_cannot_be_read_back_is_answered_kindly(
    sandbox, channel, inbox, envelope, polling, eventually
):
    sandbox.say(42, "我想挂号")
    await channel.send(envelope("哪个科？", choices=("口腔科",)))
    query_id = sandbox.press(sandbox.sent(42)[-1], "口腔科", is_inaccessible=True)
    async with polling(channel):
        await eventually(lambda: query_id in sandbox.callback_answers)
    assert sandbox.callback_answers[query_id]["text"] == "按钮已过期，请直接打字告诉我"
    assert inbox.texts == ["我想挂号"]
