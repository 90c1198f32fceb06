"""Tell whether a model is still what training would make; apart from training, whose libraries take seconds to load."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from nlu.artefact import ArtefactError, ModelFolder
from nlu.training_data import TrainingSet

_LEARNER = "scikit-learn"


def is_current(models_folder: Path, training_set: TrainingSet, *, seed: int = 0, encoder_identity: str = "") -> bool:
    """Tell whether the current model was made from this data by this code, or was pinned by a rollback."""
    folder = ModelFolder(models_folder)
    try:
        pointer = folder.current()
        made_from = folder.manifest(pointer.version).fingerprint
        return pointer.is_pinned or made_from == fingerprint(training_set, seed, encoder_identity)
    except ArtefactError:
        return False


def fingerprint(training_set: TrainingSet, seed: int, encoder_identity: str) -> str:
    """Return the SHA-256 of all that decides the model: examples, seed, encoder, our code and word lists, the learner."""
    digest = hashlib.sha256(f"{training_set.fingerprint()} {seed} {version(_LEARNER)} {encoder_identity}".encode())
    here = Path(__file__).parent
    sources = [
        here / "training.py",
        here / "material.py",
        here / "learning.py",
        here / "calibration.py",
        here / "folds.py",
        here / "normalizer.py",
        here / "lexicon.yml",
        *sorted((here / "classifiers").glob("*.*")),
    ]
    for source in sources:
        if source.suffix in {".py", ".yml"}:
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()
