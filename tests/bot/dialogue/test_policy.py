"""The table of the policy, row by row: what is decided in which state on what was heard."""

from typing import Any

import pytest

from bot.dialogue import events as ev
from bot.dialogue import steps
from bot.dialogue.policy import decide
from bot.dialogue.situation import Heard
from nlu.interpretation import IntentScore, Interpretation
from tests.bot.dialogue.teahouse import OPENED, PHONE, ROOM, SEAT, TEA, asks, catalogue, entity, heard, state_after

CATALOGUE = catalogue()
NONE: tuple[ev.Event, ...] = ()
ASKED_TEA = (OPENED, asks("tea", "绿茶", "红茶", "花茶"))
ASKED_ROOM = (OPENED, TEA, asks("room", "梅厅", "竹厅"))
ASKED_SEAT = (OPENED, TEA, ROOM, asks("seat", "梅厅一号", "梅厅二号"))
ASKED_NOTE = (OPENED, TEA, ROOM, SEAT, asks("note"))
ASKED_PHONE = (OPENED, TEA, ROOM, SEAT, asks("phone"))
CONFIRMING = (OPENED, TEA, ROOM, SEAT, PHONE, ev.ConfirmationAsked())
PAUSED = (*ASKED_ROOM, ev.FormPaused(reason="asked"))
DRAFT = (*ASKED_ROOM, ev.FormClosed(how="cancelled"))
DONE = (*CONFIRMING, ev.ActionAttempted(key="k", outcome="done"), ev.FormClosed(how="completed"))
OFFERED_PERSON = (ev.OfferMade(offer="person"),)
QUEUED = (ev.RequestQueued(text="投诉烧烤摊"), ev.OfferMade(offer="queued_request"))
WHICH = (
    ev.ClarificationAsked(
        text="茶",
        options=(
            ev.OfferedOption(label="订茶", value="tea.order"),
            ev.OfferedOption(label="有什么茶", value="tea.stock"),
        ),
    ),
)
LOOKED = (ev.RequestUnderstood(intent="tea.stock", text="梅厅有红茶没"),)


def control(text: str, name: str, confidence: float = 0.95) -> Interpretation:
    return heard(text, f"dialog_control.{name}", confidence)


def tea(
    text: str, name: str = "绿茶", intent: str = "out_of_scope", confidence: float = 0.3, **more: Any
) -> Interpretation:
    return heard(text, intent, confidence, entity("tea", name, text), **more)


