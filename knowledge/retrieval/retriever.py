"""Find the chunks for a question: chunk and document scores added, weighed by how much of the question they cover."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.index.analysis import normalize
from knowledge.index.release import ReleaseIndex
from knowledge.model import Chunk, PolicyDocument
from knowledge.retrieval.assessment import Assessment, Assessor, Evidence
from knowledge.retrieval.places import place_factor, places_in
from knowledge.retrieval.query import PreparedQuery
from knowledge.retrieval.ranking import rank_factor
from knowledge.retrieval.support import CoverageMeter, rarity_of

DOCUMENT_WEIGHT = 0.6
CHUNK_WEIGHT = 0.6
_CANDIDATES = 40
_ASSESSED = 24
_BEST_DOCUMENTS = 3
_CHUNKS_A_DOCUMENT = 4
_QUESTIONS_AT_ONCE = 16
_OPENING = 120
"""Characters of a text in which a document without a place in its title says whose it is."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A found chunk: `score` orders the hits (raw); `coverage` (0..1) is the share of the question it covers."""

    chunk: Chunk
    document: PolicyDocument
    score: float
    coverage: float
    evidence: Evidence


class Retriever:
    """Searches one release; safe to share between threads."""

    def __init__(
        self, index: ReleaseIndex, documents: Mapping[str, PolicyDocument], chunks: Mapping[str, Chunk]
    ) -> None:
        self._index = index
        self._documents = documents
        self._chunks = chunks
        self._rarity = lru_cache(maxsize=50_000)(self._count_rarity)
        self._places = lru_cache(maxsize=50_000)(self._read_places)
        self._assessor = Assessor(documents, chunks, self._rarity)
        self._assessment = lru_cache(maxsize=_QUESTIONS_AT_ONCE)(self._begin)  # an answer takes several looks
        self._of_document: dict[str, list[Chunk]] = {document_id: [] for document_id in documents}
        for chunk in chunks.values():
            self._of_document[chunk.document_id].append(chunk)

    def warm_up(self) -> None:
        """Do once what would make the first question slow."""
        self._assessor.warm_up()

    def search(self, query: PreparedQuery, *, limit: int, owners: Collection[str] | None = None) -> list[SearchHit]:
        """Return the best chunks, best first, of the documents in `owners`; of one document only its best few."""
        if owners is not None and len(owners) == len(self._documents):
            owners = None
        found = self._index.search_documents(query.terms, limit=_CANDIDATES, owners=owners)
        by_document = {hit.row_id: DOCUMENT_WEIGHT * hit.score for hit in found}
        scores = self._chunk_scores(query, _CANDIDATES, owners)
        scores |= self._chunk_scores(query, _CANDIDATES // 2, list(by_document)[:_BEST_DOCUMENTS])
        chunks = ((self._chunks[chunk_id], score) for chunk_id, score in scores.items())
        based = [(chunk, score + by_document.get(chunk.document_id, 0.0)) for chunk, score in chunks]
        based.sort(key=lambda pair: (-pair[1], pair[0].chunk_id))
        assessment, places = self._assessment(query), places_in(query.text)
        hits = [
            self._hit(query, chunk, base * self._place_factor(places, chunk.document_id), assessment.of(chunk))
            for chunk, base in based[: max(limit, _ASSESSED)]
        ]
        hits.sort(key=lambda hit: (-hit.score, hit.chunk.chunk_id))
        return _diversify(hits)[:limit]

    def within(self, query: PreparedQuery, owners: Sequence[str]) -> list[SearchHit]:
        """Return every chunk of a few documents with its evidence, in the documents' order; it has no score yet."""
        assessment = self._assessment(query)
        chunks = [chunk for owner in owners for chunk in self.chunks_of(owner)]
        return [self._found(chunk, 0.0, assessment.of(chunk)) for chunk in chunks]

    def chunks_of(self, document_id: str) -> Sequence[Chunk]:
        """Return the chunks of a document in its order, none for an unknown one."""
        return self._of_document.get(document_id, ())

    def missing(self, query: PreparedQuery, owner: str) -> float:
        """Return the weight of the words that the question names and this document speaks of nowhere."""
        return self._assessor.missing(self.meter(query), owner)

    def rank_documents(self, query: PreparedQuery, *, limit: int) -> list[tuple[str, float]]:
        """Return document ids with their score, best first: the document's own and a share of its best chunk's."""
        found = self._index.search_documents(query.terms, limit=limit * 2, owners=None)
        scores = {hit.row_id: hit.score for hit in found}
        best: dict[str, float] = {}
        for chunk_id, score in self._chunk_scores(query, limit * 5, None).items():
            best.setdefault(self._chunks[chunk_id].document_id, CHUNK_WEIGHT * score)
        places = places_in(query.text)
        fused = {
            owner: (scores.get(owner, 0.0) + best.get(owner, 0.0)) * self._place_factor(places, owner)
            for owner in {*scores, *best}
        }
        return sorted(fused.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]

    def meter(self, query: PreparedQuery) -> CoverageMeter:
        """Return what measures how much of this question a text speaks about."""
        return self._assessment(query).meter

    def _begin(self, query: PreparedQuery) -> Assessment:
        return self._assessor.begin(CoverageMeter(query, self._rarity))

    def _chunk_scores(self, query: PreparedQuery, limit: int, owners: Collection[str] | None) -> dict[str, float]:
        return {hit.row_id: hit.score for hit in self._index.search_chunks(query.terms, limit=limit, owners=owners)}

    def _place_factor(self, asked: frozenset[str], owner: str) -> float:
        of_title, of_document = self._places(owner)
        return place_factor(asked, of_document, of_title)

    def _read_places(self, owner: str) -> tuple[frozenset[str], frozenset[str]]:
        document = self._documents[owner]
        of_title = places_in(normalize(document.title))
        return of_title, of_title or places_in(normalize(f"{document.issuer or ''} {document.text[:_OPENING]}"))

    def _hit(self, query: PreparedQuery, chunk: Chunk, base: float, evidence: Evidence) -> SearchHit:
        return self._found(chunk, base * rank_factor(query, chunk, evidence), evidence)

    def _found(self, chunk: Chunk, score: float, evidence: Evidence) -> SearchHit:
        return SearchHit(chunk, self._documents[chunk.document_id], score, evidence.coverage, evidence)

    def _count_rarity(self, term: str) -> float:
        return rarity_of(self._index.chunks.frequency(term), self._index.chunks.size)


def _diversify(hits: Sequence[SearchHit]) -> list[SearchHit]:
    """Keep only the best few chunks of each document, in order."""
    counts: dict[str, int] = {}
    kept: list[SearchHit] = []
    for hit in hits:
        counts[hit.document.document_id] = counts.get(hit.document.document_id, 0) + 1
        if counts[hit.document.document_id] <= _CHUNKS_A_DOCUMENT:
            kept.append(hit)
    return kept
