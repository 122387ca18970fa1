"""Where the eyes are in FER2013's own crops, so that live faces can be cut to the same framing.

`python -m inference.training eyes` enlarges each 48x48 face, pads it (MediaPipe's detector wants
room around a face), asks FaceLandmarker, and averages the eye centres as fractions of the crop.
An eye's centre is the middle of its two corners, which does not move with the gaze.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from inference.training.faces import FaceSet, Pixels

ENLARGED = 192
PAD = 64
LEFT_OF_PICTURE = (33, 133)
RIGHT_OF_PICTURE = (362, 263)
"""Corner landmarks of the eye on the left and on the right of an unmirrored picture."""


def open_landmarker(task_file: Path) -> Any:
    """A MediaPipe FaceLandmarker for single images, its model read from `task_file`."""
    from mediapipe.tasks import python as tasks  # type: ignore[import-untyped]
    from mediapipe.tasks.python import vision  # type: ignore[import-untyped]

    options = vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_buffer=task_file.read_bytes()),
        num_faces=1,
    )
    return vision.FaceLandmarker.create_from_options(options)


def eye_centres(landmarker: Any, face: Pixels) -> np.ndarray | None:
    """The two eye centres of a 48x48 grey face, [2, 2] as fractions of the crop; None if unseen."""
    import mediapipe  # type: ignore[import-untyped]

    large = cv2.resize(face, (ENLARGED, ENLARGED), interpolation=cv2.INTER_CUBIC)
    padded = cv2.copyMakeBorder(large, PAD, PAD, PAD, PAD, cv2.BORDER_CONSTANT, value=(110,))
    picture = mediapipe.Image(
        image_format=mediapipe.ImageFormat.SRGB, data=cv2.cvtColor(padded, cv2.COLOR_GRAY2RGB)
    )
    found = landmarker.detect(picture).face_landmarks
    if not found:
        return None
    side = ENLARGED + 2 * PAD
    corners = np.array(
        [
            [(found[0][i].x, found[0][i].y) for i in eye]
            for eye in (LEFT_OF_PICTURE, RIGHT_OF_PICTURE)
        ]
    )
    return np.asarray((corners.mean(axis=1) * side - PAD) / ENLARGED)


def measure_eyes(faces: FaceSet, task_file: Path, sample: int, seed: int = 0) -> dict[str, Any]:
    """Mean and spread of the eye centres over `sample` Training faces (0: all of them)."""
    rows = np.flatnonzero(faces.split == 0)
    if sample:
        rows = np.random.default_rng(seed).choice(rows, sample, replace=False)
    landmarker = open_landmarker(task_file)
    each = [eye_centres(landmarker, faces.images[row]) for row in tqdm(rows, desc="eyes")]
    seen = np.array([eyes for eyes in each if eyes is not None])
    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    return {
        "left_eye": mean[0].round(4).tolist(),
        "right_eye": mean[1].round(4).tolist(),
        "left_eye_sd": spread[0].round(4).tolist(),
        "right_eye_sd": spread[1].round(4).tolist(),
        "n": len(seen),
        "found_share": round(len(seen) / len(rows), 4),
        "meaning": "left_eye is the eye on the left of the picture; x to the right, y down, as "
        "fractions of the crop; an eye's centre is the middle of its corners (landmarks 33 and "
        "133; 362 and 263)",
        "script": "python -m inference.training eyes",
    }