ROWS: list[tuple[str, tuple[ev.Event, ...], Interpretation, type, dict[str, Any]]] = [
    # danger and a person come before everything
    ("danger", NONE, heard("屋头燃起来了", "emergency.fire"), steps.Danger, {"kind": "fire"}),
    ("danger in a form", ASKED_TEA, heard("屋头燃起来了", "emergency.fire"), steps.Danger, {}),
    ("danger at the confirmation", CONFIRMING, heard("燃起来了", "emergency.fire", 0.6), steps.Danger, {}),
    ("a number is no danger", ASKED_PHONE, heard("510703199001011237", "emergency.fire", 0.8), steps.FillSlots, {}),
    ("a person", NONE, heard("喊个人来", "handoff.person"), steps.HandOff, {"reason": "asked"}),
    ("a person in a form", ASKED_PHONE, heard("人工", "handoff.person"), steps.HandOff, {"reason": "asked"}),
    ("the word alone is enough", ASKED_PHONE, heard("转人工", "out_of_scope", 0.2), steps.HandOff, {}),
    ("no person in 人工智能", NONE, heard("人工智能补贴", "tea.rules"), steps.AskKnowledge, {}),
    ("a phone by its name is no call either", ASKED_PHONE, heard("电话15281612345", "handoff.callback", 0.6, entity("phone", "15281612345", "电话15281612345")), steps.FillSlots, {}),
    ("a phone is no call for a person", ASKED_PHONE, heard("15281612345", "handoff.person", 0.6), steps.FillSlots, {}),
    # what is in the air
    ("a clarification answered", WHICH, heard("订茶", "tea.order"), steps.TakeUp, {"intent": "tea.order", "text": "茶"}),
    ("a clarification by number", WHICH, heard("第二个", "dialog_control.choose", 0.9, entity("ordinal", "第二个", "第二个", index=1)),
     steps.TakeUp, {"intent": "tea.stock"}),
    ("an offer taken", OFFERED_PERSON, control("好嘛", "affirm"), steps.HandOff, {"reason": "asked"}),
    ("an offer turned down", OFFERED_PERSON, control("不用", "deny"), steps.Decline, {"offer": "person"}),
    ("a queued request taken", QUEUED, control("要得", "affirm"), steps.TakeQueued, {}),
    ("an offer passed over", OFFERED_PERSON, heard("订茶", "tea.order"), steps.OpenForm, {}),
    ("没有 answers a free question, not the offer", (*ASKED_PHONE, *OFFERED_PERSON), control("没有", "deny"), steps.FillSlots, {}),
    # the confirmation
    ("a yes", CONFIRMING, control("要得", "affirm"), steps.Act, {}),
    ("the button", CONFIRMING, heard("确认", "out_of_scope", 0.1), steps.Act, {}),
    ("a faint yes is none", CONFIRMING, control("嗯哼", "affirm", 0.2), steps.NotFitting, {}),
    ("a yes with a correction is none", CONFIRMING, tea("好，换红茶", "红茶", "dialog_control.affirm", 0.9), steps.FillSlots, {}),
    ("a no asks what", CONFIRMING, control("不对", "deny"), steps.ChangeSlot, {"slot": None}),
    ("a no to something", CONFIRMING, control("房间不对", "deny"), steps.ChangeSlot, {"slot": "room"}),
    ("the other button", CONFIRMING, heard("不办了", "dialog_control.cancel"), steps.CancelForm, {}),
    ("another value", CONFIRMING, tea("改成红茶", "红茶", "dialog_control.change", 0.9), steps.FillSlots, {}),
    ("a question there is no yes", CONFIRMING, heard("规矩是什么", "tea.rules"), steps.AskKnowledge, {}),
    # a choice
    ("by its words", ASKED_ROOM, heard("竹厅嘛", "chitchat.thanks", 0.9), steps.FillSlots, {}),
    ("by its number", ASKED_ROOM, heard("第二个", "dialog_control.choose", 0.9, entity("ordinal", "第二个", "第二个", index=1)), steps.FillSlots, {}),
    ("any", ASKED_ROOM, control("随便", "anything"), steps.FillSlots, {}),
    ("described", ASKED_SEAT, heard("靠窗那个", "tea.stock", 0.8), steps.FillSlots, {}),
    # giving up
    ("cancel", ASKED_TEA, control("算了", "cancel"), steps.CancelForm, {"restarts": False}),
    ("cancel in a correction", (*CONFIRMING, asks("room", "竹厅")), control("算了不弄了", "cancel"), steps.CancelForm, {}),
    ("cancel with a value in the words", ASKED_ROOM, tea("算了，绿茶不喝了，不去了", intent="dialog_control.cancel", confidence=0.9), steps.CancelForm, {}),
    ("算了还是 is a correction", ASKED_ROOM, tea("算了还是换绿茶", intent="dialog_control.cancel", confidence=0.6), steps.FillSlots, {}),
    ("nothing to cancel", NONE, control("算了", "cancel"), steps.Manner, {"manner": "nothing_to_cancel"}),
    ("cancel what was done", DONE, control("不要了", "cancel"), steps.OpenForm, {"action": "cancel"}),
    ("restart", ASKED_ROOM, control("重来", "restart"), steps.CancelForm, {"restarts": True}),
    # the manners of a dialogue
    ("pause", ASKED_ROOM, control("等下再说", "pause"), steps.PauseForm, {}),
    ("a good-bye puts the form aside", ASKED_ROOM, heard("拜拜", "chitchat.bye"), steps.PauseForm, {}),
    ("resume", PAUSED, control("接着办", "resume"), steps.ResumeForm, {}),
    ("resume a draft", DRAFT, control("接着办", "resume"), steps.ResumeForm, {}),
    ("nothing to resume", NONE, control("接着办", "resume"), steps.Manner, {"manner": "nothing_to_resume"}),
    ("an answer resumes", PAUSED, heard("竹厅", "out_of_scope", 0.4), steps.ResumeForm, {}),
    ("why", ASKED_PHONE, control("为啥子要这个", "why"), steps.ExplainSlot, {"slot": "phone"}),
    ("why something else", ASKED_SEAT, control("要电话干啥", "why"), steps.ExplainSlot, {"slot": "phone"}),
    ("skip what may be skipped", ASKED_NOTE, control("跳过", "skip"), steps.SkipSlot, {"slot": "note"}),
    ("skip what may not", ASKED_PHONE, control("跳过", "skip"), steps.RefuseSlot, {"slot": "phone"}),
    ("refuse", ASKED_PHONE, control("不给", "refuse"), steps.RefuseSlot, {"slot": "phone"}),
    ("back", ASKED_SEAT, control("上一步", "back"), steps.ChangeSlot, {"slot": "room"}),
    ("repeat", NONE, control("再说一遍", "repeat"), steps.Manner, {"manner": "repeat"}),
    ("help in a form", ASKED_ROOM, control("你会啥", "help"), steps.Manner, {"manner": "help"}),
    ("a yes to nothing", NONE, control("好", "affirm"), steps.Manner, {"manner": "ready"}),
    # filling and correcting
    ("a slot", ASKED_TEA, tea("红茶嘛", "红茶"), steps.FillSlots, {}),
    ("a statement that reminds of something else", ASKED_TEA, tea("就绿茶嘛", intent="tea.stock", confidence=0.9), steps.FillSlots, {}),
    ("and that one", ASKED_TEA, tea("那绿茶呢", intent="tea.stock", confidence=0.9, signals=("question",)), steps.FillSlots, {}),
    ("free text", ASKED_NOTE, heard("多放点糖", "out_of_scope", 0.5), steps.FillSlots, {}),
    ("a yes is no free text", ASKED_NOTE, control("要得", "affirm"), steps.NotFitting, {}),
    ("another one by name", ASKED_SEAT, control("换个房间", "change"), steps.ChangeSlot, {"slot": "room"}),
    ("something is to be changed", ASKED_SEAT, control("我要改一下", "change"), steps.ChangeSlot, {"slot": None}),
    ("as last time", ASKED_ROOM, heard("还是上次那个茶倌", "dialog_control.change"), steps.FillSlots, {}),
    # digressions
    ("a question", ASKED_ROOM, heard("有什么规矩", "tea.rules"), steps.AskKnowledge, {}),
    ("an inquiry", ASKED_ROOM, heard("今天有什么茶", "tea.stock"), steps.Inquire, {"name": "stock"}),
    ("small talk", ASKED_ROOM, heard("谢谢哈", "chitchat.thanks"), steps.SayText, {}),
    ("faint small talk is none", ASKED_ROOM, heard("呜啦啦", "chitchat.thanks", 0.4), steps.NotFitting, {}),
    ("another form", ASKED_ROOM, heard("我要退茶", "tea.cancel"), steps.OpenForm, {"action": "cancel"}),
    ("a complaint that names a value", ASKED_TEA, tea("我要投诉，绿茶是霉的", intent="complaint.file", confidence=0.9), steps.HandOff, {"reason": "complaint"}),
    # outside of a form
    ("a form", NONE, tea("订绿茶", intent="tea.order", confidence=0.9), steps.OpenForm, {"action": "order"}),
    ("particulars make an inquiry a form", NONE,
     heard("绿茶，电话13900001111", "tea.stock", 0.6, entity("phone", "13900001111", "绿茶，电话13900001111", number="13900001111")), steps.OpenForm, {}),
    ("knowledge", NONE, heard("茶馆有什么规矩", "tea.rules", 0.5), steps.AskKnowledge, {}),
    ("beside everything", NONE, heard("火星在哪", "out_of_scope", 0.9), steps.NotFitting, {}),
    ("a work order is not written on a guess", NONE, heard("肚子痛得遭不住", "complaint.file", 0.4), steps.Clarify, {}),
    ("two intents near each other", NONE,
     heard("退", "tea.cancel", 0.4, is_ambiguous=True, alternatives=(IntentScore("complaint.file", "complaint", 0.35),)), steps.Clarify,
     {"intents": ("tea.cancel", "complaint.file")}),
    ("of one skill, what is said", NONE,
     heard("绿茶一壶", "tea.stock", 0.4, is_ambiguous=True, alternatives=(IntentScore("tea.order", "culture", 0.35),)), steps.OpenForm, {}),
    ("a clear lead needs no question", NONE,
     heard("来壶茶", "tea.order", 0.5, is_ambiguous=True, alternatives=(IntentScore("complaint.file", "complaint", 0.2),)), steps.OpenForm, {}),
    ("a number refers back to nothing", LOOKED, heard("3", "out_of_scope", 0.2, entity("ordinal", "3", "3", index=2)), steps.NotFitting, {}),
    ("a symptom is a request of its own", LOOKED, heard("有点咳", "out_of_scope", 0.2, entity("symptom", "咳", "有点咳")), steps.NotFitting, {}),
    ("a new time of what was done", DONE, heard("改到后天", "dialog_control.change", 0.9, entity("time", "后天", "改到后天")), steps.Manner, {}),
    ("and that one, outside", LOOKED, tea("那绿茶呢", confidence=0.2), steps.TakeUp, {"intent": "tea.stock", "text": "那绿茶呢 梅厅有红茶没"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("events", "interpretation", "step", "fields"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_a_row(
    events: tuple[ev.Event, ...], interpretation: Interpretation, step: type, fields: dict[str, Any]
) -> None:
    decided = decide(state_after(*events), Heard(interpretation), CATALOGUE)
    assert isinstance(decided, step), decided
    assert {name: getattr(decided, name) for name in fields} == fields


def decided_on(events: tuple[ev.Event, ...], whole: Interpretation, *parts: Interpretation) -> steps.Step:
    return decide(state_after(*events), Heard(whole, parts), CATALOGUE)


def test_an_answer_and_a_question_in_one_message() -> None:
    whole = heard("绿茶，有什么规矩", "tea.rules", 0.8, entity("tea", "绿茶", "绿茶，有什么规矩"))
    step = decided_on(ASKED_TEA, whole, tea("绿茶"), heard("有什么规矩", "tea.rules"))
    assert isinstance(step, steps.FillSlots)
    assert [name for name, _ in step.answers] == ["tea"]
    assert step.question is not None
    assert step.question.intent == "tea.rules"


def test_two_requests_are_done_one_after_the_other() -> None:
    step = decided_on(
        NONE,
        heard("订茶，还要投诉烧烤", "tea.order"),
        heard("订茶", "tea.order"),
        heard("还要投诉烧烤", "complaint.file"),
    )
    assert isinstance(step, steps.Several)
    assert (step.first.intent, step.waiting) == ("tea.order", ("还要投诉烧烤",))


def test_another_of_the_kind_waits() -> None:
    step = decided_on(ASKED_PHONE, heard("也给我妈订一个", "tea.order"))
    assert step == steps.PutBack("也给我妈订一个")


def test_another_of_the_kind_after_the_first_takes_over_what_holds() -> None:
    step = decided_on(DONE, heard("也给我妈订一个", "tea.order"))
    assert isinstance(step, steps.OpenForm)
    assert step.carries_over


def test_what_describes_nothing_is_done_otherwise() -> None:
    step = decided_on(ASKED_SEAT, heard("我要退茶", "tea.cancel"))
    assert isinstance(step, steps.FillSlots)
    assert isinstance(step.otherwise, steps.OpenForm)


def test_danger_in_a_clause_beside_a_plain_request_must_be_alarming() -> None:
    whole, request = heard("发热三天了，订茶", "tea.order", 0.9), heard("订茶", "tea.order", 0.9)
    faint = decided_on(NONE, whole, heard("发热三天了", "emergency.fire", 0.6), request)
    alarming = decided_on(NONE, whole, heard("屋头燃起来了", "emergency.fire", 0.95), request)
    assert not isinstance(faint, steps.Danger)
    assert isinstance(alarming, steps.Danger)


@pytest.mark.parametrize(("rest", "is_act"), [("退了", True), ("换一个", False), ("有什么规矩", False)])
def test_a_yes_first_and_what_takes_it_back(rest: str, is_act: bool) -> None:
    opened = ev.FormOpened(form_id="c", skill="tea", action="cancel")
    state = (opened, ev.SlotFilled(slot="order", value="k", shown="绿茶"), ev.ConfirmationAsked())
    intents = {"退了": "dialog_control.cancel", "换一个": "dialog_control.change", "有什么规矩": "tea.rules"}
    whole = heard(f"对头，{rest}", "dialog_control.choose", 0.3)
    step = decided_on(state, whole, control("对头", "affirm"), heard(rest, intents[rest]))
    assert isinstance(step, steps.Act) is is_act


def test_last_choices_can_be_picked_by_number_and_by_a_yes() -> None:
    state = state_after()
    state.choices = ["订绿茶", "订红茶"]
    second = heard("第二个", "dialog_control.choose", 0.9, entity("ordinal", "第二个", "第二个", index=1))
    assert decide(state, Heard(second), CATALOGUE) == steps.TakeUp("订红茶")
    assert decide(state, Heard(control("要得", "affirm")), CATALOGUE) == steps.Manner("which")
    state.choices = ["订绿茶"]
    assert decide(state, Heard(control("要得", "affirm")), CATALOGUE) == steps.TakeUp("订绿茶")


def test_deciding_changes_nothing() -> None:
    for _, events, interpretation, _, _ in ROWS:
        state = state_after(*events)
        before = state.model_dump_json()
        first = decide(state, Heard(interpretation), CATALOGUE)
        assert decide(state, Heard(interpretation), CATALOGUE) == first
        assert state.model_dump_json() == before


def test_help_that_is_only_waited_for_does_not_end_the_danger() -> None:
    waiting = heard("救护车好久才送人嘛，我爸不行了", "emergency.fire")
    come = heard("救护车来了，已经送到医院了", "emergency.fire")
    assert isinstance(decide(state_after(*NONE), Heard(waiting), CATALOGUE), steps.Danger)
    assert not isinstance(decide(state_after(*NONE), Heard(come), CATALOGUE), steps.Danger)
