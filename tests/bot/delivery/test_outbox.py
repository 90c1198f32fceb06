"""Replies leave once, in order, from one process; what fails is tried again, and given up loudly."""

import asyncio
import random

import pytest

from adapters.clock import FixedClock
from bot.delivery.outbox import Outbox
from bot.dialogue.tracker_store import TURNS
from bot.messages import DeliveryFailed, Envelope
from tests.bot.delivery.conftest import Opening
from tests.bot.delivery.small_office import CHANNEL, Office, StreetChannel, turn


class Troubled:
    """Fails as often as it is told to."""

    def __init__(self, times: int, **how: object) -> None:
        self.times = times
        self.how = how
        self.tries = 0

    def __call__(self, envelope: Envelope) -> None:
        self.tries += 1
        if self.tries <= self.times:
            raise DeliveryFailed("不通", **self.how)  # type: ignore[arg-type]


async def delivery_of(office: Office, sequence: int, session: str = "s") -> dict[str, object]:
    stored = await office.store.get(TURNS.name, f"{session}#{sequence:08d}")
    assert stored is not None
    return stored.document


async def test_all_replies_of_a_turn_leave_in_order_under_lasting_ids(office: Office) -> None:
    await office.keep(turn(1, replies=("一", "二", "三")))
    assert await office.outbox.deliver("s#00000001", is_claimed=True)
    assert office.channel.sent == ["s#00000001/0", "s#00000001/1", "s#00000001/2"]
    assert [e.position for e in office.channel.envelopes] == [0, 1, 2]
    assert (await delivery_of(office, 1))["delivery_status"] == "sent"


async def test_what_is_sent_is_not_sent_again(office: Office, clock: FixedClock) -> None:
    await office.keep(turn(1))
    await office.outbox.deliver("s#00000001", is_claimed=True)
    clock.advance(hours=1)
    assert await office.outbox.deliver("s#00000001")
    assert await office.outbox.deliver_due() == 0
    assert len(office.channel.sent) == 1


async def test_a_turn_just_stored_is_its_storers_until_the_claim_runs_out(opening: Opening, clock: FixedClock) -> None:
    one, other = await opening("a"), await opening("b")
    await one.keep(turn(1))
    assert await other.outbox.deliver_due() == 0
    assert not await other.outbox.deliver("s#00000001")
    clock.advance(seconds=10.1)
    assert await other.outbox.deliver_due() == 1
    assert not await one.outbox.deliver("s#00000001", is_claimed=True) or one.channel.sent == []


async def test_of_many_processes_that_find_it_due_one_sends(opening: Opening, clock: FixedClock) -> None:
    offices = [await opening(name) for name in "abc"]
    for number in range(1, 6):
        await offices[0].keep(turn(1, session=f"s{number}"))
    clock.advance(seconds=11)
    await asyncio.gather(*(office.outbox.deliver_due() for office in offices * 3))
    sent = [reply_id for office in offices for reply_id in office.channel.sent]
    assert sorted(sent) == [f"s{number}#00000001/0" for number in range(1, 6)]


async def test_the_poll_leaves_alone_what_is_being_sent(office: Office, clock: FixedClock) -> None:
    let_go = asyncio.Event()
    office.channel.before_sending = lambda envelope: let_go.wait()
    await office.keep(turn(1))
    sending = asyncio.create_task(office.outbox.deliver("s#00000001", is_claimed=True))
    await asyncio.sleep(0.05)
    clock.advance(seconds=30)
    assert await office.outbox.deliver_due() == 0
    let_go.set()
    assert await sending
    assert office.channel.sent == ["s#00000001/0"]


async def test_a_send_that_lasts_keeps_its_claim(opening: Opening, clock: FixedClock) -> None:
    one, other = await opening("a"), await opening("b")
    one.outbox = Outbox(one.store, clock, {CHANNEL: one.channel}, 3, claim_seconds=0.06)
    let_go = asyncio.Event()
    one.channel.before_sending = lambda envelope: let_go.wait()
    await other.keep(turn(1))
    clock.advance(seconds=11)
    sending = asyncio.create_task(one.outbox.deliver("s#00000001"))
    for _ in range(10):
        await asyncio.sleep(0.03)
        clock.advance(seconds=0.02)
        assert await other.outbox.deliver_due() == 0
    let_go.set()
    assert await sending
    assert other.channel.sent == []


