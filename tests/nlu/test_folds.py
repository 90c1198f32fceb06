"""Folds: each label spread evenly, rare labels too, and always the same way."""

from collections import Counter

import numpy as np

from nlu.folds import spread


def test_each_label_is_spread_evenly() -> None:
    labels = ["a"] * 10 + ["b"] * 7 + ["c"]
    parts = spread(labels, 5, 3)
    assert set(parts.tolist()) == {0, 1, 2, 3, 4}
    for label in "abc":
        counts = Counter(part for part, one in zip(parts.tolist(), labels, strict=True) if one == label)
        sizes = [counts[fold] for fold in range(5)]
        assert max(sizes) - min(sizes) <= 1
    assert max(Counter(parts.tolist()).values()) - min(Counter(parts.tolist()).values()) <= 1


def test_the_seed_decides() -> None:
    labels = ["a"] * 50
    assert np.array_equal(spread(labels, 5, 1), spread(labels, 5, 1))
    assert not np.array_equal(spread(labels, 5, 1), spread(labels, 5, 2))
    assert np.array_equal(np.bincount(spread(np.zeros(50, dtype=np.int64), 5, 1)), [10] * 5)
