"""Detect eye positions in FER2013's crops.

Live faces are aligned to their mean (`inference.imaging.alignment`); training aligns each face by
its own (`face_alignment`). Each 48x48 face is enlarged and padded, because MediaPipe's detector
needs a margin, and passed to FaceLandmarker. An eye's centre is the midpoint of its two corners,
which does not move with the gaze.
"""

from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from inference.native_log import block_matplotlib_import
from inference.telemetry import run_without_sockets
from inference.training.data.dataset import FaceDataset, Floats, Pixels, Rows
from inference.training.errors import BadData

ENLARGED_PX = 192
PADDING_PX = 64
LEFT_EYE_CORNERS = (33, 133)
RIGHT_EYE_CORNERS = (362, 263)
"""Landmarks of the eye on the left and on the right of an unmirrored picture."""


def open_landmarker(model: bytes) -> Any:
    """Open a MediaPipe FaceLandmarker for single images from the bytes of face_landmarker.task."""
    with block_matplotlib_import():  # its font cache would be written to HOME
        from mediapipe.tasks import python as tasks  # type: ignore[import-untyped]
        from mediapipe.tasks.python import vision  # type: ignore[import-untyped]

    options = vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_buffer=model),
        num_faces=1,
    )
    return run_without_sockets(lambda: vision.FaceLandmarker.create_from_options(options))


def detect_eye_centres(landmarker: Any, face: Pixels) -> Floats | None:
    """Return both eye centres [2, 2] of a 48x48 grey face as fractions of the crop, or None."""
    import mediapipe  # type: ignore[import-untyped]

    large = cv2.resize(face, (ENLARGED_PX, ENLARGED_PX), interpolation=cv2.INTER_CUBIC)
    padded = cv2.copyMakeBorder(
        large, *(PADDING_PX,) * 4, borderType=cv2.BORDER_CONSTANT, value=(110,)
    )
    picture = mediapipe.Image(
        image_format=mediapipe.ImageFormat.SRGB, data=cv2.cvtColor(padded, cv2.COLOR_GRAY2RGB)
    )
    found = landmarker.detect(picture).face_landmarks
    if not found:
        return None
    side = ENLARGED_PX + 2 * PADDING_PX
    eyes = (LEFT_EYE_CORNERS, RIGHT_EYE_CORNERS)
    corners = np.array([[(found[0][i].x, found[0][i].y) for i in eye] for eye in eyes])
    return np.asarray((corners.mean(axis=1) * side - PADDING_PX) / ENLARGED_PX, dtype=np.float32)


def detect_eyes(faces: FaceDataset, rows: Rows, model: bytes) -> Floats:
    """Detect the eye centres of the chosen rows.

    Returns:
        float32 [N, 2, 2] for all N faces; NaN for other rows and where none were detected.
    """
    eyes = np.full((len(faces.images), 2, 2), np.nan, dtype=np.float32)
    with open_landmarker(model) as landmarker:
        for row in tqdm(rows, desc="eyes", mininterval=5):
            found = detect_eye_centres(landmarker, faces.images[row])
            if found is not None:
                eyes[row] = found
    return eyes


def summarize_eye_positions(eyes: Floats, count: int) -> dict[str, Any]:
    """Return mean and standard deviation of the eye centres, and the share of faces with any.

    Raises:
        BadData: none of the `count` faces had eyes.
    """
    detected = eyes[~np.isnan(eyes).any(axis=(1, 2))]
    if not len(detected):
        raise BadData(f"no eyes were detected in {count} faces; check that they are upright faces")
    mean, spread = detected.mean(axis=0), detected.std(axis=0)
    return {
        "left_eye": mean[0].round(4).tolist(),
        "right_eye": mean[1].round(4).tolist(),
        "left_eye_sd": spread[0].round(4).tolist(),
        "right_eye_sd": spread[1].round(4).tolist(),
        "n": len(detected),
        "found_share": round(len(detected) / count, 4),
        "meaning": "left_eye is the eye on the left of the picture; x to the right, y down, as "
        "fractions of the crop; an eye's centre is the middle of its corners (landmarks 33 and "
        "133; 362 and 263)",
    }
