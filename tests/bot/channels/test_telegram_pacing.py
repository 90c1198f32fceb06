"""The token buckets, on a clock that only the test moves."""

import pytest

from bot.channels import telegram_pacing
from bot.channels.telegram_pacing import Pacer, TooBusy


class Time:
    """A monotonic clock whose sleepers move it, and that remembers how long they slept."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def monotonic(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Time()


def pacer(clock, **limits):
    return Pacer(monotonic=clock.monotonic, sleep=clock.sleep, **limits)


async def test_a_burst_of_three_then_one_a_second(clock):
    paced = pacer(clock, overall_burst=100)
    sent_at = []
    for _ in range(6):
        await paced.wait_for_turn(42)
        sent_at.append(clock.now - 1000)
    assert sent_at == pytest.approx([0, 0, 0, 1, 2, 3])


async def test_the_burst_comes_back_after_a_rest(clock):
    paced = pacer(clock)
    for _ in range(3):
        await paced.wait_for_turn(42)
    clock.now += 2
    for _ in range(2):
        await paced.wait_for_turn(42)
    assert clock.slept == []
    await paced.wait_for_turn(42)
    assert clock.slept == pytest.approx([1])


async def test_all_chats_together_stay_below_thirty_in_any_second(clock):
    paced = pacer(clock)
    sent_at = []
    for chat_id in range(200):
        await paced.wait_for_turn(chat_id)
        sent_at.append(clock.now)
    assert max(sum(at <= other < at + 1 for other in sent_at) for at in sent_at) <= 30
    assert clock.now - 1000 == pytest.approx((200 - 3) / 25)


async def test_those_who_wait_get_one_turn_each(clock):
    waits = []

    async def only_note(seconds):
        waits.append(seconds)

    paced = Pacer(monotonic=clock.monotonic, sleep=only_note, overall_burst=100)
    for _ in range(6):
        await paced.wait_for_turn(42)
    assert waits == pytest.approx([1, 2, 3])


async def test_a_turn_too_far_away_is_refused_and_costs_nothing(clock):
    paced = pacer(clock, longest_wait_seconds=5)
    paced.hold(42, 60)
    for _ in range(3):
        with pytest.raises(TooBusy) as refusal:
            await paced.wait_for_turn(42)
        assert refusal.value.wait_seconds == pytest.approx(60)
    await paced.wait_for_turn(43)
    clock.now += 58
    await paced.wait_for_turn(42)
    assert clock.slept == pytest.approx([2])


def test_what_may_be_left_undone_never_waits(clock):
    paced = pacer(clock)
    assert [paced.try_turn(42) for _ in range(4)] == [True, True, True, False]


def test_quiet_chats_are_forgotten_and_busy_ones_are_not(clock, monkeypatch):
    monkeypatch.setattr(telegram_pacing, "REMEMBERED_CHATS", 10)
    paced = pacer(clock, overall_burst=1000)
    for chat_id in range(9):
        paced.try_turn(chat_id)
    paced.hold(3, 100)
    clock.now += 50
    for chat_id in range(100, 105):
        paced.try_turn(chat_id)
    assert len(paced._chats) == 6
    assert not paced.try_turn(3)
