"""Sending: what people see, and what each failure means for the outbox."""

import asyncio
import time

import pytest

from bot.channels.telegram_pacing import Pacer
from bot.messages import DeliveryFailed, QuotedSource, TurnStatus

FEW_OF_SIXTY = 18


@pytest.fixture(autouse=True)
def greeting(sandbox):
    """Let the person write first, as Telegram asks."""
    sandbox.say(42, "你好")


def texts(sandbox, chat_id=42):
    return [message.text for message in sandbox.sent(chat_id)]


def calls(sandbox, method="sendmessage"):
    return sum(name == method for name, _ in sandbox.calls)


async def test_a_reply_arrives_as_it_was_written(sandbox, channel, envelope):
    await channel.send(envelope("第一行\n第二行 <b>不是粗体</b> & \"引号\" 'x' <script>"))
    (message,) = sandbox.sent(42)
    assert message.text == "第一行\n第二行 <b>不是粗体</b> & \"引号\" 'x' <script>"
    assert message.parse_mode == "HTML"
    assert not message.has_preview


async def test_choices_are_buttons_and_sources_are_linked(sandbox, open_channel, envelope):
    source = QuotedSource(
        title="绵阳市<示例>办法",
        document_number="绵府发〔2099〕1号",
        heading_path=("第二章", "第三条"),
        quote="示例",
        url='/documents/d1?span=3-9&mark="x"',
    )
    channel = open_channel(web_base_url="https://city.example/bot/")
    await channel.send(envelope("可以。", choices=("好的", "转人工"), citations=(source, source)))
    (message,) = sandbox.sent(42)
    assert message.text == "可以。\n\n依据：《绵阳市<示例>办法》（绵府发〔2099〕1号）第二章 第三条"
    assert message.links == ('https://city.example/bot/documents/d1?span=3-9&mark="x"',)
    assert message.keyboard[0][0]["text"] == "好的"
    assert message.buttons == ["好的", "转人工"]


async def test_a_long_reply_comes_in_parts_and_only_the_last_has_buttons(sandbox, channel, envelope):
    lines = [f"{number}、" + "绵阳" * 40 for number in range(120)]
    await channel.send(envelope("\n".join(lines), choices=("好的",)))
    sent = sandbox.sent(42)
    assert len(sent) == 3
    assert "\n".join(message.text for message in sent) == "\n".join(lines)
    assert [message.buttons for message in sent] == [[], [], ["好的"]]


async def test_parts_that_arrived_are_not_sent_again(sandbox, open_channel, envelope):
    waits = []

    async def cut_the_network_once(seconds):
        waits.append(seconds)
        if len(waits) == 1:
            sandbox.stop_network()

    channel = open_channel(pacer=Pacer(chat_burst=1, sleep=cut_the_network_once))
    reply = envelope("甲" * 4096 + "\n" + "乙" * 4096)
    with pytest.raises(DeliveryFailed):
        await channel.send(reply)
    assert texts(sandbox) == ["甲" * 4096]
    sandbox.start_network()
    await channel.send(reply)
    assert texts(sandbox) == ["甲" * 4096, "乙" * 4096]


async def test_a_reply_that_was_taken_is_not_sent_again_when_the_outbox_could_not_note_it(sandbox, channel, envelope):
    await channel.send(envelope("约好了"))
    await channel.send(envelope("约好了"))
    await channel.send(envelope("约好了", reply_id="r2"))
    assert texts(sandbox) == ["约好了", "约好了"]


@pytest.mark.parametrize(
    ("chat_id", "detail"),
    [(43, "chat not found"), (42, "blocked by the user")],
)
async def test_people_who_cannot_be_reached_are_given_up_at_once(sandbox, channel, envelope, chat_id, detail):
    sandbox.block(42)
    with pytest.raises(DeliveryFailed, match=detail) as failure:
        await channel.send(envelope("您好", chat_id))
    assert failure.value.is_permanent
    assert calls(sandbox) == 1


@pytest.mark.parametrize("session_id", ["web:42", "telegram:", "telegram:abc", "telegram", "telegram:1;2", ""])
async def test_a_session_of_another_channel_is_refused_for_good(channel, envelope, session_id):
    with pytest.raises(DeliveryFailed) as failure:
        await channel.send(envelope("您好", session_id=session_id))
    assert failure.value.is_permanent


