"""Brings what departments come to know to the citizen: outcomes that were unknown, clinics that were suspended.

News goes through the inbox like any message, under a key of its own, so that it is told once and in order.
"""

from collections.abc import Mapping
from datetime import timedelta

import structlog

from adapters.clock import Clock
from adapters.errors import DepartmentError, DuplicateKey, VersionConflict
from adapters.storage.store import Collection, DocumentStore, Stored, above, at_most, equals
from bot.delivery.inbox import Inbox
from bot.dialogue.events import ActionAttempted
from bot.dialogue.tracker_store import TURNS, read_turn
from bot.dialogue.turn import PendingEffect, Turn
from bot.messages import InboundMessage, TurnStatus
from skills.contract import NewsSource, Skill, SkillContext, SkillReply

logger = structlog.get_logger()
CONTACTS = Collection("contacts")
CURSORS = Collection("cursors")
_STATUS = {
    "done": TurnStatus.COMPLETED,
    "answered": TurnStatus.COMPLETED,
    "rejected": TurnStatus.REFUSED_BY_DEPARTMENT,
}
_FIRST_CHECK_SECONDS, _LONGEST_CHECK_SECONDS = 2.0, 60.0
_LONGEST_LOOKUP_SECONDS = (
    600.0  # a request that nobody confirmed for certain and nobody has seen by then was never sent
)
_NO_VALUES: dict[str, object] = {"values": {}}


