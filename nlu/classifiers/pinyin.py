"""How a text sounds, coarsely: toneless syllables, with the sounds merged that Sichuan speech and input methods confuse.

A sound is written as the first character in Unicode's order that has it, so that a text's sounds are a text again.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from pypinyin.pinyin_dict import pinyin_dict

MERGED_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"))
MERGED_SYLLABLES = {"hu": "fu", "hui": "fei"}
MERGED_FINALS = (("ing", "in"), ("eng", "en"), ("ang", "an"), ("ue", "ie"), ("ong", "en"))
USUAL_CHARACTERS = range(0x4E00, 0x9FA6)
LATIN_RUN = re.compile(r"[a-z]{2,24}")
LONGEST_SYLLABLE = 6
BETWEEN_SYLLABLES = re.compile(r"(?<=[a-z]) (?=[a-z])")
TONES = frozenset("\u0300\u0301\u0304\u030c")


def syllable_of(character: str) -> str:
    """Return the most usual reading of a character, without tone; "" if it has none."""
    listed = pinyin_dict.get(ord(character), "")
    plain = (mark for mark in unicodedata.normalize("NFD", listed.partition(",")[0]) if mark not in TONES)
    return "".join(plain).replace("u\u0308", "v")


@lru_cache(maxsize=4096)
def merge(syllable: str) -> str:
    """Return the syllable with its easily confused sounds made one."""
    syllable = MERGED_SYLLABLES.get(syllable, syllable)
    for written, merged in MERGED_INITIALS:
        if syllable.startswith(written):
            syllable = merged + syllable[len(written) :]
            break
    for written, merged in MERGED_FINALS:
        if syllable.endswith(written):
            return syllable[: -len(written)] + merged
    return syllable


class SoundTable(dict[int, str]):
    """The sound of each character, as `str.translate` wants it; rare characters are looked up when they are met."""

    def __init__(self) -> None:
        self.of_syllable: dict[str, str] = {}
        self._of_merged: dict[str, str] = {}
        for code in USUAL_CHARACTERS:
            if syllable := syllable_of(chr(code)):
                sound = self._of_merged.setdefault(merge(syllable), chr(code))
                self.of_syllable[syllable] = self[code] = sound

    def __missing__(self, code: int) -> str:
        if code not in pinyin_dict:
            return chr(code)
        self[code] = self._of_merged.get(merge(syllable_of(chr(code))), chr(code))
        return self[code]


@cache
def sound_table() -> SoundTable:
    """Return the one table; building it takes a moment."""
    return SoundTable()


def sounds(text: str) -> str:
    """Return a sound for each Chinese character and each syllable typed in Latin letters; other things stay themselves."""
    table = sound_table()
    spelt = LATIN_RUN.sub(lambda run: "".join(_split(run.group(), table.of_syllable)), text)
    spelt = BETWEEN_SYLLABLES.sub("", spelt)
    return spelt.translate(table)


def _split(letters: str, known: dict[str, str]) -> Iterator[str]:
    """Yield the sounds that the letters spell, longest syllable first; what spells nothing is yielded as it is."""
    position = 0
    while position < len(letters):
        for end in range(min(len(letters), position + LONGEST_SYLLABLE), position, -1):
            if letters[position:end] in known:
                yield known[letters[position:end]]
                position = end
                break
        else:
            yield letters[position]
            position += 1
