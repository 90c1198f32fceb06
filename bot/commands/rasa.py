"""`main.py rasa build|train|serve`: Rasa's environment, its model, and its server on loopback."""

import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from bot.settings import Settings
from nlu.rasa.collection import TrainingPlan
from nlu.rasa.environment import build, require_built
from nlu.rasa.errors import PythonMissing, RasaError, RasaServerError
from nlu.rasa.model import checked_file, read_model, shared_token
from nlu.rasa.server import serve
from nlu.training_data import gather
from skills.registry import SKILLS_FOLDER

NO_PYTHON = 3  # its own exit status: then Rasa cannot be had on this machine, and nothing else is wrong
_LOOPBACK = {"127.0.0.1", "localhost"}


def build_environment() -> int:
    """Make the environment with Python 3.10 if it is not there; return the exit status."""
    return _told(lambda: build(_say))


def train_model(settings: Settings, plan: TrainingPlan, *, is_forced: bool) -> int:
    """Train from the skills' sentences if anything changed; return the exit status."""
    from nlu.rasa.training import train  # noqa: PLC0415 - its libraries take seconds to load

    folder = settings.state_folder / "rasa"
    return _told(lambda: train(gather(SKILLS_FOLDER), folder, plan, _say, is_forced=is_forced))


def serve_model(settings: Settings) -> int:
    """Become the server of the trained model, where nlu.rasa.url says; return the exit status if that cannot be."""
    return _told(lambda: _serve(settings))


def _serve(settings: Settings) -> None:
    wanted, folder = settings.nlu.rasa, settings.state_folder / "rasa"
    place = urlsplit(wanted.url)
    if place.hostname not in _LOOPBACK or place.scheme != "http":
        raise RasaServerError(f"nlu.rasa.url = {wanted.url!r} 不在本机：这里只在 http://127.0.0.1:端口 上提供服务")
    require_built()
    model_file = checked_file(folder, read_model(folder))
    _say(f"Rasa 正在启动：{wanted.url}（约半分钟；产品用它：MIANBAN_NLU__ENGINE=rasa make run；按 Ctrl-C 停止）")
    serve(model_file, place.port or 80, wanted.token or shared_token(folder))


def _told(action: Callable[[], object]) -> int:
    """Do it; say in one line why it cannot be done."""
    try:
        action()
    except RasaError as error:
        sys.stderr.write(f"{error}\n")
        return NO_PYTHON if isinstance(error, PythonMissing) else 1
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
