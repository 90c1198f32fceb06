"""Turn what people write into the words that the rest expects, and remember where each character came from.

The steps: width and case; traditional to simplified script; blanks and repetitions; fillers; dialect, colloquial and
misheard words (`lexicon.yml`); particles; numbers of phones and papers, which are left out. Each step names its edits, from left to right; one function makes them all.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import yaml

from nlu.excerpt import stretches

LEXICON = Path(__file__).with_name("lexicon.yml")
REPLACEMENT_SECTIONS = ("taiwan", "colloquial", "misheard", "dialect")
LONGEST_EXPANSION = 4
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Mn", "Me", "Co"})
NUMERALS = frozenset("0123456789零〇一二三四五六七八九幺十百千万亿")
CLAUSE_END = re.compile(r"[ ,.!?;:~。、…()\"'“”]|\Z")
UNUSUAL = re.compile(r"[^一-鿿a-z0-9 ,.!?。、]")
REPETITION = re.compile(r"(.)\1+", re.DOTALL)
BLANK = re.compile(r" +")
LONG_NUMBER = re.compile(
    r"(?:(?<![一-鿿])(?:身份证|证件|联系电话|电话|手机)(?:号码?)?[是为: ]{0,2})?[0-9](?:[ -]?[0-9]){10,18}x?"
)
"""From eleven figures on a number is a phone or an identity: with the label before it, it says nothing of what is wanted."""
GAP = "。"

Edit = tuple[int, int, str]
"""Where a replaced piece begins, where it ends, and what stands for it."""


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """A normalised text; `offsets[i]` is where in the `original` text character `i` came from (never falling)."""

    text: str
    offsets: tuple[int, ...]
    original: str


@dataclass(frozen=True, slots=True)
class _Draft:
    """A text on its way through the steps."""

    text: str
    offsets: list[int]

    def edit(self, edits: Iterable[Edit]) -> "_Draft":
        """Return the draft with the edits made; new characters take the offsets of those that they replace."""
        pieces: list[str] = []
        offsets: list[int] = []
        position = 0
        for start, end, replacement in edits:
            pieces += (self.text[position:start], replacement)
            offsets += self.offsets[position:start]
            offsets += [self.offsets[min(start + index, end - 1)] for index in range(len(replacement))]
            position = end
        if not pieces:
            return self
        return _Draft("".join((*pieces, self.text[position:])), offsets + self.offsets[position:])


class PhraseTable:
    """Find phrases, the longest from the left first; linear in the text for a fixed table."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = dict(entries)
        lengths: dict[str, set[int]] = {}
        for phrase in self._entries:
            lengths.setdefault(phrase[0], set()).add(len(phrase))
        self._lengths = {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}
        self._first = re.compile(f"[{''.join(map(re.escape, sorted(lengths)))}]" if lengths else r"(?!)")

    def match(self, text: str, start: int) -> str | None:
        """Return the longest phrase that begins at `start`, or None."""
        for length in self._lengths.get(text[start], ()):
            phrase = text[start : start + length]
            if phrase in self._entries:
                return phrase
        return None

    def edits(self, text: str) -> Iterator[Edit]:
        """Yield the replacement of every phrase found; a phrase that stands for itself hides those within it."""
        end = 0
        for found in self._first.finditer(text):
            start = found.start()
            if start < end:
                continue
            phrase = self.match(text, start)
            if phrase is not None:
                end = start + len(phrase)
                if self._entries[phrase] != phrase:
                    yield start, end, self._entries[phrase]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The word lists of `lexicon.yml`."""

    replacements: Mapping[str, Mapping[str, str]]
    keep: tuple[str, ...]
    fillers: tuple[str, ...]
    particles: Mapping[str, str]

    def phrases(self) -> dict[str, str]:
        """Return every replacement of every section; protected and standard words stand for themselves."""
        merged: dict[str, str] = {}
        for section in REPLACEMENT_SECTIONS:
            merged.update(self.replacements[section])
        for standard in [*merged.values()]:
            merged.setdefault(standard, standard)
        merged.update({word: word for word in self.keep})
        return merged


@lru_cache(maxsize=4)
def load_lexicon(path: Path = LEXICON) -> Lexicon:
    """Read the lexicon; raises OSError, yaml.YAMLError or KeyError if it cannot be used."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return Lexicon(
        replacements={section: dict(content[section]) for section in REPLACEMENT_SECTIONS},
        keep=tuple(content["keep"]),
        fillers=tuple(content["fillers"]),
        particles=dict(content["particles"]),
    )


