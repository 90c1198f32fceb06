"""Signs of an illness that belongs to 120 before any booking: told by how they stand together, and since when. No diagnosis."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nlu.entities.folding import fold

_LONGEST_READ = 2000
_GAP = r"[^\s，。！？；、,.!?;没不莫未无]{0,6}"
_NOT_DENIED = r"(?<![没不莫未无])(?<!没有)"
_CLAUSE = re.compile(r"[\s，。！？；、,.!?;]")
_NEVER, _ALWAYS = re.compile(r"(?!)"), re.compile("")


@dataclass(frozen=True, slots=True)
class Illness:
    """Signs that alarm by themselves (`alone`), with a sudden or present beginning (`now`), or two of several together.

    `given` must stand beside all of them, where it is asked for: whom it befalls, or after what.
    """

    given: re.Pattern[str]
    alone: re.Pattern[str]
    now: re.Pattern[str]
    two_of: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str]

    def is_in(self, told: str, *, is_now: bool, is_history: bool) -> bool:
        """Tell whether it is spoken of; beside history that nothing new is added to, only what alarms by itself counts."""
        if self.given.search(told) is None or self.unless.search(told):
            return False
        if self.alone.search(told):
            return True
        if is_history and not is_now:
            return False
        is_sudden = is_now and self.now.search(told) is not None
        return is_sudden or sum(sign.search(told) is not None for sign in self.two_of) > 1


class RedFlags:
    """Knows the signs, and the words for now, for long ago, for papers and money about an illness, and figures of speech."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        when = content["when"]
        self._now, self._history = (
            pattern_of(when["now"]),
            pattern_of((*when["past"], *when["lasting"], *when["matter"])),
        )
        self._idiom, self._not_now = pattern_of(when["idiom"]), pattern_of(when["not_now"])
        self._illnesses = [
            Illness(
                pattern_of(row["given"]) if "given" in row else _ALWAYS,
                pattern_of(row.get("alone", ())),
                pattern_of(row.get("now", ())),
                tuple(map(pattern_of, row.get("two_of", ()))),
                pattern_of(row.get("unless", ())),
            )
            for row in content["illnesses"]
        ]

    def are_in(self, text: str) -> bool:
        """Tell whether signs are told of that have come on; long ago, a check-up, a benefit, a figure of speech are none."""
        plain = self._idiom.sub(" ", self._plain(text))
        told = " ".join(map(self._present, _CLAUSE.split(plain)))
        is_now, is_history = self._now.search(told) is not None, self._history.search(plain) is not None
        return any(illness.is_in(told, is_now=is_now, is_history=is_history) for illness in self._illnesses)

    def are_history(self, text: str) -> bool:
        """Tell whether illness is only spoken of in a figure of speech, or as what is long over, or for a paper or money."""
        plain = self._plain(text)
        is_history = self._history.search(plain) is not None and self._now.search(plain) is None
        return is_history or self._idiom.search(plain) is not None

    def _plain(self, text: str) -> str:
        return self._not_now.sub(" ", fold(text[:_LONGEST_READ]))

    def _present(self, clause: str) -> str:
        """Return what a clause tells of now: 以前中过风今天又嘴歪了 is about today."""
        if not self._history.search(clause):
            return clause
        now = self._now.search(clause)
        rest = clause[now.start() :] if now else ""
        return "" if self._history.search(rest) else rest


def pattern_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return what finds one of the phrases: `嘴|脸…歪` is either word with 歪 at most four signs behind it."""
    found = "|".join(_GAP.join(f"(?:{part})" for part in map(_words, str(phrase).split("…"))) for phrase in phrases)
    return re.compile(f"{_NOT_DENIED}(?:{found})") if found else _NEVER


def _words(part: str) -> str:
    return "|".join(re.escape(word) for word in sorted(part.split("|"), key=len, reverse=True))
