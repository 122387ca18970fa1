"""Find faces that are small in relation to a large picture, for photos and films on disk.

Both detectors reduce a picture to 128 pixels first, so that a face narrower than about a seventh of
the longer side is not found.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inference.detection.base import (
    NO_FACES,
    DetectedFace,
    DetectionResult,
    DetectorKind,
    FaceDetector,
    move_face,
)

if TYPE_CHECKING:
    from inference.imaging.frames import Image

MIN_SIDE_PX = 480
"""Of a picture that is searched in tiles; in a smaller one such a face is `small_face` anyway."""
TILES_PER_SIDE = 2
"""The longer side over the tile's side; tiles overlap by a half."""


@dataclass(frozen=True)
class TiledDetector:
    """A detector that searches overlapping tiles where it finds no face in the whole picture."""

    detector: FaceDetector

    @property
    def kind(self) -> DetectorKind:
        return self.detector.kind

    def detect(self, image: "Image") -> DetectionResult:
        """Count the faces, each once, and describe the largest."""
        found = self.detector.detect(image)
        longer = max(image.shape[:2])
        if found.count or longer < MIN_SIDE_PX:
            return found
        return self._search(image, -(-longer // TILES_PER_SIDE))

    def _search(self, image: "Image", side: int) -> DetectionResult:
        faces: list[tuple[float, DetectedFace]] = []
        several = 0
        for left, top in _place_tiles(image.shape[1], image.shape[0], side):
            found = self.detector.detect(image[top : top + side, left : left + side].copy())
            if found.largest is None:
                continue
            several = max(several, found.count)
            offset = _measure_offset(found.largest, side)
            faces.append((offset, move_face(found.largest, left, top)))
        # A face is measured best in the tile in whose middle it is.
        distinct: list[DetectedFace] = []
        for _, face in sorted(faces, key=lambda entry: entry[0]):
            if not any(_is_same(face, other) for other in distinct):
                distinct.append(face)
        if not distinct:
            return NO_FACES
        largest = max(distinct, key=lambda face: face.width)
        return DetectionResult(max(several, len(distinct)), largest)


def _place_tiles(width: int, height: int, side: int) -> Iterator[tuple[int, int]]:
    """Yield the top left corners of tiles that overlap by a half and cover the picture."""
    for top in _place_along(height, side):
        for left in _place_along(width, side):
            yield left, top


def _place_along(length: int, side: int) -> list[int]:
    last = max(0, length - side)
    steps = -(-last // (side // 2)) if last else 0
    return [round(last * step / steps) for step in range(steps + 1)] if steps else [0]


def _measure_offset(face: DetectedFace, side: int) -> float:
    """Return the distance of a face's centre from the middle of a tile."""
    x, y = face.box.x + face.box.width / 2, face.box.y + face.box.height / 2
    return math.hypot(x - side / 2, y - side / 2)


def _is_same(face: DetectedFace, other: DetectedFace) -> bool:
    """Return whether the centre of one box is within the other."""
    x, y = face.box.x + face.box.width / 2, face.box.y + face.box.height / 2
    box = other.box
    return box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height
