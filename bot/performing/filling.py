"""What is put into a form: an answer is resolved, what depends on it is emptied or tried again, one that will not do is turned down."""

from collections.abc import Mapping

from bot import texts
from bot.dialogue import events as ev
from bot.dialogue.situation import slots_of
from bot.messages import TurnStatus
from bot.performing.draft import TurnDraft
from skills.contract import Accepted, NotAccepted, Option, Skill, Slot, SlotAnswer
from skills.registry import Catalogue


class Filling:
    """Fills and empties the slots of the form on top."""

    def __init__(self, skills: Mapping[str, Skill], catalogue: Catalogue) -> None:
        self._skills = skills
        self._catalogue = catalogue

    def slots(self, draft: TurnDraft) -> Mapping[str, Slot]:
        """Return the slots of the form on top."""
        return slots_of(self._catalogue, draft.open_form)

    async def fill(self, answers: tuple[tuple[str, SlotAnswer], ...], draft: TurnDraft) -> None:
        """Resolve the answers in the form's order; what one of them empties is tried again with its old answer."""
        order = list(self.slots(draft))
        for name, answer in sorted(answers, key=lambda item: order.index(item[0])):
            before = draft.open_form.slots.get(name)
            await self.fill_one(name, answer, draft)
            after = draft.open_form.slots.get(name)
            if after is not None and (after != before or answer.entity is not None):
                draft.taken.append(name)
                draft.corrected |= {name} if before is not None and after != before else set()

    async def fill_one(self, name: str, answer: SlotAnswer, draft: TurnDraft) -> None:
        """Put one answer into its slot, if the skill takes it."""
        form = draft.open_form
        skill = self._skills[form.skill]
        draft.skill = form.skill
        if answer.is_description and not self.can_be_asked(name, draft):
            self._leave_open(name, answer, draft)
            return
        resolution = await skill.resolve(form.action, name, answer, form.values, draft.context())
        if isinstance(resolution, NotAccepted) and _is_second(resolution, draft) and len(resolution.options) == 1:
            resolution = Accepted(resolution.options[0].value, resolution.options[0].label)
        if isinstance(resolution, Accepted):
            await self._put_in(name, answer, resolution, draft)
        elif answer.is_any and not resolution.notice:
            self._leave_open(name, answer, draft)
        else:
            self._turn_down(name, answer, resolution, draft)

    async def _put_in(self, name: str, answer: SlotAnswer, resolution: Accepted, draft: TurnDraft) -> None:
        """Note the value; what depends on it is emptied, or tried again with its old answer."""
        form = draft.open_form
        before = form.slots.get(name)
        if before is not None and before.value == resolution.value:
            return
        dependants = self.dependants(name, draft)
        kept = {n: form.slots[n] for n in dependants if n in form.slots}
        for dependant in kept:
            draft.happen(ev.SlotCleared(slot=dependant))
        draft.happen(ev.SlotFilled(slot=name, value=resolution.value, shown=resolution.shown))
        if resolution.notice:
            draft.say(resolution.notice)
        if (answer.is_description or answer.is_any) and self.slots(draft)[name].is_volatile:
            self._leave_open(name, answer, draft)  # it holds for another hospital or day, too
        slots = self.slots(draft)
        for dependant, old in kept.items():
            if slots[dependant].is_reapplied:
                await self.fill_one(dependant, SlotAnswer(old.shown, value=old.value), draft)

    def missing(self, draft: TurnDraft) -> list[str]:
        """Return the slots that are still to be asked for, in the form's order."""
        form = draft.open_form
        needed = self._catalogue.forms[form.skill, form.action].model.needed(form.values)
        return [name for name in needed if name not in form.slots and name not in form.skipped]

    def can_be_asked(self, name: str, draft: TurnDraft) -> bool:
        """Tell whether all that a slot depends on is there: 时间晚一天 before there is a hospital has no days to offer."""
        return not set(self.slots(draft)[name].depends_on).intersection(self.missing(draft))

    def _leave_open(self, name: str, answer: SlotAnswer, draft: TurnDraft) -> None:
        """Remember what is wanted, or that any value will do, until one can be chosen."""
        wish = "" if answer.is_any else answer.text
        if draft.open_form.left_open.get(name) != wish:
            draft.happen(ev.SlotLeftOpen(slot=name, wish=wish))

    def _turn_down(self, name: str, answer: SlotAnswer, resolution: NotAccepted, draft: TurnDraft) -> None:
        """Say why an answer will not do, never twice in the same words; one that was no answer is passed over."""
        if not resolution.notice or _is_second(resolution, draft):
            return
        if number := _number_given(answer):
            draft.happen(ev.SlotTurnedDown(slot=name, value=number))
            self.clear(name, draft)  # what stood there before was said to be wrong
        title = self.slots(draft)[name].title
        still_wrong = () if resolution.fits_several else (again.format(title=title) for again in texts.STILL_WRONG)
        draft.say(texts.pick((resolution.notice, *still_wrong), draft.said))
        draft.end(TurnStatus.CLARIFICATION if resolution.fits_several else TurnStatus.REFUSED_INVALID)
        if resolution.options:
            self.note_asked(name, resolution.options, draft)
        elif name == draft.open_form.asked:
            draft.happen(ev.NotUnderstood())

    def sensitive(self, draft: TurnDraft) -> tuple[str, ...]:
        """Return the slots that hold personal particulars."""
        return tuple(name for name, slot in self.slots(draft).items() if slot.is_sensitive)

    def dependants(self, name: str, draft: TurnDraft) -> list[str]:
        """Return the slots that a change of this one empties."""
        slots = self.slots(draft)
        found: list[str] = []
        for other, slot in slots.items():
            if name in slot.depends_on or any(item in slot.depends_on for item in found):
                found.append(other)
        return found

    def clear(self, name: str, draft: TurnDraft) -> None:
        """Empty a slot and what depends on it."""
        for slot in (name, *self.dependants(name, draft)):
            if slot in draft.open_form.slots:
                draft.happen(ev.SlotCleared(slot=slot))

    def note_asked(self, name: str, items: tuple[Option, ...], draft: TurnDraft) -> None:
        """Remember what is asked for, and what is on offer for it."""
        options = tuple(ev.OfferedOption(label=option.label, value=option.value) for option in items)
        draft.happen(ev.SlotAsked(slot=name, options=options))

    async def look_again(self, draft: TurnDraft) -> None:
        """Try the volatile values again, as if they were given now."""
        form = draft.open_form
        skill = self._skills[form.skill]
        for name, slot in self.slots(draft).items():
            if not slot.is_volatile or name not in form.slots:
                continue
            filled = form.slots[name]
            answer = SlotAnswer(filled.shown, value=filled.value)
            resolution = await skill.resolve(form.action, name, answer, form.values, draft.context())
            if not isinstance(resolution, Accepted):
                draft.say(texts.SOMETHING_STALE.format(notice=resolution.notice))
                self.clear(name, draft)


def _number_given(answer: SlotAnswer) -> str:
    """Return the number that was given in an answer, an empty text if there is none: its end may be put right later."""
    entity, value = answer.entity, answer.value
    return (
        str(entity.value.get("number", ""))
        if entity
        else value
        if isinstance(value, str) and value[:-1].isdigit()
        else ""
    )


def _is_second(resolution: NotAccepted, draft: TurnDraft) -> bool:
    """Tell whether this turn already asks which of several was meant: one such question at a time."""
    return resolution.fits_several and draft.status is TurnStatus.CLARIFICATION
