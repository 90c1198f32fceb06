"""The steps as they are carried out: what is said, what is asked, what is kept."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import texts
from bot.dialogue import events as ev
from bot.messages import TurnStatus
from bot.performing.repairs import simpler
from tests.bot.dialogue.town import Town, clock, found, open_store

COMPLETE = ("订花茶，竹厅", "第一个", "跳过", "13900001111")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    time = clock()
    store = await open_store(tmp_path, time)
    yield await found(store, time)
    await store.close()


async def say(town: Town, *texts_said: str) -> str:
    """Say all of it and return the last turn's words."""
    for text in texts_said:
        turn = await town.say(text)
    return "\n".join(reply.text for reply in turn.replies)


async def test_a_form_from_its_first_word_to_its_effect(town: Town) -> None:
    assert "您喝什么茶" in await say(town, "订茶")
    assert "您坐哪间" in await say(town, "绿茶")
    assert "有这些位子" in await say(town, "梅厅")
    assert "交代" in await say(town, "靠窗那个")
    assert "留个电话" in await say(town, "跳过")
    assert "请核对" in await say(town, "13900001111")
    assert not town.tea.sold
    assert "订好了" in await say(town, "确认")
    (order,) = town.tea.sold.values()
    assert (order.tea, order.room, order.seat, order.note) == ("绿茶", "梅厅", "梅厅一号", None)


async def test_a_correction_clears_what_follows_and_tries_it_again(town: Town) -> None:
    await say(town, "订花茶，竹厅", "第一个")
    await town.say("不要绿茶，要红茶")
    form = (await town.state()).form
    assert form is not None
    assert form.values == {"tea": "红茶", "room": "竹厅"}
    assert form.asked == "seat"


async def test_a_value_that_cannot_be_had_keeps_the_old_one_and_asks_that_slot(town: Town) -> None:
    await say(town, *COMPLETE)
    turn = await town.say("松厅")
    form = (await town.state()).form
    assert turn.status is TurnStatus.REFUSED_INVALID
    assert form is not None
    assert (form.asked, form.values["room"]) == ("room", "竹厅")
    assert turn.replies[-1].choices == ("梅厅", "竹厅")


async def test_rejected_at_the_last_moment_asks_only_what_it_must(town: Town) -> None:
    await say(town, *COMPLETE)
    town.tea.full.add("竹厅一号")
    turn = await town.say("确认")
    form = (await town.state()).form
    assert turn.status is TurnStatus.REFUSED_BY_DEPARTMENT
    assert form is not None
    assert (form.asked, form.values["phone"], turn.replies[-1].choices) == ("seat", "13900001111", ("竹厅二号",))


async def test_each_attempt_has_its_own_key(town: Town) -> None:
    await say(town, *COMPLETE)
    town.tea.full.add("竹厅一号")
    await say(town, "确认", "第一个", "确认")
    keys = [e.key for turn in town.watcher.turns for e in turn.events if isinstance(e, ev.ActionAttempted)]
    assert len(keys) == len(set(keys)) == 2


async def test_when_everything_is_full_the_slot_before_is_asked(town: Town) -> None:
    town.tea.full.update({"梅厅一号", "梅厅二号"})
    await say(town, "订茶", "绿茶")
    assert "这间满了" in await say(town, "梅厅")
    form = (await town.state()).form
    assert form is not None
    assert (form.asked, "room" in form.slots) == ("room", False)


async def test_a_form_that_cannot_begin_is_closed_and_says_why(town: Town) -> None:
    turn = await town.say("退茶")
    assert (turn.status, turn.replies[0].text) == (TurnStatus.ANSWERED, "您没有订单。")
    assert (await town.state()).form is None


async def test_it_leads_back_to_the_form_below(town: Town) -> None:
    await say(town, "订茶", "绿茶")
    said = await say(town, "退茶")
    form = (await town.state()).active_form
    assert "您没有订单" in said
    assert "您坐哪间" in said
    assert form is not None
    assert form.asked == "room"


async def test_never_the_same_sentence_twice_and_then_a_person(town: Town) -> None:
    await say(town, "订茶")
    first = await town.say("叽里咕噜")
    second = await town.say("叽里咕噜")
    third = await town.say("叽里咕噜")
    assert (first.status, second.status, third.status) == (
        TurnStatus.CLARIFICATION, TurnStatus.CLARIFICATION, TurnStatus.HANDED_OFF,
    )  # fmt: skip
    assert texts.PERSON in second.replies[-1].choices
    assert not {reply.text for reply in first.replies} & {reply.text for reply in second.replies}


async def test_misses_count_only_in_a_row(town: Town) -> None:
    await say(town, "订茶", "叽里咕噜", "绿茶")
    assert (await town.state()).misses == 0


async def test_a_wrong_value_twice_offers_a_person(town: Town) -> None:
    await say(town, "订花茶，竹厅", "第一个", "跳过")
    first, second = await town.say("12345"), await town.say("1234")
    assert first.status is second.status is TurnStatus.REFUSED_INVALID
    assert first.replies[0].text != second.replies[0].text
    assert texts.PERSON in second.replies[-1].choices
    assert (await town.say("要得")).status is TurnStatus.HANDED_OFF