@lru_cache(maxsize=1)
def script_table() -> Mapping[str, str]:
    """Return OpenCC's traditional to simplified phrases and characters as one table."""
    folder = resources.files("opencc") / "dictionary"
    table: dict[str, str] = {}
    for name in ("TSCharacters.txt", "TSPhrases.txt"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            traditional, _, simplified = line.strip().partition("\t")
            if simplified:
                table[traditional] = simplified.split(" ")[0]
    return table


@lru_cache(maxsize=16384)
def fold(character: str) -> str:
    """Return the character in compatibility form and lower case; "" for an invisible one, " " for any blank."""
    if character.isspace():
        return " "
    if unicodedata.category(character) in INVISIBLE:
        return ""
    folded = unicodedata.normalize("NFKC", character).lower().strip()
    return folded if 0 < len(folded) <= LONGEST_EXPANSION else character


class Normalizer:
    """Normalise utterances; build once, use from anywhere (it has no state)."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        lexicon = lexicon or load_lexicon()
        self._fillers = PhraseTable(dict.fromkeys(lexicon.fillers, ""))
        self._particles = lexicon.particles
        self._longest_particle = max(map(len, lexicon.particles), default=0)
        self._steps: tuple[Callable[[str], Iterable[Edit]], ...] = (
            _fold,
            PhraseTable(script_table()).edits,
            _shorten_repetitions,
            self._drop_fillers,
            PhraseTable(lexicon.phrases()).edits,
            self._settle_particles,
            _drop_blanks,
            _drop_long_numbers,
        )

    def normalize(self, text: str) -> NormalizedText:
        """Return the normalised text of any string at all, of a very long one its beginning and end; never raises."""
        draft = _beginning_and_end(text)
        for step in self._steps:
            draft = draft.edit(step(draft.text))
        return NormalizedText(draft.text, tuple(draft.offsets), text)

    def _drop_fillers(self, text: str) -> Iterator[Edit]:
        """Take fillers and the punctuation behind them off the front, unless nothing else is there."""
        start = 0
        while start < len(text):
            filler = self._fillers.match(text, start)
            if filler is None and not (start and CLAUSE_END.match(text, start)):
                break
            start += len(filler or " ")
        if 0 < start < len(text):
            yield 0, start, ""

    def _settle_particles(self, text: str) -> Iterator[Edit]:
        """Replace the particle at the end of each clause, so that 得行不 and 得行不嘛 ask alike."""
        start = 0
        for found in CLAUSE_END.finditer(text):
            end = found.start()
            cut, replacement = self._clause_tail(text[max(start, end - 8) : end])
            if cut:
                yield end - cut, end, replacement
            start = found.end()

    def _clause_tail(self, clause: str) -> tuple[int, str]:
        """Return the length of the particle at the end of a clause (0: none), and what stands for it."""
        for length in range(min(self._longest_particle, len(clause) - 2), 0, -1):
            tail = clause[-length:]
            if tail in self._particles and clause[-length - 1] != tail[0]:
                return length, self._particles[tail]
        if len(clause) >= 4 and clause[-1] == "不" and clause[-2] not in "不要":
            return 1, "吗"
        return 0, ""


def _beginning_and_end(text: str) -> _Draft:
    """Return what is read of a text, parted where something is left out."""
    draft = _Draft("", [])
    for start, stretch in stretches(text):
        if draft.offsets:
            draft = _Draft(draft.text + GAP, [*draft.offsets, draft.offsets[-1] + 1])
        draft = _Draft(draft.text + stretch, [*draft.offsets, *range(start, start + len(stretch))])
    return draft


def _fold(text: str) -> Iterator[Edit]:
    """Replace what is not in its usual width, case or visibility."""
    for found in UNUSUAL.finditer(text):
        character = found.group()
        folded = fold(character)
        if folded != character:
            yield found.start(), found.end(), folded


def _shorten_repetitions(text: str) -> Iterator[Edit]:
    """Cut runs of one character to two, of blanks to one; numerals are never dropped."""
    for found in REPETITION.finditer(text):
        character = found.group(1)
        kept = 1 if character == " " else 2
        if found.end() - found.start() > kept and character not in NUMERALS:
            yield found.start() + kept, found.end(), ""


def _drop_blanks(text: str) -> Iterator[Edit]:
    """Drop blanks, except between letters or digits."""
    for found in BLANK.finditer(text):
        before, after = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
        if not (before and after and before.isascii() and after.isascii()):
            yield found.start(), found.end(), ""


def _drop_long_numbers(text: str) -> Iterator[Edit]:
    """Leave out the numbers of phones and papers, unless nothing else is said."""
    found = [match.span() for match in LONG_NUMBER.finditer(text)]
    if any(character.isalpha() for character in LONG_NUMBER.sub("", text)):
        yield from ((start, end, "") for start, end in found)
