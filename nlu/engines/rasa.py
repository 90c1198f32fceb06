"""Rasa's DIET as an engine to compare with: trained and asked in its own environment, one text at a time by a pipe."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nlu.engines.base import EngineUnavailable, Reading, require_two_intents
from nlu.interpretation import OUT_OF_SCOPE
from nlu.rasa.collection import pipeline_of, rasa_document, readable
from nlu.rasa.environment import PYTHON, QUIET
from nlu.training_data import TrainingSet

WORKER = Path(__file__).parents[1] / "rasa" / "comparison_worker.py"
EPOCHS = 100  # what its authors advise where examples are few


class RasaReader:
    """Asks the process that holds the model."""

    def __init__(self, process: "subprocess.Popen[str]", intents: Mapping[str, str]) -> None:
        self._process = process
        self._intents = intents

    def read(self, text: str) -> Reading:
        """Return how DIET ranks the intents; it refuses only what it was taught to refuse."""
        if self._process.stdin is None or self._process.stdout is None:
            raise EngineUnavailable("the process that holds Rasa's model has no pipes")
        encodable = text.encode("utf-8", "replace").decode()  # half a surrogate pair would end the process
        self._process.stdin.write(json.dumps(encodable) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise EngineUnavailable("the process that holds Rasa's model has ended")
        ranked = [(self._intents[name], share) for name, share in json.loads(line)]
        known = [(intent, share) for intent, share in ranked if intent != OUT_OF_SCOPE]
        if not known:
            return Reading("", OUT_OF_SCOPE, 0.0, 1.0)
        second = known[1][0] if len(known) > 1 else ""
        return Reading(known[0][0], ranked[0][0], ranked[0][1], 1.0 - known[0][1], second)


class RasaEngine:
    """Trains `rasa.yml` with `.venv-rasa`, which `make rasa` builds."""

    name = "rasa"

    def __init__(self, python: Path = PYTHON, epochs: int = EPOCHS) -> None:
        self.title = f"Rasa DIET（{epochs} 轮）"
        self._python = python
        self._epochs = epochs

    @contextmanager
    def fit(self, training_set: TrainingSet, seed: int) -> Iterator[RasaReader]:
        """Learn, and hold the model in a process of its own while the reader is in use."""
        require_two_intents(training_set)
        if not self._python.exists():
            raise EngineUnavailable(f"{self._python} is missing; `make rasa` builds Rasa's environment")
        with tempfile.TemporaryDirectory(prefix="rasa-") as name:
            folder = Path(name)
            intents = sorted({example.intent for example in training_set.examples})
            codes = {intent: f"i{number:04}" for number, intent in enumerate(intents)}
            (folder / "config.yml").write_text(pipeline_of(self._epochs, seed), encoding="utf-8")
            (folder / "nlu.yml").write_text(document(training_set, codes), encoding="utf-8")
            self._train(folder)
            with self._served(folder) as process:
                yield RasaReader(process, {code: intent for intent, code in codes.items()})

    def _train(self, folder: Path) -> None:
        """Run `rasa train nlu`; raises `EngineUnavailable` with the end of what it said."""
        command = [str(self._python), "-m", "rasa", "train", "nlu", "--config", "config.yml", "--nlu", "nlu.yml"]
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own files
            [*command, "--out", ".", "--fixed-model-name", "peer"],
            cwd=folder,
            env=os.environ | QUIET,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0 or not (folder / "peer.tar.gz").is_file():
            raise EngineUnavailable(f"rasa train failed with {done.returncode}: {done.stderr[-2000:]}")

    @contextmanager
    def _served(self, folder: Path) -> "Iterator[subprocess.Popen[str]]":
        """Hold the model in a process, and end that process."""
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own files
                [self._python, "-I", WORKER, folder / "peer.tar.gz"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | QUIET,
                cwd=folder,
                text=True,
                encoding="utf-8",
            )
            try:
                yield process
            finally:
                process.terminate()
                process.communicate()


def document(training_set: TrainingSet, codes: Mapping[str, str]) -> str:
    """Return the examples as Rasa's training data, under names that mean nothing to Rasa ("/" would)."""
    pairs = [(codes[example.intent], readable(example.text)) for example in training_set.examples]
    return rasa_document([(code, text) for code, text in pairs if text])
