"""BlazeFace (short range): boxes and key points of faces; a detector without landmarks.

Bazarevsky et al. 2019, arXiv 1907.05047; anchors and decoding as in MediaPipe's
face_detection_short_range graph: 128x128 input in -1..1, 896 anchors of unit size (2 a cell on a
16x16 grid, 6 a cell on an 8x8 grid), six key points, overlapping boxes averaged by score.
"""

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

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


ANCHORS = _make_anchors()


class BoxNetwork(Protocol):
    """BlazeFace's network in some runtime."""

    def __call__(self, square: "Image") -> tuple[Floats, Floats]:
        """Return (logits [896], raw [896, 16]) of a picture, uint8 [128, 128, 3], BGR."""
        ...


@dataclass(frozen=True, slots=True)
class FoundBox:
    """A face found by BlazeFace.

    Attributes:
        score: 0..1.
        values: float32 [8, 2], x and y in pixels of the picture: centre and size of the box, then
            right eye, left eye, nose, mouth, right ear, left ear.
    """

    score: float
    values: Floats

    @property
    def eyes(self) -> Floats:
        return self.values[2:4]

    @property
    def box(self) -> FaceBox:
        x, y = (self.values[0] - self.values[1] / 2).tolist()
        width, height = self.values[1].tolist()
        return FaceBox(x, y, width, height, self.score)


def find_boxes(image: "Image", network: BoxNetwork) -> list[FoundBox]:
    """Find the faces of a picture, uint8 [height, width, 3], BGR; the best score first."""
    height, width = image.shape[:2]
    longer = max(height, width)
    scale, offset = longer / SIDE, (np.array([width, height], np.float32) - longer) / 2
    logits, raw = network(_letterbox(image, scale, offset))
    scores = (1 / (1 + np.exp(-np.clip(logits.reshape(-1), -80, 80)))).astype(np.float32)
    kept = scores >= MIN_SCORE
    if not kept.any():
        return []
    values = raw.reshape(-1, 8, 2)[kept].copy()
    centres = ANCHORS[kept][:, None]
    values[:, :1] += centres
    values[:, 2:] += centres
    found = []
    for score, merged in merge_boxes(values, scores[kept]):
        merged *= scale
        merged[0] += offset
        merged[2:] += offset
        found.append(FoundBox(score, merged))
    return found


def _letterbox(image: "Image", scale: float, offset: Floats) -> "Image":
    """Fit the picture into a black square of `SIDE` pixels, sampled as MediaPipe does."""
    cv2 = load_cv2()
    transform = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    square: Image = cv2.warpAffine(image, transform, (SIDE, SIDE), flags=flags)
    return square


class OpenCvNetwork:
    """BlazeFace's network through `cv2.dnn`."""

    def __init__(self, task: bytes) -> None:
        self._cv2 = load_cv2()
        with zipfile.ZipFile(io.BytesIO(task)) as archive:
            network = np.frombuffer(archive.read(ZIP_MEMBER), np.uint8)
        self._net = self._cv2.dnn.readNetFromTFLite(network)

    def __call__(self, square: "Image") -> tuple[Floats, Floats]:
        mean = (127.5, 127.5, 127.5)
        self._net.setInput(self._cv2.dnn.blobFromImage(square, 1 / 127.5, mean=mean, swapRB=True))
        logits, raw = self._net.forward(OUTPUTS)
        return logits, raw


class BlazeFace:
    """Detector of boxes and eyes; pose and signs are None."""

    kind: DetectorKind = "opencv-blazeface"

    def __init__(self, model: bytes) -> None:
        """Load the detector from the bytes of face_landmarker.task, a zip that contains it."""
        self._network = OpenCvNetwork(model)
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
        found = find_boxes(image, self._network)
        if not found:
            return 0, None
        largest = max(found, key=lambda face: float(np.prod(face.values[1])))
        box = largest.box
        return len(found), DetectedFace(box, box.width / BOX_OVER_FACE, largest.eyes)

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
