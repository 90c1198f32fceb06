"""Rasa's own environment: Rasa 3.6 runs on Python 3.10 and on none that we run on."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from nlu.rasa.errors import PythonMissing, RasaEnvironmentError

FOLDER = Path(__file__).resolve().parents[2] / ".venv-rasa"
PYTHON = FOLDER / "bin" / "python"
REQUIREMENTS, CONSTRAINTS = (Path(__file__).with_name(name) for name in ("requirements.txt", "constraints.txt"))
_MARK = FOLDER / "built-from.txt"
_LOG = FOLDER / "install.log"
_SHOWN_LINES = 5
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
}


def packages() -> str:
    """Return the SHA-256 of what is to be installed."""
    return hashlib.sha256(REQUIREMENTS.read_bytes() + CONSTRAINTS.read_bytes()).hexdigest()


def is_built() -> bool:
    """Tell whether the environment is there, with the packages that are asked for now."""
    return PYTHON.is_file() and _MARK.is_file() and _MARK.read_text(encoding="ascii") == packages()


def require_built() -> None:
    """Raise `RasaEnvironmentError` if the environment is not there."""
    if not is_built():
        raise RasaEnvironmentError(f"{FOLDER} 还没有建好：请先运行 make rasa")


def build(progress: Callable[[str], None]) -> None:
    """Make the environment if it is not there; raises `PythonMissing` or `RasaEnvironmentError`."""
    if is_built():
        return
    began = perf_counter()
    python = find_python()
    progress(f"用 {python} 建立 Rasa 的环境 …（约 2.7 GB，第一次要几分钟）")
    shutil.rmtree(FOLDER, ignore_errors=True)
    _run([str(python), "-m", "venv", str(FOLDER)], PythonMissing)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    _run([*pip, "--requirement", str(REQUIREMENTS), "--constraint", str(CONSTRAINTS)], RasaEnvironmentError)
    _MARK.write_text(packages(), encoding="ascii")
    progress(f"Rasa 的环境已建好，用时 {perf_counter() - began:.0f} 秒")


def find_python() -> Path:
    """Return a Python 3.10: PYTHON310 if that is set, else one on the path or one of pyenv's."""
    named = os.environ.get("PYTHON310")
    if named:
        if not _is_python310(named):
            raise PythonMissing(f"PYTHON310 = {named!r} 不是可用的 Python 3.10")
        return Path(named)
    for candidate in _candidates():
        if _is_python310(candidate):
            return Path(candidate)
    raise PythonMissing(
        "没有找到 Python 3.10，而 Rasa 3.6 只能在它上面运行：请用 PYTHON310=路径 指定，或用 pyenv install 3.10 安装"
    )


def _candidates() -> Iterator[str]:
    on_path = shutil.which("python3.10")
    if on_path:
        yield on_path
    pyenv = shutil.which("pyenv")
    root = _output([pyenv, "root"]) if pyenv else os.environ.get("PYENV_ROOT", "")
    if root:
        installed = Path(root).glob("versions/3.10.*/bin/python3.10")
        yield from map(str, sorted(installed, key=lambda path: (len(path.parts[-3]), path.parts[-3]), reverse=True))


def _is_python310(candidate: str) -> bool:
    return _output([candidate, "-c", "import sys, venv; print(*sys.version_info[:2])"]) == "3 10"


def _output(command: list[str]) -> str:
    """Return what a program prints; "" if it cannot be run (pyenv's shims fail for versions that are not chosen)."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)  # noqa: S603 - our own words
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _run(command: list[str], error: type[PythonMissing] | type[RasaEnvironmentError]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _LOG.open("ab") as log:
        code = subprocess.run(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=False).returncode  # noqa: S603
    if code:
        lines = _LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-_SHOWN_LINES:]
        raise error(f"Rasa 的环境没有建成（{' '.join(command[:4])} 退出码 {code}）：{' | '.join(lines)}")
