"""The steps of a form: open, fill, correct, ask, read back, act, put aside, take up again."""

from collections.abc import Mapping

from bot import texts
from bot.dialogue import events as ev
from bot.dialogue.steps import CancelForm, ChangeSlot, FillSlots, OpenForm, ResumeForm, SkipSlot
from bot.messages import OutboundMessage, TurnStatus
from bot.performing.draft import TurnDraft
from bot.performing.filling import Filling
from bot.performing.grounding import said_back
from nlu.interpretation import Interpretation
from skills.contract import Option, Skill, SlotAnswer
from skills.registry import Catalogue

_MOST_ROUNDS = 6
_MOST_OTHERS = 3
MISSES_TO_OFFER = 2
_TURNED_DOWN = frozenset({TurnStatus.REFUSED_INVALID, TurnStatus.CLARIFICATION})
_TO_CHOOSE_ANEW = _TURNED_DOWN | {TurnStatus.REFUSED_BY_DEPARTMENT}
_FEELINGS = frozenset({"angry", "desperate"})


def is_cross(heard: Interpretation) -> bool:
    """Tell whether somebody is angry or desperate; 晚上凶得很 beside a symptom is said of the illness."""
    return not _FEELINGS.isdisjoint(heard.signals) and not heard.entities_of("symptom")


