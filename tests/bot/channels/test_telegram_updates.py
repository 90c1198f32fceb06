"""From updates to messages, the made-up and the hostile ones among them."""

import contextlib
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.clock import CITY_TIMEZONE, FixedClock
from bot.channels.telegram_updates import UnreadableUpdate, UpdateReader, button_data

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=CITY_TIMEZONE)
PHOTO = {"photo": [{"file_id": "示例", "file_unique_id": "示例", "width": 1, "height": 1}]}


@pytest.fixture
def reader():
    return UpdateReader("telegram", FixedClock(NOW))


def message_update(update_id=9, chat=None, sender=None, **content):
    message = {
        "message_id": 1,
        "date": 1_790_000_000,
        "chat": chat or {"id": 42, "type": "private"},
        "from": sender or {"id": 42, "is_bot": False, "first_name": "示例"},
    }
    return {"update_id": update_id, "message": message | content}


def press_update(data, keyboard, chat_type="private", **query):
    origin = {
        "message_id": 5,
        "date": 1_790_000_000,
        "chat": {"id": 42, "type": chat_type},
        "from": {"id": 1, "is_bot": True},
        "reply_markup": {"inline_keyboard": keyboard},
    }
    press = {"id": "q1", "from": {"id": 42, "is_bot": False}, "chat_instance": "1", "message": origin, "data": data}
    return {"update_id": 9, "callback_query": press | query}


def test_a_text_message(reader):
    message = reader.read(message_update(text="我想挂号")).message
    assert message.model_dump() == {
        "channel": "telegram",
        "session_id": "telegram:42",
        "message_id": "9",
        "user_id": "telegram:42",
        "text": "我想挂号",
        "sent_at": datetime(2026, 9, 21, 22, 13, 20, tzinfo=CITY_TIMEZONE),
        "kind": "text",
        "payload": {},
    }
    assert message.key == "telegram:9"
    assert str(message.sent_at.tzinfo) == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("/start", "你好"),
        ("/start zhongyiyuan", "你好"),
        ("/START@mianban_bot", "你好"),
        ("/start\nfoo", "你好"),
        ("/help", "你能做什么"),
        ("/cancel", "取消"),
        ("/human@mianban_bot now", "转人工"),
        ("/挂号 明天 上午", "挂号 明天 上午"),
        ("/", "/"),
        ("/ ", "/ "),
        ("1/2 的 /start", "1/2 的 /start"),
        ("", ""),
        ("  我 想\n挂号  ", "  我 想\n挂号  "),
    ],
)
def test_commands_become_words_and_words_stay(reader, said, meant):
    assert reader.read(message_update(text=said)).message.text == meant


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        (PHOTO, "unsupported", ""),
        (PHOTO | {"caption": "这张单子哪里交"}, "text", "这张单子哪里交"),
        ({"voice": {"file_id": "x"}}, "unsupported", ""),
        ({"sticker": {"emoji": "🎲"}}, "unsupported", ""),
        ({"location": {"latitude": 31.46, "longitude": 104.68}}, "unsupported", "[位置]"),
        ({"something_to_come": {"x": 1}}, "unsupported", ""),
    ],
)
def test_what_is_not_text(reader, content, kind, text):
    message = reader.read(message_update(**content)).message
    assert (message.kind, message.text) == (kind, text)


def test_the_photos_of_an_album_share_one_id_within_their_chat(reader):
    first = reader.read(message_update(1, media_group_id="77", **PHOTO)).message
    second = reader.read(message_update(2, media_group_id="77", **PHOTO)).message
    captioned = reader.read(message_update(3, media_group_id="77", caption="单子", **PHOTO)).message
    elsewhere = reader.read(message_update(4, {"id": 43, "type": "private"}, media_group_id="77", **PHOTO)).message
    assert first.key == second.key
    assert captioned.key == "telegram:3"
    assert elsewhere.key != first.key


