"""When a visit is wanted: what a time in a message says of it, what it leaves unsaid, and why it may not do."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from nlu.interpretation import Entity
from skills.contract import SkillContext, SlotAnswer
from skills.health_appointment import wording
from skills.health_appointment.slots import VisitTime

LOOK_AHEAD_DAYS = 14
PAST = "这个时间已经过了，请选后面的日子。"
TOO_FAR = "现在最远能约到{last}，{wanted}的号还没有放出来。"
_LONG_PAST = timedelta(days=180)  # a day so far ahead was one of this year that is over: 11月20号, said on the 24th
_SOONEST = re.compile(r"最早|最近|最快|越[快早]越好|尽快|早点|快点|赶紧|你[说定看]")
_ASKS_FOR = re.compile(r"(?:挂|约|订|看|去|来|改|换|到|成|是|要)[个一在]{0,2}$")
_IS_ASKED = re.compile(r"(?:[上中下]午|早上|晚上)?(?:的(?!事|时候|话)|挂|约|去|来|看|有|行|可以|要得)")
_OF_BEFORE = re.compile(r"(?:上一?[次回]|之前|以前|那[次回]|早先)[^，。,.！？!?]{0,6}$")
_NOW = re.compile(r"现在|刚才|刚刚|这哈儿?|这会儿?")
_EITHER_HALF = re.compile(r"上(?:午.{0,3})?下午.{0,4}(?:都|随便|均|哪个|不限|无所谓|不挑|可以|要得)")
_SPAN_OF_DAYS = re.compile(r"(?:这|近|最近|这阵)子?(?:[一二两三几]?[天日周])?")


def coming_days(at: datetime) -> VisitTime:
    """Return the days for which there may be clinics."""
    return VisitTime(from_date=at.date(), to_date=at.date() + timedelta(days=LOOK_AHEAD_DAYS))


def wanted_time(value: dict[str, Any], at: datetime) -> VisitTime | None:
    """Return the days and half meant by a time entity, or None when all of it lies in the past."""
    if value["grain"] == "year":
        return None
    if value.get("implied_date"):
        half = "morning" if datetime.fromisoformat(value["start"]).hour < 12 else "afternoon"
        return coming_days(at).model_copy(update={"half_day": half})
    start, end = datetime.fromisoformat(value["start"]), datetime.fromisoformat(value["end"])
    last = (end - timedelta(seconds=1)).date() if end > start else start.date()
    is_just_now = value["grain"] in {"hour", "minute"} and end <= at.replace(tzinfo=end.tzinfo)
    if last < at.date() or is_just_now:
        return None
    half_day = None
    if value["grain"] in {"half_day", "hour", "minute"}:
        half_day = "morning" if start.hour < 12 else "afternoon"
    first = max(start.date(), at.date())
    return VisitTime.model_validate({"from_date": first, "to_date": max(first, last), "half_day": half_day})


def why_not(wanted: VisitTime | None, answer: SlotAnswer, at: datetime) -> str | None:
    """Return why a time will not do, in words for the citizen; "" where it is not that of a visit, None where it will do."""
    if answer.value is None and _is_of_something_else(answer):
        return ""
    last = coming_days(at).to_date
    if wanted is None or wanted.to_date < at.date() or wanted.from_date > at.date() + _LONG_PAST:
        return PAST if means_a_visit(answer) else ""
    if wanted.from_date > last and answer.value is None:
        return TOO_FAR.format(last=wording.day(last), wanted=wording.visit_time(wanted))
    return None


def means_a_visit(answer: SlotAnswer) -> bool:
    """Tell whether a time that was said is that of a visit: not 今年七十四, nor a past day on which something happened."""
    entity = answer.entity
    if entity is None:
        return answer.value is not None or answer.is_any
    if entity.value["grain"] == "year":
        return False
    before, after = answer.text[: entity.start], answer.text[entity.end :]
    return not after.strip("，。！？,.!? ") or bool(_ASKS_FOR.search(before) or _IS_ASKED.match(after))


def _is_of_something_else(answer: SlotAnswer) -> bool:
    """Tell whether a time is that of an earlier visit (上次是11月初), or tells when it hurts: 这两天脑壳昏，晚上凶得很."""
    entity = answer.entity
    if entity is None:
        return False
    is_of_before = _OF_BEFORE.search(answer.text[: entity.start]) is not None
    return is_of_before or (_may_be_of_the_illness(entity, answer) and not means_a_visit(answer))


def _may_be_of_the_illness(entity: Entity, answer: SlotAnswer) -> bool:
    is_any_day = bool(entity.value.get("implied_date")) or _NOW.fullmatch(entity.text) is not None
    is_beside_a_symptom = is_any_day and any(other.type == "symptom" for other in answer.entities)
    return is_beside_a_symptom or _SPAN_OF_DAYS.fullmatch(entity.text) is not None


def wants_the_soonest(text: str) -> bool:
    """Tell whether the words ask for the soonest time, or leave the choice to us."""
    return _SOONEST.search(text) is not None


def shifted_time(day: date, half_day: str, answer: SlotAnswer) -> VisitTime:
    """Return the time on the day that a visit is moved to: in the half that is said (往后挪一天，下午), or that of before."""
    halves = [e for e in answer.entities if e.type == "time" and e.value["grain"] == "half_day"]
    if halves:
        half_day = "morning" if datetime.fromisoformat(halves[-1].value["start"]).hour < 12 else "afternoon"
    return VisitTime.model_validate({"from_date": day, "to_date": day, "half_day": half_day})


def _day_beside(answer: SlotAnswer, context: SkillContext) -> VisitTime | None:
    """Return the day that the same message names beside a mere half of one: 就这个星期五吧，上午哈."""
    days = [e for e in answer.entities if e.type == "time" and not e.value.get("implied_date")]
    days = [e for e in days if e.value["grain"] == "day" and "不" not in answer.text[max(0, e.start - 3) : e.start]]
    return wanted_time(dict(days[-1].value), context.at) if days else None


def completed_time(wanted: VisitTime, before: Any, answer: SlotAnswer, context: SkillContext) -> VisitTime:
    """Add what was left unsaid: the half of the day in 不是明天，是后天, and the day in 换成下午的."""
    said = answer.entity.value if answer.entity is not None else {}
    earlier = None if before is None else VisitTime.model_validate(before)
    is_either = _EITHER_HALF.search(answer.text) is not None
    halves = [e for e in answer.entities if e.type == "time" and e.value["grain"] == "half_day"]
    has_no_day = halves[0].value.get("implied_date") if is_either and halves else said.get("implied_date")
    if is_either and not has_no_day:
        return wanted.model_copy(update={"half_day": None})
    if has_no_day:
        days = _day_beside(answer, context) or earlier or coming_days(context.at)
        half_day = None if is_either else wanted.half_day
        return VisitTime(from_date=days.from_date, to_date=days.to_date, half_day=half_day)
    if earlier is None or said.get("grain") != "day" or wanted.half_day is not None:
        return wanted
    return wanted.model_copy(update={"half_day": earlier.half_day})
