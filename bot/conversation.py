"""Read this first: one turn of a conversation, from a message to the reply that is stored."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import perf_counter
from typing import Protocol

import structlog

from adapters.departments.reads import asked_once
from adapters.errors import StoreError
from adapters.identifiers import IdentifierSource
from bot import texts
from bot.delivery.killpoints import killpoint
from bot.dialogue import events as ev
from bot.dialogue.policy import decide
from bot.dialogue.situation import Heard
from bot.dialogue.steps import Danger, Decline, Step, TakeQueued
from bot.dialogue.tracker_store import Tracker, TrackerStore
from bot.dialogue.turn import Turn
from bot.guards import DangerGuard, Limits
from bot.messages import InboundMessage, TurnStatus
from bot.performing.draft import TurnDraft
from bot.performing.handoffs import HandoffSteps
from bot.performing.performer import Performer
from bot.redaction import mask
from nlu.clauses import clauses_of
from nlu.interpretation import Interpretation, Utterance
from skills.registry import Catalogue

logger = structlog.get_logger()


class TurnObserver(Protocol):
    """Is told of every turn once it is stored."""

    def turn_ended(self, turn: Turn, seconds: float) -> None:
        """Count and log the turn."""
        ...


class UtteranceInterpreter(Protocol):
    """Turns utterances into their meanings; never raises."""

    async def interpret_all(
        self, utterances: Sequence[Utterance], expected: frozenset[str] = frozenset()
    ) -> Sequence[Interpretation]:
        """Return the meanings of what was said in one message; `expected` are the entity types just asked for."""
        ...


class Conversation:
    """Takes the messages of all sessions, a turn each. It holds no state of its own: that is loaded and saved."""

    def __init__(
        self,
        trackers: TrackerStore,
        interpreter: UtteranceInterpreter,
        catalogue: Catalogue,
        performer: Performer,
        handoffs: HandoffSteps,
        danger_guard: DangerGuard,
        limits: Limits,
        observer: TurnObserver,
        identifiers: IdentifierSource,
        account_of: Callable[[str], str],
    ) -> None:
        self._trackers = trackers
        self._interpreter = interpreter
        self._catalogue = catalogue
        self._performer = performer
        self._handoffs = handoffs
        self._danger_guard = danger_guard
        self._limits = limits
        self._observer = observer
        self._identifiers = identifiers
        self._account_of = account_of

    async def handle(self, message: InboundMessage, fencing_token: int, *, is_retry: bool = False) -> Turn:
        """Take one message: load the session, decide, do, save once. Taken again, it gives the turn it already had.

        `is_retry` says that a worker may have begun on it before: what it asked of a department may have been done.
        """
        while True:
            began = perf_counter()
            killpoint("before_load")
            tracker = await self._trackers.load(message.session_id, fencing_token)
            killpoint("after_load")
            tracker.refuse_stale(fencing_token)
            if message.key in tracker.state.message_keys:
                earlier = await self._trackers.turn(message.session_id, message.key)
                if earlier is not None:
                    await self._trackers.finish(tracker, earlier)
                    return earlier
            draft = self._begin(tracker, message)
            draft.is_retry = is_retry
            try:
                with asked_once():
                    await self._respond(draft)
            except StoreError:
                raise  # nothing could be saved now: the message waits, and is taken again
            except Exception:
                logger.exception("turn_failed", trace_id=draft.trace_id, session_id=mask(message.session_id))
                draft = self._apologise(tracker, message, draft.trace_id)
            turn = self._conclude(draft, fencing_token, perf_counter() - began)
            killpoint("before_save")
            if await self._trackers.append(tracker, turn):
                killpoint("after_save")
                self._observer.turn_ended(turn, perf_counter() - began)
                return turn

    async def give_up(self, message: InboundMessage, fencing_token: int) -> Turn:
        """Take a message that has brought down its workers too often: it goes to a person, unread.

        One that was taken after all (its workers died after the save) keeps the turn that it has.
        """
        while True:
            tracker = await self._trackers.load(message.session_id, fencing_token)
            tracker.refuse_stale(fencing_token)
            if message.key in tracker.state.message_keys:
                earlier = await self._trackers.turn(message.session_id, message.key)
                if earlier is not None:
                    await self._trackers.finish(tracker, earlier)
                    return earlier
            draft = self._begin(tracker, message)
            await self._handoffs.give_up(draft)
            draft.pending_effect = self._performer.effect_under_way(draft)
            turn = self._conclude(draft, fencing_token, 0.0)
            if await self._trackers.append(tracker, turn):
                self._observer.turn_ended(turn, 0.0)
                return turn

    async def _respond(self, draft: TurnDraft) -> None:
        """The story of a turn: guards, news, a person, understanding, deciding, doing."""
        message, state = draft.message, draft.state
        if (
            message.kind == "news"
        ):  # also while a person has the session: it was promised, and the person does not know it
            self._tell_news(draft)
            return
        if state.control == "human":
            draft.end(TurnStatus.WITH_AGENT)
            return
        if self._guarded(draft):
            return
        danger = self._danger_guard.danger_in(message.text)
        if danger is not None:
            await self._performer.perform(Danger(danger), draft, self._hear)
            return
        self._note_gap(draft)
        heard = await self._hear(message.text, draft)
        draft.intent, draft.group, draft.confidence = heard.whole.intent, heard.whole.group, heard.whole.confidence
        step = decide(state, heard, self._catalogue)
        self._settle_offer(step, draft)
        await self._performer.perform(step, draft, self._hear)

    def _begin(self, tracker: Tracker, message: InboundMessage) -> TurnDraft:
        return TurnDraft(
            message,
            tracker.sequence + 1,
            tracker.state.branch(),
            self._account_of(message.user_id),
            trace_id=self._identifiers.new()[:12],
        )

    def _guarded(self, draft: TurnDraft) -> bool:
        """End the turn when there is nothing to understand, or too much."""
        text, kind = draft.message.text, draft.message.kind
        if self._limits.is_maintenance:
            draft.say(texts.MAINTENANCE)
            draft.end(TurnStatus.GUARDED_MAINTENANCE)
        elif draft.message.payload.get("answers_sequence", str(draft.sequence - 1)) != str(draft.sequence - 1):
            draft.say(texts.pick(texts.STALE_CHOICE, draft.said))
            draft.end(TurnStatus.GUARDED_STALE_CHOICE)
        elif kind == "unsupported" and not text.strip():
            draft.say(texts.pick(texts.UNSUPPORTED, draft.said), (texts.PERSON,))
            draft.end(TurnStatus.GUARDED_UNSUPPORTED)
        elif not text.strip():
            draft.say(texts.pick(texts.EMPTY, draft.said))
            draft.end(TurnStatus.GUARDED_EMPTY)
        elif len(text) > self._limits.longest_message:
            draft.say(texts.TOO_LONG.format(length=len(text), limit=self._limits.longest_message))
            draft.end(TurnStatus.GUARDED_TOO_LONG)
        return draft.status is not None

    def _tell_news(self, draft: TurnDraft) -> None:
        payload = draft.message.payload
        draft.skill = payload.get("skill")
        choices = tuple(filter(None, payload.get("choices", "").split("\n")))
        draft.say(payload["text"], choices)
        draft.end(TurnStatus(payload["status"]))

    def _settle_offer(self, step: Step, draft: TurnDraft) -> None:
        """Take what was offered out of the air, whether or not it is taken up; a request that was passed over is dropped."""
        offer = draft.state.offer
        if offer == "queued_request" and not isinstance(step, TakeQueued | Decline):
            draft.happen(ev.RequestTaken())
        if offer is not None or draft.state.clarification is not None:
            draft.happen(ev.OfferSettled())

    def _note_gap(self, draft: TurnDraft) -> None:
        """Put a form aside that was left alone for long: what was offered then may be gone."""
        before = draft.state.updated_at
        if before is None or draft.state.active_form is None:
            return
        if draft.message.sent_at - before >= timedelta(minutes=self._limits.gap_minutes):
            draft.happen(ev.FormPaused(reason="gap"))

    async def _hear(self, text: str, draft: TurnDraft) -> Heard:
        """Understand a text as a whole and, when it has several clauses, each of them; an offered choice is one thing."""
        at: datetime = draft.message.sent_at
        clauses = [] if draft.state.was_offered(text) else clauses_of(text)
        said = [Utterance(part, at) for part in (text, *clauses)]
        whole, *meanings = await self._interpreter.interpret_all(said, self._expected(draft))
        return Heard(whole, tuple(meanings), *self._danger_guard.signs_in(text))

    def _expected(self, draft: TurnDraft) -> frozenset[str]:
        """Return the entity types that would answer the open question."""
        form = draft.state.form
        if form is None or form.asked is None:
            return frozenset({"ordinal"}) if draft.state.clarification else frozenset()
        slot = self._catalogue.forms[form.skill, form.action].model.slots()[form.asked]
        return frozenset(slot.entities) | (frozenset({"ordinal"}) if form.options else frozenset())

    def _apologise(self, tracker: Tracker, message: InboundMessage, trace_id: str) -> TurnDraft:
        """Begin the turn anew, with nothing of what went wrong, and say sorry."""
        draft = self._begin(tracker, message)
        draft.trace_id = trace_id
        draft.pending_effect = self._performer.effect_under_way(draft)
        draft.say(texts.INTERNAL_ERROR.format(trace=trace_id), (texts.PERSON,))
        draft.end(TurnStatus.ERROR_INTERNAL)
        return draft

    def _conclude(self, draft: TurnDraft, fencing_token: int, seconds: float) -> Turn:
        message = draft.message
        if draft.status is None or (not draft.replies and draft.status is not TurnStatus.WITH_AGENT):
            raise RuntimeError(f"turn {draft.trace_id} ended without a status or a reply")
        return Turn(
            session_id=message.session_id,
            sequence=draft.sequence,
            message_key=message.key,
            channel=message.channel,
            user_id=message.user_id,
            text=mask(message.text)[: self._limits.longest_message],
            at=message.sent_at,
            status=draft.status,
            intent=draft.intent,
            group=draft.group,
            confidence=draft.confidence,
            skill=draft.skill,
            events=tuple(draft.events),
            replies=tuple(draft.replies),
            pending_effect=draft.pending_effect,
            trace_id=draft.trace_id,
            fencing_token=fencing_token,
            seconds=round(seconds, 6),
        )
