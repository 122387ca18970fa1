"""The command line, end to end, on a small file of synthetic faces."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.expressions import FER7_LABELS, WEIGHTS
from inference.results import LABELS
from inference.training.data.dataset import FaceDataset, read_dataset


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
def faces_file(synthetic_faces: FaceDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
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


def with_a_row_less(faces_file: Path, folder: Path) -> Path:
    with np.load(faces_file) as file:
        names = {name: file[name] for name in file.files}
    shorter = {name: each[1:] if len(each) == 120 else each for name, each in names.items()}
    np.savez(folder / "shorter.npz", **shorter)
    return folder / "shorter.npz"


@pytest.mark.timeout(500)
def test_from_faces_to_released_weights(
    faces_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces, run = ("--faces", faces_file), ("--run", tmp_path / "run")
    small = ("--stages", "48x1", "--processes", "1", "--architecture", "mobilenet_v3_small")
    weights = tmp_path / "weights"
    trained = run_command("train", *faces, *run, *small, "--batch-size", "20", "--start", "scratch")
    assert trained.returncode == 0, trained.stderr
    judged = run_command("evaluate", *faces, *run)
    assert judged.returncode == 0, judged.stderr
    assert "frequent_recall" in judged.stdout
    assert json.loads((tmp_path / "run/evaluation.json").read_text())["ferplus"]["faces"] == 20
    kept = run_command("keep", *run, "--records", tmp_path / "records")
    assert kept.returncode == 0, kept.stderr
    assert json.loads((tmp_path / "records/run.json").read_text())["name"] == "run"
    others = ("--faces", with_a_row_less(faces_file, tmp_path))
    for wrong in (("evaluate", *others, *run), ("export", *others, *run, "--folder", weights)):
        assert "was trained on other faces" in refused(monkeypatch, *wrong)
    exported = run_command("export", *faces, *run, "--folder", weights, "--calibration", "20")
    assert exported.returncode == 0, exported.stderr
    record = json.loads((weights / "mobilenet_v3_small.record.json").read_text())["released"]
    lost = record["mobilenet_v3_small-int8"]["against_fp32"]
    assert lost["model"] == "mobilenet_v3_small"
    difference = (
        record[lost["model"]]["ferplus"]["accuracy"]
        - record["mobilenet_v3_small-int8"]["ferplus"]["accuracy"]
    )
    assert lost["ferplus"]["accuracy_lost"] == pytest.approx(difference)
    assert {p.name for p in weights.iterdir()} == {
        "mobilenet_v3_small.onnx",
        "mobilenet_v3_small-int8.onnx",
        "mobilenet_v3_small.record.json",
        "mobilenet_v3_small.safetensors",
        "models.json",
        "data_sheet.json",
        "DATA_SHEET.md",
        "MODEL_CARD.md",
    }


def test_prepare_writes_what_train_reads(faces_file: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "sheet.json", "--faces-out", tmp_path / "again.npz")
    done = run_command("prepare", "--faces", faces_file, *out)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "sheet.json").read_text())["public_test_rows"] == 20
    assert len(read_dataset(tmp_path / "again.npz").images) == 120


def refused(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> str:
    """What the command says when it refuses, without a process of its own."""
    from inference.training.__main__ import main
    from inference.training.train.training import MALLOC

    for name in MALLOC:  # or train would start the program again
        monkeypatch.setenv(name, "1")
    monkeypatch.setattr(sys, "argv", ["training", *map(str, arguments)])
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), pytest.raises(SystemExit) as stopped:
        sys.exit(main())  # or argparse does
    assert stopped.value.code == 2
    return errors.getvalue()


def test_missing_data_options_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FER_DATA", raising=False)
    assert "FER_DATA" in refused(monkeypatch, "prepare")


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_DATA", str(tmp_path))
    said = refused(monkeypatch, "prepare")
    assert f"{tmp_path}/fer2013/fer2013_train_public.npz cannot be used" in said


def test_a_malformed_stage_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "64x5" in refused(monkeypatch, "train", "--run", "x", "--stages", "64")


def test_bad_input_is_refused_in_one_line(
    faces_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, faces = ("--run", tmp_path / "run"), ("--faces", faces_file)
    small = ("--batch-size", "20", "--processes", "1", "--architecture", "mobilenet_v3_small")
    for arguments, said in (
        (("train", *run, *small, "--data", tmp_path / "none"), "is not a folder"),
        (("train", *run, *small, *faces, "--teacher-share", "0.5"), "needs --teachers"),
        (("train", *run, *small, *faces, "--start", "none.pt"), "none.pt is missing"),
        (("train", *run, *small, *faces, "--teachers", "none.npz"), "none.npz cannot be used"),
        (("train", *run, *small, *faces, "--eyes", "none.npz"), "none.npz cannot be used"),
        (("prepare", "--csv", "fer2013.csv"), "must be passed together"),
        (("evaluate", *faces, "--run", tmp_path / "none"), "is missing"),
        (("evaluate", *faces, "--model", "none"), "no model is called 'none'"),
        (("evaluate", *faces, "--groups", "none.csv"), "none.csv cannot be read"),
        (("keep", "--run", tmp_path / "none"), "train and evaluate it first"),
        (("runs", "--go", "--only", "none", "--folder", tmp_path / "runs"), "is called none"),
    ):
        assert said in refused(monkeypatch, *arguments)


def test_evaluate_writes_plots_robustness_and_groups(faces_file: Path, tmp_path: Path) -> None:
    groups = tmp_path / "groups.csv"
    groups.write_text(
        "row,hair\n" + "".join(f"{row},{'red' if row % 2 else 'dark'}\n" for row in range(120))
    )
    looks = (
        "--against",
        "mobilenet_v2",
        "--robustness",
        "--groups",
        groups,
        "--gallery",
        tmp_path / "gallery.json",
    )
    out = ("--figures", tmp_path / "figures", "--out", tmp_path / "out.json")
    done = run_command("evaluate", "--faces", faces_file, *looks, *out)
    assert done.returncode == 0, done.stderr
    assert "accuracy by hair" in done.stdout
    assert "turned, degrees" in done.stdout
    figures = json.loads((tmp_path / "out.json").read_text())
    assert {"ferplus", "fer7", "robustness", "groups", "against"} <= set(figures)
    assert figures["groups"]["hair"]["faces"]["judged"] == 20
    listed = json.loads((WEIGHTS / "models.json").read_text())["models"]["mobilenet_v2-int8"]
    assert figures["temperature"] == listed["temperature"], "that inside the graph"
    assert "accuracy lost against mobilenet_v2" in done.stdout
    assert len(list((tmp_path / "figures").glob("*.png"))) == 4
    gallery = json.loads((tmp_path / "gallery.json").read_text())
    assert all(100 <= error["row"] < 120 for errors in gallery.values() for error in errors)
