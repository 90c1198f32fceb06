"""The webhook: who may post, what a malformed request gets, and that 200 means that the inbox holds it."""

import asyncio
import json

import pytest
from aiohttp import ClientSession

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_webhook import BODY_BYTES, WebhookRefused, parse_json

SECRET = "a-secret_of-the-test"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
async def post(webhook):
    async with ClientSession() as session:

        async def send(body, headers=((HEADER, SECRET),), method="POST"):
            data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
            async with session.request(method, webhook, data=data, headers=list(headers)) as response:
                text = await response.text()
                return response.status, json.loads(text) if text.startswith("{") else text

        yield send


def text_update(update_id=1, text="我想挂号", chat_id=42):
    person = {"id": chat_id, "is_bot": False, "first_name": "示例"}
    chat = {"id": chat_id, "type": "private"}
    message = {"message_id": 5, "date": 1_790_000_000, "chat": chat, "from": person, "text": text}
    return {"update_id": update_id, "message": message}


async def test_an_update_is_stored_before_200(post, inbox):
    inbox.takes_seconds = 0.1
    answering = asyncio.create_task(post(text_update()))
    await asyncio.sleep(0.05)
    assert not answering.done()
    assert (await answering)[0] == 200
    assert inbox.texts == ["我想挂号"]


async def test_fifty_concurrent_deliveries_of_one_update_are_one_message(post, inbox):
    inbox.takes_seconds = 0.01
    answers = await asyncio.gather(*(post(text_update(7)) for _ in range(50)))
    assert {status for status, _ in answers} == {200}
    assert inbox.texts == ["我想挂号"]
    assert len(inbox.offers) == 50


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(HEADER, "")],
        [(HEADER, SECRET[:-1])],
        [(HEADER, SECRET + "x")],
        [(HEADER, SECRET.upper())],
        [(HEADER, "密钥")],
        [(HEADER, SECRET), (HEADER, SECRET)],
        [(HEADER, SECRET), (HEADER, "other")],
        [(HEADER, f"{SECRET}, {SECRET}")],
        [("Authorization", SECRET)],
    ],
)
async def test_without_exactly_one_right_secret_nothing_is_read(post, inbox, headers):
    assert await post(text_update(), headers) == (401, {"error": "wrong_secret"})
    assert await post(b"not even JSON", headers) == (401, {"error": "wrong_secret"})
    assert inbox.offers == []


async def test_a_store_that_is_down_means_503_and_then_telegram_comes_again(post, inbox):
    inbox.is_down = True
    assert await post(text_update()) == (503, {"error": "store_unavailable"})
    inbox.is_down = False
    assert (await post(text_update()))[0] == 200
    assert inbox.texts == ["我想挂号"]


async def test_a_bug_behind_the_inbox_is_not_acknowledged(post, inbox):
    inbox.bug = ZeroDivisionError("a bug")
    status, body = await post(text_update())
    assert status == 500
    assert "ZeroDivision" not in str(body)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b'{"update_id": NaN}', "malformed_json"),
        (b'{"update_id": 1, "update_id": 2}', "malformed_json"),
        (b'{"update_id": ' + b"9" * 5000 + b"}", "malformed_json"),
        ("{'update_id': 1}".encode("utf-16"), "malformed_json"),
        (b"\xff\xfe", "malformed_json"),
        (b"[" * 100_000, "malformed_json"),
        (b"[" * 100_000 + b"]" * 100_000, "malformed_json"),
        (b'{"update_id": 1, "x": ' + b"[" * 40 + b"]" * 40 + b"}", "nested_too_deep"),
        (b"[]", "malformed_update"),
        (b"null", "malformed_update"),
        (b"{}", "malformed_update"),
        (b'{"update_id": "1"}', "malformed_update"),
        (b'{"update_id": true}', "malformed_update"),
        (b'{"update_id": -1}', "malformed_update"),
        (b'{"update_id": 1, "message": "text"}', "malformed_update"),
        (b'{"update_id": 1, "message": {"message_id": 1}}', "malformed_update"),
        (b'{"update_id": 1, "callback_query": {"id": {"$ne": null}}}', "malformed_update"),
    ],
)
async def test_what_is_malformed_is_refused_by_name(post, inbox, body, code):
    status, answer = await post(body)
    assert (status, answer["error"]) == (400, code)
    assert inbox.offers == []