class Contacts:
    """Knows by which door a citizen was last seen, for news that nobody asked for."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def note(self, account_id: str, message: InboundMessage) -> None:
        """Remember where the account was seen."""
        document = {"channel": message.channel, "session_id": message.session_id, "user_id": message.user_id}
        stored = await self._store.get(CONTACTS.name, account_id)
        try:
            if stored is None:
                await self._store.insert(CONTACTS.name, account_id, document)
            elif stored.document != document:
                await self._store.replace(CONTACTS.name, account_id, document, expected_version=stored.version)
        except (DuplicateKey, VersionConflict):
            return  # another worker has just noted the same citizen

    async def find(self, account_id: str) -> Mapping[str, str] | None:
        """Return channel, session and user of an account, or None."""
        stored = await self._store.get(CONTACTS.name, account_id)
        return None if stored is None else stored.document


class NewsDesk:
    """Looks for news and puts it into the inbox."""

    def __init__(
        self, store: DocumentStore, inbox: Inbox, contacts: Contacts, skills: Mapping[str, Skill], clock: Clock
    ) -> None:
        self._store = store
        self._inbox = inbox
        self._contacts = contacts
        self._skills = skills
        self._clock = clock

    async def look(self) -> int:
        """Look once for outcomes and for news; return how many messages were put in."""
        return await self.settle_effects() + await self.gather_news()

    async def settle_effects(self) -> int:
        """Ask the departments what became of effects whose answer was lost."""
        due = await self._store.find(
            TURNS.name, equals("effect_status", "unknown"), at_most("next_check_at", self._clock.now().timestamp())
        )
        return sum([await self._settle(stored) for stored in due])

    async def _settle(self, stored: Stored) -> bool:
        turn = read_turn(stored.document)
        effect = turn.pending_effect
        if effect is None:
            return False
        reply = await self._outcome_of(effect)
        if reply is None or reply.ending == "unknown":
            await self._check_later(stored, turn, effect)
            return False
        is_told = effect.values is None and await self._is_told(turn, effect)
        if not is_told:
            await self._inbox.accept(self._outcome_message(turn, effect, reply))
        await self._note(stored, effect_status="settled", pending_effect=stored.document["pending_effect"] | _NO_VALUES)
        return not is_told

    async def _outcome_of(self, effect: PendingEffect) -> SkillReply | None:
        """Look an effect up; one that was confirmed and that the department never saw is asked for, under the same key.

        Only so does it end: the request may have died with its worker after 处理中 was said. A copy that is still on its
        way does no harm, since its key is the same.
        """
        context = SkillContext(effect.account_id, self._clock.now(), effect.key)
        try:
            skill = self._skills[effect.skill]
            reply = await skill.settle(effect.action, context)
            if reply is not None or effect.values is None:
                return reply
            model = skill.forms[effect.action].model
            slots = model.model_validate({n: effect.values[n] for n in model.model_fields if n in effect.values})
            return await skill.act(effect.action, slots, context)
        except DepartmentError as error:
            logger.warning("effect_still_unknown", effect=effect.key, error=str(error))
        except Exception:  # one that cannot be read must not keep the others waiting
            logger.exception("effect_not_looked_up", effect=effect.key)
        return None

    async def _check_later(self, stored: Stored, turn: Turn, effect: PendingEffect) -> None:
        waited = (self._clock.now() - turn.at).total_seconds()
        if effect.values is None and waited > _LONGEST_LOOKUP_SECONDS:
            await self._note(stored, effect_status="none")
            return
        wait = min(max(_FIRST_CHECK_SECONDS, waited), _LONGEST_CHECK_SECONDS)
        await self._note(stored, next_check_at=(self._clock.now() + timedelta(seconds=wait)).timestamp())

    async def _is_told(self, turn: Turn, effect: PendingEffect) -> bool:
        """Tell whether a later turn came to the outcome by itself, when the citizen said yes once more."""
        found = await self._store.find(
            TURNS.name, equals("session_id", turn.session_id), above("sequence", turn.sequence), order_by="sequence"
        )
        events = [event for stored in found for event in read_turn(stored.document).events]
        return any(isinstance(event, ActionAttempted) and event.key == effect.key for event in events)

    def _outcome_message(self, turn: Turn, effect: PendingEffect, reply: SkillReply) -> InboundMessage:
        return InboundMessage(
            channel=turn.channel,
            session_id=turn.session_id,
            message_id=f"effect:{effect.key}",
            user_id=turn.user_id,
            text="",
            sent_at=self._clock.now(),
            kind="news",
            payload={
                "text": reply.text,
                "choices": "\n".join(reply.choices),
                "status": _STATUS[reply.ending],
                "skill": effect.skill,
            },
        )

    async def gather_news(self) -> int:
        """Ask each skill that has news for what came since the last time."""
        told = 0
        for name, skill in self._skills.items():
            if not isinstance(skill, NewsSource):
                continue
            stored = await self._store.get(CURSORS.name, name)
            after = int(stored.document["after"]) if stored else 0
            try:
                latest, items = await skill.news(after)
            except DepartmentError as error:
                logger.warning("news_not_read", skill=name, error=str(error))
                continue
            except Exception:  # one skill's news must not keep the others waiting
                logger.exception("news_not_read", skill=name)
                continue
            for item in items:
                contact = await self._contacts.find(item.account_id)
                if contact is not None:
                    payload = {"text": item.text, "choices": "\n".join(item.choices), "skill": name}
                    message = InboundMessage(
                        channel=contact["channel"],
                        session_id=contact["session_id"],
                        message_id=f"news:{name}:{item.key}",
                        user_id=contact["user_id"],
                        text="",
                        sent_at=self._clock.now(),
                        kind="news",
                        payload=payload | {"status": TurnStatus.ANSWERED},
                    )
                    told += await self._inbox.accept(message)
            if latest != after:
                await self._move_cursor(name, stored, latest)
        return told

    async def _move_cursor(self, name: str, stored: Stored | None, latest: int) -> None:
        try:
            if stored is None:
                await self._store.insert(CURSORS.name, name, {"after": latest})
            else:
                await self._store.replace(CURSORS.name, name, {"after": latest}, expected_version=stored.version)
        except (DuplicateKey, VersionConflict):
            return  # another process read the same news; the inbox has dropped the second copies

    async def _note(self, stored: Stored, **changes: object) -> None:
        try:
            await self._store.replace(
                TURNS.name, stored.key, stored.document | changes, expected_version=stored.version
            )
        except VersionConflict:
            return  # the outbox wrote beside us; the next look sees it again, and the inbox drops a second copy
