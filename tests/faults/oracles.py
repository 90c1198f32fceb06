"""What must be true after a run: the store, the hospital's ledger and what citizens were told, held against each other.

The numbers are those of the fault model: I1 accepted once and taken once, I2 in order, I3 no effect twice, I4 capacity,
I5 what is told is true, I7 replay, I8 no personal numbers in logs, I12 every reply delivered. Each returns findings, a
line each; none is what is wanted.
"""

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from adapters.storage.sqlite import SqliteStore
from bot.bootstrap import COLLECTIONS, account_namer
from bot.dialogue.tracker_store import Tracker, TrackerStore
from bot.messages import TurnStatus
from tests.faults.citizens import id_number, phone
from tests.faults.run import Run

_QUEUE_NUMBER = re.compile(r"第(\d+)号")
_BOOKED, _CANCELLED = "appointment_booked", "appointment_cancelled"


def accepted_once_and_taken_once(run: Run) -> Iterator[str]:
    """I1: every acknowledged message is in the inbox, new once at most, and has exactly one turn."""
    inbox = {document["key"]: document for document in run.documents("inbox")}
    turns = Counter(turn["message_key"] for turn in run.documents("turns"))
    for keys in run.fleet.acked.values():
        for key in keys:
            if key not in inbox:
                yield f"I1 {key} was acknowledged and is not in the inbox"
            if turns[key] != 1:
                yield f"I1 {key} has {turns[key]} turns"
            if run.fleet.new_acks[key] > 1:
                yield f"I1 {key} was acknowledged as new {run.fleet.new_acks[key]} times"
    for key, document in inbox.items():
        if document["status"] != "done":
            yield f"I1 {key} is {document['status']} in the inbox"
    for key in turns.keys() - inbox.keys():
        yield f"I1 a turn took {key}, which never came"


def in_order(run: Run) -> Iterator[str]:
    """I2: the turns of a session are 1, 2, 3, … in the order of the acknowledgements, under tokens that never fall."""
    sessions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for turn in run.documents("turns"):
        sessions[turn["session_id"]].append(turn)
    for session_id, turns in sessions.items():
        turns.sort(key=lambda turn: int(turn["sequence"]))
        if [turn["sequence"] for turn in turns] != list(range(1, len(turns) + 1)):
            yield f"I2 {session_id} has the turns {[turn['sequence'] for turn in turns]}"
        taken = [turn["message_key"] for turn in turns if turn["message_key"] in run.fleet.messages]
        if taken != run.fleet.acked.get(session_id):
            yield f"I2 {session_id} took {taken}, acknowledged were {run.fleet.acked.get(session_id)}"
        tokens = [turn["fencing_token"] for turn in turns]
        if tokens != sorted(tokens):
            yield f"I2 {session_id} has a turn under a stale token: {tokens}"


def no_effect_twice(run: Run) -> Iterator[str]:
    """I3: a key has at most one effect; what the store calls done is what the ledger holds; nobody has two seats."""
    keys = Counter(row["idempotency_key"] for row in run.ledger if row["effect"] in {_BOOKED, _CANCELLED})
    for key, count in keys.items():
        if count > 1:
            yield f"I3 {key} had its effect {count} times"
    done, rejected, unknown = outcomes(run)
    for key in done - keys.keys():
        yield f"I3 {key} is done in the store and not in the ledger"
    for key in keys.keys() - done:
        yield f"I3 {key} is in the ledger and not done in the store"
    for key in rejected & keys.keys():
        yield f"I3 {key} was called rejected and is in the ledger"
    for key in unknown - done - rejected:
        yield f"I5 {key} was never resolved"
    standing = Counter(a["account_id"] for a in run.appointments if a["state"] == "reserved")
    for account, count in standing.items():
        if count > 1:
            yield f"I3 {account} holds {count} seats"


def outcomes(run: Run) -> tuple[set[str], set[str], set[str]]:
    """Return the keys that the store calls done, rejected, and unknown at first."""
    done, rejected, unknown = set[str](), set[str](), set[str]()
    for turn in run.documents("turns"):
        for event in turn["events"]:
            if event["type"] == "action_attempted":
                {"done": done, "rejected": rejected, "unknown": unknown}[event["outcome"]].add(event["key"])
        _, is_news, key = turn["message_key"].partition(":effect:")
        if is_news:
            (done if turn["status"] == TurnStatus.COMPLETED else rejected).add(key)
    return done, rejected, unknown


