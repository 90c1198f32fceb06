"""Tell whether a model is still what training would make; apart from training, whose libraries take seconds to load."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from nlu.artefact import ArtefactError, ModelFolder
from nlu.training_data import TrainingSet

_LEARNER = "scikit-learn"


def is_current(models_folder: Path, training_set: TrainingSet, *, seed: int = 0) -> bool:
    """Tell whether the current model was made from this data by this code, or was pinned by a rollback."""
    folder = ModelFolder(models_folder)
    try:
        pointer = folder.current()
        return pointer.is_pinned or folder.manifest(pointer.version).fingerprint == fingerprint(training_set, seed)
    except ArtefactError:
        return False


def fingerprint(training_set: TrainingSet, seed: int) -> str:
    """Return the SHA-256 of all that decides the model: examples, seed, our code and word lists, the learner's version."""
    digest = hashlib.sha256(f"{training_set.fingerprint()} {seed} {version(_LEARNER)}".encode())
    here = Path(__file__).parent
    sources = [
        here / "training.py",
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
