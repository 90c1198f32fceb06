"""The driver for models in the format of sentence-transformers, from a folder on this machine alone."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from adapters.embedding.encoder import Vectors
from adapters.errors import EncoderUnavailable

os.environ["HF_HUB_OFFLINE"] = "1"  # read when the library is imported: it must never look for anything outside

from sentence_transformers import SentenceTransformer

MODULES = "modules.json"
WEIGHTS = "*.safetensors"
BATCH = 64


class SentenceTransformerEncoder:
    """Encode with a downloaded model; weights are read as safetensors only, and no code of the model's is run."""

    def __init__(self, folder: Path) -> None:
        if not (folder / MODULES).is_file() or not any(folder.rglob(WEIGHTS)):
            raise EncoderUnavailable(f"nlu.encoder: {folder} holds no {MODULES} with {WEIGHTS} beside it")
        self._identity = _hash(folder)
        try:
            self._model = SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise EncoderUnavailable(f"nlu.encoder: {folder}: {error}") from error

    @property
    def identity(self) -> str:
        """Return the start of the hash of all files of the model."""
        return self._identity

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return a vector of length one for each sentence."""
        readable = [sentence.encode("utf-8", "replace").decode("utf-8") for sentence in sentences]
        vectors = self._model.encode(
            readable, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(vectors, dtype=np.float32)


def _hash(folder: Path) -> str:
    """Return the hash of what is in a folder, wherever it was copied to."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
