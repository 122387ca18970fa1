"""Head pose from landmarks, as MediaPipe's face geometry pipeline computes it.

A canonical face, part of face_landmarker.task, is fitted to 33 of the points by a weighted
Procrustes analysis (Akca 2003, doi 10.3929/ethz-a-004656648), as seen by a camera whose vertical
field of view is 63 degrees. The scale is estimated twice, since a point's depth is only known
relative to its face (`geometry_pipeline.cc` of MediaPipe).
"""

import math
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

ZIP_MEMBER = "geometry_pipeline_metadata_landmarks.binarypb"
VERTICAL_FIELD_OF_VIEW_DEG = 63.0
FLOATS_PER_VERTEX = 5
"""x, y, z, and two texture coordinates."""

MESH, BASIS, VERTEX_BUFFER, LANDMARK_ID, WEIGHT = 1, 2, 3, 1, 2
"""Field numbers of `geometry_pipeline_metadata.proto` and `mesh_3d.proto`."""

VARINT, LENGTH_DELIMITED, FLOAT = 0, 2, 5
"""Wire types of protocol buffers."""

Floats = npt.NDArray[np.float64]


class HeadGeometry:
    """The canonical face, and the fit of it to the points of a face."""

    def __init__(self, metadata: bytes) -> None:
        """Read the canonical face from the bytes of `ZIP_MEMBER`."""
        vertices: list[float] = []
        basis: list[tuple[int, float]] = []
        for number, value in _iterate_fields(metadata):
            if number == MESH:
                vertices = [x for field, x in _iterate_fields(value) if field == VERTEX_BUFFER]
            elif number == BASIS:
                entry = dict(_iterate_fields(value))
                basis.append((entry.get(LANDMARK_ID, 0), entry[WEIGHT]))
        canonical = np.array(vertices).reshape(-1, FLOATS_PER_VERTEX)[:, :3]
        self._point_count = len(canonical)
        self._indices = np.array([index for index, _ in basis])
        self._weights = np.array([weight for _, weight in basis])
        self._canonical = canonical[self._indices].T

    def fit(self, points: npt.NDArray[np.float32], width: int, height: int) -> Floats:
        """Return the facial transformation matrix [4, 4]: canonical face to camera, centimetres.

        Args:
            points: [478, 3], x, y and relative depth in pixels of the picture.
            width: Of the picture, in pixels.
            height: Of the picture, in pixels.
        """
        plane = 2 * math.tan(math.radians(VERTICAL_FIELD_OF_VIEW_DEG) / 2) / height
        mean_depth = float(points[: self._point_count, 2].mean())
        x, y, depth = points[self._indices].astype(np.float64).T
        screen = plane * np.stack([x - width / 2, height / 2 - y, depth])

        def unproject(scale: float) -> Floats:
            distance = (screen[2] - plane * mean_depth + 1) / scale
            return np.stack([screen[0] * distance, screen[1] * distance, -distance])

        scale = self._estimate_scale(screen * [[1], [1], [-1]])
        scale *= self._estimate_scale(unproject(scale))
        return self._solve(unproject(scale))

    def _estimate_scale(self, targets: Floats) -> float:
        return float(np.linalg.norm(self._solve(targets)[:3, 0]))

    def _solve(self, targets: Floats) -> Floats:
        """Return the similarity transform [4, 4] of the canonical points that fits `targets`."""
        weights = self._weights / self._weights.sum()
        source_centre = self._canonical @ weights
        target_centre = targets @ weights
        source = self._canonical - source_centre[:, None]
        target = targets - target_centre[:, None]
        left, _, right = np.linalg.svd((target * weights) @ source.T)
        if np.linalg.det(left @ right) < 0:  # a reflection is no rotation
            left[:, 2] *= -1
        rotation = left @ right
        scale = ((rotation @ source) * target * weights).sum() / (source**2 * weights).sum()
        matrix = np.eye(4)
        matrix[:3, :3] = scale * rotation
        matrix[:3, 3] = target_centre - scale * rotation @ source_centre
        return matrix


def _iterate_fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Yield (number, value) of each field of a protocol buffer: integers, floats and bytes."""
    position = 0
    while position < len(message):
        key, position = _read_varint(message, position)
        number, wire_type = key >> 3, key & 7
        if wire_type == VARINT:
            value, position = _read_varint(message, position)
            yield number, value
        elif wire_type == LENGTH_DELIMITED:
            length, position = _read_varint(message, position)
            yield number, message[position : position + length]
            position += length
        elif wire_type == FLOAT:
            yield number, struct.unpack_from("<f", message, position)[0]
            position += 4
        else:
            raise ValueError(f"a field of wire type {wire_type}, which the face geometry has not")


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, position
