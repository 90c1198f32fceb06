"""Citizens who hold conversations: each reads what the bot asked and writes what a person would. All data is 示例."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CONVERSATIONS = Path(__file__).with_name("conversations.yml")
_OVER = ("completed", "completed_pending", "completed_cancelled", "refused_by_department", "handed_off")
_ADAPTIVE = ("booking", "availability", "cancelled_booking")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@cache
def script() -> Mapping[str, Any]:
    """Return the content of conversations.yml."""
    content: Mapping[str, Any] = yaml.safe_load(CONVERSATIONS.read_text(encoding="utf-8"))
    return content


@dataclass(slots=True)
class Said:
    """The last that the bot said: one reply and its choices, and the status of the turn."""

    text: str = ""
    choices: Sequence[str] = ()
    status: str = ""


@dataclass(slots=True)
class Citizen:
    """One person with one session. `chance` decides what is talked about, so that a run can be repeated."""

    chance: random.Random
    has_departments: bool = True
    said: Said = field(default_factory=Said)
    written: int = 0
    _kind: str = ""
    _lines: list[str] = field(default_factory=list)
    _person: dict[str, str] = field(default_factory=dict)

    def write(self) -> str:
        """Return the next message: the answer to what was asked, or the beginning of another conversation."""
        self.written += 1
        if self._kind and not self._lines and self._kind in _ADAPTIVE and self.said.status not in _OVER:
            reply = self._reply()
            if reply is not None:
                return reply
            self._kind = ""
        if not self._lines:
            self._begin()
        return self._lines.pop(0)

    def _begin(self) -> None:
        kinds = {
            kind: settings["weight"]
            for kind, settings in script()["kinds"].items()
            if self.has_departments or not settings.get("needs_department")
        }
        self._kind = self.chance.choices(list(kinds), list(kinds.values()))[0]
        self.written = 1
        if self._kind not in _ADAPTIVE:
            self._lines = list(self.chance.choice(script()[self._kind]))
            return
        opener = self.chance.choice(script()["openers"][self._kind])
        place = {"hospital": self.chance.choice(script()["hospitals"])}
        self._lines = [opener.format(department=self.chance.choice(script()["departments"]), **place)]
        self._person = self._person or make_person(self.chance)

    def _reply(self) -> str | None:
        """Return the answer to the question in the air, None when the conversation is over."""
        if self._kind == "availability":
            return None
        if (self._kind == "cancelled_booking" and self.written > 3) or self.written > script()["most_messages"]:
            self._kind = ""
            return str(script()["give_up"])
        for rule in script()["answers"]:
            if rule["asked"] in self.said.text:
                return str(rule["write"]).format(**self._person)
        choices = [choice for choice in self.said.choices if choice not in script()["never_chosen"]]
        return self.chance.choice(choices) if choices else str(script()["give_up"])


def make_person(chance: random.Random) -> dict[str, str]:
    """Return a made-up person (示例): a name, a number with a right check digit, a phone of an unused range."""
    day = f"{chance.randint(1950, 2004)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
    body = f"510703{day}{chance.randint(0, 999):03d}"
    check = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]
    return {
        "name": chance.choice(script()["surnames"]) + chance.choice(script()["given_names"]),
        "id_number": body + check,
        "phone": f"1380000{chance.randint(0, 9999):04d}",
    }


def single_messages() -> list[str]:
    """Return every message of the script that stands alone: what an engine without conversations is asked to parse."""
    talk = [line for kind in ("policy", "small_talk", "out_of_scope") for lines in script()[kind] for line in lines]
    asked = [
        opener.format(hospital=hospital, department=department)
        for kind in _ADAPTIVE
        for opener in script()["openers"][kind]
        for hospital in script()["hospitals"]
        for department in script()["departments"][:1]
    ]
    return talk + asked
