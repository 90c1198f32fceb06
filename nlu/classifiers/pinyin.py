"""How a text sounds, coarsely: toneless syllables, with the sounds merged that Sichuan speech and input methods confuse."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from pypinyin.pinyin_dict import pinyin_dict

MERGED_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"))
MERGED_SYLLABLES = {"hu": "fu", "hui": "fei"}
MERGED_FINALS = (("ing", "in"), ("eng", "en"), ("ang", "an"), ("ue", "ie"), ("ong", "en"))
LATIN_RUN = re.compile(r"[a-z]{2,24}")
LONGEST_SYLLABLE = 6
TONES = frozenset("\u0300\u0301\u0304\u030c")


@lru_cache(maxsize=32768)
def syllable_of(character: str) -> str:
    """Return the most usual reading of a character, without tone; "" if it has none."""
    listed = pinyin_dict.get(ord(character), "")
    plain = (mark for mark in unicodedata.normalize("NFD", listed.partition(",")[0]) if mark not in TONES)
    return "".join(plain).replace("u\u0308", "v")


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    """Return every syllable that a character of the usual block can have."""
    return frozenset(syllable_of(chr(code)) for code in range(0x4E00, 0x9FA6)) - {""}


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


def sounds(text: str) -> list[str]:
    """Return a sound for each Chinese character and each syllable typed in Latin letters; other things stay themselves."""
    found: list[str] = []
    position = 0
    while position < len(text):
        latin = LATIN_RUN.match(text, position)
        if latin:
            found.extend(_split(latin.group()))
            position = latin.end()
            continue
        syllable = syllable_of(text[position])
        found.append(merge(syllable) if syllable else text[position])
        position += 1
    return found


def _split(letters: str) -> Iterator[str]:
    """Yield the syllables that the letters spell, longest first; what spells nothing is yielded as it is."""
    position = 0
    while position < len(letters):
        for end in range(min(len(letters), position + LONGEST_SYLLABLE), position, -1):
            if letters[position:end] in _syllables():
                yield merge(letters[position:end])
                position = end
                break
        else:
            yield letters[position]
            position += 1
