"""Decides what to do next: a pure function of the session's state, what was heard, and what the city can do.

`RULES` is the table: the first rule that fits wins. A rule neither reads a clock nor does I/O.
"""

from collections.abc import Callable
from dataclasses import replace

from bot.dialogue.rules.control import dialog_control, giving_up
from bot.dialogue.rules.forms import (
    another_of_the_kind,
    answering_and_asking,
    choosing,
    coming_back,
    confirming,
    describing,
    filling,
)
from bot.dialogue.rules.interrupting import complaining, danger, person, work_order
from bot.dialogue.rules.offers import clarified, offered, picking
from bot.dialogue.rules.requests import (
    and_what,
    asking_which,
    hinted,
    out_of_place,
    referring_back,
    requesting,
    several,
)
from bot.dialogue.situation import Heard, Situation, unguessed
from bot.dialogue.steps import FillSlots, NotFitting, Step
from bot.dialogue.tracker import TrackerState
from skills.registry import Catalogue


def decide(state: TrackerState, heard: Heard, catalogue: Catalogue) -> Step:
    """Return the step that answers what was heard."""
    situation = Situation(state, Heard(unguessed(heard.whole), tuple(map(unguessed, heard.parts))), catalogue)
    return _first_that_fits(situation, RULES)


def _first_that_fits(situation: "Situation", rules: "tuple[Rule, ...]") -> Step:
    for place, rule in enumerate(rules, 1):
        step = rule(situation)
        if rule is describing and isinstance(step, FillSlots):
            return replace(step, otherwise=_first_that_fits(situation, rules[place:]))
        if step is not None:
            return step
    return NotFitting(situation.whole)


Rule = Callable[[Situation], Step | None]


RULES: tuple[Rule, ...] = (
    danger,
    person,
    work_order,
    complaining,
    clarified,
    offered,
    picking,
    confirming,
    choosing,
    giving_up,
    another_of_the_kind,
    describing,
    coming_back,
    and_what,
    hinted,
    dialog_control,
    answering_and_asking,
    filling,
    several,
    referring_back,
    asking_which,
    requesting,
    out_of_place,
)
