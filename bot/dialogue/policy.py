"""Decides what to do next: a pure function of the session's state, what was heard, and what the city can do.

`RULES` is the table: the first rule that fits wins. A rule neither reads a clock nor does I/O.
"""

from collections.abc import Callable
from dataclasses import replace

from bot.dialogue.rules.complaints import (
    about_the_complaint,
    adding_to_complaint,
    asking_on,
    asking_the_law,
    complaining,
)
from bot.dialogue.rules.control import (
    after_all,
    dialog_control,
    giving_up,
    putting_first,
)
from bot.dialogue.rules.danger import after_an_alarm, danger, listening
from bot.dialogue.rules.following import (
    and_what,
    booking_what_was_looked_up,
    following_up,
    referring_back,
    taking_advice,
    telling_more,
)
from bot.dialogue.rules.forms import (
    another_of_the_kind,
    answering_and_asking,
    choosing,
    coming_back,
    confirming,
    describing,
    filling,
)
from bot.dialogue.rules.interrupting import (
    no_person,
    person,
    withdrawing,
    work_order,
)
from bot.dialogue.rules.numbers import keeping_a_number, mending_the_end, same_as_before
from bot.dialogue.rules.offers import clarified, offered, picking
from bot.dialogue.rules.requests import (
    asking_which,
    giving_particulars,
    hinted,
    moving_it,
    naming_a_subject,
    once_more,
    out_of_place,
    requesting,
)
from bot.dialogue.rules.several import asking_beside, by_a_clause, several
from bot.dialogue.situation import SURE, Heard, Situation, unguessed
from bot.dialogue.steps import FillSlots, NotFitting, Step
from bot.dialogue.tracker import TrackerState
from nlu.entities.given_names import with_bare_names
from nlu.interpretation import Interpretation
from skills.registry import Catalogue

_LENGTH_OF_NAMES = 3  # two characters are too often something else


def decide(state: TrackerState, heard: Heard, catalogue: Catalogue) -> Step:
    """Return the step that answers what was heard."""
    is_asked = _is_a_name_due(Situation(state, heard, catalogue))

    def read(part: Interpretation) -> Interpretation:
        return with_bare_names(unguessed(part), is_asked=is_asked)

    read_through = replace(heard, whole=read(heard.whole), parts=tuple(map(read, heard.parts)))
    return _first_that_fits(Situation(state, read_through, catalogue), RULES)


def _is_a_name_due(s: Situation) -> bool:
    """Tell whether a bare name would be understood: one was asked for, or the form will ask, and this is nothing else."""
    if s.asked is not None and "person_name" in s.asked[1].entities:
        return True
    is_nothing_else = s.whole.confidence < SURE or s.whole.is_out_of_scope
    is_short = len(s.whole.text.strip()) == _LENGTH_OF_NAMES and is_nothing_else and not s.whole.entities
    takers = [slot for slot in s.slots.values() if "person_name" in slot.entities]
    is_who = s.asked is not None and any(s.asked[0] in slot.depends_on for slot in takers)
    return s.form is not None and is_short and bool(takers) and not is_who


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
    after_an_alarm,
    danger,
    no_person,
    withdrawing,
    work_order,
    asking_the_law,
    adding_to_complaint,
    about_the_complaint,
    person,
    complaining,
    asking_on,
    listening,
    clarified,
    offered,
    picking,
    mending_the_end,
    confirming,
    choosing,
    after_all,
    giving_up,
    another_of_the_kind,
    describing,
    coming_back,
    taking_advice,
    telling_more,
    booking_what_was_looked_up,
    following_up,
    and_what,
    hinted,
    asking_beside,
    keeping_a_number,
    same_as_before,
    putting_first,
    dialog_control,
    answering_and_asking,
    filling,
    several,
    moving_it,
    referring_back,
    giving_particulars,
    by_a_clause,
    once_more,
    asking_which,
    naming_a_subject,
    requesting,
    out_of_place,
)
