"""What must be there before the product can start: trained models, a knowledge release. Done once, redone on change."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from adapters.embedding.encoder import open_encoder
from bot.settings import Settings
from knowledge.service import Knowledge
from nlu.artefact import ModelFolder
from nlu.freshness import is_current
from nlu.training_data import gather
from skills.registry import SKILLS_FOLDER

Progress = Callable[[str], None]
SEED = 20201117


def prepare(settings: Settings, progress: Progress) -> None:
    """Train and ingest what has changed since the last time; say what takes long."""
    prepare_models(settings, progress)
    prepare_knowledge(settings, progress)


@contextmanager
def one_at_a_time(state_folder: Path, progress: Progress) -> Iterator[None]:
    """Wait until no other process on this machine prepares the same folder: what it made is then there for us, too."""
    state_folder.mkdir(parents=True, exist_ok=True)
    with (state_folder / "prepare.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("另一个进程正在准备模型和知识库，等它做完 …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare_models(settings: Settings, progress: Progress, *, is_forced: bool = False) -> None:
    """Train the embedded language model if its examples or its encoder changed."""
    training_set = gather(SKILLS_FOLDER)
    folder = settings.state_folder / "models"
    encoder = open_encoder(settings.nlu.encoder)
    identity = encoder.identity if encoder else ""
    with one_at_a_time(settings.state_folder, progress):
        if not is_forced and is_current(folder, training_set, seed=SEED, encoder_identity=identity):
            return
        from nlu.training import train  # noqa: PLC0415 - its libraries take seconds to load, and are seldom needed

        began = perf_counter()
        train(training_set, folder, seed=SEED, progress=progress, encoder=encoder)
        progress(f"训练完成，用时 {perf_counter() - began:.1f} 秒")


def prepare_knowledge(settings: Settings, progress: Progress) -> None:
    """Take the seed documents into a release if they changed."""
    folder = settings.state_folder / "knowledge"
    began = perf_counter()
    if not folder.exists():
        progress("导入政策和办事指南 …")
    with one_at_a_time(settings.state_folder, progress):
        knowledge = Knowledge.open(folder)
    if (seconds := perf_counter() - began) > 1:
        progress(f"知识库就绪：{len(knowledge.documents())} 份文件，用时 {seconds:.1f} 秒")


def roll_back_model(settings: Settings) -> str:
    """Go back to the model before the present one, and say which it is."""
    manifest = ModelFolder(settings.state_folder / "models").roll_back()
    return f"已退回模型 {manifest.version}"