async def test_who_has_lost_the_claim_sends_no_more(opening: Opening, clock: FixedClock) -> None:
    one, other = await opening("a"), await opening("b")
    await one.keep(turn(1, replies=("一", "二")))

    async def fall_asleep(envelope: Envelope) -> None:
        if envelope.position == 0:
            clock.advance(seconds=11)
            assert await other.outbox.deliver_due() == 1

    one.channel.before_sending = fall_asleep
    assert not await one.outbox.deliver("s#00000001", is_claimed=True)
    assert one.channel.sent == ["s#00000001/0"]
    assert other.channel.sent == ["s#00000001/0", "s#00000001/1"]


async def test_a_failure_is_tried_again_with_longer_and_longer_waits(opening: Opening, clock: FixedClock) -> None:
    office = await opening(most_attempts=6)
    office.channel.before_sending = Troubled(4)
    await office.keep(turn(1))
    assert not await office.outbox.deliver("s#00000001", is_claimed=True)
    for wait in (1, 2, 4):
        clock.advance(seconds=wait - 0.1)
        assert await office.outbox.deliver_due() == 0
        tries = office.channel.before_sending.tries
        clock.advance(seconds=0.2)
        await office.outbox.deliver_due()
        assert office.channel.before_sending.tries == tries + 1
    clock.advance(seconds=8.1)
    assert await office.outbox.deliver_due() == 1
    assert office.channel.sent == ["s#00000001/0"]


async def test_what_left_before_the_failure_does_not_leave_again(office: Office, clock: FixedClock) -> None:
    troubled = Troubled(1)
    office.channel.before_sending = lambda envelope: troubled(envelope) if envelope.position == 2 else None
    await office.keep(turn(1, replies=("一", "二", "三")))
    assert not await office.outbox.deliver("s#00000001", is_claimed=True)
    clock.advance(seconds=2)
    assert await office.outbox.deliver_due() == 1
    assert office.channel.sent == ["s#00000001/0", "s#00000001/1", "s#00000001/2"]


async def test_the_channels_own_wait_is_kept(office: Office, clock: FixedClock) -> None:
    office.channel.before_sending = Troubled(1, retry_after_seconds=33)
    await office.keep(turn(1))
    await office.outbox.deliver("s#00000001", is_claimed=True)
    clock.advance(seconds=32.5)
    assert await office.outbox.deliver_due() == 0
    clock.advance(seconds=1)
    assert await office.outbox.deliver_due() == 1


async def test_what_is_useless_to_try_becomes_a_dead_letter_at_once(office: Office) -> None:
    office.channel.before_sending = Troubled(1, is_permanent=True)
    await office.keep(turn(1))
    await office.outbox.deliver("s#00000001", is_claimed=True)
    [letter] = await office.outbox.dead_letters()
    assert (letter.turn_key, letter.attempts, letter.error) == ("s#00000001", 1, "不通")
    assert await office.outbox.counts() == {"pending": 0, "dead": 1}


async def test_what_fails_too_often_becomes_a_dead_letter(office: Office, clock: FixedClock) -> None:
    office.channel.before_sending = Troubled(99)
    await office.keep(turn(1))
    for _ in range(5):
        clock.advance(minutes=10)
        await office.outbox.deliver_due()
    [letter] = await office.outbox.dead_letters()
    assert letter.attempts == 3


async def test_an_error_that_nobody_foresaw_is_a_failed_attempt(office: Office, clock: FixedClock) -> None:
    def break_down(envelope: Envelope) -> None:
        raise KeyError("channel")

    office.channel.before_sending = break_down
    await office.keep(turn(1))
    await office.keep(turn(1, session="other"))
    clock.advance(seconds=11)
    assert await office.outbox.deliver_due() == 0
    assert (await delivery_of(office, 1))["delivery_attempts"] == 1
    assert (await delivery_of(office, 1, "other"))["delivery_attempts"] == 1
    office.channel.before_sending = lambda envelope: None
    clock.advance(seconds=2)
    assert await office.outbox.deliver_due() == 2


async def test_a_dead_letter_can_be_put_back(office: Office, clock: FixedClock) -> None:
    office.channel.before_sending = Troubled(1, is_permanent=True)
    await office.keep(turn(1))
    await office.outbox.deliver("s#00000001", is_claimed=True)
    assert await office.outbox.retry("s#00000001")
    assert not await office.outbox.retry("s#00000001")
    clock.advance(seconds=1)
    assert await office.outbox.deliver_due() == 1
    assert office.channel.sent == ["s#00000001/0"]
    assert not await office.outbox.retry("s#00000009")