def capacity_is_kept(run: Run) -> Iterator[str]:
    """I4: no clinic has more reservations than seats, also not for a moment, as the ledger tells it."""
    city = sqlite3.connect(f"file:{run.city.database}?mode=ro", uri=True)
    seats = dict(city.execute("SELECT id, capacity FROM sessions").fetchall())
    city.close()
    reserved = Counter(a["session_id"] for a in run.appointments if a["state"] == "reserved")
    for session, count in reserved.items():
        if count > seats[session]:
            yield f"I4 {session} has {count} reservations for {seats[session]} seats"
    left: dict[str, int] = {}
    for row in run.ledger:
        session = row["body"].get("session_id")
        if row["effect"] == "seats_set":
            left[session] = row["body"]["left"]
        elif session in left and row["effect"] in {_BOOKED, _CANCELLED}:
            left[session] += -1 if row["effect"] == _BOOKED else 1
            if left[session] < 0:
                yield f"I4 {session} was sold beyond its last seat, ledger row {row['sequence']}"


def told_the_truth(run: Run) -> Iterator[str]:
    """I5: each seat is told to its holder once, with its number; nobody is told of one that does not exist."""
    account_of = account_namer(run.folder)
    numbers: dict[str, list[str]] = defaultdict(list)
    cancelled: Counter[str] = Counter()
    for told in {told.reply_id: told for told in run.street.told}.values():
        if "预约成功" in told.text:
            found = _QUEUE_NUMBER.search(told.text)
            numbers[told.session_id].append(found.group(1) if found else "?")
        cancelled[told.session_id] += "已经取消" in told.text
    for citizen in run.citizens:
        account = account_of(citizen.user_id)
        rows = [row for row in run.ledger if row["actor"] == account]
        booked = sorted(str(row["body"]["number"]) for row in rows if row["effect"] == _BOOKED)
        if booked != sorted(numbers[citizen.session_id]):
            yield f"I5 {citizen.session_id} holds the numbers {booked}, was told {numbers[citizen.session_id]}"
        given_back = sum(row["effect"] == _CANCELLED for row in rows)
        if given_back != cancelled[citizen.session_id]:
            yield f"I5 {citizen.session_id} cancelled {given_back}, was told {cancelled[citizen.session_id]}"


async def replay_is_state(run: Run) -> list[str]:
    """I7: the turns folded from the first give the state that is loaded by way of the snapshot."""
    findings = []
    store = SqliteStore(run.folder / "mianban.db", run.clock)
    await store.open(COLLECTIONS)
    try:
        trackers = TrackerStore(store)
        for session_id in run.fleet.acked:
            folded = Tracker(session_id)
            for turn in await trackers.turns_after(session_id, 0):
                folded.follow(turn)
            loaded = await trackers.load(session_id)
            if (loaded.sequence, loaded.state) != (folded.sequence, folded.state):
                findings.append(f"I7 {session_id}: the snapshot and the turns disagree")
    finally:
        await store.close()
    return findings


def no_personal_numbers_in_logs(run: Run) -> Iterator[str]:
    """I8: no identity or phone number of any citizen stands in any worker's log."""
    personal = {number for c in run.citizens for number in (id_number(c.number), phone(c.number))}
    digits = re.compile(r"\d{11,18}[Xx]?")
    for log in sorted((run.folder / "logs").iterdir()):
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            if personal.intersection(digits.findall(line)):
                yield f"I8 {log.name}: {line[:200]}"


def closed_forms_leave_nothing_personal(run: Run) -> Iterator[str]:
    """I8: the store keeps neither identity nor phone number of a citizen whose form is done and whose visit is settled."""
    stored: dict[str, str] = defaultdict(str)
    for collection in ("inbox", "turns", "snapshots"):
        for document in run.documents(collection):
            stored[document.get("session_id") or document["key"]] += json.dumps(document)
    for citizen in run.citizens:
        if citizen.ending in {"booked", "已经取消"}:
            for number in (id_number(citizen.number), phone(citizen.number)):
                if number in stored[citizen.session_id]:
                    yield f"I8 the store keeps {number[:3]}… of {citizen.session_id}, whose form is closed"


