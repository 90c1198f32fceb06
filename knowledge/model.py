"""Policy documents, their chunks, and answers whose every sentence is cited."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class AnswerStatus(StrEnum):
    """How a policy question ended."""

    ANSWERED = "answered"
    ANSWERED_PARTLY = "answered_partly"
    NO_SOURCE = "unanswerable_no_source"
    OTHER_DISTRICT = "unanswerable_other_district"
    NOT_IN_FORCE = "unanswerable_not_in_force"


class DocumentStatus(StrEnum):
    """Where a document stands in its life (效力状态)."""

    IN_FORCE = "in_force"
    REPEALED = "repealed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A version of one document: its facts and its one canonical text, into which all offsets point.

    `district` is a division code of six digits (510700 the city, 510000 the province, 000000 the country); `rank` is
    national, provincial, municipal or county. `legal_basis` names the documents that this digest or guide rests on.
    `asked` are questions in people's own words, by the heading under which they are answered.
    """

    document_id: str
    title: str
    text: str
    document_number: str | None = None
    issuer: str | None = None
    issued_date: date | None = None
    effective_date: date | None = None
    expires_date: date | None = None
    repealed_date: date | None = None
    district: str = "510700"
    rank: str = "municipal"
    status: DocumentStatus = DocumentStatus.IN_FORCE
    kind: str = "digest"
    legal_basis: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source_url: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document that can be found and quoted: `text == document.text[start:end]`."""

    chunk_id: str
    document_id: str
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence stands: `quote == document.text[start:end]`, character for character; `url` opens it there."""

    document_id: str
    title: str
    document_number: str | None
    heading_path: tuple[str, ...]
    quote: str
    start: int
    end: int
    url: str
    effective_date: date | None = None

    @property
    def label(self) -> str:
        """Return the citation as people write it: 《标题》（文号）第X条."""
        number = f"（{self.document_number}）" if self.document_number else ""
        place = self.heading_path[-1] if self.heading_path else ""
        return f"《{self.title}》{number}{place}"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a policy question: `text` for reading, every sentence of it taken from a citation's quote.

    An unanswerable one has no citation; its `text` says so and points to a person or a phone (12345).
    """

    status: AnswerStatus
    text: str
    citations: tuple[Citation, ...] = ()
    release: str = ""
    scores: tuple[float, ...] = field(default=())
