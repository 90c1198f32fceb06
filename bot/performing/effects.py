"""The effect of a form that was confirmed: asked for once under its key, and what came of it told."""

import hashlib
from collections.abc import Mapping

from adapters.errors import DepartmentRefused, DepartmentUnavailable
from bot import texts
from bot.delivery.killpoints import killpoint
from bot.delivery.news import Contacts
from bot.dialogue import events as ev
from bot.dialogue.turn import PendingEffect
from bot.messages import TurnStatus
from bot.performing.draft import TurnDraft
from bot.performing.forms import FormSteps
from skills.contract import Skill, SkillReply
from skills.registry import Catalogue


class EffectSteps:
    """Acts on the form on top, and closes it or leads back to it."""

    def __init__(self, skills: Mapping[str, Skill], catalogue: Catalogue, contacts: Contacts, forms: FormSteps) -> None:
        self._skills = skills
        self._catalogue = catalogue
        self._contacts = contacts
        self._forms = forms

    async def act(self, draft: TurnDraft) -> bool:
        """Carry the confirmed form out; tell whether the form is closed by it."""
        form = draft.open_form
        draft.skill = form.skill
        model = self._catalogue.forms[form.skill, form.action].model
        slots = model.model_validate({n: form.slots[n].value for n in model.model_fields if n in form.slots})
        key = effect_key(form.form_id, form.attempts)
        await self._contacts.note(draft.account_id, draft.message)
        killpoint("before_act")
        try:
            reply = await self._skills[form.skill].act(form.action, slots, draft.context(key))
        except DepartmentUnavailable:
            if draft.is_retry:  # the worker before us may have got through: only asking with the key can tell
                return await self._conclude(SkillReply("", "unknown"), key, draft)
            draft.say(texts.DEPARTMENT_UNAVAILABLE.format(title=self._forms.title(draft)))
            draft.end(TurnStatus.ERROR_DEPARTMENT_UNAVAILABLE)
            draft.happen(ev.FormPaused(reason="asked"))
            return False
        except DepartmentRefused as refusal:
            reply = SkillReply(refusal.reason, "rejected")
        killpoint("after_act")
        return await self._conclude(reply, key, draft)

    def effect_under_way(self, draft: TurnDraft) -> PendingEffect | None:
        """Return the effect that a turn which failed may have asked for: that of a form which awaited its yes."""
        form = draft.state.active_form
        if form is None or not form.awaits_confirmation:
            return None
        return PendingEffect(
            key=effect_key(form.form_id, form.attempts),
            account_id=draft.account_id,
            skill=form.skill,
            action=form.action,
            title=self._forms.title(draft),
        )

    async def _conclude(self, reply: SkillReply, key: str, draft: TurnDraft) -> bool:
        form = draft.open_form
        closed = ev.FormClosed(how="completed", forgets=self._forms.filling.sensitive(draft))
        if reply.ending == "unknown":
            title = self._forms.title(draft)
            values = form.values  # the closing forgets them
            draft.happen(ev.ActionAttempted(key=key, outcome="unknown"), closed)
            draft.pending_effect = PendingEffect(
                key=key,
                account_id=draft.account_id,
                skill=form.skill,
                action=form.action,
                title=title,
                values=values,
            )
            draft.say(reply.text or texts.PENDING.format(title=title), reply.choices)
            draft.end(TurnStatus.COMPLETED_PENDING)
            return True
        if reply.ending == "rejected":
            draft.happen(ev.ActionAttempted(key=key, outcome="rejected"))
            draft.say(reply.text, () if reply.clears else reply.choices)
            draft.end(TurnStatus.REFUSED_BY_DEPARTMENT)
            if not reply.clears:
                draft.happen(ev.FormClosed(how="cancelled"))
                return True
            for slot in reply.clears:
                self._forms.filling.clear(slot, draft)
            await self._forms.go_on(draft)
            return False
        draft.happen(ev.ActionAttempted(key=key, outcome="done"), closed)
        draft.say(reply.text, reply.choices)
        draft.end(TurnStatus.COMPLETED)
        return True


def effect_key(form_id: str, attempts: int) -> str:
    """Return the idempotency key of a form's next attempt: the same when the turn is taken again after a crash."""
    return hashlib.sha256(f"{form_id}#{attempts}".encode()).hexdigest()[:40]
