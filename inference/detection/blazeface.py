"""BlazeFace (short range) through OpenCV: boxes and eyes, where landmarks cannot be had.

Bazarevsky et al. 2019, arXiv 1907.05047; anchors and decoding as in MediaPipe's
face_detection_short_range graph: 128x128 input in -1..1, 896 anchors of unit size (2 a cell on a
16x16 grid, 6 a cell on an 8x8 grid), six key points, overlapping boxes averaged by score.
"""

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference.detection.faces import NO_FACES, DetectorKind, FoundFace, FoundFaces
from inference.imaging.frames import open_cv
from inference.results import FaceBox

if TYPE_CHECKING:
    from inference.imaging.frames import Image

MEMBER = "face_detector.tflite"
SIDE = 128
MIN_SCORE = 0.5
MAX_OVERLAP = 0.3
"""Intersection over union from which two boxes are one face."""
OUTPUTS = ("classificators", "regressors")

Floats = npt.NDArray[np.float32]


def _anchors() -> Floats:
    """[896, 2] centres, in pixels of the input."""
    grids = []
    for cells, each in ((16, 2), (8, 6)):
        row, column = np.divmod(np.arange(cells * cells), cells)
        centres = (np.stack([column, row], axis=1) + 0.5) * (SIDE / cells)
        grids.append(np.repeat(centres, each, axis=0))
    return np.concatenate(grids).astype(np.float32)


class BlazeFace:
    """Boxes and eyes; pose and signs stay None."""

    kind: DetectorKind = "opencv-blazeface"

    def __init__(self, model: bytes) -> None:
        """`model`: the bytes of face_landmarker.task, which holds the detector as a member."""
        self._cv2 = open_cv()
        with zipfile.ZipFile(io.BytesIO(model)) as task:
            network = np.frombuffer(task.read(MEMBER), np.uint8)
        self._net = self._cv2.dnn.readNetFromTFLite(network)
        self._anchors = _anchors()
        self.find(np.zeros((240, 320, 3), np.uint8))

    def find(self, image: "Image") -> FoundFaces:
        """Counts all faces that BlazeFace sees; describes the largest."""
        scores, values = self._run(image)
        boxes = merged(values, scores)
        if not boxes:
            return NO_FACES
        score, best = max(boxes, key=lambda found: float(np.prod(found[1][1])))
        scale = max(image.shape[:2]) / SIDE
        offset = (np.array(image.shape[1::-1]) - max(image.shape[:2])) / 2
        centre, size = best[0] * scale + offset, best[1] * scale
        x, y = (centre - size / 2).tolist()
        width, height = size.tolist()
        eyes = (best[2:4] * scale + offset).astype(np.float32)
        return FoundFaces(len(boxes), FoundFace(FaceBox(x, y, width, height, score), eyes))

    def _run(self, image: "Image") -> tuple[Floats, Floats]:
        """(scores [n], values [n, 8, 2]) of the anchors above `MIN_SCORE`, in input pixels.

        values: box centre, box size, then right eye, left eye, nose, mouth, right ear, left ear.
        """
        self._net.setInput(self._input(image))
        logits, raw = self._net.forward(OUTPUTS)
        scores = 1 / (1 + np.exp(-np.clip(logits.reshape(-1), -80, 80)))
        kept = scores >= MIN_SCORE
        values = raw.reshape(-1, 8, 2)[kept].copy()
        centres = self._anchors[kept][:, None]
        values[:, :1] += centres
        values[:, 2:] += centres
        return scores[kept], values

    def _input(self, image: "Image") -> Floats:
        """The picture in the middle of a black square, 128x128, as float32 [1, 3, 128, 128]."""
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


def merged(values: Floats, scores: Floats) -> list[tuple[float, Floats]]:
    """One (score, values [8, 2]) a face: overlapping boxes averaged, weighted by their scores."""
    faces = []
    left = np.argsort(-scores, kind="stable")
    while len(left):
        same = overlap(values[left[0]], values[left]) > MAX_OVERLAP
        same[0] = True
        group = left[same]
        weights = scores[group, None, None]
        average = (values[group] * weights).sum(axis=0) / weights.sum()
        faces.append((float(scores[left[0]]), average))
        left = left[~same]
    return faces


def overlap(one: Floats, many: Floats) -> Floats:
    """Intersection over union of one box with each of many, by centre and size."""
    low = np.maximum(one[0] - one[1] / 2, many[:, 0] - many[:, 1] / 2)
    high = np.minimum(one[0] + one[1] / 2, many[:, 0] + many[:, 1] / 2)
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    union = np.prod(one[1]) + np.prod(many[:, 1], axis=1) - common
    shares: Floats = common / np.maximum(union, 1e-9)
    return shares
