"""The sandbox keeps the Bot API's rules: tried over plain HTTP, and with aiogram's own client."""

import asyncio
import json
from datetime import datetime

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiohttp import ClientError, ClientSession, web

from adapters.clock import CITY_TIMEZONE, FixedClock
from adapters.sandbox.telegram import TelegramSandbox
from adapters.sandbox.telegram_html import BadEntities, render_html


@pytest.fixture
def clock():
    return FixedClock(datetime(2026, 11, 23, 9, 30, tzinfo=CITY_TIMEZONE))


@pytest.fixture
async def sandbox(clock):
    sandbox = TelegramSandbox(clock=clock, seconds=0.01)
    await sandbox.start()
    yield sandbox
    await sandbox.close()


@pytest.fixture
async def call(sandbox):
    """Call a method and return its result, or (error_code, description)."""
    async with ClientSession() as session:

        async def post(method, **params):
            async with session.post(f"{sandbox.base_url}/bot{sandbox.token}/{method}", json=params) as response:
                body = await response.json()
                assert body["ok"] == (response.status == 200)
                return body["result"] if body["ok"] else (response.status, body["description"])

        yield post


@pytest.fixture
async def bot(sandbox):
    bot = Bot(sandbox.token, session=AiohttpSession(api=TelegramAPIServer.from_base(sandbox.base_url)))
    yield bot
    await bot.session.close()


class Receiver:
    """A webhook that answers what it is told to, and remembers what came."""

    def __init__(self):
        self.statuses = []
        self.headers = {}
        self.bodies = []
        self.secrets = []
        self.under_way = 0
        self.most_under_way = 0
        self.takes_seconds = 0.0

    async def handle(self, request):
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        self.bodies.append(await request.json())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        await asyncio.sleep(self.takes_seconds)
        self.under_way -= 1
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200, headers=self.headers)

    @property
    def ids(self):
        return [body["update_id"] for body in self.bodies]


@pytest.fixture
async def receiver():
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def eventually(is_so):
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110 what is waited for is in another's hands
            await asyncio.sleep(0.005)


def ids(updates):
    return [update["update_id"] for update in updates]


async def test_updates_stay_until_an_offset_confirms_them(sandbox, call):
    first, second, third = (sandbox.say(42, text) for text in ("一", "二", "三"))
    assert ids(await call("getUpdates")) == [first, second, third]
    assert ids(await call("getUpdates")) == [first, second, third]
    assert ids(await call("getUpdates", offset=second)) == [second, third]
    assert ids(await call("getUpdates", offset=0, limit=1)) == [second]
    assert ids(await call("getUpdates", offset=third + 1)) == []
    assert sandbox.waiting() == []


async def test_a_negative_offset_keeps_only_the_last_ones(sandbox, call):
    updates = [sandbox.say(42, str(number)) for number in range(5)]
    assert ids(await call("getUpdates", offset=-2)) == updates[3:]
    assert sandbox.waiting() == updates[3:]


async def test_updates_are_forgotten_after_24_hours(sandbox, call, clock):
    sandbox.say(42, "昨天")
    clock.advance(hours=23, minutes=59)
    late = sandbox.say(42, "今天")
    clock.advance(minutes=1)
    assert ids(await call("getUpdates")) == [late]