async def test_fields_of_the_wrong_type_are_named_but_not_repeated(post):
    update = text_update()
    update["message"]["text"] = ["511126199001011234"]
    status, answer = await post(update)
    assert status == 400
    assert answer["detail"] == "cannot read message.text"


async def test_a_body_that_is_too_large_is_cut_off(post, inbox, webhook):
    assert await post(b" " * (BODY_BYTES + 1)) == (413, {"error": "body_too_large"})

    async def drip():
        for _ in range(10):
            yield b" " * (BODY_BYTES // 8)

    async with ClientSession() as session, session.post(webhook, data=drip(), headers={HEADER: SECRET}) as response:
        assert response.status == 413
    assert inbox.offers == []


async def test_a_body_that_never_ends_is_cut_off(webhook, monkeypatch):
    monkeypatch.setattr("bot.channels.telegram_webhook.BODY_SECONDS", 0.1)
    host, port = webhook.removeprefix("http://").split("/")[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /channels/telegram HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nContent-Length: 100\r\n\r\n"
    writer.write(head.encode() + b"{")
    await writer.drain()
    status_line = await asyncio.wait_for(reader.readline(), 5)
    assert b" 408 " in status_line
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_post_is_taken(post, method):
    assert await post(None, method=method) == (405, {"error": "method_not_allowed"})


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1, "a_kind_to_come": {"x": 1}},
        {"update_id": 1, "edited_message": text_update()["message"]},
        {"update_id": 1, "my_chat_member": {"chat": {"id": 1, "type": "private"}}},
        {"update_id": 1},
    ],
)
async def test_other_kinds_of_updates_are_taken_and_ignored(post, inbox, update):
    assert (await post(update))[0] == 200
    assert inbox.offers == []


@pytest.mark.parametrize("secret", ["", "with space", "密钥", "a" * 257, "line\n", "semi;colon"])
def test_a_secret_that_telegram_would_not_take_stops_the_start(sandbox, inbox, clock, secret):
    with pytest.raises(ValueError, match="webhook secret"):
        TelegramChannel(token=sandbox.token, inbox=inbox, clock=clock, webhook_secret=secret)


async def test_without_a_secret_there_is_no_webhook(open_channel):
    channel = open_channel(webhook_secret=None)
    with pytest.raises(ValueError, match="needs a secret"):
        _ = channel.webhook_handler
    with pytest.raises(ValueError, match="needs a secret"):
        await channel.register_webhook("https://city.example/telegram")


@pytest.mark.parametrize("token", ["", "no-colon", "12:with space", ":x"])
def test_a_token_that_cannot_be_one_stops_the_start(inbox, clock, token):
    with pytest.raises(ValueError, match="bot token"):
        TelegramChannel(token=token, inbox=inbox, clock=clock)


async def test_the_whole_way_by_webhook(sandbox, channel, inbox, webhook, envelope, eventually):
    await channel.register_webhook(webhook)
    sandbox.say(42, "我想挂号")
    await eventually(lambda: inbox.texts == ["我想挂号"] and not sandbox.waiting())
    await channel.send(envelope("哪个科？", choices=("口腔科", "眼科")))
    query_id = sandbox.press(sandbox.sent(42)[0], "口腔科")
    await eventually(lambda: inbox.texts == ["我想挂号", "口腔科"] and query_id in sandbox.callback_answers)


async def test_a_store_that_comes_back_gets_every_update_once_and_in_order(
    sandbox, channel, inbox, webhook, eventually
):
    await channel.register_webhook(webhook)
    inbox.is_down = True
    for number in range(10):
        sandbox.say(42, f"第{number}句")
        sandbox.say(43, f"另{number}句")
    await eventually(lambda: len(sandbox.webhook_attempts) >= 4)
    assert len(sandbox.waiting()) == 20
    inbox.is_down = False
    await eventually(lambda: not sandbox.waiting())
    assert [m.text for m in inbox.messages if m.session_id == "telegram:42"] == [f"第{n}句" for n in range(10)]
    assert [m.text for m in inbox.messages if m.session_id == "telegram:43"] == [f"另{n}句" for n in range(10)]


def test_json_is_strict_and_otherwise_left_alone():
    assert parse_json('{"a": [1, "绵阳", null, true]}'.encode()) == {"a": [1, "绵阳", None, True]}
    assert parse_json(b"[" * 32 + b"]" * 32)
    with pytest.raises(WebhookRefused):
        parse_json(b"[" * 33 + b"]" * 33)
