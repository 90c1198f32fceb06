"""Part labelled things into folds for cross-validation."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def spread(labels: Sequence[str] | npt.NDArray[np.int64], folds: int, seed: int) -> npt.NDArray[np.int64]:
    """Return the fold of each label's place: every label is spread over the folds as evenly as it can be.

    Unlike scikit-learn's, it takes labels that are rarer than there are folds: such a label is missing in some folds,
    so that its one example is judged by an engine that never saw the label.
    """
    chance = np.random.default_rng(seed)
    values = np.asarray(labels)
    order = chance.permutation(len(values))
    order = order[np.argsort(values[order], kind="stable")]
    parts = np.empty(len(values), dtype=np.int64)
    parts[order] = np.arange(len(values)) % folds
    return parts