async def test_a_long_poll_answers_as_soon_as_something_comes(sandbox, call):
    poll = asyncio.create_task(call("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    assert not poll.done()
    update_id = sandbox.say(42, "你好")
    assert ids(await asyncio.wait_for(poll, 10)) == [update_id]
    assert await call("getUpdates", offset=update_id + 1, timeout=0) == []


async def test_a_second_poll_ends_the_first_with_409(sandbox, call):
    first = asyncio.create_task(call("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(call("getUpdates", timeout=30))
    assert (await asyncio.wait_for(first, 10))[0] == 409
    sandbox.say(42, "你好")
    assert len(await asyncio.wait_for(second, 10)) == 1


async def test_polling_and_a_webhook_exclude_each_other(call):
    poll = asyncio.create_task(call("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    assert await call("setWebhook", url="https://city.example/hook") is True
    assert (await asyncio.wait_for(poll, 10))[0] == 409
    assert (await call("getUpdates"))[0] == 409
    assert (await call("getWebhookInfo"))["url"] == "https://city.example/hook"
    assert await call("deleteWebhook") is True
    assert await call("getUpdates") == []


@pytest.mark.parametrize(
    ("params", "refused"),
    [
        ({"url": "https://city.example/hook", "secret_token": "a b"}, "secret token"),
        ({"url": "https://city.example/hook", "secret_token": "密"}, "secret token"),
        ({"url": "https://city.example/hook", "secret_token": "a" * 257}, "secret token"),
        ({"url": "http://city.example/hook"}, "HTTPS"),
    ],
)
async def test_set_webhook_refuses(call, params, refused):
    status, description = await call("setWebhook", **params)
    assert status == 400
    assert refused in description


async def test_allowed_updates_leave_the_others_out(sandbox, call):
    await call("getUpdates", allowed_updates=["message"])
    assert sandbox.push("my_chat_member", {}) == 0
    wanted = sandbox.say(42, "你好")
    assert ids(await call("getUpdates")) == [wanted]


async def test_pending_updates_can_be_dropped(sandbox, call):
    sandbox.say(42, "你好")
    await call("deleteWebhook", drop_pending_updates=False)
    assert len(sandbox.waiting()) == 1
    await call("deleteWebhook", drop_pending_updates=True)
    assert sandbox.waiting() == []


async def test_a_webhook_gets_each_update_with_its_secret_once(sandbox, call, receiver):
    waiting = sandbox.say(42, "在设置之前")
    await call("setWebhook", url=receiver.url, secret_token="s-1_x")
    late = sandbox.say(42, "在设置之后")
    await eventually(lambda: not sandbox.waiting())
    assert receiver.ids == [waiting, late]
    assert receiver.secrets == ["s-1_x", "s-1_x"]


async def test_what_is_not_acknowledged_comes_again_before_what_is_behind_it(sandbox, call, receiver):
    receiver.statuses = [500, 302, 404]
    await call("setWebhook", url=receiver.url)
    first, second = sandbox.say(42, "一"), sandbox.say(42, "二")
    await eventually(lambda: not sandbox.waiting())
    assert receiver.ids == [first, first, first, first, second]
    assert [attempt.status for attempt in sandbox.webhook_attempts] == [500, 302, 404, 200, 200]
    assert (await call("getWebhookInfo"))["pending_update_count"] == 0


async def test_one_chats_trouble_does_not_hold_up_another(sandbox, call, receiver):
    receiver.statuses = [500, 500]
    receiver.headers = {"Retry-After": "300"}
    await call("setWebhook", url=receiver.url, max_connections=1)
    stuck = sandbox.say(42, "一")
    await eventually(lambda: receiver.ids == [stuck])
    other = sandbox.say(43, "另")
    await eventually(lambda: receiver.ids[:2] == [stuck, other])


async def test_at_most_max_connections_are_open(sandbox, call, receiver):
    receiver.takes_seconds = 0.02
    await call("setWebhook", url=receiver.url, max_connections=2)
    for chat_id in range(8):
        sandbox.say(chat_id + 1, "你好")
    await eventually(lambda: not sandbox.waiting())
    assert receiver.most_under_way == 2


async def test_an_update_that_is_never_taken_is_dropped_when_it_is_too_old(sandbox, call, receiver, clock):
    receiver.statuses = [503] * 1000
    await call("setWebhook", url=receiver.url)
    sandbox.say(42, "你好")
    await eventually(lambda: len(receiver.ids) >= 2)
    clock.advance(hours=25)
    await eventually(lambda: not sandbox.waiting())


async def test_aiograms_client_works_against_it(sandbox, bot):
    assert (await bot.get_me()).username == "mianban_sandbox_bot"
    sandbox.say(42, "你好")
    (update,) = await bot.get_updates()
    assert (update.message.text, update.message.chat.type) == ("你好", "private")
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="好", callback_data="1")]])
    message = await bot.send_message(42, "<b>好</b>", parse_mode="HTML", reply_markup=keyboard)
    assert message.text == "好"
    sandbox.press(sandbox.sent(42)[0], "好")
    (update,) = await bot.get_updates(offset=update.update_id + 1)
    (button,) = update.callback_query.message.reply_markup.inline_keyboard[0]
    assert (button.text, button.callback_data, update.callback_query.data) == ("好", "1", "1")
    assert await bot.answer_callback_query(update.callback_query.id, text="收到")
    assert sandbox.callback_answers[update.callback_query.id]["text"] == "收到"
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query("another")
    with pytest.raises(TelegramBadRequest, match="not modified"):
        await bot.edit_message_reply_markup(chat_id=42, message_id=message.message_id, reply_markup=keyboard)
    await bot.edit_message_reply_markup(chat_id=42, message_id=message.message_id)
    assert sandbox.sent(42)[0].buttons == []
    sandbox.block(42)
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(42, "您好")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("<b></b>", "empty"),
        ("绵" * 4097, "too long"),
        ("🎲" * 2049, "too long"),
        ("<b>未关", "can't parse entities"),
        ("1 < 2", "can't parse entities"),
    ],
)
async def test_send_message_refuses(sandbox, bot, text, refused):
    sandbox.say(42, "你好")
    with pytest.raises(TelegramBadRequest, match=refused):
        await bot.send_message(42, text, parse_mode="HTML")
    assert sandbox.sent(42) == []


