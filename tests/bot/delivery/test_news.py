"""What departments come to know reaches the citizen: once, whoever looks, and always in the end."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from adapters.clock import FixedClock
from adapters.errors import DepartmentUnavailable
from bot.delivery.news import Contacts, NewsDesk
from bot.dialogue.events import ActionAttempted, FormOpened
from bot.dialogue.tracker_store import TURNS
from bot.dialogue.turn import PendingEffect
from bot.messages import InboundMessage
from skills.contract import Form, News, SkillContext, SkillReply, SlotModel
from tests.bot.delivery.conftest import Opening
from tests.bot.delivery.small_office import Office, message, turn

IDENTITY = "510703199001019992"
DONE = SkillReply("预约成功。第7号", "done", choices=("查看预约",))


class Visit(SlotModel):
    """A form with one slot."""

    clinic: str


@dataclass
class Hospital:
    """A skill over a department that remembers what was asked under which key."""

    forms: Mapping[str, Form] = field(default_factory=lambda: {"book": Form("预约挂号", Visit)})
    recorded: dict[str, SkillReply] = field(default_factory=dict)
    notices: list[News] = field(default_factory=list)
    is_down: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    looks: int = 0

    async def settle(self, action: str, context: SkillContext) -> SkillReply | None:
        self.looks += 1
        if self.is_down:
            raise DepartmentUnavailable("hospital", "down")
        return self.recorded.get(context.key)

    async def act(self, action: str, slots: Visit, context: SkillContext) -> SkillReply:
        if self.is_down:
            raise DepartmentUnavailable("hospital", "down")
        self.asked.append((context.key, slots.clinic))
        return self.recorded.setdefault(context.key, DONE)

    async def news(self, after: int) -> tuple[int, tuple[News, ...]]:
        return len(self.notices), tuple(self.notices[after:])


def desk_of(office: Office, hospital: Hospital) -> NewsDesk:
    skills = {"clinic": hospital}
    return NewsDesk(office.store, office.inbox, Contacts(office.store), skills, office.clock)  # type: ignore[arg-type]


def effect(values: dict[str, object] | None) -> PendingEffect:
    return PendingEffect(key="k", account_id="acc", skill="clinic", action="book", title="预约挂号", values=values)


async def pending(office: Office, values: dict[str, object] | None = None) -> None:
    await office.keep(turn(1, effect=effect({"clinic": "儿科"} if values is None else values)))


async def told(office: Office) -> list[InboundMessage]:
    return [m for m in await office.inbox.waiting("s") if m.kind == "news"]


async def effect_status(office: Office) -> str:
    stored = await office.store.get(TURNS.name, "s#00000001")
    assert stored is not None
    return str(stored.document["effect_status"])


async def test_what_was_done_is_told_once_however_many_look(opening: Opening) -> None:
    offices, hospital = [await opening(name) for name in "ab"], Hospital(recorded={"k": DONE})
    await pending(offices[0])
    desks = [desk_of(office, hospital) for office in offices]
    await asyncio.gather(*(desk.look() for desk in desks * 3))
    [news] = await told(offices[0])
    assert news.payload["text"] == DONE.text
    assert news.payload["choices"] == "查看预约"
    assert news.payload["status"] == "completed"
    assert await effect_status(offices[0]) == "settled"
    assert await desks[0].look() == 0


async def test_what_was_rejected_is_told_as_that(office: Office) -> None:
    hospital = Hospital(recorded={"k": SkillReply("没有约上：号满了", "rejected")})
    await pending(office)
    await desk_of(office, hospital).look()
    [news] = await told(office)
    assert (news.payload["text"], news.payload["status"]) == ("没有约上：号满了", "refused_by_department")


async def test_a_request_that_never_arrived_is_made_under_the_same_key(office: Office) -> None:
    hospital = Hospital()
    await pending(office)
    assert await desk_of(office, hospital).look() == 1
    assert hospital.asked == [("k", "儿科")]
    assert [news.payload["text"] for news in await told(office)] == [DONE.text]


async def test_one_that_nobody_confirmed_is_looked_up_and_never_made(office: Office, clock: FixedClock) -> None:
    hospital, desk = Hospital(), None
    await office.keep(turn(1, effect=effect(None)))
    desk = desk_of(office, hospital)
    for _ in range(40):
        await desk.look()
        clock.advance(seconds=30)
    assert hospital.asked == []
    assert await told(office) == []
    assert await effect_status(office) == "none"
    looks = hospital.looks
    await desk.look()
    assert hospital.looks == looks


async def test_one_that_nobody_confirmed_and_that_was_done_is_told(office: Office) -> None:
    await office.keep(turn(1, effect=effect(None)))
    await desk_of(office, Hospital(recorded={"k": DONE})).look()
    assert [news.payload["text"] for news in await told(office)] == [DONE.text]


async def test_what_a_later_turn_has_said_already_is_not_said_again(office: Office) -> None:
    opened = FormOpened(form_id="f", skill="clinic", action="book")
    await office.keep(turn(1, effect=effect(None), events=(opened,)))
    await office.keep(turn(2, events=(ActionAttempted(key="k", outcome="done"),)))
    await desk_of(office, Hospital(recorded={"k": DONE})).look()
    assert await told(office) == []
    assert await effect_status(office) == "settled"


async def test_a_silent_department_is_asked_less_and_less_often_and_then_told(
    office: Office, clock: FixedClock
) -> None:
    hospital = Hospital(is_down=True)
    await pending(office)
    desk = desk_of(office, hospital)
    for _ in range(4 * 3600 // 2):
        await desk.settle_effects()
        clock.advance(seconds=2)
    assert 4 * 60 <= hospital.looks < 4 * 60 + 20, "about once a minute, and a little more often at first"
    hospital.is_down = False
    clock.advance(seconds=60)
    await desk.look()
    assert [news.payload["text"] for news in await told(office)] == [DONE.text]


async def test_personal_values_are_dropped_with_the_outcome(office: Office) -> None:
    await pending(office, {"clinic": "儿科", "patient_id_number": IDENTITY})
    await desk_of(office, Hospital(recorded={"k": DONE})).look()
    stored = await office.store.get(TURNS.name, "s#00000001")
    assert stored is not None
    assert IDENTITY not in str(stored.document)


async def test_one_that_cannot_be_read_keeps_no_other_waiting(office: Office) -> None:
    strange = PendingEffect(key="x", account_id="acc", skill="gone", action="book", title="?", values={})
    await office.keep(turn(1, session="a", effect=strange))
    await pending(office)
    await desk_of(office, Hospital(recorded={"k": DONE})).look()
    assert len(await told(office)) == 1


async def test_the_outcome_is_told_even_if_the_process_dies_before_it_notes_that(office: Office) -> None:
    hospital, desk = Hospital(recorded={"k": DONE}), None
    desk = desk_of(office, hospital)
    await pending(office)
    before = await office.store.get(TURNS.name, "s#00000001")
    assert before is not None
    await desk.look()
    after = await office.store.get(TURNS.name, "s#00000001")
    assert after is not None
    await office.store.replace(TURNS.name, before.key, before.document, expected_version=after.version)
    await desk.look()
    assert len(await told(office)) == 1
    assert await effect_status(office) == "settled"


def suspended(number: int, account: str = "acc") -> News:
    return News(f"{number}:a{number}", account, f"通知：停诊了{number}", ("挂后天的",))


async def seen(office: Office, account: str = "acc") -> None:
    await Contacts(office.store).note(account, message(1))


async def test_a_suspended_clinic_is_told_once_with_an_offer(opening: Opening) -> None:
    offices = [await opening(name) for name in "ab"]
    hospital = Hospital(notices=[suspended(1), suspended(2)])
    await seen(offices[0])
    await asyncio.gather(*(desk_of(office, hospital).look() for office in offices * 3))
    news = await told(offices[0])
    assert [m.payload["text"] for m in news] == ["通知：停诊了1", "通知：停诊了2"]
    assert {m.payload["choices"] for m in news} == {"挂后天的"}


async def test_news_is_read_on_from_where_it_was_left(office: Office) -> None:
    hospital = Hospital(notices=[suspended(1)])
    await seen(office)
    assert await desk_of(office, hospital).look() == 1
    hospital.notices.append(suspended(2))
    assert await desk_of(office, hospital).look() == 1
    assert await desk_of(office, hospital).look() == 0


async def test_news_for_somebody_who_was_never_here_harms_nobody(office: Office) -> None:
    hospital = Hospital(notices=[suspended(1, "stranger"), suspended(2)])
    await seen(office)
    assert await desk_of(office, hospital).look() == 1


@pytest.mark.parametrize("error", [DepartmentUnavailable("hospital", "down"), ValueError("nonsense")])
async def test_news_that_cannot_be_read_is_read_the_next_time(office: Office, error: Exception) -> None:
    class Failing(Hospital):
        is_failing = True

        async def news(self, after: int) -> tuple[int, tuple[News, ...]]:
            if self.is_failing:
                raise error
            return await super().news(after)

    hospital = Failing(notices=[suspended(1)])
    await seen(office)
    assert await desk_of(office, hospital).look() == 0
    hospital.is_failing = False
    assert await desk_of(office, hospital).look() == 1


async def test_the_last_door_counts(office: Office) -> None:
    contacts = Contacts(office.store)
    await contacts.note("acc", message(1))
    await contacts.note("acc", message(2, session="later"))
    found = await contacts.find("acc")
    assert found is not None
    assert found["session_id"] == "later"
    assert await contacts.find("nobody") is None
