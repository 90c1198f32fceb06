"""Find the chunks for a question: chunk and document scores added, then weighed by how much of the question they cover."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.index.analysis import terms_of
from knowledge.index.release import ReleaseIndex
from knowledge.model import Chunk, PolicyDocument
from knowledge.retrieval.query import PreparedQuery
from knowledge.retrieval.support import CoverageMeter, rarity_of

DOCUMENT_WEIGHT = 0.6
KIND_BONUS = 0.12
_CANDIDATES = 40
_BEST_DOCUMENTS = 3
_CHUNKS_A_DOCUMENT = 4
_REMEMBERED_CHUNKS = 20_000


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A chunk that was found: `score` orders the hits (raw), `coverage` (0..1) says how much of the question it speaks about."""

    chunk: Chunk
    document: PolicyDocument
    score: float
    coverage: float


class Retriever:
    """Searches one release; safe to share between threads."""

    def __init__(
        self, index: ReleaseIndex, documents: Mapping[str, PolicyDocument], chunks: Mapping[str, Chunk]
    ) -> None:
        self._index = index
        self._documents = documents
        self._chunks = chunks
        self._rarity = lru_cache(maxsize=50_000)(self._count_rarity)
        self._terms = lru_cache(maxsize=_REMEMBERED_CHUNKS)(self._read_terms)
        self._question_terms = lru_cache(maxsize=_REMEMBERED_CHUNKS)(self._read_question_terms)

    def search(self, query: PreparedQuery, *, limit: int, owners: Collection[str] | None = None) -> list[SearchHit]:
        """Return the best chunks, best first, of the documents in `owners`; of one document only its best few."""
        found = self._index.search_documents(query.terms, limit=_CANDIDATES, owners=owners)
        by_document = {hit.row_id: hit.score for hit in found}
        scores = self._chunk_scores(query, _CANDIDATES, owners)
        scores |= self._chunk_scores(query, _CANDIDATES // 2, list(by_document)[:_BEST_DOCUMENTS])
        meter = self.meter(query)
        hits = [self._hit(query, meter, chunk_id, score, by_document) for chunk_id, score in scores.items()]
        hits.sort(key=lambda hit: (-hit.score, hit.chunk.chunk_id))
        return _diversify(hits)[:limit]

    def rank_documents(self, query: PreparedQuery, *, limit: int) -> list[tuple[str, float]]:
        """Return document ids with their score, best first: the document's own and its best chunk's, added."""
        scores = {
            hit.row_id: hit.score for hit in self._index.search_documents(query.terms, limit=limit * 2, owners=None)
        }
        best: dict[str, float] = {}
        for hit in self._index.search_chunks(query.terms, limit=limit * 4, owners=None):
            owner = self._chunks[hit.row_id].document_id
            best.setdefault(owner, hit.score)
        fused = {owner: scores.get(owner, 0.0) + best.get(owner, 0.0) for owner in {*scores, *best}}
        return sorted(fused.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]

    def meter(self, query: PreparedQuery) -> CoverageMeter:
        """Return what measures how much of this question a text speaks about."""
        return CoverageMeter(query, self._rarity)

    def _chunk_scores(self, query: PreparedQuery, limit: int, owners: Collection[str] | None) -> dict[str, float]:
        return {hit.row_id: hit.score for hit in self._index.search_chunks(query.terms, limit=limit, owners=owners)}

    def _coverage(self, meter: CoverageMeter, chunk: Chunk) -> float:
        """Return the coverage by the chunk, with its title, headings, and one of its document's questions."""
        own = meter.terms & self._terms(chunk.chunk_id)
        best = meter.share(own)
        for question in self._question_terms(chunk.document_id):
            if best >= 1.0:
                break
            best = max(best, meter.share(own | (meter.terms & question)))
        return best

    def _hit(
        self,
        query: PreparedQuery,
        meter: CoverageMeter,
        chunk_id: str,
        score: float,
        by_document: Mapping[str, float],
    ) -> SearchHit:
        chunk = self._chunks[chunk_id]
        coverage = self._coverage(meter, chunk)
        fused = (score + DOCUMENT_WEIGHT * by_document.get(chunk.document_id, 0.0)) * (0.4 + coverage)
        if any(_fits(heading, kind.headings) for kind in query.kinds for heading in chunk.heading_path):
            fused *= 1 + KIND_BONUS
        return SearchHit(chunk, self._documents[chunk.document_id], fused, coverage)

    def _count_rarity(self, term: str) -> float:
        return rarity_of(self._index.chunks.frequency(term), self._index.chunks.size)

    def _read_terms(self, chunk_id: str) -> frozenset[str]:
        chunk = self._chunks[chunk_id]
        title = self._documents[chunk.document_id].title
        return frozenset(terms_of(f"{title}\n{' '.join(chunk.heading_path)}\n{chunk.text}"))

    def _read_question_terms(self, document_id: str) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(terms_of(question)) for question in self._documents[document_id].questions)


def _fits(heading: str, wanted: Sequence[str]) -> bool:
    return any(word in heading for word in wanted)


def _diversify(hits: Sequence[SearchHit]) -> list[SearchHit]:
    """Keep only the best few chunks of each document, in order."""
    counts: dict[str, int] = {}
    kept: list[SearchHit] = []
    for hit in hits:
        counts[hit.document.document_id] = counts.get(hit.document.document_id, 0) + 1
        if counts[hit.document.document_id] <= _CHUNKS_A_DOCUMENT:
            kept.append(hit)
    return kept
