"""What is left unsaid of the time of a visit."""

import re
from typing import Any

from skills.contract import SkillContext, SlotAnswer
from skills.health_appointment.clinics import coming_days, wanted_time
from skills.health_appointment.slots import VisitTime

_SOONEST = re.compile(r"最早|最近|最快|越[快早]越好|尽快|早点|快点|赶紧|你[说定看]")


def wants_the_soonest(text: str) -> bool:
    """Tell whether the words ask for the soonest time, or leave the choice to us."""
    return _SOONEST.search(text) is not None


def _day_beside(answer: SlotAnswer, context: SkillContext) -> VisitTime | None:
    """Return the day that the same message names beside a mere half of one: 就这个星期五吧，上午哈."""
    days = [e for e in answer.entities if e.type == "time" and not e.value.get("implied_date")]
    days = [e for e in days if e.value["grain"] == "day" and "不" not in answer.text[max(0, e.start - 3) : e.start]]
    return wanted_time(dict(days[-1].value), context.at) if days else None


def completed_time(wanted: VisitTime, before: Any, answer: SlotAnswer, context: SkillContext) -> VisitTime:
    """Add what was left unsaid: the half of the day in 不是明天，是后天, and the day in 换成下午的."""
    said = answer.entity.value if answer.entity is not None else {}
    earlier = None if before is None else VisitTime.model_validate(before)
    if said.get("implied_date"):
        days = _day_beside(answer, context) or earlier or coming_days(context.at)
        return wanted.model_copy(update={"from_date": days.from_date, "to_date": days.to_date})
    if earlier is None or said.get("grain") != "day" or wanted.half_day is not None:
        return wanted
    return wanted.model_copy(update={"half_day": earlier.half_day})
