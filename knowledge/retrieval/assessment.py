"""How well a chunk speaks about a question: what it covers, what it is about, and whether the question was asked before."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.index.analysis import terms_of
from knowledge.model import Chunk, PolicyDocument
from knowledge.retrieval.asked import AskedQuestions
from knowledge.retrieval.query import prepare_query
from knowledge.retrieval.support import CoverageMeter, Rarity, likeness_of

_REMEMBERED = 20_000
_WHOLE = 0.98
_SUPPORT_FILE = Path(__file__).with_name("support.yml")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was measured; all but the last two are shares of the question, 0..1.

    `coverage`: by the chunk with its headings, its document's title and one of the document's listed questions.
    `own`: the same without a listed question. `text`: by chunk and headings alone. `title`: by the title alone.
    `likeness`: to the nearest listed question or to the heading; `heading`: to the heading.
    `heading_covered`: how much of the heading the question says (0..1), a share of the heading.
    `about`: by all that the document says of itself: its title, headings and listed questions.
    `clashes`: the heading is a question of another kind (多少钱 where 怎么申请 is asked).
    `is_of_kind`: the heading asks the same kind of thing, and says so. `is_bare`: it names nothing beside the title.
    `weight`: how much the question says in all, as a sum of rarities. `asked`: likeness (0..1) to what is asked of the section.
    """

    coverage: float
    own: float
    text: float
    title: float
    likeness: float
    heading: float
    heading_covered: float
    about: float
    clashes: bool
    is_of_kind: bool
    is_bare: bool
    weight: float
    asked: float = 0.0

    def beyond_title(self, share: float) -> float:
        """Return how much of what the title leaves open a share covers: 要预约吗 in 博物馆要预约吗."""
        return (share - self.title) / (1 - self.title) if self.title < _WHOLE else 1.0

    @property
    def support(self) -> float:
        """Return the probability (0..1) that the chunk answers the question, as fitted on labelled questions."""
        rule = support_rule()
        evidence = rule.coverage * self.coverage + rule.own * self.own
        evidence += rule.title * self.title + rule.likeness * self.likeness
        return 1 / (1 + math.exp(-(rule.bias + evidence)))


@dataclass(frozen=True, slots=True)
class SupportRule:
    """The weights of the evidence, and from which support on an answer is given, and given without a caution."""

    bias: float
    coverage: float
    own: float
    title: float
    likeness: float
    answered_from: float
    full_from: float
    subject_from: float
    beyond_title_from: float
    asked_beyond_title_from: float
    asked_likeness_from: float
    clashing_likeness_from: float
    whole_own_from: float
    unlisted_likeness: float
    specific_weight_from: float
    specific_text_from: float


@lru_cache(maxsize=1)
def support_rule() -> SupportRule:
    """Read the rule from support.yml."""
    data = yaml.safe_load(_SUPPORT_FILE.read_text(encoding="utf-8"))
    weights = data.pop("weights")
    return SupportRule(**weights, **data)


@dataclass(frozen=True, slots=True)
class _AskedBefore:
    """What a document has in common with the question, whichever of its chunks is assessed; terms as the meter's bits."""

    is_listed: bool
    listed: frozenset[int]
    likeness: float
    about: float
    title_terms: int
    title: float


@dataclass(frozen=True, slots=True)
class _Profile:
    """What is known of a chunk before anything is asked; `asks` are the families of its heading, read strictly."""

    terms: frozenset[str]
    heading: CoverageMeter
    families: frozenset[str]
    asks: frozenset[str]
    is_bare: bool


