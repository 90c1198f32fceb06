"""From a citizen's question to what is searched: fillers taken off, everyday words given their official names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.index.analysis import is_chinese, normalize, run_terms, runs_of

_LEXICON_FILE = Path(__file__).with_name("lexicon.yml")
_EVERYDAY_FILE = Path(__file__).with_name("everyday.yml")
_LONGEST_QUESTION = 500
_SUBJECT_WEIGHT = 0.7
_SYNONYM_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of the question that says what it is about: as it was said, or any of the official words for it."""

    surface: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionKind:
    """What sort of answer is wanted: the sections that hold it, marks of a sentence that gives it, and what it needs.

    `instead_of` names kinds whose cues it shares and which it takes the place of.
    """

    name: str
    family: str
    cues: re.Pattern[str]
    headings: tuple[str, ...]
    marks: tuple[str, ...]
    needs: re.Pattern[str] | None
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PreparedQuery:
    """A question ready for search: a weight for each search term, and the characters that say nothing by themselves.

    `families` and `wanted` are those of its kinds: what sorts of answer, and words in the headings that hold them.
    """

    text: str
    segments: tuple[Segment, ...]
    kinds: tuple[QuestionKind, ...]
    families: frozenset[str]
    wanted: tuple[str, ...]
    terms: Mapping[str, float]
    light: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Lexicon:
    pattern: re.Pattern[str]
    meanings: Mapping[str, tuple[str, ...]]
    kinds: tuple[QuestionKind, ...]
    light: frozenset[str]


def every_kind() -> tuple[QuestionKind, ...]:
    """Return all kinds of question that are told apart."""
    return _lexicon().kinds


def prepare_query(question: str, *, is_loose: bool = False) -> PreparedQuery:
    """Return the question as segments, terms and kinds. Any text is allowed; 500 characters of it are read.

    `is_loose` also knows everyday.yml: for a question of which the intent has said what it is about.
    """
    text = normalize(question[:_LONGEST_QUESTION])
    lexicon = _loose_lexicon() if is_loose else _lexicon()
    segments = _segments(text, lexicon)
    kinds = [kind for kind in lexicon.kinds if kind.cues.search(text)]
    replaced = {name for kind in kinds for name in kind.instead_of}
    kept = tuple(kind for kind in kinds if kind.name not in replaced)
    return PreparedQuery(
        text=text,
        segments=segments,
        kinds=kept,
        families=frozenset(kind.family for kind in kept),
        wanted=tuple(word for kind in kept for word in kind.headings),
        terms=_weigh(text, segments),
        light=lexicon.light,
    )


def _segments(text: str, lexicon: _Lexicon) -> tuple[Segment, ...]:
    found: list[Segment] = []
    position = 0
    for match in lexicon.pattern.finditer(text):
        found.extend(Segment(run) for run in runs_of(text[position : match.start()]))
        if meaning := lexicon.meanings.get(match[0]):
            found.append(Segment(match[0], meaning))
        position = match.end()
    found.extend(Segment(run) for run in runs_of(text[position:]))
    return tuple(found)


def _weigh(text: str, segments: tuple[Segment, ...]) -> dict[str, float]:
    """Return a weight a term: what was said counts, more where it is not only a frame, official names a little."""
    weights: dict[str, float] = {}
    for wording, weight in ((text, 1.0), *((segment.surface, _SUBJECT_WEIGHT) for segment in segments)):
        for term in _terms(wording):
            weights[term] = weights.get(term, 0.0) + weight
    for term in (term for segment in segments for word in segment.alternatives for term in _terms(word)):
        weights.setdefault(term, _SYNONYM_WEIGHT)
    return weights


def _terms(wording: str) -> list[str]:
    """Return the terms of a normalised text, without single Chinese characters."""
    terms = (term for run in runs_of(wording) for term in run_terms(run))
    return [term for term in terms if len(term) > 1 or not is_chinese(term)]


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    return _build_lexicon(_LEXICON_FILE)


@lru_cache(maxsize=1)
def _loose_lexicon() -> _Lexicon:
    return _build_lexicon(_LEXICON_FILE, _EVERYDAY_FILE)


def _build_lexicon(*files: Path) -> _Lexicon:
    """Read one lexicon from several files: a word in two files has both meanings, a kind the cues of both."""
    meanings: dict[str, tuple[str, ...]] = {}
    frames: set[str] = set()
    told: dict[str, dict[str, Any]] = {}
    light = ""
    for file in files:
        data: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        words = {normalize(word) for row in data["frames"] for word in row}
        frames |= words
        meanings = {say: official for say, official in meanings.items() if say not in words}
        own = {
            normalize(say): tuple(map(normalize, group["mean"])) for group in data["synonyms"] for say in group["say"]
        }
        meanings |= {say: tuple(dict.fromkeys((*meanings.get(say, ()), *official))) for say, official in own.items()}
        for name, kind in data["kinds"].items():
            before = told.get(name, {})
            told[name] = {**before, **kind, "cues": [*before.get("cues", ()), *kind.get("cues", ())]}
        light += data["light"]
    kinds = tuple(_kind(name, kind) for name, kind in told.items())
    longest_first = sorted({*meanings, *frames}, key=lambda word: (-len(word), word))
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return _Lexicon(pattern, meanings, kinds, frozenset(light))


def _kind(name: str, data: Mapping[str, Any]) -> QuestionKind:
    needs = re.compile(data["needs"]) if "needs" in data else None
    return QuestionKind(
        name=name,
        family=data.get("family", name),
        cues=re.compile("|".join(map(re.escape, data["cues"]))),
        headings=tuple(data["headings"]),
        marks=tuple(data["marks"]),
        needs=needs,
        instead_of=tuple(data.get("instead_of", ())),
    )
