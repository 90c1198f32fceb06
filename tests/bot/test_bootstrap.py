"""The product as it is wired, on a sandbox city: what citizens are told when something breaks in the middle."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import OffsetClock, local_time
from adapters.errors import StoreUnavailable
from adapters.identifiers import CountingIdentifiers
from adapters.sandbox.remote import RemoteControl
from adapters.sandbox.server import RunningSandbox
from adapters.sandbox.server import start as start_sandbox
from adapters.storage.sqlite import SqliteStore
from adapters.storage.store import Document, Stored
from bot.bootstrap import COLLECTIONS, App, account_namer, build
from bot.dialogue import events as ev
from bot.dialogue.tracker_store import TURNS
from bot.dialogue.turn import Turn
from bot.messages import Envelope, InboundMessage, TurnStatus
from bot.settings import Settings
from bot.web.product import PortHealth

AT = local_time(datetime(2026, 11, 23, 9, 0))
TO_THE_YES = ("我想挂绵阳市中心医院儿科的号，明天上午", "1", "王建国", "510703199003078515", "13800138000")


class Street:
    """A channel that remembers."""

    name = "street"

    def __init__(self) -> None:
        self.told: list[Envelope] = []

    async def send(self, envelope: Envelope) -> None:
        self.told.append(envelope)


class FailingStore(SqliteStore):
    """A store whose next inserts into the turns do not arrive."""

    losses = 0

    async def insert(
        self, collection: str, key: str, document: Document, *, expires_at: datetime | None = None
    ) -> Stored:
        if collection == TURNS.name and self.losses:
            self.losses -= 1
            raise StoreUnavailable("lost")
        return await super().insert(collection, key, document, expires_at=expires_at)


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[RunningSandbox]:
    sandbox = await start_sandbox(tmp_path / "city.db", OffsetClock(AT))
    yield sandbox
    await sandbox.close()


@pytest.fixture
async def app(tmp_path: Path, settings: Settings, city: RunningSandbox) -> AsyncIterator[App]:
    """An open product that takes no messages by itself: the tests hand them to the conversation."""
    clock = OffsetClock(AT)
    built = build(
        settings,
        department_urls={"hospital": city.url},
        store_folder=tmp_path,
        clock=clock,
        identifiers=CountingIdentifiers(),
        store=FailingStore(tmp_path / "mianban.db", clock),
        channels=[Street()],
    )
    await built.store.open(COLLECTIONS)
    for department in built.departments.values():
        await department.open()
    yield built
    await built.close()


def said(number: int, text: str) -> InboundMessage:
    return InboundMessage(
        channel="street", session_id="street:c", message_id=f"c-{number}", user_id="street:c", text=text, sent_at=AT
    )


async def up_to_the_yes(app: App) -> None:
    for number, text in enumerate(TO_THE_YES):
        turn = await app.conversation.handle(said(number, text), 1)
    assert turn.status is TurnStatus.ASKED_CONFIRMATION


async def news_of(app: App) -> Turn:
    """Let the news desk look, and take what it put in."""
    await app.news_desk.look()
    [news] = [m for m in await app.inbox.waiting("street:c") if m.kind == "news"]
    return await app.conversation.handle(news, 3)


async def booked(city: RunningSandbox) -> list[dict[str, Any]]:
    async with city.control() as control:
        return await control.ledger("appointment_booked")


@pytest.fixture
async def control(city: RunningSandbox) -> AsyncIterator[RemoteControl]:
    async with city.control() as hand:
        yield hand


async def test_a_booking_from_the_first_word_to_the_ticket(app: App, city: RunningSandbox) -> None:
    await up_to_the_yes(app)
    turn = await app.conversation.handle(said(9, "确认"), 1)
    assert turn.status is TurnStatus.COMPLETED
    assert "预约成功" in turn.replies[0].text
    [row] = await booked(city)
    assert f"第{row['body']['number']}号" in turn.replies[0].text


async def test_a_yes_that_is_taken_again_after_a_crash_books_once_and_is_told(app: App, city: RunningSandbox) -> None:
    await up_to_the_yes(app)
    assert isinstance(app.store, FailingStore)
    app.store.losses = 1
    with pytest.raises(StoreUnavailable):
        await app.conversation.handle(said(9, "确认"), 1)
    assert len(await booked(city)) == 1
    turn = await app.conversation.handle(said(9, "确认"), 2, is_retry=True)
    assert "预约成功" in turn.replies[0].text
    assert len(await booked(city)) == 1


async def test_after_a_crash_a_silent_hospital_is_not_told_as_not_booked(
    app: App, city: RunningSandbox, control: RemoteControl
) -> None:
    await up_to_the_yes(app)
    assert isinstance(app.store, FailingStore)
    app.store.losses = 1
    with pytest.raises(StoreUnavailable):
        await app.conversation.handle(said(9, "确认"), 1)
    await control.fault("POST /appointments", "down", times=None)
    turn = await app.conversation.handle(said(9, "确认"), 2, is_retry=True)
    assert turn.status is TurnStatus.COMPLETED_PENDING
    assert "处理中" in turn.replies[0].text
    await control.clear_faults()
    news = await news_of(app)
    assert "预约成功" in news.replies[0].text
    assert len(await booked(city)) == 1


async def test_a_pending_booking_ends_also_when_the_hospital_never_saw_the_request(
    app: App, city: RunningSandbox, control: RemoteControl
) -> None:
    await up_to_the_yes(app)
    await control.fault("POST /appointments", "down", times=None)
    turn = await app.conversation.handle(said(9, "确认"), 1, is_retry=True)
    assert turn.status is TurnStatus.COMPLETED_PENDING
    assert await booked(city) == []
    await control.clear_faults()
    assert "预约成功" in (await news_of(app)).replies[0].text
    [row] = await booked(city)
    assert turn.pending_effect is not None
    assert row["idempotency_key"] == turn.pending_effect.key
    stored = await app.store.get(TURNS.name, turn.key)
    assert stored is not None
    assert TO_THE_YES[3] not in str(stored.document)


async def test_an_outage_at_the_first_attempt_is_told_as_not_done_and_can_be_gone_on_with(
    app: App, city: RunningSandbox, control: RemoteControl
) -> None:
    await up_to_the_yes(app)
    await control.fault("POST /appointments", "down", times=1)
    turn = await app.conversation.handle(said(9, "确认"), 1)
    assert turn.status is TurnStatus.ERROR_DEPARTMENT_UNAVAILABLE
    await app.conversation.handle(said(10, "接着办"), 1)
    turn = await app.conversation.handle(said(11, "确认"), 1)
    assert "预约成功" in turn.replies[0].text
    assert len(await booked(city)) == 1


async def test_what_broke_after_the_booking_is_told_all_the_same(
    app: App, city: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await up_to_the_yes(app)
    with monkeypatch.context() as broken:
        broken.setattr("skills.health_appointment.wording.appointment_ticket", lambda appointment, at: 1 / 0)
        turn = await app.conversation.handle(said(9, "确认"), 1)
    assert turn.status is TurnStatus.ERROR_INTERNAL
    assert "预约成功" in (await news_of(app)).replies[0].text
    assert len(await booked(city)) == 1


async def test_what_broke_before_the_booking_books_nothing_later(
    app: App, city: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await up_to_the_yes(app)
    with monkeypatch.context() as broken:
        broken.setattr("skills.health_appointment.booking.BookAppointment", None)
        turn = await app.conversation.handle(said(9, "确认"), 1)
    assert turn.status is TurnStatus.ERROR_INTERNAL
    assert await app.news_desk.look() == 0
    assert await booked(city) == []
    turn = await app.conversation.handle(said(10, "确认"), 1)
    assert "预约成功" in turn.replies[0].text
    assert len(await booked(city)) == 1


async def test_a_message_given_up_after_its_booking_is_told_of_it(app: App, city: RunningSandbox) -> None:
    await up_to_the_yes(app)
    assert isinstance(app.store, FailingStore)
    app.store.losses = 1
    with pytest.raises(StoreUnavailable):
        await app.conversation.handle(said(9, "确认"), 1)
    turn = await app.conversation.give_up(said(9, "确认"), 2)
    assert turn.status is TurnStatus.ERROR_INTERNAL
    assert "预约成功" in (await news_of(app)).replies[0].text
    assert len(await booked(city)) == 1


async def test_a_message_that_was_taken_after_all_is_not_given_up(app: App) -> None:
    taken = await app.conversation.handle(said(1, "你好"), 1)
    assert await app.conversation.give_up(said(1, "你好"), 2) == taken
    assert (await app.trackers.load("street:c")).sequence == 1


async def test_news_is_told_also_while_a_person_has_the_session(app: App) -> None:
    first = await app.conversation.handle(said(1, "你好"), 1)
    tracker = await app.trackers.load("street:c")
    held = ev.ControlChanged(control="human", reason="asked")
    assert await app.trackers.append(
        tracker, first.model_copy(update={"sequence": 2, "message_key": "x", "events": (held,)})
    )
    payload = {"text": "预约成功。", "status": "completed", "skill": "health_appointment"}
    news = said(2, "").model_copy(update={"kind": "news", "payload": payload})
    assert [reply.text for reply in (await app.conversation.handle(news, 1)).replies] == ["预约成功。"]
    assert (await app.conversation.handle(said(3, "在吗"), 1)).status is TurnStatus.WITH_AGENT


async def test_started_it_answers_by_the_door_and_closed_it_takes_no_more(app: App) -> None:
    street = app.channels["street"]
    assert isinstance(street, Street)
    app.worker.start()
    await app.inbox.accept(said(1, "你好"))
    async with asyncio.timeout(10):
        while not street.told:  # noqa: ASYNC110 - what is awaited has no event
            await asyncio.sleep(0.01)
    await app.worker.close()
    await app.inbox.accept(said(2, "你好"))
    assert [m.message_id for m in await app.inbox.waiting("street:c")] == ["c-2"]
    assert len(street.told) == 1


async def test_all_ports_are_well_or_say_what_is_wrong(app: App, city: RunningSandbox) -> None:
    assert await app.health() == {"store": PortHealth("ok"), "hospital": PortHealth("ok")}
    await city.close()
    health = await app.health()
    assert health["store"].is_ok
    assert not health["hospital"].is_ok
    assert health["hospital"].is_needed


def test_an_account_keeps_its_name_and_the_name_tells_nothing(tmp_path: Path) -> None:
    first, again, elsewhere = account_namer(tmp_path), account_namer(tmp_path), account_namer(tmp_path / "other")
    assert first("street:13800138000") == again("street:13800138000") != elsewhere("street:13800138000")
    assert "13800138000" not in first("street:13800138000")
    assert (tmp_path / "account.key").stat().st_mode & 0o077 == 0