async def test_a_reply_without_anything_to_show_is_refused_for_good(sandbox, channel, envelope):
    with pytest.raises(DeliveryFailed, match="nothing to show") as failure:
        await channel.send(envelope(" \n "))
    assert failure.value.is_permanent
    assert calls(sandbox) == 0


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (502, "<html>Bad Gateway</html>"),
        (500, '{"ok": false}'),
        (500, '{"ok": false, "error_code": 500, "description": "Internal Server Error"}'),
        (400, '{"ok": false, "error_code": 400, "description": "Bad Request: something to come"}'),
        (401, '{"ok": false, "error_code": 401, "description": "Unauthorized"}'),
        (418, '{"ok": false, "error_code": 418, "description": "teapot"}'),
        (200, "not JSON"),
        (200, b"\xff\xfe".decode("latin-1")),
    ],
)
async def test_a_failure_that_may_pass_is_to_be_tried_again(sandbox, channel, envelope, status, body):
    sandbox.fail_next("sendMessage", status, body)
    with pytest.raises(DeliveryFailed) as failure:
        await channel.send(envelope("您好"))
    assert not failure.value.is_permanent
    await channel.send(envelope("您好"))
    assert texts(sandbox) == ["您好"]


async def test_429_says_when_to_come_again_and_the_chat_is_left_alone_until_then(sandbox, channel, envelope):
    body = '{"ok": false, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 90}}'
    sandbox.fail_next("sendMessage", 429, body)
    with pytest.raises(DeliveryFailed) as failure:
        await channel.send(envelope("您好"))
    assert failure.value.retry_after_seconds == 90
    assert not failure.value.is_permanent
    with pytest.raises(DeliveryFailed) as failure:
        await channel.send(envelope("您好"))
    assert 80 < failure.value.retry_after_seconds <= 90
    assert calls(sandbox) == 1
    sandbox.say(43, "你好")
    await channel.send(envelope("您好", 43, reply_id="r2"))
    assert texts(sandbox, 43) == ["您好"]


async def test_no_network_is_a_failure_that_may_pass_and_never_tells_the_token(sandbox, channel, envelope):
    sandbox.stop_network()
    with pytest.raises(DeliveryFailed) as failure:
        await channel.send(envelope("您好"))
    assert not failure.value.is_permanent
    assert sandbox.token not in str(failure.value)


async def test_an_address_that_cannot_be_one_never_tells_the_token(sandbox, open_channel, envelope):
    channel = open_channel(api_base_url="http://[not-an-address")
    with pytest.raises(DeliveryFailed) as failure:
        await channel.send(envelope("您好"))
    assert sandbox.token.split(":")[1] not in str(failure.value)
    assert failure.value.__cause__ is None


async def test_html_that_telegram_refuses_is_sent_plain(sandbox, channel, envelope):
    body = '{"ok": false, "error_code": 400, "description": "Bad Request: can\'t parse entities: x"}'
    sandbox.fail_next("sendMessage", 400, body)
    await channel.send(envelope("1 < 2 & 3", choices=("好的",)))
    (message,) = sandbox.sent(42)
    assert (message.text, message.parse_mode, message.buttons) == ("1 < 2 & 3", "", ["好的"])


async def test_a_burst_to_one_chat_keeps_below_telegrams_limit(sandbox, channel, envelope):
    sandbox.rate_limit = True
    began = time.monotonic()
    for number in range(6):
        await channel.send(envelope(f"第{number}条", reply_id=f"r{number}"))
    assert texts(sandbox) == [f"第{number}条" for number in range(6)]
    assert calls(sandbox) == 6  # none was refused and tried again
    assert time.monotonic() - began > 2.5


async def test_without_pacing_the_sandbox_does_refuse(sandbox, open_channel, envelope):
    sandbox.rate_limit = True
    channel = open_channel(pacer=Pacer(chat_burst=100))
    for number in range(4):
        await channel.send(envelope(f"第{number}条", reply_id=f"r{number}"))
    with pytest.raises(DeliveryFailed) as failure:
        await channel.send(envelope("太快了", reply_id="r4"))
    assert failure.value.retry_after_seconds >= 1


async def test_many_chats_at_once_keep_below_thirty_a_second(sandbox, channel, envelope):
    sandbox.rate_limit = True
    people = range(100, 160)
    for chat_id in people:
        sandbox.say(chat_id, "你好")
    sending = (channel.send(envelope("您好", chat_id, reply_id=f"r{chat_id}")) for chat_id in people)
    ended = await asyncio.gather(*sending, return_exceptions=True)
    turned_away = [end for end in ended if end is not None]
    assert all(isinstance(end, DeliveryFailed) and end.retry_after_seconds for end in turned_away)
    assert len(turned_away) <= FEW_OF_SIXTY  # unpaced it is half; where the processor stalls, some come bunched
    assert sum(texts(sandbox, chat_id) == ["您好"] for chat_id in people) == len(people) - len(turned_away)


async def test_only_questions_are_answered_once(sandbox, channel, envelope):
    await channel.send(envelope("哪天？", choices=("明天",), status=TurnStatus.ASKED, sequence=9))
    await channel.send(envelope("我能帮您：", choices=("预约挂号",), reply_id="r2", sequence=10))
    data = [message.keyboard[0][0]["callback_data"] for message in sandbox.sent(42)]
    assert data == ["a:9:0", "m:10:0"]
