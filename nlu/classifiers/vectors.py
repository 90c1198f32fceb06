"""TF-IDF weights of features: sublinear counts, each view scaled to length one."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from nlu.classifiers.features import Views

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


class Vectorizer:
    """Turn views into sparse vectors over a fixed vocabulary."""

    def __init__(self, vocabulary: Sequence[str], idf: Floats) -> None:
        self.vocabulary = tuple(vocabulary)
        self.idf = idf
        self._idf: list[float] = idf.tolist()  # reading one number of an array takes ten times as long
        self._rows: Mapping[str, int] = {feature: row for row, feature in enumerate(self.vocabulary)}

    @classmethod
    def fit(cls, documents: Sequence[Views], minimum_documents: int = 2) -> "Vectorizer":
        """Choose the features that occur in enough documents, and weigh rare ones higher."""
        occurrences: Counter[str] = Counter()
        for views in documents:
            occurrences.update({feature for view in views for feature in view})
        vocabulary = sorted(feature for feature, count in occurrences.items() if count >= minimum_documents)
        counts = np.array([occurrences[feature] for feature in vocabulary], dtype=np.float64)
        idf = np.log((1 + len(documents)) / (1 + counts)) + 1
        return cls(vocabulary, idf.astype(np.float32))

    def transform(self, views: Views) -> tuple[Rows, Floats]:
        """Return the rows of the known features and their weights."""
        rows: list[int] = []
        weights: list[float] = []
        for view in views:
            counted = Counter(row for feature in view if (row := self._rows.get(feature)) is not None)
            raw = [(1 + math.log(count)) * self._idf[row] for row, count in counted.items()]
            norm = math.sqrt(sum(weight * weight for weight in raw)) or 1.0
            rows.extend(counted)
            weights.extend(weight / norm for weight in raw)
        return np.array(rows, dtype=np.int64), np.array(weights, dtype=np.float32)

    def matrix(self, documents: Sequence[Views]) -> csr_matrix:
        """Return one sparse row a document."""
        vectors = [self.transform(views) for views in documents]
        ends = np.cumsum([0, *(len(rows) for rows, _ in vectors)])
        columns = np.concatenate([rows for rows, _ in vectors])
        values = np.concatenate([weights for _, weights in vectors])
        matrix = csr_matrix((values, columns, ends), shape=(len(documents), len(self.vocabulary)))
        matrix.sort_indices()
        return matrix