@pytest.mark.parametrize("data", ["", "绵" * 22, "x" * 65])
async def test_a_button_needs_1_to_64_bytes_of_data(sandbox, call, data):
    sandbox.say(42, "你好")
    markup = json.dumps({"inline_keyboard": [[{"text": "好", "callback_data": data}]]})
    assert (await call("sendMessage", chat_id=42, text="好", reply_markup=markup))[1].endswith("BUTTON_DATA_INVALID")
    good = json.dumps({"inline_keyboard": [[{"text": "好", "callback_data": "绵" * 21}]]})
    assert (await call("sendMessage", chat_id=42, text="好", reply_markup=good))["text"] == "好"


async def test_a_person_who_never_wrote_cannot_be_written_to(call):
    assert await call("sendMessage", chat_id=99, text="您好") == (400, "Bad Request: chat not found")


async def test_too_many_messages_to_one_chat_get_429(sandbox, bot):
    sandbox.rate_limit = True
    sandbox.say(42, "你好")
    sandbox.say(43, "你好")
    for number in range(4):
        await bot.send_message(42, str(number))
    with pytest.raises(TelegramRetryAfter) as refusal:
        await bot.send_message(42, "太快了")
    assert refusal.value.retry_after >= 1
    assert len(sandbox.sent(42)) == 4
    await bot.send_message(43, "您好")


async def test_a_wrong_token_and_an_unknown_method(sandbox, call):
    async with ClientSession() as session, session.get(f"{sandbox.base_url}/bot1:x/getMe") as response:
        assert response.status == 401
    assert (await call("sendPigeon"))[0] == 404


async def test_faults_are_there_once(sandbox, call):
    sandbox.say(42, "你好")
    sandbox.lose_next_answer("sendMessage")
    with pytest.raises(ClientError):
        await call("sendMessage", chat_id=42, text="丢了回执")
    sandbox.stop_network()
    with pytest.raises(ClientError):
        await call("sendMessage", chat_id=42, text="没到")
    sandbox.start_network()
    await call("sendMessage", chat_id=42, text="到了")
    assert [message.text for message in sandbox.sent(42)] == ["丢了回执", "到了"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("没有标签", "没有标签"),
        ("<b>粗</b>和<i>斜</i>", "粗和斜"),
        ('<a href="https://city.example/?a=1&amp;b=2">这里</a>', "这里"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2 &quot;x&quot;", '1 < 2 && 3 > 2 "x"'),
        ("&amp;lt;", "&lt;"),
        ("a > b", "a > b"),
    ],
)
def test_html_is_read_as_telegram_reads_it(source, text):
    assert render_html(source).text == text


@pytest.mark.parametrize("source", ["<", "<b", "</b>", "<b>", "<b><i></b></i>", "<script>x</script>", "<br>", "a<b"])
def test_html_is_refused_as_telegram_refuses_it(source):
    with pytest.raises(BadEntities):
        render_html(source)


def test_links_are_read_without_their_escapes():
    assert render_html('<a href="https://city.example/?a=1&amp;b=2">x</a>').links == ("https://city.example/?a=1&b=2",)
