"""BlazeFace (short range) through OpenCV: boxes and eyes without landmarks.

Bazarevsky et al. 2019, arXiv 1907.05047; anchors and decoding as in MediaPipe's
face_detection_short_range graph: 128x128 input in -1..1, 896 anchors of unit size (2 a cell on a
16x16 grid, 6 a cell on an 8x8 grid), six key points, overlapping boxes averaged by score.
"""

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference.detection.base import (
    NO_FACES,
    DetectedFace,
    DetectionResult,
    DetectorKind,
    move_face,
)
from inference.imaging.frames import load_cv2
from inference.results import FaceBox

if TYPE_CHECKING:
    from inference.imaging.frames import Image

ZIP_MEMBER = "face_detector.tflite"
SIDE = 128
MIN_SCORE = 0.5
MAX_IOU = 0.3
"""Boxes with a larger intersection over union belong to one face."""
BOX_OVER_FACE = 1.13
"""Width of this detector's box over that of the landmarks' (295 faces of 24 to 60 pixels: median
1.13, 90 % below 1.17)."""
SMALL_BOX = 28
"""Pixels of the input. A smaller box is coarse (51 pixels for a face of 26), so the detector runs
again on the part of the picture around it."""
SECOND_LOOK_SIDE = 3
"""Side of this part, in widths of the first box."""
OUTPUTS = ("classificators", "regressors")

Floats = npt.NDArray[np.float32]


def _make_anchors() -> Floats:
    """Return anchor centres [896, 2], in pixels of the input."""
    grids = []
    for cells, anchors_per_cell in ((16, 2), (8, 6)):
        row, column = np.divmod(np.arange(cells * cells), cells)
        centres = (np.stack([column, row], axis=1) + 0.5) * (SIDE / cells)
        grids.append(np.repeat(centres, anchors_per_cell, axis=0))
    return np.concatenate(grids).astype(np.float32)


class BlazeFace:
    """Detector of boxes and eyes; pose and signs are None."""

    kind: DetectorKind = "opencv-blazeface"

    def __init__(self, model: bytes) -> None:
        """Load the detector from the bytes of face_landmarker.task, a zip that contains it."""
        self._cv2 = load_cv2()
        with zipfile.ZipFile(io.BytesIO(model)) as task:
            network = np.frombuffer(task.read(ZIP_MEMBER), np.uint8)
        self._net = self._cv2.dnn.readNetFromTFLite(network)
        self._anchors = _make_anchors()
        self.detect(np.zeros((240, 320, 3), np.uint8))

    def detect(self, image: "Image") -> DetectionResult:
        """Count all faces and describe the largest."""
        count, face = self._find_largest(image)
        if face is None:
            return NO_FACES
        if face.box.width < SMALL_BOX * max(image.shape[:2]) / SIDE:
            face = self._look_again(image, face)
        return DetectionResult(count, face)

    def _find_largest(self, image: "Image") -> tuple[int, DetectedFace | None]:
        """Return the number of faces, and the largest."""
        scores, values = self._run(image)
        boxes = merge_boxes(values, scores)
        if not boxes:
            return 0, None
        score, best = max(boxes, key=lambda scored: float(np.prod(scored[1][1])))
        scale = max(image.shape[:2]) / SIDE
        offset = (np.array(image.shape[1::-1]) - max(image.shape[:2])) / 2
        centre, size = best[0] * scale + offset, best[1] * scale
        x, y = (centre - size / 2).tolist()
        width, height = size.tolist()
        eyes = (best[2:4] * scale + offset).astype(np.float32)
        box = FaceBox(x, y, width, height, score)
        return len(boxes), DetectedFace(box, width / BOX_OVER_FACE, eyes)

    def _look_again(self, image: "Image", face: DetectedFace) -> DetectedFace:
        """Measure a small face in the part of the picture around it."""
        box, reach = face.box, face.box.width * SECOND_LOOK_SIDE / 2
        centre_x, centre_y = box.x + box.width / 2, box.y + box.height / 2
        left, top = max(0, int(centre_x - reach)), max(0, int(centre_y - reach))
        part = image[top : int(centre_y + reach) + 1, left : int(centre_x + reach) + 1]
        if not part.size:
            return face
        _, closer = self._find_largest(part)
        return face if closer is None else move_face(closer, left, top)

    def _run(self, image: "Image") -> tuple[Floats, Floats]:
        """Return (scores [n], values [n, 8, 2]) of anchors above `MIN_SCORE`, in input pixels.

        Values: box centre, box size, then right eye, left eye, nose, mouth, right ear, left ear.
        """
        self._net.setInput(self._prepare_input(image))
        logits, raw = self._net.forward(OUTPUTS)
        scores = 1 / (1 + np.exp(-np.clip(logits.reshape(-1), -80, 80)))
        kept = scores >= MIN_SCORE
        values = raw.reshape(-1, 8, 2)[kept].copy()
        centres = self._anchors[kept][:, None]
        values[:, :1] += centres
        values[:, 2:] += centres
        return scores[kept], values

    def _prepare_input(self, image: "Image") -> Floats:
        """Letterbox the image to float32 [1, 3, 128, 128] in -1..1, RGB."""
        height, width = image.shape[:2]
        scale = SIDE / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = self._cv2.resize(image, size, interpolation=self._cv2.INTER_LINEAR)
        square = np.zeros((SIDE, SIDE, 3), np.uint8)
        top, left = (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
        square[top : top + size[1], left : left + size[0]] = small
        blob: Floats = self._cv2.dnn.blobFromImage(
            square, 1 / 127.5, mean=(127.5, 127.5, 127.5), swapRB=True
        )
        return blob


def merge_boxes(values: Floats, scores: Floats) -> list[tuple[float, Floats]]:
    """Average overlapping boxes, weighted by score: one (score, values [8, 2]) per face."""
    faces = []
    remaining = np.argsort(-scores, kind="stable")
    while len(remaining):
        same = compute_iou(values[remaining[0]], values[remaining]) > MAX_IOU
        same[0] = True
        group = remaining[same]
        weights = scores[group, None, None]
        average = (values[group] * weights).sum(axis=0) / weights.sum()
        faces.append((float(scores[remaining[0]]), average))
        remaining = remaining[~same]
    return faces


def compute_iou(one: Floats, many: Floats) -> Floats:
    """Return the intersection over union of one box with each of many, by centre and size."""
    low = np.maximum(one[0] - one[1] / 2, many[:, 0] - many[:, 1] / 2)
    high = np.minimum(one[0] + one[1] / 2, many[:, 0] + many[:, 1] / 2)
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    union = np.prod(one[1]) + np.prod(many[:, 1], axis=1) - common
    ratios: Floats = common / np.maximum(union, 1e-9)
    return ratios
