"""How people ask for what a section tells: questions written down beside it, and how near a new one comes to them.

A section says 系犬绳; people ask whether the dog may go 没拴. What no lexicon holds is found by likeness to what others have
asked: the cosine between the question and a section's profile, its TF-IDF vector over the questions written down beside it,
its heading and its text (Rocchio's centroids; Salton and Buckley, 1988). Features are character n-grams, and the
official names of everyday words.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from knowledge.index.analysis import normalize
from knowledge.model import Chunk, PolicyDocument
from knowledge.retrieval.query import PreparedQuery, prepare_query

_LONGEST_GRAM = 3
_HEADING_COUNTS = 4


class AskedQuestions:
    """The profiles of one release's sections; safe to share between threads."""

    def __init__(self, documents: Mapping[str, PolicyDocument], chunks: Mapping[str, Chunk]) -> None:
        profiles = {
            chunk.chunk_id: _profile(chunk, questions)
            for chunk in chunks.values()
            if (questions := _asked_of(documents[chunk.document_id], chunk))
        }
        self._columns = {chunk_id: column for column, chunk_id in enumerate(profiles)}
        self._places: dict[str, int] = {}
        if profiles:
            vectorizer = TfidfVectorizer(analyzer=list, sublinear_tf=True, dtype=np.float32)
            vectors = vectorizer.fit_transform(profiles.values())
            self._places, self._idf = vectorizer.vocabulary_, vectorizer.idf_
            self._by_feature = vectors.T.tocsr()

    def likeness(self, query: PreparedQuery) -> Callable[[str], float]:
        """Return what tells, of a chunk id, how near (0..1) the question comes to that section's profile."""
        counts = Counter(place for feature in _features(query) if (place := self._places.get(feature)) is not None)
        if not counts:
            return _nothing_is_near
        places = np.fromiter(counts, dtype=np.intp)
        weights = self._idf[places] * (1 + np.log(np.fromiter(counts.values(), dtype=np.float64)))
        weights /= np.linalg.norm(weights)
        starts, ends = self._by_feature.indptr[places], self._by_feature.indptr[places + 1]
        spans = [slice(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        columns = np.concatenate([self._by_feature.indices[span] for span in spans])
        shares = np.concatenate([self._by_feature.data[span] for span in spans]) * np.repeat(weights, ends - starts)
        total = np.bincount(columns, weights=shares, minlength=len(self._columns))
        columns_of = self._columns
        return lambda chunk_id: float(total[column]) if (column := columns_of.get(chunk_id)) is not None else 0.0


def _nothing_is_near(_chunk_id: str) -> float:
    return 0.0


def _asked_of(document: PolicyDocument, chunk: Chunk) -> Sequence[str]:
    return document.asked.get(chunk.heading_path[-1], ()) if chunk.heading_path else ()


def _profile(chunk: Chunk, questions: Sequence[str]) -> list[str]:
    """Return the features of what is asked of a section, of its heading and of its text."""
    features = [feature for question in questions for feature in _features(prepare_query(question, is_loose=True))]
    heading = [*_features(prepare_query(chunk.heading_path[-1], is_loose=True))]
    return [*features, *heading * _HEADING_COUNTS, *_grams(normalize(chunk.text))]


def _features(query: PreparedQuery) -> Iterator[str]:
    """Yield the n-grams of what was said, and the official names of its everyday words."""
    yield from _grams(query.text)
    for segment in query.segments:
        for name in segment.alternatives:
            yield from (f"={name[start : start + 2]}" for start in range(len(name) - 1))


def _grams(text: str) -> Iterator[str]:
    letters = "".join(character for character in text if character.isalnum())
    for length in range(1, _LONGEST_GRAM + 1):
        yield from (letters[start : start + length] for start in range(len(letters) - length + 1))