async def test_a_required_slot_refused_three_times(town: Town) -> None:
    await say(town, "订花茶，竹厅", "第一个", "跳过")
    first, second, third = await town.say("不给"), await town.say("不给"), await town.say("不给")
    assert "要问电话" in first.replies[0].text
    assert "要问电话" not in second.replies[0].text
    assert (first.status, second.status, third.status) == (
        TurnStatus.REFUSED_SLOT, TurnStatus.REFUSED_SLOT, TurnStatus.HANDED_OFF,
    )  # fmt: skip


async def test_anger_is_met_with_an_apology(town: Town) -> None:
    await say(town, "订茶")
    assert "没对上" not in (said := await say(town, "烦死了"))
    assert "抱歉" in said


async def test_an_answer_with_its_source_and_the_same_question_again(town: Town) -> None:
    await say(town, "订茶", "绿茶")
    turn = await town.say("有什么规矩")
    assert turn.replies[0].citations
    assert "您坐哪间" in turn.replies[-1].text
    assert any(isinstance(event, ev.SourcesCited) for event in turn.events)


async def test_a_silent_department_takes_the_turn_back(town: Town) -> None:
    await say(town, "订茶", "绿茶")
    before = await town.state()
    town.tea.is_down = True
    turn = await town.say("梅厅")
    assert turn.status is TurnStatus.ERROR_DEPARTMENT_UNAVAILABLE
    assert (await town.state()).forms == before.forms
    town.tea.is_down = False
    assert "有这些位子" in await say(town, "梅厅")


async def test_a_silent_department_at_first_keeps_what_was_said(town: Town) -> None:
    town.tea.is_down = True
    turn = await town.say("订花茶，竹厅")
    assert turn.status is TurnStatus.ERROR_DEPARTMENT_UNAVAILABLE
    town.tea.is_down = False
    assert "有这些位子" in await say(town, "接着办")


async def test_silent_at_the_confirmation_and_again(town: Town) -> None:
    await say(town, *COMPLETE)
    town.tea.is_down = True
    turn = await town.say("确认")
    assert (turn.status, town.tea.sold) == (TurnStatus.ERROR_DEPARTMENT_UNAVAILABLE, {})
    town.tea.is_down = False
    await say(town, "接着办", "确认")
    assert len(town.tea.sold) == 1


async def test_a_retry_that_cannot_ask_says_pending_and_not_unavailable(town: Town) -> None:
    await say(town, *COMPLETE)
    town.tea.is_down = True
    before = (await town.trackers.load("s")).sequence
    turn = await _retried(town, "确认")
    assert turn.status is TurnStatus.COMPLETED_PENDING
    assert turn.pending_effect is not None
    assert turn.sequence == before + 1


async def _retried(town: Town, text: str):
    from bot.messages import InboundMessage

    message = InboundMessage(
        channel="t", session_id="s", message_id="retried", user_id="t:u", text=text, sent_at=town.clock.now()
    )
    return await town.conversation.handle(message, 99, is_retry=True)


async def test_after_a_gap_what_was_chosen_is_looked_at_again(town: Town) -> None:
    await say(town, "订花茶，竹厅", "第一个")
    town.tea.full.add("竹厅一号")
    turn = await town.say("接着办", after_minutes=180)
    said = [reply.text for reply in turn.replies]
    form = (await town.state()).form
    assert "接着办" in said[0]
    assert any("竹厅一号刚刚没了" in text for text in said)
    assert form is not None
    assert (form.paused, form.asked, form.values) == (None, "seat", {"tea": "花茶", "room": "竹厅"})


async def test_a_draft_comes_back(town: Town) -> None:
    await say(town, "订花茶，竹厅", "算了")
    assert "有这些位子" in await say(town, "接着办")


async def test_start_over_forgets(town: Town) -> None:
    await say(town, "订花茶，竹厅", "重来")
    form = (await town.state()).form
    assert form is not None
    assert (form.values, form.asked) == ({}, "tea")


async def test_choices_of_an_inquiry_can_be_picked(town: Town) -> None:
    await say(town, "有什么茶")
    await town.say("第一个")
    form = (await town.state()).form
    assert form is not None
    assert form.values == {"tea": "绿茶"}


async def test_personal_values_are_forgotten_when_nothing_can_be_done(town: Town) -> None:
    await say(town, *COMPLETE, "确认")
    assert "13900001111" not in (await town.state()).model_dump_json()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("请告诉我姓名。要和证件一样。", "简单说：请告诉我姓名。要和证件一样。"),
        ("您想去哪家医院看病？后面还有。", "简单说：您想去哪家医院看病？"),
        ("好", "简单说：好"),
    ],
)
def test_the_first_sentence_is_the_simple_one(text: str, wanted: str) -> None:
    assert simpler(text) == wanted


async def test_what_was_filled_is_said_back_once_before_the_next_question(town: Town) -> None:
    assert "好的，花茶，竹厅。" in await say(town, "订花茶，竹厅")
    assert "好的，竹厅一号。" in await say(town, "第一个")
    assert "竹厅一号" not in await say(town, "跳过")


async def test_a_form_that_holds_nothing_is_named(town: Town) -> None:
    assert "好的，订茶。" in await say(town, "订茶")


async def test_the_way_back_says_what_the_form_holds(town: Town) -> None:
    await say(town, "订花茶，竹厅", "第一个")
    said = await say(town, "规矩是什么")
    assert "已选花茶" in said
    assert "竹厅一号" in said
