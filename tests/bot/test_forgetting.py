"""What a form no longer needs is taken out of the store, and the state still folds the same."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from adapters.clock import FixedClock, local_time
from adapters.errors import VersionConflict
from adapters.storage.sqlite import SqliteStore
from bot.dialogue import events as ev
from bot.dialogue.events import Event
from bot.dialogue.tracker_store import SNAPSHOTS, TURNS, TrackerStore
from bot.dialogue.turn import Turn
from bot.messages import OutboundMessage, TurnStatus

AT = local_time(datetime(2026, 11, 23, 9, 0))
NUMBER = "510703199001019992"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.db", FixedClock(AT))
    await opened.open([TURNS, SNAPSHOTS])
    yield opened
    await opened.close()


def turn(sequence: int, *events: Event) -> Turn:
    return Turn(
        session_id="s",
        sequence=sequence,
        message_key=f"m{sequence}",
        channel="web",
        user_id="web:u",
        text="",
        at=AT,
        status=TurnStatus.ASKED,
        events=events,
        replies=(OutboundMessage(text="好"),),
        trace_id="t",
        fencing_token=1,
    )


async def fill(trackers: TrackerStore, how: str, forgets: tuple[str, ...]) -> None:
    tracker = await trackers.load("s")
    opened = ev.FormOpened(form_id="f", skill="a", action="b")
    filled = ev.SlotFilled(slot="number", value=NUMBER, shown="5***92")
    other = ev.SlotFilled(slot="place", value="中心医院", shown="中心医院")
    assert await trackers.append(tracker, turn(1, opened, other))
    assert await trackers.append(tracker, turn(2, filled))
    closed = ev.FormClosed.model_validate({"how": how, "forgets": forgets})
    assert await trackers.append(tracker, turn(3, closed))


async def stored_text(store: SqliteStore) -> str:
    return "".join(str(s.document) for s in [*await store.find(TURNS.name), *await store.find(SNAPSHOTS.name)])


async def test_a_completed_form_leaves_no_number_behind(store: SqliteStore) -> None:
    trackers = TrackerStore(store)
    await fill(trackers, "completed", ("number",))
    assert NUMBER not in await stored_text(store)
    last = (await trackers.load("s")).state.last_form
    assert last is not None
    assert list(last.slots) == ["place"]


async def test_a_draft_keeps_what_it_needs_to_go_on(store: SqliteStore) -> None:
    trackers = TrackerStore(store)
    await fill(trackers, "cancelled", ())
    draft = (await trackers.load("s")).state.draft
    assert draft is not None
    assert draft.slots["number"].value == NUMBER


async def test_what_others_wrote_beside_it_stays(store: SqliteStore) -> None:
    class Interrupted(SqliteStore):
        """Lets the outbox mark a turn right before it is scrubbed."""

        was_marked = False

        async def replace(self, collection: str, key: str, document, *, expected_version: int, expires_at=None) -> int:  # type: ignore[no-untyped-def]
            if collection == TURNS.name and not self.was_marked:
                self.was_marked = True
                found = await self.get(collection, key)
                assert found is not None
                await super().replace(
                    collection, key, found.document | {"delivery_status": "sent"}, expected_version=found.version
                )
                raise VersionConflict(collection, key, expected_version)
            return await super().replace(
                collection, key, document, expected_version=expected_version, expires_at=expires_at
            )

    interrupted = Interrupted(store._path, FixedClock(AT))
    await interrupted.open([TURNS, SNAPSHOTS])
    await fill(TrackerStore(interrupted), "completed", ("number",))
    second = await interrupted.get(TURNS.name, "s#00000002")
    await interrupted.close()
    assert second is not None
    assert second.document["delivery_status"] == "sent"
    assert second.document["events"][0]["value"] is None
