"""The trained model on disk: described, refused when damaged, and its token kept from others."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nlu.classifiers.base import Thresholds
from nlu.classifiers.rasa import RasaCalibration
from nlu.rasa.errors import RasaModelError
from nlu.rasa.model import RasaModel, checked_file, read_model, sha256_of, shared_token, write_model


def model_in(folder: Path, name: str = "a") -> RasaModel:
    path = folder / "models" / f"{name}.tar.gz"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(name.encode() * 1000)
    calibration = RasaCalibration(1.5, Thresholds(0.3, 0.02))
    return RasaModel(f"models/{name}.tar.gz", sha256_of(path), "f" * 64, 10, 2, 5, calibration, {"accuracy": 0.9})


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    model = model_in(tmp_path)
    write_model(tmp_path, model)
    assert read_model(tmp_path) == model
    assert checked_file(tmp_path, model).read_bytes() == b"a" * 1000


def test_the_new_model_takes_the_place_of_the_old(tmp_path: Path) -> None:
    write_model(tmp_path, model_in(tmp_path, "a"))
    write_model(tmp_path, model_in(tmp_path, "b"))
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["b.tar.gz"]
    assert read_model(tmp_path).file == "models/b.tar.gz"


def test_nothing_trained_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RasaModelError, match="make rasa") as caught:
        read_model(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"file": "x"}', '{"calibration": {"thresholds": {"x": 1}}}'])
def test_a_description_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(RasaModelError, match="读不懂"):
        read_model(tmp_path)


def test_a_damaged_file_is_refused_by_its_hash(tmp_path: Path) -> None:
    model = model_in(tmp_path)
    write_model(tmp_path, model)
    with (tmp_path / model.file).open("ab") as file:
        file.write(b"x")
    with pytest.raises(RasaModelError, match="哈希"):
        checked_file(tmp_path, model)
    (tmp_path / model.file).unlink()
    with pytest.raises(RasaModelError, match="缺失"):
        checked_file(tmp_path, model)


def test_the_token_is_made_once_and_is_the_owners(tmp_path: Path) -> None:
    folder = tmp_path / "rasa"
    with ThreadPoolExecutor(8) as people:
        tokens = set(people.map(lambda _: shared_token(folder), range(8)))
    [token] = tokens
    assert len(token) >= 32
    assert shared_token(folder) == token
    assert [path.name for path in folder.iterdir()] == ["token"]
    assert (folder / "token").stat().st_mode & 0o077 == 0


def test_the_description_is_json_for_people_too(tmp_path: Path) -> None:
    write_model(tmp_path, model_in(tmp_path))
    content = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert content["calibration"] == {"temperature": 1.5, "thresholds": {"group_mass": 0.3, "margin": 0.02}}
