"""The trained Rasa model on disk: one file under its hash, and beside it what it was made from and how it is calibrated.

rasa/
  model.json            file, hash, fingerprint, calibration, figures; swapped atomically
  models/….tar.gz       what the server loads
  token                 what the server's doors ask for; readable by the owner alone
"""

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nlu.classifiers.base import Thresholds
from nlu.classifiers.rasa import RasaCalibration
from nlu.rasa.errors import RasaModelError

MANIFEST, TOKEN = "model.json", "token"


@dataclass(frozen=True, slots=True)
class RasaModel:
    """What a trained model is; `file` is relative to the folder."""

    file: str
    sha256: str
    fingerprint: str
    examples: int
    intents: int
    epochs: int
    calibration: RasaCalibration = field(default_factory=RasaCalibration)
    figures: Mapping[str, float] = field(default_factory=dict)


def read_model(folder: Path) -> RasaModel:
    """Return the current model's description; raises `RasaModelError` if there is none that can be read."""
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_bytes())
        calibration = content.pop("calibration")
        limits = Thresholds(**calibration.pop("thresholds"))
        return RasaModel(**content, calibration=RasaCalibration(**calibration, thresholds=limits))
    except FileNotFoundError as error:
        raise RasaModelError(f"{path}：还没有训练过 Rasa 的模型，请先运行 make rasa") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RasaModelError(f"{path}：读不懂（{error}），请重新训练：make rasa") from error


def checked_file(folder: Path, model: RasaModel) -> Path:
    """Return the file that the server loads, after its hash was compared; raises `RasaModelError`."""
    path = folder / model.file
    if not path.is_file() or sha256_of(path) != model.sha256:
        raise RasaModelError(f"{path}：缺失或者已损坏（哈希不符），请重新训练：make rasa")
    return path


def write_model(folder: Path, model: RasaModel) -> None:
    """Make it the current model, and remove the files of those before it."""
    draft = folder / f"{MANIFEST}.new"
    draft.write_text(json.dumps(asdict(model), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.replace(folder / MANIFEST)
    for path in (folder / model.file).parent.glob("*.tar.gz"):
        if path != folder / model.file:
            path.unlink()


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def shared_token(folder: Path) -> str:
    """Return the token that server and product share on this machine; whoever asks first makes it."""
    path = folder / TOKEN
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{TOKEN}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(24))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
