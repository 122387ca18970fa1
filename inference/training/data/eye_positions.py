"""Where the eyes are in FER2013's own crops.

Their mean place is what live faces are aligned to (`inference.imaging.alignment`), and each face's
own eyes let the training show the network faces that are aligned as live faces will be.

`python -m inference.training eyes` enlarges each 48x48 face, pads it (MediaPipe's detector wants
room around a face), and asks FaceLandmarker. An eye's centre is the middle of its two corners,
which does not move with the gaze.
"""

from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from inference.training.data.dataset import FaceDataset, Floats, Pixels, Rows
from inference.training.errors import BadData

ENLARGED = 192
PAD = 64
LEFT_OF_PICTURE = (33, 133)
RIGHT_OF_PICTURE = (362, 263)
"""Corner landmarks of the eye on the left and on the right of an unmirrored picture."""


def open_landmarker(model: bytes) -> Any:
    """A MediaPipe FaceLandmarker for single images; `model`: the bytes of face_landmarker.task."""
    from mediapipe.tasks import python as tasks  # type: ignore[import-untyped]
    from mediapipe.tasks.python import vision  # type: ignore[import-untyped]

    options = vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_buffer=model),
        num_faces=1,
    )
    return vision.FaceLandmarker.create_from_options(options)


def detect_eye_centres(landmarker: Any, face: Pixels) -> Floats | None:
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
    eyes = (LEFT_OF_PICTURE, RIGHT_OF_PICTURE)
    corners = np.array([[(found[0][i].x, found[0][i].y) for i in eye] for eye in eyes])
    return np.asarray((corners.mean(axis=1) * side - PAD) / ENLARGED, dtype=np.float32)


def detect_eyes(faces: FaceDataset, rows: Rows, model: bytes) -> Floats:
    """Eye centres of every row of the set, [N, 2, 2]; NaN for rows not asked for or not seen."""
    eyes = np.full((len(faces.images), 2, 2), np.nan, dtype=np.float32)
    with open_landmarker(model) as landmarker:
        for row in tqdm(rows, desc="eyes", mininterval=5):
            found = detect_eye_centres(landmarker, faces.images[row])
            if found is not None:
                eyes[row] = found
    return eyes


def summarize_eye_positions(eyes: Floats, asked: int) -> dict[str, Any]:
    """Mean and spread of the eye centres, and the share of the `asked` faces that had any.

    Raises BadData where none had.
    """
    seen = eyes[~np.isnan(eyes).any(axis=(1, 2))]
    if not len(seen):
        raise BadData(f"no eyes were found in {asked} faces; are they faces, the right way up?")
    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    return {
        "left_eye": mean[0].round(4).tolist(),
        "right_eye": mean[1].round(4).tolist(),
        "left_eye_sd": spread[0].round(4).tolist(),
        "right_eye_sd": spread[1].round(4).tolist(),
        "n": len(seen),
        "found_share": round(len(seen) / asked, 4),
        "meaning": "left_eye is the eye on the left of the picture; x to the right, y down, as "
        "fractions of the crop; an eye's centre is the middle of its corners (landmarks 33 and "
        "133; 362 and 263)",
    }
