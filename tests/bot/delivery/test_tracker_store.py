"""The one conditional write of a turn: of two one is stored, and nobody writes under a token that is not the latest."""

import asyncio
import random

import pytest

from bot.dialogue import events as ev
from bot.dialogue.tracker_store import SNAPSHOTS, TURNS, StaleToken, Tracker
from tests.bot.delivery.conftest import Opening
from tests.bot.delivery.small_office import Office, turn

IDENTITY = "510703199001019992"


async def folded(office: Office, session: str = "s") -> Tracker:
    tracker = Tracker(session)
    for each in await office.trackers.turns_after(session, 0):
        tracker.follow(each)
    return tracker


async def test_of_two_turns_with_one_sequence_one_is_stored(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    trackers = [await office.trackers.load("s") for office in (one, other)]
    stored = await asyncio.gather(
        one.trackers.append(trackers[0], turn(1, key="c:1")), other.trackers.append(trackers[1], turn(1, key="c:2"))
    )
    assert sorted(stored) == [False, True]
    assert (await one.trackers.load("s")).sequence == 1


async def test_a_token_that_is_older_than_the_last_turns_is_refused(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    await other.keep(turn(1, token=6))
    tracker = await one.trackers.load("s", 5)
    with pytest.raises(StaleToken):
        tracker.refuse_stale(5)
    with pytest.raises(StaleToken):
        await one.trackers.append(tracker, turn(2, token=5))
    assert (await other.trackers.load("s")).sequence == 1
    assert await one.trackers.append(tracker, turn(2, token=6))


async def test_the_token_is_known_also_by_way_of_a_snapshot(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    for sequence in range(1, 9):
        await one.keep(turn(sequence, token=sequence * 2))
    assert await one.store.get(SNAPSHOTS.name, "s") is not None
    with pytest.raises(StaleToken):
        (await other.trackers.load("s", 15)).refuse_stale(15)


async def test_what_is_remembered_under_a_lease_gives_way_to_what_another_stored(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    mine = await one.trackers.load("s", 1)
    assert await one.trackers.append(mine, turn(1, token=1))
    theirs = await other.trackers.load("s", 2)
    assert await other.trackers.append(theirs, turn(2, token=2))
    assert (await one.trackers.load("s", 3)).sequence == 2


async def test_a_long_session_is_loaded_to_its_end(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    tracker = await one.trackers.load("s")
    for sequence in range(1, 1105):
        assert await one.trackers.append(tracker, turn(sequence))
    await one.store.delete(SNAPSHOTS.name, "s")
    assert (await other.trackers.load("s")).sequence == 1104


async def test_snapshots_go_on_after_another_process_wrote_one(opening: Opening) -> None:
    one, other = await opening("a"), await opening("b")
    for sequence in range(1, 25):
        office = other if 9 <= sequence <= 16 else one
        tracker = await office.trackers.load("s", sequence)
        assert await office.trackers.append(tracker, turn(sequence, token=sequence))
    snapshot = await one.store.get(SNAPSHOTS.name, "s")
    assert snapshot is not None
    assert snapshot.document["sequence"] == 24


def form_turns() -> list[tuple[ev.Event, ...]]:
    """A form that is open across the eighth turn, at which a snapshot is made, and closed at the tenth."""
    opened = ev.FormOpened(form_id="f", skill="clinic", action="book")
    number = ev.SlotFilled(slot="number", value=IDENTITY, shown="5***92")
    return [(opened,), (number,), *([()] * 7), (ev.FormClosed(how="completed", forgets=("number",)),)]


async def everything_stored(office: Office) -> str:
    stored = [*await office.store.find(TURNS.name), *await office.store.find(SNAPSHOTS.name)]
    return "".join(str(entry.document) for entry in stored)


async def test_a_closed_form_leaves_nothing_personal_in_a_snapshot_either(office: Office) -> None:
    for sequence, events in enumerate(form_turns(), 1):
        await office.keep(turn(sequence, events=events))
        if sequence == 9:
            assert IDENTITY in await everything_stored(office)
    assert IDENTITY not in await everything_stored(office)


async def test_what_a_crash_left_to_be_forgotten_is_forgotten_when_the_turn_is_finished(opening: Opening) -> None:
    died, after = await opening("a"), await opening("b")
    for sequence, events in enumerate(form_turns(), 1):
        closing = turn(sequence, events=events)
        if sequence < 10:
            await died.keep(closing)
        else:  # stored, and dead before anything else
            await died.store.insert(TURNS.name, closing.key, closing.document() | {"delivery_status": "pending"})
    assert IDENTITY in await everything_stored(after)
    await after.trackers.finish(await after.trackers.load("s"), closing)
    assert IDENTITY not in await everything_stored(after)


async def test_finishing_an_old_turn_leaves_a_newer_form_alone(office: Office) -> None:
    turns = [*form_turns(), *form_turns()[:2]]
    for sequence, events in enumerate(turns, 1):
        await office.keep(turn(sequence, events=events))
    tenth = (await office.trackers.turns_after("s", 9))[0]
    await office.trackers.finish(await office.trackers.load("s"), tenth)
    form = (await folded(office)).state.form
    assert form is not None
    assert form.slots["number"].value == IDENTITY


@pytest.mark.parametrize("seed", range(6))
async def test_whoever_appends_the_turns_are_a_gapless_story_and_fold_to_what_is_loaded(
    opening: Opening, seed: int
) -> None:
    chance = random.Random(seed)
    offices = [await opening(name) for name in "abc"]

    async def talk(office: Office) -> int:
        stored = 0
        for _ in range(15):
            token = 1
            tracker = await office.trackers.load("s", token)
            filled = ev.RequestUnderstood(intent="policy.ask", text=str(chance.random()))
            await asyncio.sleep(chance.uniform(0, 0.003))
            stored += await office.trackers.append(tracker, turn(tracker.sequence + 1, token=token, events=(filled,)))
        return stored

    stored = sum(await asyncio.gather(*(talk(office) for office in offices)))
    tracker = await folded(offices[0])
    assert tracker.sequence == stored
    for office in offices:
        fresh = await office.trackers.load("s")
        assert (fresh.sequence, fresh.state) == (tracker.sequence, tracker.state)
