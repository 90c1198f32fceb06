"""Python 3.10 is looked for where people have it, and its absence is one line."""

import os
from pathlib import Path

import pytest

from nlu.rasa import environment
from nlu.rasa.environment import find_python
from nlu.rasa.errors import PythonMissing


def program(path: Path, script: str) -> Path:
    """Write a shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only folder of the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for name in ("PYTHON310", "PYENV_ROOT"):
        monkeypatch.delenv(name, raising=False)
    return folder


def test_the_one_on_the_path(path_folder: Path) -> None:
    python = program(path_folder / "python3.10", "echo 3 10")
    assert find_python() == python


def test_what_is_named_is_taken_and_nothing_else(path_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(path_folder / "python3.10", "echo 3 10")
    named = program(path_folder / "mine", "echo 3 10")
    monkeypatch.setenv("PYTHON310", str(named))
    assert find_python() == named
    program(path_folder / "mine", "echo 3 11")
    with pytest.raises(PythonMissing, match=f"PYTHON310 = '{named}'"):
        find_python()


def test_the_newest_of_pyenv_where_its_shim_refuses(path_folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "pyenv"
    program(path_folder / "python3.10", "echo 'pyenv: python3.10: command not found' >&2; exit 127")
    program(path_folder / "pyenv", f"echo {root}")
    for version, answer in (("3.10.2", "3 10"), ("3.10.13", "3 10"), ("3.10.4", "3 10"), ("3.11.7", "3 11")):
        program(root / "versions" / version / "bin" / "python3.10", f"echo {answer}")
    assert find_python() == root / "versions" / "3.10.13" / "bin" / "python3.10"


def test_its_absence_is_one_line_that_says_what_to_do(path_folder: Path) -> None:
    program(path_folder / "python3.10", "echo 3 9")
    with pytest.raises(PythonMissing, match="PYTHON310") as caught:
        find_python()
    assert "\n" not in str(caught.value)
    assert "pyenv" in str(caught.value)


def test_what_is_asked_for_now_decides_whether_it_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, path in {"PYTHON": tmp_path / "bin" / "python", "_MARK": tmp_path / "built-from.txt"}.items():
        monkeypatch.setattr(environment, name, path)
    assert not environment.is_built()
    program(tmp_path / "bin" / "python", "exit 0")
    (tmp_path / "built-from.txt").write_text(environment.packages())
    assert environment.is_built()
    changed = tmp_path / "constraints.txt"
    changed.write_text("rasa==0")
    monkeypatch.setattr(environment, "CONSTRAINTS", changed)
    assert not environment.is_built()
    assert os.access(tmp_path / "bin" / "python", os.X_OK)
