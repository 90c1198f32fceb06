"""Understand with a Rasa server, and with the embedded engine whenever that does not answer."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from adapters.errors import ExchangeFailed
from nlu.classifiers.rasa import RasaClassifier
from nlu.interpretation import IntentScore, Interpretation, Utterance
from nlu.interpreter import Interpreter, says_something
from nlu.normalizer import NormalizedText


class FallbackObserver(Protocol):
    """Is told which engine understood a message."""

    def fell_back(self, failure: ExchangeFailed) -> None:
        """Note that the Rasa server gave no usable answer."""
        ...

    def came_back(self) -> None:
        """Note that the Rasa server answered; called for each message."""
        ...


class RasaInterpreter:
    """Rasa ranks the intents; normaliser, entities, signals and the decision are those of the embedded engine."""

    def __init__(self, embedded: Interpreter, rasa: RasaClassifier, observer: FallbackObserver) -> None:
        self._embedded = embedded
        self._rasa = rasa
        self._observer = observer

    async def open(self) -> None:
        """Make the connection pool; the server need not be there yet."""
        await self._rasa.open()

    async def close(self) -> None:
        """Close the connections."""
        await self._rasa.close()

    async def ping(self) -> None:
        """Return if the server classifies; raises `ExchangeFailed` if not."""
        await self._rasa.ping()

    async def interpret_all(
        self, utterances: Sequence[Utterance], expected: frozenset[str] = frozenset()
    ) -> tuple[Interpretation, ...]:
        """Return the meanings of what was said in one message; never raises.

        Confidences of two engines cannot be compared, so one message is understood by one of them. The first
        utterance is asked alone: where the server does not answer it, nobody waits for the others.
        """
        normalized = [self._embedded.normalize(utterance) for utterance in utterances]
        try:
            ranked = await self._rank_all(normalized)
        except ExchangeFailed as failure:
            self._observer.fell_back(failure)
            return await self._embedded.interpret_all(utterances, expected)
        self._observer.came_back()
        return tuple(
            self._embedded.conclude(utterance, text, scores, self._rasa.thresholds, expected)
            for utterance, text, scores in zip(utterances, normalized, ranked, strict=True)
        )

    async def _rank_all(self, texts: Sequence[NormalizedText]) -> list[tuple[IntentScore, ...]]:
        ranked = [await self._rank(text) for text in texts[:1]]
        for outcome in await asyncio.gather(*map(self._rank, texts[1:]), return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
            ranked.append(outcome)
        return ranked

    async def _rank(self, text: NormalizedText) -> tuple[IntentScore, ...]:
        return await self._rasa.classify(text) if says_something(text) else ()
