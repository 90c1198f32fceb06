"""Which of the clinics on offer are meant by words such as 专家号, 便宜点的那个, 不要专家, 最早的."""

import re
from collections.abc import Callable, Sequence

from skills.contract import NotAccepted, Option

_LONGEST = 40
_DOCTOR_AND_TITLE = 2
_KINDS = (
    ("专家", "（专家）"),
    ("普通", "（普通）"),
    ("专病", "（专病）"),
    ("副主任", "副主任医师"),
    ("(?<!副)主任|教授", "(?<!副)主任医师"),
    ("主治", "主治医师"),
    ("上午|早上|早晨", "上午"),
    ("下午|后半天", "下午"),
)
_NOT = r"(?:不要|不想要|不挂|莫要|莫挂|莫|别挂|别要)[^，。,.\s]{0,3}?"
_FEE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,2})?)元")
_LEFT = re.compile(r"余([0-9]{1,4})个")


_SAID_FEE = re.compile(r"([0-9]{1,3})(?:元|块)")
NONE_OF_THESE = "这几个里没有您说的那种。可以选一个别的，也可以换个时间。"
SEVERAL_OF_THESE = "这几个都符合，您选哪一个？"


def described_options(text: str, options: Sequence[Option]) -> tuple[Option, ...] | None:
    """Return the options that the words describe, all of them if they fit several; None if the words describe nothing."""
    if len(text) > _LONGEST:
        return None
    named = [option for option in options if (doctor := _doctor(option)) and doctor in text]
    fitting, is_described = named or list(options), bool(named)
    for said, shown in _KINDS:
        if not re.search(said, text):
            continue
        is_described = True
        is_wanted = re.search(f"{_NOT}(?:{said})", text) is None
        fitting = [option for option in fitting if (re.search(shown, option.label) is not None) == is_wanted]
    if fee := _SAID_FEE.search(text):
        is_described = True
        fitting = [option for option in fitting if _fee(option) == float(fee[1])]
    for said, rank in _RANKS:
        if fitting and re.search(said, text):
            return (min(fitting, key=rank),)
    return tuple(fitting) if is_described else None


def not_one_of(described: Sequence[Option] | None) -> NotAccepted:
    """Say that no option was described, or none of these is such a one, or several are."""
    if described is None:
        return NotAccepted("")
    return NotAccepted(SEVERAL_OF_THESE if described else NONE_OF_THESE, tuple(described), fits_several=bool(described))


def _doctor(option: Option) -> str:
    """Return the doctor's name in a label: 上午 周若兰 主治医师（普通）6元."""
    words = option.label.split(" ")
    return words[1] if len(words) > _DOCTOR_AND_TITLE else ""


def _fee(option: Option) -> float:
    found = _FEE.search(option.label)
    return float(found[1]) if found else 0.0


def _seats_taken(option: Option) -> int:
    found = _LEFT.search(option.label)
    return -int(found[1]) if found else 0


_RANKS: tuple[tuple[str, Callable[[Option], float]], ...] = (
    ("便宜|相因|省钱|最低", _fee),
    ("最贵|贵点|最厉害|资格最老", lambda option: -_fee(option)),
    ("号多|余得?多|剩得?多|人少", _seats_taken),
    ("第一个|头一个|最早|最近|越快|尽快|最快|早点", lambda _: 0.0),  # they stand in order of time
)
