"""Find names of three syllables and more by their sound, with the confusions that people here make (n/l, zh/z, in/ing, f/h)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PINYIN_DICT

from nlu.entities.terms import Term, WordLengths

SHORTEST = 3
LONGEST_TEXT = 300
# 皮肤可以 sounds like 皮肤科 up to its third syllable, 文化广场 like 文化馆.
NEVER_LAST = "可课棵颗克刻渴壳客蝌嗑咳广"
_TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿê", "aaaaeeeeiiiioooouuuuvvvvvnnnme")
_FUZZY = (
    (re.compile("^zh"), "z"),
    (re.compile("^ch"), "c"),
    (re.compile("^sh"), "s"),
    (re.compile("^n"), "l"),
    (re.compile("^hu$"), "fu"),
)
_FUZZY_ENDS = re.compile("(?<=[aei])ng$")


class HomophoneTree:
    """Names by the sound of their syllables."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, ...], tuple[str, Term]] = {}
        self._lengths = WordLengths()

    def add(self, name: str, term: Term) -> None:
        """Add a name, if it is all Chinese and long enough to be told by its sound."""
        if len(name) < SHORTEST or not all("一" <= character <= "鿿" for character in name):
            return
        sounds = tuple(map(_blur, lazy_pinyin(name, style=Style.NORMAL)))
        if len(sounds) == len(name):
            self._names.setdefault(sounds, (name, term))
            self._lengths.add(sounds)

    def find(self, folded: str) -> Iterator[tuple[int, int, Term]]:
        """Yield start, end and meaning of what sounds like a name but is not written so; nothing in a long text."""
        if len(folded) > LONGEST_TEXT:
            return
        sounds = tuple(map(sound, folded))
        for start, end in self._lengths.places(sounds):
            known = self._names.get(sounds[start:end])
            written = folded[start:end]
            if known and known[0] != written and _may_be_misspelt(written, known[0]):
                yield start, end, known[1]


def _may_be_misspelt(written: str, name: str) -> bool:
    """Tell whether at least one character is right, and the last one does not begin another word."""
    is_cut = written[-1] != name[-1] and written[-1] in NEVER_LAST
    return not is_cut and any(ours == theirs for ours, theirs in zip(written, name, strict=True))


@lru_cache(maxsize=8192)
def sound(character: str) -> str:
    """Return the blurred syllable of a character's first reading, or the character if it has none."""
    readings = PINYIN_DICT.get(ord(character)) if "一" <= character <= "鿿" else None
    return _blur(readings.split(",")[0].translate(_TONES)) if readings else character


def _blur(syllable: str) -> str:
    """Return the syllable without what is commonly confused."""
    for pattern, usual in _FUZZY:
        syllable = pattern.sub(usual, syllable)
    return _FUZZY_ENDS.sub("n", syllable)
