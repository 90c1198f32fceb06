"""The labelled sentences of danger: how many are noticed, and how many that only sound alike raise an alarm."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.clock import local_time
from bot.bootstrap import UtteranceInterpreter
from bot.dialogue import events as ev
from bot.dialogue.policy import decide
from bot.dialogue.situation import Heard
from bot.dialogue.steps import Danger
from bot.dialogue.tracker import TrackerState
from bot.guards import DangerGuard
from nlu.clauses import clauses_of
from nlu.interpretation import Utterance
from skills.contract import Slot
from skills.registry import build_catalogue, create_skills, read_manifests

SENTENCES = yaml.safe_load(Path(__file__).with_name("danger_sentences.yml").read_text(encoding="utf-8"))
AT = local_time(datetime(2026, 11, 23, 9))
LEAST_FOUND, MOST_FALSE = 0.95, 0.03
ASIDE = 3  # every third sentence of a list was not looked at while the rules were made
pytestmark = pytest.mark.timeout(300)

IsAlarm = Callable[[str, bool], bool]


class _Anything(dict[str, Any]):
    """Departments that nobody asks."""

    def __missing__(self, key: str) -> object:
        return object()


def booking() -> TrackerState:
    """Return the state in the middle of a booking that asks for the day."""
    state = TrackerState()
    for event in (
        ev.FormOpened(form_id="f", skill="health_appointment", action="book"),
        ev.SlotFilled(slot="department", value="神经内科", shown="神经内科"),
        ev.SlotFilled(slot="hospital", value="mianyang-central", shown="绵阳市中心医院"),
        ev.SlotAsked(slot="visit_time"),
    ):
        state.apply(event)
    return state


def _is_alarm(interpreter: UtteranceInterpreter) -> Any:
    manifests = read_manifests()
    catalogue = build_catalogue(manifests, create_skills(manifests, _Anything()))
    guard = DangerGuard.load()
    asked: Slot = catalogue.forms["health_appointment", "book"].model.slots()["visit_time"]

    async def is_alarm(text: str, in_a_form: bool) -> bool:
        if guard.danger_in(text) is not None:
            return True
        said = [Utterance(part, AT) for part in (text, *clauses_of(text))]
        expected = frozenset(asked.entities) if in_a_form else frozenset()
        whole, *parts = await interpreter.interpret_all(said, expected)
        state = booking() if in_a_form else TrackerState()
        return isinstance(decide(state, Heard(whole, tuple(parts)), catalogue), Danger)

    return is_alarm


def sentences(label: str) -> Iterator[tuple[str, str, bool]]:
    """Yield what it is about, a sentence, and whether it was put aside."""
    for about, texts in SENTENCES[label].items():
        yield from ((about, text, index % ASIDE == ASIDE - 1) for index, text in enumerate(texts))


@pytest.fixture(scope="module")
def is_alarm(trained_interpreter: UtteranceInterpreter) -> Any:
    return _is_alarm(trained_interpreter)


async def test_red_flags_are_noticed(is_alarm: Any) -> None:
    found = [
        (text, await is_alarm(text, False) and await is_alarm(text, True)) for _, text, _ in sentences("red_flags")
    ]
    missed = [text for text, noticed in found if not noticed]
    assert len(missed) <= (1 - LEAST_FOUND) * len(found), "\n".join(missed)


async def test_what_only_sounds_like_danger_passes(is_alarm: Any) -> None:
    found = [
        (text, await is_alarm(text, False) or await is_alarm(text, True)) for _, text, _ in sentences("near_misses")
    ]
    wrong = [text for text, alarmed in found if alarmed]
    assert len(wrong) <= MOST_FALSE * len(found), "\n".join(wrong)


def test_there_are_enough_sentences() -> None:
    assert len(list(sentences("red_flags"))) >= 150
    assert len(list(sentences("near_misses"))) >= 120
