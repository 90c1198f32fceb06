"""The client of a Rasa server: asks it for the intents of an utterance, and believes nothing that does not fit."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.errors import ExchangeFailed, ExchangeRefused, FailureReason
from adapters.http_exchange import JsonExchange, Request
from nlu.classifiers.base import Thresholds
from nlu.interpretation import IntentScore
from nlu.normalizer import NormalizedText, Normalizer

ENDS = 150
PARSE, PROBE_TEXT = "/model/parse", "你好"
_COMMAND = re.compile(r"^[\s/]+")  # "/handoff.person" would be taken for that intent, whatever the model thinks


@dataclass(frozen=True, slots=True)
class RasaCalibration:
    """How Rasa's confidences become truthful, and the limits that fit them; chosen when the model was trained."""

    temperature: float = 1.0
    thresholds: Thresholds = field(default_factory=Thresholds)


class _Ranked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    confidence: float = Field(ge=0, le=1.000001, allow_inf_nan=False)


class _Parsed(BaseModel):
    """What we read of the answer to POST /model/parse."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    intent_ranking: list[_Ranked] = Field(max_length=10_000)


class RasaClassifier:
    """Asks over HTTP, within limits and behind a circuit breaker; the caller falls back when `ExchangeFailed` is raised.

    `group_of_intent` names the intents of our skills: others that the server may know are never answered with.
    """

    def __init__(
        self,
        exchange: JsonExchange,
        token: str,
        group_of_intent: Mapping[str, str],
        calibration: RasaCalibration,
        normalizer: Normalizer | None = None,
    ) -> None:
        self._exchange = exchange
        self._query = {"token": token} if token else {}
        self._group_of_intent = group_of_intent
        self._calibration = calibration
        self._normalizer = normalizer or Normalizer()

    @property
    def thresholds(self) -> Thresholds:
        """Return the limits that fit these confidences."""
        return self._calibration.thresholds

    async def open(self) -> None:
        """Make the connection pool."""
        await self._exchange.open()

    async def close(self) -> None:
        """Close the connections."""
        await self._exchange.close()

    async def ping(self) -> None:
        """Return if the server classifies; raises `ExchangeFailed` if not."""
        await self.classify(PROBE_TEXT)

    async def classify(self, text: NormalizedText | str) -> tuple[IntentScore, ...]:
        """Return the intents with their calibrated confidences, best first; raises `ExchangeFailed`.

        Of a long text only the first and last 150 characters are sent, where people say what they want: what a server
        spends on a text grows with the square of its length.
        """
        normalized = self._normalizer.normalize(text) if isinstance(text, str) else text
        body = json.dumps({"text": _sendable(normalized.text)}).encode()
        request = Request("POST", PARSE, self._query, {"Content-Type": "application/json"}, body)
        try:
            value = await self._exchange.call(request)
        except ExchangeRefused as refused:
            raise ExchangeFailed(FailureReason.BAD_STATUS, f"POST {PARSE}: refused ({refused.code})") from refused
        try:
            ranking = _Parsed.model_validate(value).intent_ranking
        except ValidationError as broken:
            places = ", ".join(".".join(str(step) for step in error["loc"]) for error in broken.errors()[:3])
            raise ExchangeFailed(FailureReason.BAD_BODY, f"POST {PARSE}: no ranking at {places or 'all'}") from broken
        return self._scores(ranking)

    def _scores(self, ranking: list[_Ranked]) -> tuple[IntentScore, ...]:
        """Calibrate; where the server knows no word of the text, every intent of ours is as likely as any other."""
        if not ranking:
            ranking = [_Ranked(name=intent, confidence=1.0) for intent in self._group_of_intent]
        raised = {each.name: each.confidence ** (1 / self._calibration.temperature) for each in ranking}
        total = sum(raised.values())
        known = [intent for intent in raised if intent in self._group_of_intent]
        if not known or total <= 0:
            raise ExchangeFailed(FailureReason.BAD_BODY, f"POST {PARSE}: ranks no intent of ours; is its model old?")
        scores = [IntentScore(intent, self._group_of_intent[intent], raised[intent] / total) for intent in known]
        return tuple(sorted(scores, key=lambda score: (-score.confidence, score.intent)))


def _sendable(text: str) -> str:
    shortened = text if len(text) <= 2 * ENDS else text[:ENDS] + text[-ENDS:]
    return _COMMAND.sub("", shortened)