class FormSteps:
    """Carries out the steps of forms for all skills alike."""

    def __init__(self, skills: Mapping[str, Skill], catalogue: Catalogue, filling: Filling) -> None:
        self._skills = skills
        self._catalogue = catalogue
        self.filling = filling

    def title(self, draft: TurnDraft) -> str:
        """Return what the form on top is called."""
        form = draft.open_form
        return self._catalogue.forms[form.skill, form.action].title

    async def open(self, step: OpenForm, draft: TurnDraft) -> None:
        """Begin a form; one that was under way waits until this one is done."""
        if step.replaces and draft.state.form is not None:
            draft.happen(ev.FormClosed(how="dropped", forgets=self.filling.sensitive(draft)))
        if draft.state.active_form is not None:
            draft.happen(ev.FormPaused(reason="digression"))
        last = draft.state.last_form
        form_id = f"{draft.message.session_id}/{draft.sequence}/{len(draft.events)}"
        draft.happen(ev.FormOpened(form_id=form_id, skill=step.skill, action=step.action))
        draft.forget_taken()
        draft.skill = step.skill
        if step.carries_over and last is not None:
            given = {name for name, _ in step.answers}
            for name, slot in self.filling.slots(draft).items():
                if slot.is_carried_over and name in last.slots and name not in given:
                    filled = last.slots[name]
                    draft.happen(ev.SlotFilled(slot=name, value=filled.value, shown=filled.shown))
                    draft.taken.append(name)
        await self.filling.fill(step.answers, draft)
        await self.go_on(draft)

    async def fill(self, step: FillSlots, draft: TurnDraft) -> bool:
        """Fill or correct slots, then ask for what is still missing; tell whether any answer was one."""
        before = len(draft.events), len(draft.replies)
        draft.asked_before = draft.open_form.asked
        was_filled = {name for name, _ in step.answers if name in draft.open_form.slots}
        is_angry = step.heard is not None and is_cross(step.heard)
        await self.filling.fill(step.answers, draft)
        if step.heard is not None and not was_filled and (len(draft.events), len(draft.replies)) == before:
            return False
        if is_angry:
            draft.replies.insert(0, OutboundMessage(text=texts.pick(texts.SORRY, draft.said)))
        if draft.state.misses and draft.status not in _TURNED_DOWN:
            draft.happen(ev.WasUnderstood())
        await self.go_on(draft)
        return True

    async def change(self, step: ChangeSlot, draft: TurnDraft) -> None:
        """Ask a slot anew, or which slot is meant."""
        form, slots = draft.open_form, self.filling.slots(draft)
        draft.skill = form.skill
        if step.slot is None:
            titles = tuple(slots[name].title for name in form.slots if not slots[name].is_hint)
            draft.say(texts.WHAT_TO_CHANGE, (*(f"换{title}" for title in titles), texts.DO_NOT))
            draft.end(TurnStatus.ASKED)
            return
        asked = step.slot
        if slots[asked].is_hint:  # 换个医生: what follows from it is asked, for nobody is asked for a doctor
            asked = next((n for n in self.filling.dependants(asked, draft) if n in form.slots), asked)
        turned_down = form.slots.get(asked)
        self.filling.clear(step.slot, draft)
        is_too_early = not self.filling.can_be_asked(asked, draft)
        if is_too_early:
            draft.lead_in = texts.ASKED_LATER.format(title=slots[asked].title)
        if (
            slots[asked].is_hint
            or is_too_early
            or not await self._ask(asked, draft, without=turned_down.value if turned_down else None)
        ):
            await self.go_on(draft)

    async def skip(self, step: SkipSlot, draft: TurnDraft) -> None:
        """Leave an optional slot empty and go on."""
        draft.happen(ev.SlotSkipped(slot=step.slot))
        await self.go_on(draft)

    def cancel(self, step: CancelForm, draft: TurnDraft) -> None:
        """Drop the form on top; the draft can be taken up again."""
        if draft.state.form is None:
            draft.say(texts.pick(texts.NOTHING_TO_CANCEL, draft.said))
            draft.end(TurnStatus.ANSWERED)
            return
        title = self.title(draft)
        draft.skill = draft.open_form.skill
        draft.happen(
            ev.FormClosed(how="dropped", forgets=self.filling.sensitive(draft))
            if step.restarts
            else ev.FormClosed(how="cancelled")
        )
        if not step.restarts:
            draft.say(texts.CANCELLED.format(title=title))
        draft.end(TurnStatus.COMPLETED_CANCELLED)

    def pause(self, draft: TurnDraft) -> None:
        """Put the form on top aside."""
        draft.happen(ev.FormPaused(reason="asked"))
        draft.say(texts.PAUSED.format(title=self.title(draft)))
        draft.end(TurnStatus.ANSWERED)

    async def resume(self, step: ResumeForm, draft: TurnDraft) -> None:
        """Take the paused form or the draft up again; what may have gone stale is looked at first."""
        was_away = draft.state.form is None or draft.state.form.paused != "digression"
        draft.happen(ev.FormResumed())
        draft.skill = draft.open_form.skill
        draft.say(texts.RESUMED.format(title=self.title(draft)))
        if was_away:
            await self.filling.look_again(draft)
        self.recall(draft)
        await self.filling.fill(step.answers, draft)
        await self.go_on(draft)

    async def go_on(self, draft: TurnDraft) -> None:
        """Ask for the next missing slot, or read the complete form back."""
        for _ in range(_MOST_ROUNDS):
            form = draft.open_form
            missing = self.filling.missing(draft)
            if (
                form.asked in form.slots
                and draft.status in _TURNED_DOWN
                and self.filling.can_be_asked(form.asked, draft)
            ):
                missing = [form.asked]  # another value was wanted, and these are the ones that there are
            if not missing:
                self.confirm(draft)
                return
            if await self._ask(missing[0], draft) or draft.state.form is not form:
                return
        raise RuntimeError(f"{draft.open_form.skill}.{draft.open_form.action} clears what it has just been told")

    def confirm(self, draft: TurnDraft) -> None:
        """Read the complete form back."""
        form = draft.open_form
        draft.skill = form.skill
        shown = {name: slot.shown for name, slot in form.slots.items()}
        draft.happen(ev.ConfirmationAsked())
        summary = self._skills[form.skill].summary(form.action, shown, form.values)
        changed = self._said_back(draft) if draft.corrected else ""  # masked alike, nobody could see that it changed
        lead_in, draft.lead_in = f"{draft.lead_in}\n{changed}".strip(), ""
        draft.say(
            f"{lead_in}\n{summary}".strip(),
            (texts.CONFIRM, texts.CHANGE, texts.DO_NOT, *draft.others),
        )
        draft.end(TurnStatus.ASKED_CONFIRMATION)

    async def ask_again(self, draft: TurnDraft) -> None:
        """Lead back to a form after a digression: ask for the same slot, or read the form back again."""
        if draft.state.active_form is not None:
            draft.lead_in = texts.BACK_TO_FORM.format(title=self.title(draft))
            self.recall(draft)
            await self.go_on(draft)

    def recall(self, draft: TurnDraft) -> None:
        """Have what the form holds already said again: who comes back to it need not look it up."""
        slots = self.filling.slots(draft)
        draft.forget_taken()
        chosen = [n for n, slot in slots.items() if not slot.is_sensitive and slot.is_said_back]
        draft.recalled = [name for name in chosen if name in draft.open_form.slots]

    async def _ask(self, name: str, draft: TurnDraft, without: object = None) -> bool:
        """Ask for a slot; tell whether it was asked (and not taken at once, or found impossible)."""
        form, slot = draft.open_form, self.filling.slots(draft)[name]
        skill = self._skills[form.skill]
        offered = await skill.options(form.action, name, form.values, draft.context())
        if offered.clears:
            draft.say(offered.notice)
            for cleared in offered.clears:
                self.filling.clear(cleared, draft)
            return False
        if offered.notice and not offered.items:
            draft.happen(ev.FormClosed(how="dropped", forgets=self.filling.sensitive(draft)))
            draft.say(offered.notice)
            draft.end(TurnStatus.ANSWERED)
            return True
        items = tuple(option for option in offered.items if option.value != without) or offered.items
        if without is None and await self._taken_at_once(name, items, draft):
            return False
        was_just_refused = draft.status in _TURNED_DOWN and form.asked == name and form.options
        if was_just_refused:
            items = tuple(Option(option.label, option.value) for option in form.options)
        is_again = form.asked == name and not draft.lead_in
        is_missed = draft.state.misses > 0 or draft.status is TurnStatus.REFUSED_INVALID or is_again
        self.filling.note_asked(name, items, draft)
        prompt = slot.reprompt if is_missed and slot.reprompt else slot.prompt
        notice = "" if was_just_refused else offered.notice
        choices = tuple(option.label for option in items)
        if draft.status is TurnStatus.REFUSED_INVALID and draft.state.misses >= MISSES_TO_OFFER:
            prompt, choices = texts.OFFER_PERSON, (*choices, texts.PERSON)
            draft.happen(ev.OfferMade(offer="person"))
        if was_just_refused and draft.status is TurnStatus.CLARIFICATION and draft.replies:
            prompt = draft.replies.pop().text  # it asks already which of these is meant
        taken = self._said_back(draft, notice)
        lines = [draft.lead_in, f"{taken}{notice}", prompt] if notice else [draft.lead_in, f"{taken}{prompt}"]
        draft.lead_in = ""
        draft.say("\n".join(line for line in lines if line), choices)
        draft.skill = form.skill
        draft.end(TurnStatus.ASKED)
        return True

    async def _taken_at_once(self, name: str, items: tuple[Option, ...], draft: TurnDraft) -> bool:
        """Fill a slot that need not be asked: any value will do, or there is but one; tell whether it is filled."""
        form, slot = draft.open_form, self.filling.slots(draft)[name]
        if name in form.left_open and items:
            wish = form.left_open[name]
            await self.filling.fill_one(name, SlotAnswer(wish, is_any=not wish), draft)
            if name in draft.open_form.slots:
                draft.taken.append(name)
                return True
        if len(items) > 1 and slot.default_notice and self._is_passed_over(name, draft):
            return await self._take_the_first(name, items, draft)
        if not slot.is_taken_if_single or len(items) != 1 or name in form.slots:
            return False
        await self.filling.fill_one(name, SlotAnswer(items[0].label, value=items[0].value), draft)
        is_filled = name in draft.open_form.slots
        if slot.single_notice and is_filled:
            draft.say(f"{self._said_back(draft)}{slot.single_notice.format(label=items[0].label)}")
        return is_filled

    def _is_passed_over(self, name: str, draft: TurnDraft) -> bool:
        """Tell whether nobody will choose: nothing else is left to say, or something else was said to the question."""
        form = draft.open_form
        slot = self.filling.slots(draft)[name]
        if name in form.slots or draft.status in _TO_CHOOSE_ANEW or self._is_gone(name, draft):
            return False
        slots, missing = self.filling.slots(draft), self.filling.missing(draft)
        is_last = all(slots[other].is_taken_if_single for other in missing if other != name)
        is_said = any(other not in {*slot.depends_on, name} for other in draft.taken)
        is_told = is_said or any(slots[other].is_sensitive for other in form.slots)
        return is_told and (is_last or (is_said and form.asked == name))

    def _is_gone(self, name: str, draft: TurnDraft) -> bool:
        """Tell whether what was chosen cannot be had any more: then one chooses anew, and nobody is chosen for."""
        was_chosen = any(isinstance(event, ev.SlotCleared) and event.slot == name for event in draft.events)
        return was_chosen and set(self.filling.slots(draft)[name].depends_on).isdisjoint(draft.taken)

    async def _take_the_first(self, name: str, items: tuple[Option, ...], draft: TurnDraft) -> bool:
        """Take the first on offer for somebody who did not choose, and say what else there is; tell whether it could be had."""
        await self.filling.fill_one(name, SlotAnswer(items[0].label, value=items[0].value), draft)
        if name not in draft.open_form.slots:
            return False
        draft.others = tuple(option.label for option in items[1 : 1 + _MOST_OTHERS])
        notice = self.filling.slots(draft)[name].default_notice.format(
            label=items[0].label, others="；".join(draft.others)
        )
        draft.say(f"{self._said_back(draft, notice)}{notice}")
        return True

    def _said_back(self, draft: TurnDraft, notice: str = "") -> str:
        return said_back(draft, self.filling.slots(draft), self.title(draft), notice)
