import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.detection.faces import open_detector
from inference.errors import PictureUnreadable
from inference.imaging.frames import check_jpeg, decode
from tests.bench.load.face_frames import (
    FRAMES_PER_LEARNER,
    HEIGHT,
    WIDTH,
    load_portraits,
    make_learner_frames,
)

pytestmark = pytest.mark.usefixtures("face_model")


@pytest.fixture
def portrait_file(tmp_path: Path) -> Path:
    data = pytest.importorskip("skimage.data")
    file = tmp_path / "portrait.png"
    cv2.imwrite(str(file), data.astronaut()[:, :, ::-1])
    return file


def test_frames_have_browser_format_and_a_face(portrait_file: Path) -> None:
    pools = make_learner_frames(portrait_file, 3)
    assert [len(pool) for pool in pools] == [FRAMES_PER_LEARNER] * 3
    detector = open_detector(landmarks=False)
    for jpeg in (pool[0] for pool in pools):
        check_jpeg(jpeg)
        image = decode(jpeg)
        assert image.shape == (HEIGHT, WIDTH, 3)
        assert detector.detect(image).count >= 1


def test_frames_differ_and_are_reproducible(portrait_file: Path) -> None:
    pools = make_learner_frames(portrait_file, 4)
    assert len({jpeg for pool in pools for jpeg in pool}) == 4 * FRAMES_PER_LEARNER
    assert make_learner_frames(portrait_file, 4) == pools


def test_images_without_face_are_skipped(portrait_file: Path) -> None:
    grey = np.full((240, 320, 3), 90, np.uint8)
    cv2.imwrite(str(portrait_file.parent / "empty.png"), grey)
    (portrait_file.parent / "broken.jpg").write_bytes(b"no picture")
    assert len(load_portraits(portrait_file.parent)) == 1


def test_folder_without_face_is_reported(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((240, 320, 3), 90, np.uint8))
    with pytest.raises(PictureUnreadable, match=str(tmp_path)):
        load_portraits(tmp_path)


def test_error_without_faces_names_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FER_MEDIA", raising=False)
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(PictureUnreadable, match=r"--faces PATH \(or set FER_MEDIA=PATH\)"):
        load_portraits(None)
