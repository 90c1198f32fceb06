"""How well a chunk speaks about a question: what it covers, what it is about, and whether the question was asked before."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.index.analysis import terms_of
from knowledge.model import Chunk, PolicyDocument
from knowledge.retrieval.query import prepare_query
from knowledge.retrieval.support import CoverageMeter, Rarity, likeness_of

_REMEMBERED = 20_000
_SUPPORT_FILE = Path(__file__).with_name("support.yml")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Shares of the question, each 0..1.

    `coverage` by the chunk with its title, headings and one listed question of its document; `title` by title and
    headings alone; `likeness` to the nearest listed question or heading; `heading` to the heading.
    """

    coverage: float
    title: float
    likeness: float
    heading: float

    @property
    def support(self) -> float:
        """Return the probability (0..1) that the chunk answers the question, as fitted on labelled questions."""
        rule = support_rule()
        evidence = rule.coverage * self.coverage + rule.title * self.title + rule.likeness * self.likeness
        return 1 / (1 + math.exp(-(rule.bias + evidence)))


@dataclass(frozen=True, slots=True)
class SupportRule:
    """The weights of the evidence, and from which support on an answer is given, and given without a caution."""

    bias: float
    coverage: float
    title: float
    likeness: float
    answered_from: float
    full_from: float


@lru_cache(maxsize=1)
def support_rule() -> SupportRule:
    """Read the rule from support.yml."""
    data = yaml.safe_load(_SUPPORT_FILE.read_text(encoding="utf-8"))
    return SupportRule(
        data["bias"], **data["weights"], answered_from=data["answered_from"], full_from=data["full_from"]
    )


class Assessor:
    """Assesses the chunks of one release; safe to share between threads."""

    def __init__(self, documents: Mapping[str, PolicyDocument], chunks: Mapping[str, Chunk], rarity: Rarity) -> None:
        self._documents = documents
        self._chunks = chunks
        self._rarity = rarity
        self._body = lru_cache(maxsize=_REMEMBERED)(self._read_body)
        self._frame = lru_cache(maxsize=_REMEMBERED)(self._read_frame)
        self._heading = lru_cache(maxsize=_REMEMBERED)(self._read_heading)
        self._questions = lru_cache(maxsize=_REMEMBERED)(self._read_questions)

    def assess(self, meter: CoverageMeter, chunk_id: str) -> Evidence:
        """Return what speaks for the chunk as an answer to the question that `meter` holds."""
        frame = meter.terms & self._frame(chunk_id)
        whole = frame | (meter.terms & self._body(chunk_id))
        coverage = meter.share(whole)
        title = meter.share(frame)
        heading = likeness_of(meter, self._heading(chunk_id))
        likeness = heading
        for question in self._questions(self._chunks[chunk_id].document_id):
            asked = meter.terms & question.terms
            if asked:
                coverage = max(coverage, meter.share(whole | asked))
                likeness = max(likeness, likeness_of(meter, question))
        return Evidence(coverage, title, likeness, heading)

    def warm_up(self) -> None:
        """Read every chunk and question once, so that the first citizen does not wait for it."""
        for chunk_id, chunk in self._chunks.items():
            self._body(chunk_id)
            self._frame(chunk_id)
            self._heading(chunk_id)
            self._questions(chunk.document_id)

    def _read_body(self, chunk_id: str) -> frozenset[str]:
        return frozenset(terms_of(self._chunks[chunk_id].text))

    def _read_frame(self, chunk_id: str) -> frozenset[str]:
        chunk = self._chunks[chunk_id]
        title = self._documents[chunk.document_id].title
        return frozenset(terms_of(f"{title}\n{' '.join(chunk.heading_path)}"))

    def _read_heading(self, chunk_id: str) -> CoverageMeter:
        path = self._chunks[chunk_id].heading_path
        return CoverageMeter(prepare_query(path[-1] if path else ""), self._rarity)

    def _read_questions(self, document_id: str) -> tuple[CoverageMeter, ...]:
        questions = self._documents[document_id].questions
        return tuple(CoverageMeter(prepare_query(question), self._rarity) for question in questions)
