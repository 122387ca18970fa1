"""Shifted faces: every face as seen by other cameras, in other light, partly covered.

A face has one version for each kind of `SHIFTS`. Parameters are drawn from the pixels of the face
and the kind, so that a face always has the same versions, whatever other faces are there. Versions
of validation faces serve for choosing, those of test faces for reporting.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from inference.training.data.augment import CAMERA_EFFECTS
from inference.training.data.camera_effects import (
    Rng,
    add_off_axis_light,
    blur_motion,
    compress_frame,
    jitter_crop,
    lower_light,
    occlude,
    shrink,
)
from inference.training.data.dataset import FaceDataset, Pixels, Rows

Effect = Callable[[Pixels, Rng], Pixels]

SHIFTS: dict[str, tuple[Effect, ...]] = {
    "camera alone": (),
    "low light": (lower_light,),
    "off-axis light": (add_off_axis_light,),
    "motion blur": (blur_motion,),
    "small face": (shrink,),
    "occlusion": (occlude,),
    "several of them": CAMERA_EFFECTS,
}
"""Kind -> effects in the order in which light, face and camera cause them. After them comes what
every live frame goes through (`CAMERA`). Of the last kind, a face has each with probability 0.4."""
SEVERAL = "several of them"
SEVERAL_PROBABILITY = 0.4
CAMERA: tuple[Effect, ...] = (compress_frame, jitter_crop)


@dataclass(frozen=True)
class ShiftedFaces:
    """Versions of faces: K kinds of N faces, row k * N + n being kind k of face n."""

    faces: FaceDataset
    kinds: tuple[str, ...]
    sources: Rows
    """[K * N] row number of each version's face in the dataset that it was made from"""

    @property
    def rows(self) -> Rows:
        return np.arange(len(self.sources))


def shift_faces(
    faces: FaceDataset, rows: Rows, kinds: Sequence[str] = tuple(SHIFTS), seed: int = 0
) -> ShiftedFaces:
    """Make a version of each row for each kind; votes, labels and groups are those of the face."""
    images = [shift_face(faces.images[row], kind, seed) for kind in kinds for row in rows]
    sources = np.tile(rows, len(kinds))
    shifted = replace(
        faces,
        images=np.stack(images),
        labels=faces.labels[sources],
        split=faces.split[sources],
        votes=faces.votes[sources],
        group=faces.group[sources],
        person=None if faces.person is None else faces.person[sources],
        files=None if faces.files is None else faces.files[sources],
    )
    return ShiftedFaces(shifted, tuple(kinds), sources)


def shift_face(face: Pixels, kind: str, seed: int = 0) -> Pixels:
    """Return one version of a uint8 [48, 48] face."""
    rng = np.random.default_rng((seed, zlib.crc32(face.tobytes()), zlib.crc32(kind.encode())))
    for effect in SHIFTS[kind]:
        if kind != SEVERAL or rng.random() < SEVERAL_PROBABILITY:
            face = effect(face, rng)
    for effect in CAMERA:
        face = effect(face, rng)
    return face
