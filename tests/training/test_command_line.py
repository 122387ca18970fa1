"""`python -m inference.training` as people type it, on a small file of synthetic faces."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.expressions import FER7_LABELS
from inference.results import LABELS
from inference.training.faces import FaceSet


def run_command(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("FER_")}
    return subprocess.run(
        [sys.executable, "-m", "inference.training", *map(str, arguments)],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=150,
    )


@pytest.fixture(scope="module")
def faces_file(synthetic_faces: FaceSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "faces.npz"
    np.savez(
        path,
        images=synthetic_faces.images,
        labels=synthetic_faces.labels,
        split=synthetic_faces.split,
        ferplus_votes=synthetic_faces.votes,
        duplicate_group=synthetic_faces.group,
        class_names=np.array(FER7_LABELS),
        ferplus_names=np.array([*LABELS, "unknown", "NF"]),
    )
    return path


def test_from_faces_to_released_weights(faces_file: Path, tmp_path: Path) -> None:
    faces, run = ("--faces", faces_file), ("--run", tmp_path / "run")
    small = ("--stages", "48x1", "--processes", "1")
    weights = tmp_path / "weights"
    weights.mkdir()
    trained = run_command("train", *faces, *run, *small, "--batch-size", "20")
    assert trained.returncode == 0, trained.stderr
    judged = run_command("evaluate", *faces, *run)
    assert judged.returncode == 0, judged.stderr
    assert "balanced_accuracy" in judged.stdout
    assert json.loads((tmp_path / "run/evaluation.json").read_text())["ferplus"]["faces"] == 20
    exported = run_command("export", *faces, *run, "--folder", weights, "--calibration", "20")
    assert exported.returncode == 0, exported.stderr
    assert {p.name for p in weights.iterdir()} == {
        "mobilenet_v2.onnx",
        "mobilenet_v2-int8.onnx",
        "mobilenet_v2.record.json",
        "mobilenet_v2.safetensors",
        "models.json",
        "data_sheet.json",
        "DATA_SHEET.md",
        "MODEL_CARD.md",
    }


def test_prepare_counts(faces_file: Path, tmp_path: Path) -> None:
    done = run_command("prepare", "--faces", faces_file, "--out", tmp_path / "sheet.json")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "sheet.json").read_text())["public_test_rows"] == 20


def test_without_data_it_says_what_to_give() -> None:
    done = run_command("prepare")
    assert done.returncode == 1
    assert "FER_DATA" in done.stderr


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    done = run_command("prepare", FER_DATA=str(tmp_path))
    assert done.returncode == 1
    assert f"{tmp_path}/fer2013/fer2013_train_public.npz cannot be used" in done.stderr


def test_a_wrong_stage_says_how_to_write_one() -> None:
    done = run_command("train", "--run", "x", "--stages", "64")
    assert done.returncode == 2
    assert "64x5" in done.stderr