class Assessor:
    """Assesses the chunks of one release; safe to share between threads."""

    def __init__(self, documents: Mapping[str, PolicyDocument], chunks: Mapping[str, Chunk], rarity: Rarity) -> None:
        self._documents = documents
        self._chunks = chunks
        self._rarity = rarity
        self._written_down = AskedQuestions(documents, chunks)
        self._headings: dict[str, list[str]] = {document_id: [] for document_id in documents}
        for chunk in chunks.values():
            self._headings[chunk.document_id].extend(chunk.heading_path)
        self._profile = lru_cache(maxsize=_REMEMBERED)(self._read_profile)
        self._title = lru_cache(maxsize=_REMEMBERED)(self._read_title)
        self._subject = lru_cache(maxsize=_REMEMBERED)(self._read_subject)
        self._questions = lru_cache(maxsize=_REMEMBERED)(self._read_questions)
        self._vocabulary = lru_cache(maxsize=_REMEMBERED)(self._read_vocabulary)

    def begin(self, meter: CoverageMeter) -> "Assessment":
        """Return the assessment of one question, in which chunks are assessed one by one."""
        return Assessment(self, meter, self._written_down.likeness(meter.query))

    def assess(
        self, meter: CoverageMeter, families: frozenset[str], chunk_id: str, asked: "_AskedBefore", near: float
    ) -> Evidence:
        """Return what speaks for the chunk as an answer to the question that `meter` holds, of these `families`.

        `near` (0..1) is how near the question comes to what is asked of the chunk.
        """
        profile = self._profile(chunk_id)
        text_terms = meter.common(profile.terms)
        own_terms = text_terms | asked.title_terms
        own = coverage = meter.share_of(own_terms)
        if own < 1.0 and asked.listed:
            coverage = max(own, *[meter.share_of(own_terms | terms) for terms in asked.listed])
        heading, heading_covered = likeness_of(meter, profile.heading)
        likeness = max(heading, asked.likeness if asked.is_listed else own * support_rule().unlisted_likeness)
        return Evidence(
            coverage=coverage,
            own=own,
            text=meter.share_of(text_terms),
            title=asked.title,
            likeness=likeness,
            heading=heading,
            heading_covered=heading_covered,
            about=asked.about,
            is_of_kind=not families.isdisjoint(profile.families),
            is_bare=profile.is_bare,
            clashes=bool(families and profile.asks) and families.isdisjoint(profile.asks),
            weight=meter.total,
            asked=near,
        )

    def asked_before(self, meter: CoverageMeter, document_id: str) -> "_AskedBefore":
        """Return what the document's title and its listed questions have in common with the question."""
        listed, title_terms = self._questions(document_id), meter.common(self._title(document_id))
        near = [question for question in listed if not meter.terms.isdisjoint(question.terms)]
        return _AskedBefore(
            is_listed=bool(listed),
            listed=frozenset([meter.common(question.terms) for question in near]),
            likeness=max([likeness_of(meter, question)[0] for question in near], default=0.0),
            about=meter.share(self._subject(document_id)),
            title_terms=title_terms,
            title=meter.share_of(title_terms),
        )

    def missing(self, meter: CoverageMeter, document_id: str) -> float:
        """Return the weight of the words that the question names and the document speaks of nowhere."""
        return meter.missing(self._vocabulary(document_id))

    def warm_up(self) -> None:
        """Read every chunk and question once, so that the first citizen does not wait for it."""
        for chunk_id, chunk in self._chunks.items():
            self._profile(chunk_id)
            self._questions(chunk.document_id)
            self._vocabulary(chunk.document_id)

    def _read_profile(self, chunk_id: str) -> _Profile:
        chunk = self._chunks[chunk_id]
        path = chunk.heading_path
        last = path[-1] if path else ""
        heading = CoverageMeter(prepare_query(last), self._rarity)
        return _Profile(
            terms=frozenset(terms_of("\n".join((*path, chunk.text)))),
            heading=heading,
            families=prepare_query(last, is_loose=True).families,
            asks=heading.query.families if len(path) > 1 else frozenset(),
            is_bare=heading.share(self._title(chunk.document_id)) >= _WHOLE,
        )

    def _read_title(self, document_id: str) -> frozenset[str]:
        return frozenset(terms_of(self._documents[document_id].title))

    def _read_subject(self, document_id: str) -> frozenset[str]:
        document = self._documents[document_id]
        return frozenset(terms_of("\n".join((document.title, *document.questions, *self._headings[document_id]))))

    def _read_vocabulary(self, document_id: str) -> frozenset[str]:
        chunks = [chunk_id for chunk_id, chunk in self._chunks.items() if chunk.document_id == document_id]
        return self._subject(document_id).union(*(self._profile(chunk_id).terms for chunk_id in chunks))

    def _read_questions(self, document_id: str) -> tuple[CoverageMeter, ...]:
        questions = self._documents[document_id].questions
        return tuple(CoverageMeter(prepare_query(question), self._rarity) for question in questions)


class Assessment:
    """One question held against chunks; each chunk, and what belongs to a document, is measured once."""

    def __init__(self, assessor: Assessor, meter: CoverageMeter, near: Callable[[str], float]) -> None:
        self.meter = meter
        self._near = near
        self._assessor = assessor
        self._asked: dict[str, _AskedBefore] = {}
        self._evidence: dict[str, Evidence] = {}

    def of(self, chunk: Chunk) -> Evidence:
        """Return what speaks for the chunk."""
        known = self._evidence.get(chunk.chunk_id)
        if known is not None:
            return known
        owner = chunk.document_id
        asked = self._asked.get(owner)
        if asked is None:
            asked = self._asked[owner] = self._assessor.asked_before(self.meter, owner)
        evidence = self._assessor.assess(
            self.meter, self.meter.query.families, chunk.chunk_id, asked, self._near(chunk.chunk_id)
        )
        self._evidence[chunk.chunk_id] = evidence
        return evidence
