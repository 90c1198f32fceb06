"""Train Rasa from the skills' own sentences, calibrate it on those that were held out, and make it the current model."""

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from adapters.errors import ExchangeFailed
from adapters.http_exchange import ClientLimits, JsonExchange
from nlu.classifiers.rasa import RasaCalibration, RasaClassifier
from nlu.interpretation import IntentScore
from nlu.rasa.calibration import calibrate
from nlu.rasa.collection import Collected, TrainingPlan, collect
from nlu.rasa.environment import PYTHON, QUIET, require_built
from nlu.rasa.errors import RasaError, RasaModelError
from nlu.rasa.model import RasaModel, checked_file, read_model, sha256_of, write_model
from nlu.rasa.server import running
from nlu.training_data import TrainingSet

Progress = Callable[[str], None]
_LOG = "training.log"
_EPOCH = re.compile(r"Epochs:[^|]{0,40}\|[^|]{0,200}\| {0,8}(\d{1,6})/(\d{1,6})")
_SAME_BYTES = {"PYTHONHASHSEED": "0", "TF_DETERMINISTIC_OPS": "1", "RASA_MAX_CACHE_SIZE": "0"}
_PARSED_AT_ONCE = 4


def train(
    training_set: TrainingSet, folder: Path, plan: TrainingPlan, progress: Progress, *, is_forced: bool = False
) -> RasaModel:
    """Train if the sentences, the plan or the pipeline changed; raises `RasaError`. The same input gives the same model."""
    collected = collect(training_set, plan)
    if not is_forced and (current := _current(folder, collected)) is not None:
        return current
    require_built()
    began = perf_counter()
    (folder / "models").mkdir(parents=True, exist_ok=True)
    file = Path("models") / f"{collected.fingerprint()[:12]}.tar.gz"
    progress(f"用 {len(collected.learnt)} 句样例、{len(collected.intents)} 个意图训练 Rasa，{plan.epochs} 轮 …")
    _fit(collected, folder, file, progress)
    progress(f"用留出的 {len(collected.held_out)} 句校准 Rasa 的置信度 …")
    rankings = asyncio.run(_rank(folder / file, folder / _LOG, collected))
    calibration, figures = calibrate([intent for intent, _ in collected.held_out], rankings, collected.groups)
    model = RasaModel(
        file=str(file),
        sha256=sha256_of(folder / file),
        fingerprint=collected.fingerprint(),
        examples=len(collected.learnt),
        intents=len(collected.intents),
        epochs=plan.epochs,
        calibration=calibration,
        figures=figures,
    )
    write_model(folder, model)
    right = f"留出句意图 {figures['held_out_intent_accuracy']:.1%}，领域 {figures['held_out_group_accuracy']:.1%}"
    progress(f"Rasa 的新模型 {file.name} 已启用（{right}），用时 {perf_counter() - began:.0f} 秒")
    return model


def _current(folder: Path, collected: Collected) -> RasaModel | None:
    """Return the current model if it is what training would make, else None."""
    try:
        model = read_model(folder)
        checked_file(folder, model)
    except RasaError:
        return None
    return model if model.fingerprint == collected.fingerprint() else None


def _fit(collected: Collected, folder: Path, file: Path, progress: Progress) -> None:
    with tempfile.TemporaryDirectory(dir=folder, prefix="training-") as name:
        work = Path(name)
        (work / "nlu.yml").write_text(collected.data, encoding="utf-8")
        (work / "config.yml").write_text(collected.pipeline, encoding="utf-8")
        code = _run_rasa(work, folder / _LOG, progress)
        trained = work / "models" / "model.tar.gz"
        if code or not trained.is_file():
            raise RasaModelError(f"Rasa 训练失败（退出码 {code}），日志：{folder / _LOG}")
        shutil.move(trained, folder / file)


def _run_rasa(work: Path, log_file: Path, progress: Progress) -> int:
    """Run `rasa train nlu`, telling each epoch; return its exit status."""
    command = [
        str(PYTHON), "-m", "rasa", "train", "nlu", "--config", "config.yml", "--nlu", "nlu.yml",
        "--out", "models", "--fixed-model-name", "model",
    ]  # fmt: skip
    told = ""
    with (
        log_file.open("wb") as log,
        subprocess.Popen(  # noqa: S603 - our own words
            command,
            cwd=work,
            env=os.environ | QUIET | _SAME_BYTES,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            for piece in iter(lambda: os.read(process.stdout.fileno(), 65536) if process.stdout else b"", b""):
                log.write(piece)
                found = _EPOCH.search(piece.decode("utf-8", "replace"))
                if found and found[1] not in {"0", told}:
                    told = found[1]
                    progress(f"  第 {int(found[1])}/{int(found[2])} 轮")
        except BaseException:
            process.kill()
            raise
    return process.returncode


async def _rank(model_file: Path, log_file: Path, collected: Collected) -> list[Sequence[IntentScore]]:
    """Ask the new model, served as citizens will be, about what it has not seen."""
    places = asyncio.Semaphore(_PARSED_AT_ONCE)
    async with running(model_file, log_file) as server:
        exchange = JsonExchange(server.url, ClientLimits(total_seconds=30.0))
        rasa = RasaClassifier(exchange, server.token, collected.groups, RasaCalibration())

        async def rank(text: str) -> Sequence[IntentScore]:
            async with places:
                return await rasa.classify(text)

        await rasa.open()
        try:
            return list(await asyncio.gather(*(rank(text) for _, text in collected.held_out)))
        except ExchangeFailed as failure:
            raise RasaModelError(f"新训练的 Rasa 模型答不上来（{failure}），日志：{log_file}") from failure
        finally:
            await rasa.close()