async def test_no_turn_overtakes_the_one_before_and_both_leave_in_one_look(office: Office, clock: FixedClock) -> None:
    office.channel.before_sending = Troubled(1, retry_after_seconds=60)
    for sequence in (1, 2, 3):
        await office.keep(turn(sequence))
    for sequence in (1, 2, 3):
        assert not await office.outbox.deliver(f"s#{sequence:08d}", is_claimed=True)
    clock.advance(seconds=30)
    assert await office.outbox.deliver_due() == 0
    clock.advance(seconds=31)
    assert await office.outbox.deliver_due() == 3
    assert office.channel.sent == ["s#00000001/0", "s#00000002/0", "s#00000003/0"]


async def test_behind_a_dead_letter_the_next_turn_leaves(office: Office, clock: FixedClock) -> None:
    office.channel.before_sending = Troubled(1, is_permanent=True)
    for sequence in (1, 2):
        await office.keep(turn(sequence))
    await office.outbox.deliver("s#00000001", is_claimed=True)
    assert await office.outbox.deliver("s#00000002", is_claimed=True)


async def test_a_session_in_trouble_does_not_hold_up_the_others(office: Office, clock: FixedClock) -> None:
    def one_is_blocked(envelope: Envelope) -> None:
        if envelope.session_id == "s":
            raise DeliveryFailed("不通", retry_after_seconds=3600)

    office.channel.before_sending = one_is_blocked
    for sequence in range(1, 31):
        await office.keep(turn(sequence))
    await office.keep(turn(1, session="other"))
    clock.advance(seconds=11)
    for _ in range(6):
        await office.outbox.deliver_due(limit=10)
    assert office.channel.sent == ["other#00000001/0"]


async def test_turns_of_a_door_that_is_not_served_here_wait_and_are_in_nobodys_way(
    office: Office, clock: FixedClock
) -> None:
    for number in range(12):
        await office.keep(turn(1, session=f"t{number}", channel="telegram"))
    await office.keep(turn(1))
    clock.advance(seconds=11)
    assert await office.outbox.deliver_due(limit=10) == 1
    assert await office.outbox.counts() == {"pending": 12, "dead": 0}


async def test_a_note_survives_what_others_write_beside_it(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    await one.keep(turn(1))

    async def write_beside(envelope: Envelope) -> None:
        stored = await other.store.get(TURNS.name, "s#00000001")
        assert stored is not None
        document = stored.document | {"effect_status": "settled"}
        await other.store.replace(TURNS.name, stored.key, document, expected_version=stored.version)

    one.channel.before_sending = write_beside
    assert await one.outbox.deliver("s#00000001", is_claimed=True)
    document = await delivery_of(one, 1)
    assert (document["delivery_status"], document["effect_status"]) == ("sent", "settled")


async def test_a_turn_without_replies_is_done_at_once(office: Office) -> None:
    await office.keep(turn(1, replies=()))
    assert await office.outbox.deliver("s#00000001", is_claimed=True)
    assert office.channel.sent == []


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_the_order_of_tries_each_reply_leaves_once_and_in_order(
    opening: Opening, clock: FixedClock, seed: int
) -> None:
    chance = random.Random(seed)
    offices = [await opening(name, most_attempts=99) for name in "ab"]
    heard: list[str] = []

    def listen(channel: StreetChannel) -> None:
        async def send(envelope: Envelope) -> None:
            await asyncio.sleep(chance.uniform(0, 0.004))
            if chance.random() < 0.3:
                raise DeliveryFailed("不通")
            heard.append(envelope.reply_id)

        channel.before_sending = send

    for office in offices:
        listen(office.channel)
    for sequence in range(1, 9):
        storing = chance.choice(offices)
        await storing.keep(turn(sequence))
        await asyncio.gather(
            storing.outbox.deliver(f"s#{sequence:08d}", is_claimed=True), *(o.outbox.deliver_due() for o in offices)
        )
    for _ in range(60):
        clock.advance(seconds=30)
        await asyncio.gather(*(o.outbox.deliver_due() for o in offices * 2))
    assert heard == [f"s#{sequence:08d}/0" for sequence in range(1, 9)]