@pytest.mark.parametrize(
    ("update", "because"),
    [
        (message_update(chat={"id": -100, "type": "supergroup"}, text="大家好"), "not_private"),
        (message_update(chat={"id": -100, "type": "channel"}, text="公告"), "not_private"),
        (message_update(sender={"id": 1, "is_bot": True}, text="我是机器人"), "from_bot"),
        (message_update(pinned_message={"message_id": 1}), "service_message"),
        ({"update_id": 1, "edited_message": {"text": "改过的"}}, "unknown_kind"),
        (press_update("m:1:0", [[{"text": "口腔科", "callback_data": "m:1:0"}]], "supergroup"), "spent_button"),
        (press_update("m:1:0", [[{"text": " ", "callback_data": "m:1:0"}]]), "spent_button"),
        (press_update("m:1:9", [[{"text": "口腔科", "callback_data": "m:1:0"}]]), "spent_button"),
        (press_update(None, [[{"text": "口腔科"}]]), "spent_button"),
        (press_update("m:1:0", "no keyboard"), "spent_button"),
        (press_update("m:1:0", [], message=None), "spent_button"),
        (press_update("done", [[{"text": "✓ 口腔科", "callback_data": "done"}]]), "spent_button"),
    ],
)
def test_what_is_ignored_and_why(reader, update, because):
    reading = reader.read(update)
    assert reading.message is None
    assert reading.ignored_because == because


@pytest.mark.parametrize(
    ("data", "payload"),
    [
        ("a:12:1", {"answers_sequence": "12"}),
        ("m:12:1", {}),
        ("a:x:1", {}),
        ("a::1", {}),
        ("from an older version", {}),
    ],
)
def test_a_press_is_the_words_on_the_button(reader, data, payload):
    keyboard = [[{"text": "口腔科", "callback_data": "other"}], [{"text": "眼科", "callback_data": data}]]
    reading = reader.read(press_update(data, keyboard))
    assert (reading.message.text, reading.message.message_id, reading.message.sent_at) == ("眼科", "9", NOW)
    assert reading.message.payload == payload
    assert (reading.press.query_id, reading.press.chat_id, reading.press.message_id) == ("q1", 42, 5)


def test_what_no_store_can_hold_is_taken_out(reader):
    message = reader.read(message_update(text="挂\x00号\ud83d")).message
    assert message.text == "挂号?"
    assert message.model_dump_json()


def test_button_data_fits_into_64_bytes():
    assert len(button_data(is_answer=True, sequence=10**18, index=999).encode()) <= 64


@given(update_id=st.integers(0, 2**63 - 1), chat_id=st.integers(1, 2**52), text=st.text())
def test_any_text_arrives(update_id, chat_id, text):
    update = message_update(update_id, {"id": chat_id, "type": "private"}, text=text)
    message = UpdateReader("telegram", FixedClock(NOW)).read(update).message
    assert message.session_id == f"telegram:{chat_id}"
    assert message.message_id == str(update_id)
    if not text.startswith("/") and "\x00" not in text:
        assert message.text == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["message_id", "date", "chat", "from", "text", "caption", "location", "media_group_id", "reply_markup"]


@given(where=st.sampled_from([*FIELDS, "update", "message"]), value=JSON)
def test_anything_in_the_place_of_a_field_is_read_or_refused(where, value):
    update = message_update(text="我想挂号")
    if where == "update":
        update = value
    elif where == "message":
        update["message"] = value
    else:
        update["message"][where] = value
    with contextlib.suppress(UnreadableUpdate):
        UpdateReader("telegram", FixedClock(NOW)).read(update)


@given(where=st.sampled_from(["id", "from", "message", "data"]), value=JSON)
def test_anything_in_the_place_of_a_field_of_a_press_is_read_or_refused(where, value):
    update = press_update("m:1:0", [[{"text": "口腔科", "callback_data": "m:1:0"}]])
    update["callback_query"][where] = value
    with contextlib.suppress(UnreadableUpdate):
        UpdateReader("telegram", FixedClock(NOW)).read(update)


@given(keyboard=JSON)
def test_anything_in_the_place_of_a_keyboard_is_read(keyboard):
    assert UpdateReader("telegram", FixedClock(NOW)).read(press_update("m:1:0", keyboard)).press is not None


def test_a_refusal_names_the_place_and_not_what_was_there(reader):
    with pytest.raises(UnreadableUpdate) as refusal:
        reader.read(message_update(text=["511126199001011234"]))
    assert str(refusal.value) == "cannot read message.text"
