"""Every dialogue of every skill, held by the whole product against a sandbox city over HTTP."""

from pathlib import Path

import pytest

from tests.dialogues.conftest import Staging
from tests.dialogues.script import Dialogue, ScriptedTurn, failures, read_dialogues
from tests.dialogues.stage import Stage

DIALOGUES = read_dialogues()
pytestmark = pytest.mark.timeout(60, func_only=True)  # the first one may have to train the model, which takes longer


async def _take(turn: ScriptedTurn, stage: Stage, transcript: list[str]) -> list[str]:
    """Play one turn and return what it does not meet."""
    for order in turn.world:
        await stage.change_world(order)
    if turn.at is not None:
        stage.clock.set_to(turn.at)
    before = stage.turns[-1] if stage.turns else None
    taken = await stage.hear_news() if turn.hears_news else await stage.say(turn.say or "")
    if taken is None:
        return ["there is no news"]
    replies = "\n".join(f"    {reply.text} {list(reply.choices)}" for reply in taken.replies)
    transcript.append(f"{turn.say or '(news)'}  [{taken.status.value}, {taken.intent}]\n{replies}")
    found = await failures(taken, turn.expect, stage)
    if before is not None and taken.replies == before.replies:
        found.append("says just what it has just said")
    return found


@pytest.mark.parametrize(("skill", "dialogue"), [pytest.param(s, d, id=f"{s}-{d.name}") for s, d in DIALOGUES])
async def test_dialogue(skill: str, dialogue: Dialogue, stage: Staging, tmp_path: Path) -> None:
    transcript: list[str] = []
    wrong: list[str] = []
    async with stage(tmp_path, dialogue.at) as raised:
        for fault in dialogue.faults:
            await raised.change_world({"fault": fault})
        turns = [*(ScriptedTurn(say=text) for text in dialogue.before), *dialogue.turns]
        for number, turn in enumerate(turns, 1):
            wrong += [f"turn {number}: {problem}" for problem in await _take(turn, raised, transcript)]
    assert not wrong, "\n".join([*wrong, *transcript])


def test_every_family_is_there() -> None:
    families = {dialogue.family for _, dialogue in DIALOGUES}
    assert families == set(Dialogue.model_fields["family"].annotation.__args__)


def test_names_are_unique() -> None:
    names = [(skill, dialogue.name) for skill, dialogue in DIALOGUES]
    assert len(names) == len(set(names))