def nothing_failed(run: Run) -> Iterator[str]:
    """No worker ended by itself with an error, none wrote a traceback, no turn ended in an apology."""
    for life in run.fleet.lives.values():
        if life.status not in {0, -9}:
            yield f"{life.name} ended with {life.status}"
    for log in sorted((run.folder / "logs").iterdir()):
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            if "Traceback" in line or "never retrieved" in line:
                yield f"{log.name}: {line[:600]}"
    for turn in run.documents("turns"):
        if turn["status"] == TurnStatus.ERROR_INTERNAL:
            yield f"{turn['key']} ended in an apology ({turn['text'][:20]})"


def every_citizen_came_to_an_end(run: Run) -> Iterator[str]:
    """Nobody was left in silence, or led in circles."""
    for citizen in run.citizens:
        if citizen.ending in {"", "silence", "endless"}:
            last = citizen.heard[-1].text[:60] if citizen.heard else "nothing"
            yield f"{citizen.session_id} ended in {citizen.ending!r}; said {citizen.said[-3:]}, heard last: {last}"


def delivered(run: Run) -> Iterator[str]:
    """I12: each reply was delivered, in order; twice only if its carrier was killed or stopped around that time."""
    wanted = {
        f"{turn['key']}/{position}" for turn in run.documents("turns") for position in range(len(turn["replies"]))
    }
    carriers: dict[str, list[str]] = defaultdict(list)
    last: dict[str, tuple[int, str]] = {}
    paused = {name for name, _, _ in run.pauses}
    for told in run.street.told:
        carriers[told.reply_id].append(told.worker)
        sequence, _ = last.get(told.session_id, (0, ""))
        if told.sequence < sequence and told.worker not in paused:
            yield f"I12 {told.reply_id} by {told.worker} came after {last[told.session_id]}"
        last[told.session_id] = max((sequence, ""), (told.sequence, told.worker))
    for reply_id in wanted - carriers.keys():
        yield f"I12 {reply_id} never arrived"
    for reply_id in carriers.keys() - wanted:
        yield f"I12 {reply_id} arrived and is in no turn"
    for reply_id, workers in carriers.items():
        for earlier, later in pairwise(workers):
            was_cut_off = run.fleet.lives[earlier].status == -9 and earlier != later
            if not was_cut_off and not paused & {earlier, later}:
                yield f"I12 {reply_id} was delivered by {earlier}, which lived on, and again by {later}"


def duplicates(run: Run) -> int:
    """Return how many replies arrived more than once."""
    return sum(count > 1 for count in Counter(told.reply_id for told in run.street.told).values())


CHECKS: tuple[Callable[[Run], Iterator[str]], ...] = (
    accepted_once_and_taken_once,
    in_order,
    no_effect_twice,
    capacity_is_kept,
    told_the_truth,
    no_personal_numbers_in_logs,
    closed_forms_leave_nothing_personal,
    nothing_failed,
    every_citizen_came_to_an_end,
    delivered,
)


async def findings(run: Run) -> list[str]:
    """Return what is wrong after a run that has drained."""
    run.ledger = await run.city.control.ledger()
    run.appointments = await run.city.control.appointments()
    found = [finding for check in CHECKS for finding in check(run)]
    return found + await replay_is_state(run)


def summary(run: Run, seed: int, seconds: float) -> str:
    """Return the run in one line."""
    by_point = ", ".join(f"{point} {count}" for point, count in sorted(run.kills.items()))
    effects = sum(row["effect"] in {_BOOKED, _CANCELLED} for row in run.ledger)
    return (
        f"seed {seed}: {run.kills.total()} kills in {seconds:.0f} s ({by_point}); {len(run.pauses)} pauses, "
        f"{run.faults} hospital faults; {len(run.citizens)} citizens, {len(run.fleet.messages)} messages brought "
        f"{run.fleet.copies_sent} times, {len(run.documents('turns'))} turns, {effects} effects, "
        f"{duplicates(run)} replies twice; drained in {run.drained_seconds:.1f} s"
    )
