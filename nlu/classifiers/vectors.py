"""TF-IDF vectors: a feature counts once a text, rare ones count more, and each view is scaled to length one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags_array, hstack

from nlu.classifiers.features import Views

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Vocabulary = tuple[tuple[str, ...], ...]
"""The known features of each view; a feature's row is its place in all of them."""


class Vectorizer:
    """Turn the views of one text into a sparse vector over a fixed vocabulary."""

    def __init__(self, vocabulary: Vocabulary, idf: Floats) -> None:
        self._squares: list[float] = (idf.astype(np.float64) ** 2).tolist()
        self._rows: list[dict[str, int]] = []
        first = 0
        for features in vocabulary:
            self._rows.append({feature: row for row, feature in enumerate(features, start=first)})
            first += len(features)

    def transform(self, views: Views) -> tuple[Rows, Floats]:
        """Return the rows of the known features, and for each the inverse length of its view (the weights hold the idf)."""
        rows: list[int] = []
        scales: list[float] = []
        for known, features in zip(self._rows, views, strict=True):
            found = [row for row in dict.fromkeys(map(known.get, features)) if row is not None]
            length = math.sqrt(sum(map(self._squares.__getitem__, found))) or 1.0
            rows += found
            scales += [1.0 / length] * len(found)
        return np.array(rows, dtype=np.int64), np.array(scales, dtype=np.float32)


@dataclass(frozen=True)
class Selection:
    """The features that are learnt from, the idf of each, and how much each view counts; all by view."""

    kept: tuple[Rows, ...]
    idf: tuple[Floats, ...]
    scales: tuple[float, ...]

    def factors(self) -> Floats:
        """Return by what a feature's weight is multiplied, so that `Vectorizer` need not do it for each text."""
        factors: Floats = np.concatenate([idf * scale for idf, scale in zip(self.idf, self.scales, strict=True)])
        return factors


class Occurrences:
    """Which text has which feature, found once for all folds of a training."""

    def __init__(self, texts: Sequence[Views]) -> None:
        self._features: list[tuple[str, ...]] = []
        self._matrices: list[csr_matrix] = []
        for view in zip(*texts, strict=True):
            numbers: dict[str, int] = {}
            columns = [[numbers.setdefault(feature, len(numbers)) for feature in dict.fromkeys(text)] for text in view]
            ends = np.cumsum([0, *map(len, columns)])
            places = np.fromiter(chain.from_iterable(columns), dtype=np.int32, count=int(ends[-1]))
            ones = np.ones(len(places), dtype=np.float32)
            self._matrices.append(csr_matrix((ones, places, ends), shape=(len(texts), len(numbers))))
            self._features.append(tuple(numbers))

    def select(self, learnt: Rows, fewest: Sequence[int], scales: Sequence[float]) -> Selection:
        """Choose the features that at least `fewest` of the learnt texts have, by view; rare ones weigh more."""
        kept, idf = [], []
        for matrix, few, scale in zip(self._matrices, fewest, scales, strict=True):
            counts = np.bincount(matrix[learnt].indices, minlength=matrix.shape[1])
            kept.append(np.flatnonzero(counts >= few) if scale else np.zeros(0, dtype=np.int64))
            rarity = np.log((1 + len(learnt)) / (1 + counts[kept[-1]])) + 1
            idf.append(rarity.astype(np.float32))
        return Selection(tuple(kept), tuple(idf), tuple(scales))

    def vocabulary(self, by: Selection) -> Vocabulary:
        """Return the names of the selected features."""
        return tuple(
            tuple(names[place] for place in kept.tolist()) for names, kept in zip(self._features, by.kept, strict=True)
        )

    def matrix(self, texts: Rows, by: Selection) -> csr_matrix:
        """Return the vectors of the texts, a row each."""
        views = []
        for matrix, kept, idf, scale in zip(self._matrices, by.kept, by.idf, by.scales, strict=True):
            weighted = matrix[texts][:, kept] @ diags_array(idf)
            lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
            views.append(diags_array(scale / np.maximum(lengths, 1e-9)) @ weighted)
        return csr_matrix(hstack(views, format="csr"), dtype=np.float32)


@dataclass(frozen=True)
class Spread:
    """Where an encoder's vectors lie: most point the same way, so that only their distances from the mean tell anything."""

    mean: Floats
    width: Floats

    @classmethod
    def of(cls, vectors: Floats, scale: float) -> "Spread":
        """Measure vectors; after `standardize` they are about `scale` long."""
        width = vectors.std(axis=0) * math.sqrt(vectors.shape[1]) / scale
        return cls(vectors.mean(axis=0), np.maximum(width, 1e-6).astype(np.float32))

    def standardize(self, vectors: Floats) -> Floats:
        """Return the vectors around the mean, each dimension at the same width."""
        standard: Floats = (vectors - self.mean) / self.width
        return standard

    def for_raw_vectors(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return weights and bias that score raw vectors as these weights score standardized ones."""
        raw: Floats = weights / self.width[:, None]
        return raw, -self.mean @ raw
