"""Opening a model: pinned bytes only, one thread, errors with advice."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from inference.errors import ModelCorrupt, ModelMissing
from inference.expressions import list_released_models
from inference.models.onnx_session import build_session_options, open_session
from inference.models.released import read_pinned


@pytest.fixture
def released() -> tuple[Path, str]:
    default, models = list_released_models()
    return models[default].path, models[default].sha256


def test_released_model_opens_and_runs(released: tuple[Path, str]) -> None:
    session = open_session(*released)
    face = session.get_inputs()[0]
    outputs = session.run(None, {face.name: np.zeros([2, *face.shape[1:]], np.float32)})
    assert [output.shape for output in outputs] == [(2, 8), (2, 7)]


def test_damaged_model_is_refused(released: tuple[Path, str], tmp_path: Path) -> None:
    path, sha256 = released
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(content)
    with pytest.raises(ModelCorrupt) as caught:
        open_session(broken, sha256)
    assert str(broken) in str(caught.value)
    assert sha256 in str(caught.value)


def test_missing_file_error_names_path_and_sha256(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=f"{'a' * 64} at {tmp_path / 'gone.onnx'}"):
        open_session(tmp_path / "gone.onnx", "a" * 64)


def test_read_pinned_returns_checked_bytes(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_bytes(b"weights")
    assert read_pinned(path, hashlib.sha256(b"weights").hexdigest()) == b"weights"


def test_session_has_one_thread_without_spinning() -> None:
    options = build_session_options()
    assert options.intra_op_num_threads == options.inter_op_num_threads == 1
    for pool in ("intra_op", "inter_op"):
        assert options.get_session_config_entry(f"session.{pool}.allow_spinning") == "0"


def test_session_uses_cpu_only(released: tuple[Path, str]) -> None:
    assert open_session(*released).get_providers() == ["CPUExecutionProvider"]
