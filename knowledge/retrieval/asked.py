"""How people ask for what a section tells: questions written down beside it, and how near a new one comes to them.

A section says 系犬绳; people ask whether the dog may go 没拴. What no lexicon holds is found by likeness to a question that
somebody has asked before. Likeness is the cosine of TF-IDF vectors over character n-grams (Salton and Buckley, 1988), with
the official names of everyday words beside the words themselves.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from knowledge.model import Chunk, PolicyDocument
from knowledge.retrieval.query import PreparedQuery, prepare_query

_LONGEST_GRAM = 3
_LEAST = 0.1  # a likeness below this is chance


class AskedQuestions:
    """The written-down questions of one release; safe to share between threads."""

    def __init__(self, documents: Mapping[str, PolicyDocument], chunks: Mapping[str, Chunk]) -> None:
        sections: dict[tuple[str, str], list[str]] = {}
        for chunk in chunks.values():
            if chunk.heading_path:
                sections.setdefault((chunk.document_id, chunk.heading_path[-1]), []).append(chunk.chunk_id)
        pairs = [
            (question, chunk_id)
            for document in documents.values()
            for heading, questions in document.asked.items()
            for chunk_id in sections.get((document.document_id, heading), ())
            for question in questions
        ]
        self._chunk_ids = [chunk_id for _, chunk_id in pairs]
        self._vectorizer = TfidfVectorizer(analyzer=_features, sublinear_tf=True, dtype=np.float32)
        prepared = [prepare_query(question, is_loose=True) for question, _ in pairs]
        self._matrix = self._vectorizer.fit_transform(prepared).T.tocsr() if prepared else None

    def likeness(self, query: PreparedQuery) -> Mapping[str, float]:
        """Return, by chunk id, how near (0..1) the nearest of its questions comes; none for a chunk that is far."""
        if self._matrix is None:
            return {}
        row = (self._vectorizer.transform([query]) @ self._matrix).tocoo()
        found: dict[str, float] = {}
        for column, value in zip(row.col.tolist(), row.data.tolist(), strict=True):
            if value >= _LEAST:
                chunk_id = self._chunk_ids[column]
                found[chunk_id] = max(found.get(chunk_id, 0.0), value)
        return found


def _features(query: PreparedQuery) -> Iterator[str]:
    """Yield the n-grams of what was said, and the official names of its everyday words."""
    text = "".join(character for character in query.text if character.isalnum())
    for length in range(1, _LONGEST_GRAM + 1):
        yield from (text[start : start + length] for start in range(len(text) - length + 1))
    for segment in query.segments:
        yield from _official(segment.alternatives)


def _official(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield from (f"={name[start : start + 2]}" for start in range(len(name) - 1))
