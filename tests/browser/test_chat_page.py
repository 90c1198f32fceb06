"""A citizen before the chat page."""

import asyncio

import pytest

from bot.messages import InboundMessage, OutboundMessage, TurnStatus
from tests.bot.web.small_city import HOSTILE, QUOTE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def until(is_so, seconds=10.0):
    """Wait until a call returns something true."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 what is waited for is in another's hands
            await asyncio.sleep(0.02)


async def test_what_is_written_is_sent_and_answered(chat, city):
    await chat.say("明天挂儿科")
    await chat.answered(1)
    assert await chat.wrote() == ["明天挂儿科"]
    assert await chat.said() == ["收到：明天挂儿科"]
    assert city.talk.taken == ["明天挂儿科"]
    assert await chat.text.input_value() == ""
    await chat.page.locator("#typing").wait_for(state="hidden")


async def test_an_example_is_a_message_and_so_is_the_button_for_a_person(chat, city):
    await chat.page.locator("#examples button").first.click()
    await chat.answered(1)
    await chat.page.get_by_role("button", name="转人工").click()
    await chat.answered(2)
    assert city.talk.taken == ["明天上午挂中心医院儿科", "转人工"]


async def test_choices_are_big_send_themselves_and_are_gone_after(chat, city):
    city.talk.script["挂号"] = (TurnStatus.ASKED, [OutboundMessage(text="哪个科？", choices=("儿科", "骨科"))])
    await chat.say("挂号")
    await chat.choices.first.wait_for()
    for box in [await button.bounding_box() for button in await chat.choices.all()]:
        assert box["height"] >= 44
        assert box["width"] >= 44
    await chat.choices.first.click()
    await chat.answered(2)
    assert city.talk.taken == ["挂号", "儿科"]
    assert await chat.choices.count() == 0


async def test_writing_something_else_also_takes_the_choices_away(chat, city):
    city.talk.script["挂号"] = (TurnStatus.ASKED, [OutboundMessage(text="哪个科？", choices=("儿科", "骨科"))])
    await chat.say("挂号")
    await chat.choices.first.wait_for()
    await chat.say("算了")
    await chat.answered(2)
    assert await chat.choices.count() == 0


async def test_a_source_opens_at_the_quoted_words(chat, city, browser):
    city.talk.script["要带什么"] = (TurnStatus.ANSWERED, [city.cited()])
    await chat.say("要带什么")
    card = chat.page.locator("a.source")
    await card.wait_for()
    assert "《门诊预约示例指南》" in await card.text_content()
    async with browser.expect_page() as opening:
        await card.click()
    document = await opening.value
    quote = document.locator("#quote")
    await quote.wait_for()
    assert await quote.text_content() == QUOTE
    assert await document.locator("mark").count() == 1
    await asyncio.sleep(0.8)
    box, height = await quote.bounding_box(), document.viewport_size["height"]
    assert 0 <= box["y"] <= height - box["height"]


async def test_markup_of_others_stays_text_everywhere(chat, city):
    source = (
        city.cited().citations[0].model_copy(update={"title": HOSTILE, "quote": HOSTILE, "url": "javascript:alert(9)"})
    )
    hostile = OutboundMessage(text=HOSTILE, choices=(HOSTILE,), citations=(source,))
    city.talk.script[HOSTILE] = (TurnStatus.ASKED, [hostile])
    dialogs = []
    chat.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await chat.say(HOSTILE)
    await chat.answered(1)
    assert await chat.said() == [HOSTILE]
    assert await chat.wrote() == [HOSTILE]
    assert await chat.choices.first.text_content() == HOSTILE
    assert HOSTILE in await chat.page.locator(".source").text_content()
    assert await chat.page.locator("a.source").count() == 0
    assert await chat.page.locator("#log img, #log script").count() == 0
    await chat.page.reload()
    await chat.answered(1)
    assert await chat.said() == [HOSTILE]
    assert dialogs == []


async def test_an_emergency_number_can_be_tapped_and_other_numbers_are_left_alone(chat, city):
    text = "请马上拨打 120，不要等。挂号费120元，见第120条。"
    city.talk.script["胸口痛"] = (TurnStatus.GUARDED_EMERGENCY, [OutboundMessage(text=text)])
    await chat.say("胸口痛")
    await chat.answered(1)
    assert await chat.said() == [text]
    links = chat.page.locator(".reply.urgent .bubble a")
    assert await links.count() == 1
    assert await links.first.get_attribute("href") == "tel:120"


async def test_enter_that_ends_a_composition_sends_nothing(chat, city):
    client = await chat.page.context.new_cdp_session(chat.page)
    await chat.text.focus()
    await client.send("Input.imeSetComposition", {"text": "guahao", "selectionStart": 6, "selectionEnd": 6})
    assert await chat.text.input_value() == "guahao"
    await chat.page.keyboard.press("Enter")
    await client.send("Input.insertText", {"text": "挂号"})
    assert (await chat.text.input_value()).replace("\n", "").endswith("挂号")
    # Safari ends the composition first and only then tells of the Enter, with keyCode 229.
    await chat.text.evaluate(
        "text => text.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true}))"
    )
    await asyncio.sleep(0.3)
    assert await chat.own.count() == 0
    assert city.talk.taken == []
    await chat.text.fill("挂号")
    await chat.page.keyboard.press("Enter")
    await chat.answered(1)
    assert city.talk.taken == ["挂号"]


async def test_shift_enter_breaks_the_line_and_the_input_grows(chat, city):
    before = (await chat.text.bounding_box())["height"]
    await chat.text.press_sequentially("第一行")
    await chat.page.keyboard.press("Shift+Enter")
    await chat.text.press_sequentially("第二行")
    await chat.page.keyboard.press("Shift+Enter")
    await chat.text.press_sequentially("第三行")
    assert (await chat.text.bounding_box())["height"] > before + 20
    assert await chat.own.count() == 0
    await chat.page.keyboard.press("Enter")
    await chat.answered(1)
    assert city.talk.taken == ["第一行\n第二行\n第三行"]
    assert (await chat.text.bounding_box())["height"] == before


async def test_what_is_written_while_the_server_is_away_arrives_once_it_is_back(chat, city, door):
    await chat.say("第一句")
    await chat.answered(1)
    await door.close()
    await chat.page.locator("#connection").wait_for(state="visible")
    await chat.say("第二句")
    await chat.say("第三句")
    assert "正在发送" in await chat.page.locator(".own .state").last.text_content()
    assert city.talk.taken == ["第一句"]
    await door.open()
    await chat.answered(3)
    await chat.page.locator("#connection").wait_for(state="hidden")
    assert city.talk.taken == ["第一句", "第二句", "第三句"]
    assert await chat.said() == ["收到：第一句", "收到：第二句", "收到：第三句"]
    assert await chat.wrote() == ["第一句", "第二句", "第三句"]
    assert await chat.page.locator(".own .state").last.text_content() == ""


async def test_news_that_came_while_the_server_was_away_are_shown(chat, city, door):
    await chat.say("第一句")
    await chat.answered(1)
    await door.close()
    turn = (await city.store.find("turns"))[0].document
    news = InboundMessage(
        channel="web",
        session_id=turn["session_id"],
        message_id="news:1",
        user_id=turn["user_id"],
        text="停诊通知",
        sent_at=city.clock.now(),
        kind="news",
    )
    await city.inbox.accept(news)
    await city.worker.idle()
    await door.open()
    await chat.answered(2)
    assert await chat.said() == ["收到：第一句", "收到：停诊通知"]
    assert await chat.wrote() == ["第一句"]


async def test_a_reload_shows_the_conversation_once_and_in_order(chat):
    await chat.say("第一句")
    await chat.answered(1)
    await chat.say("第二句")
    await chat.answered(2)
    await chat.page.reload()
    await chat.answered(2)
    assert await chat.wrote() == ["第一句", "第二句"]
    assert await chat.said() == ["收到：第一句", "收到：第二句"]
    order = await chat.page.locator("#log .bubble").all_text_contents()
    assert [text.partition("：")[0] for text in order] == ["您说", "绵办", "您说", "绵办"]


async def test_a_message_that_was_not_acknowledged_survives_a_reload(chat, city):
    await chat.say("第一句")
    await chat.answered(1)
    city.store.is_down = True
    await chat.say("第二句")
    await chat.page.locator(".aside").wait_for()
    assert "稍后自动重发" in await chat.page.locator(".own .state").last.text_content()
    city.store.is_down = False
    await chat.page.reload()
    await chat.answered(2)
    assert city.talk.taken == ["第一句", "第二句"]
    assert await chat.wrote() == ["第一句", "第二句"]


async def test_while_the_store_is_away_it_is_said_and_the_message_goes_by_itself_later(chat, city):
    await chat.say("第一句")
    await chat.answered(1)
    city.store.is_down = True
    await chat.say("第二句")
    notice = chat.page.locator(".aside")
    await notice.wait_for()
    assert "12345" in await notice.text_content()
    city.store.is_down = False
    await chat.answered(2)
    assert city.talk.taken == ["第一句", "第二句"]


async def test_two_tabs_show_the_same_conversation(chat, city, browser, door):
    await chat.say("第一句")
    await chat.answered(1)
    other = await browser.new_page()
    await other.goto(door.url)
    await other.locator(".reply .bubble").first.wait_for()
    await chat.say("第二句")
    await other.locator(".reply .bubble").nth(1).wait_for()
    assert [text.removeprefix("您说：") for text in await other.locator(".own .bubble").all_text_contents()] == [
        "第一句",
        "第二句",
    ]
    assert await other.locator(".reply .bubble").count() == 2


async def test_the_dots_show_that_an_answer_is_being_made(chat, city):
    city.talk.may_go_on.clear()
    await chat.say("慢慢来")
    await chat.page.locator("#typing").wait_for(state="visible")
    city.talk.may_go_on.set()
    await chat.answered(1)
    await chat.page.locator("#typing").wait_for(state="hidden")


async def test_an_answer_whose_push_was_lost_is_fetched(chat, city):
    await chat.say("第一句")
    await chat.answered(1)
    send, city.channel.send = city.channel.send, lambda envelope: asyncio.sleep(0)
    await chat.say("第二句")
    await until(lambda: len(city.talk.taken) == 2)
    await city.worker.idle()
    city.channel.send = send
    await chat.answered(2)
    assert await chat.said() == ["收到：第一句", "收到：第二句"]


async def test_ending_the_conversation_leaves_nothing_on_the_screen(chat, city):
    await chat.say("我的病历号是示例123")
    await chat.answered(1)
    await chat.page.locator("#menu summary").click()
    await chat.page.get_by_role("button", name="结束并清除对话").click()
    await chat.own.first.wait_for(state="detached")
    await chat.say("新的对话")
    await chat.answered(1)
    assert await chat.wrote() == ["新的对话"]
    sessions = {stored.document["session_id"] for stored in await city.store.find("turns")}
    assert len(sessions) == 2


async def test_keyboard_alone_is_enough(chat, city):
    city.talk.script["挂号"] = (TurnStatus.ASKED, [OutboundMessage(text="哪个科？", choices=("儿科", "骨科"))])
    await chat.page.keyboard.press("Tab")
    assert await chat.page.locator(".skip").evaluate("node => node === document.activeElement")
    await chat.page.keyboard.press("Enter")
    await chat.page.keyboard.type("挂号")
    await chat.page.keyboard.press("Enter")
    await chat.choices.first.wait_for()
    await chat.page.keyboard.press("Shift+Tab")
    assert await chat.choices.last.evaluate("node => node === document.activeElement")
    outline = await chat.choices.last.evaluate("node => getComputedStyle(node).outlineStyle")
    assert outline == "solid"
    await chat.page.keyboard.press("Enter")
    await chat.answered(2)
    assert city.talk.taken == ["挂号", "骨科"]
    assert await chat.text.evaluate("node => node === document.activeElement")


async def test_a_reader_of_old_messages_is_not_torn_away(chat, city):
    for number in range(12):
        await chat.say(f"第{number}句")
        await chat.answered(number + 1)
    await chat.page.locator("#scroll").evaluate("node => { node.scrollTop = 0; }")
    await asyncio.sleep(0.2)
    turn = (await city.store.find("turns"))[0].document
    news = InboundMessage(
        channel="web", session_id=turn["session_id"], message_id="news:1", user_id=turn["user_id"],
        text="新消息", sent_at=city.clock.now(), kind="news",
    )  # fmt: skip
    await city.inbox.accept(news)
    await chat.answered(13)
    assert await chat.page.locator("#scroll").evaluate("node => node.scrollTop") == 0
    newer = chat.page.locator("#newer")
    await newer.wait_for(state="visible")
    await newer.click()
    await newer.wait_for(state="hidden")
    assert await chat.page.locator("#scroll").evaluate("node => node.scrollTop") > 0
