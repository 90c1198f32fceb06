"""What a sentence encoder can be asked, and how the configured one is opened."""

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from adapters.errors import EncoderUnavailable

Vectors = npt.NDArray[np.floating[Any]]


class Encoder(Protocol):
    """Turns sentences into vectors whose nearness is nearness of meaning."""

    @property
    def identity(self) -> str:
        """Name the encoder by its content: another model has another identity."""
        ...

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return a vector of length one for each sentence, a row each; total for any string."""
        ...


@cache
def open_encoder(folder: str) -> Encoder | None:
    """Open the model in a folder, once a process; None for an empty setting. Nothing is ever fetched.

    Raises `EncoderUnavailable`.
    """
    if not folder:
        return None
    if importlib.util.find_spec("sentence_transformers") is None:
        raise EncoderUnavailable("nlu.encoder is set, but sentence-transformers is not installed; run: make encoder")
    # It takes seconds and hundreds of megabytes to load, and most cities run without it.
    from adapters.embedding.sentence_transformer import SentenceTransformerEncoder  # noqa: PLC0415

    return SentenceTransformerEncoder(Path(folder))
