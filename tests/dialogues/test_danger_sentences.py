"""The labelled sentences of danger: how many are noticed, and how many that only sound alike raise an alarm."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.clock import local_time
from bot.conversation import UtteranceInterpreter
from bot.dialogue import events as ev
from bot.dialogue.policy import decide
from bot.dialogue.situation import Heard
from bot.dialogue.steps import Danger
from bot.dialogue.tracker import TrackerState
from bot.guards import DangerGuard
from nlu.clauses import clauses_of
from nlu.interpretation import Utterance
from nlu.training_data import gather
from skills.contract import Slot
from skills.registry import SKILLS_FOLDER, build_catalogue, create_skills, read_manifests

SENTENCES = yaml.safe_load(Path(__file__).with_name("danger_sentences.yml").read_text(encoding="utf-8"))
AT = local_time(datetime(2026, 11, 23, 9))
LEAST_FOUND, MOST_FALSE, MOST_FALSE_IN_EXAMPLES = 0.95, 0.03, 0.001
# What strangers' wording gets: far from what the labelled lists show.
LEAST_FOUND_UNSEEN, MOST_FALSE_UNSEEN = 0.75, 0.14
ASIDE = 3  # every third sentence of a list was not looked at while the rules were made
pytestmark = pytest.mark.timeout(300)


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
        return isinstance(decide(state, Heard(whole, tuple(parts), *guard.signs_in(text)), catalogue), Danger)

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


async def test_what_nobody_made_the_rules_for(is_alarm: Any) -> None:
    unseen = SENTENCES["unseen"]
    found = [await is_alarm(text, False) and await is_alarm(text, True) for text in unseen["red_flags"]]
    wrong = [await is_alarm(text, False) or await is_alarm(text, True) for text in unseen["near_misses"]]
    assert sum(found) >= LEAST_FOUND_UNSEEN * len(found)
    assert sum(wrong) <= MOST_FALSE_UNSEEN * len(wrong)


def test_there_are_enough_sentences() -> None:
    assert len(list(sentences("red_flags"))) >= 150
    assert len(list(sentences("near_misses"))) >= 120


def test_a_word_that_is_too_short_shows_in_what_skills_are_taught() -> None:
    """A phrase of one character (线) once made an electric shock of every hotline; no sentence of danger could show it."""
    guard = DangerGuard.load()
    others = [e.text for e in gather(SKILLS_FOLDER).examples if not e.intent.startswith("emergency.")]
    wrong = [text for text in others if guard.signs_in(text)[0]]
    assert len(wrong) <= MOST_FALSE_IN_EXAMPLES * len(others), "\n".join(wrong)


@pytest.mark.parametrize(
    ("text", "is_flag"),
    [
        ("他以前中过风今天又嘴歪了手也没得力", True),  # history, and then today
        ("他以前嘴歪过手也没得力", False),
        ("我爸嘴歪了 手抬不起", True),  # two signs, nothing said of when
        ("我爸嘴有点歪", False),
        ("我爸今早嘴有点歪", True),
        ("嘴沒歪 今天手不麻", False),  # denied
        ("脑梗复查 嘴还有点歪 手没力 明天有号没", False),
        ("脑梗复查完 刚才突然嘴歪了 手没力", True),
        ("妹妹起疹子過敏，喉嚨緊", True),  # traditional script
        ("气得我胸口痛", False),
        ("气得我胸口痛 现在冒冷汗 左手麻", True),
        ("", False),
    ],
)
def test_signs_by_how_they_stand_together(text: str, is_flag: bool) -> None:
    assert DangerGuard.load().signs_in(text)[0] is is_flag
