"""Fit the coefficients of the face evidence on posed faces.

FER+ faces of the validation part are read through the whole pipeline, and the signs of faces with
negative expressions are compared with those of neutral ones: a linear discriminant of standard
scores. Only the proportions of the signs come from here; how much a face counts is
`Weights.face_validity` (fer_lms/engagement/face_reading.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_lms.engagement.observations import POSE_ANGLES, SCALE, SIGN_NAMES
from fer_lms.engagement.usual_face import (
    BROW_BY_DEGREE,
    MAD_TO_DEVIATION,
    MAX_SCORE,
    SIGNS,
    read_signs,
)
from fer_lms.engagement.window_summary import NEGATIVE_LABELS, WindowSummary
from inference.pipeline import FacePipeline
from inference.results import LABELS, FaceReading
from inference.training.data.dataset import FaceDataset, compute_majority_labels
from tests.bench.rules.face_reading import compute_auc
from tests.inference.roundtrip import encode_frame, select_validation_rows

Scores = NDArray[np.float64]
NEUTRAL: Final = LABELS.index("neutral")
NEGATIVE: Final = [LABELS.index(label) for label in NEGATIVE_LABELS]


def read_faces(
    pipeline: FacePipeline, faces: FaceDataset, most: int
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Return the signs of up to `most` neutral and as many negative faces."""
    rows = select_validation_rows(faces)
    labels = compute_majority_labels(faces.votes)[rows]
    groups = rows[labels == NEUTRAL][:most], rows[np.isin(labels, NEGATIVE)][:most]
    neutral, negative = (
        [
            read_signs(_summarize(reading))
            for row in group
            if (reading := pipeline.read(encode_frame(faces.images[row]))).quality == "ok"
            and reading.signs is not None
        ]
        for group in groups
    )
    return neutral, negative


def _summarize(reading: FaceReading) -> WindowSummary:
    """Return a window of this one reading."""
    assert reading.expressions is not None
    assert reading.signs is not None
    assert reading.pose is not None
    values = reading.signs.as_dict() | {
        angle: getattr(reading.pose, angle) for angle in POSE_ANGLES
    }
    return WindowSummary(
        start=0,
        consent_epoch=1,
        seen_seconds=10,
        processed=1,
        no_face=0,
        hidden_ms=0,
        sign_count=1,
        sign_sums=[round(values[name] * SCALE) for name in SIGN_NAMES],
        sign_square_sums=[round((values[name] * SCALE) ** 2) for name in SIGN_NAMES],
        scored=1,
        score_sums=[round(probability * SCALE) for probability in reading.expressions.values],
    )


def fit_coefficients(
    neutral: Sequence[Mapping[str, float]], negative: Sequence[Mapping[str, float]]
) -> dict[str, Any]:
    """Return weights of the signs, AUC on these faces, and AUC of each sign alone.

    A sign whose weight would be negative is left out: a relaxed brow is no evidence.
    """
    of_neutral, of_negative = _standardize(neutral, negative)
    used = list(range(len(SIGNS)))
    while True:
        within = (np.cov(of_neutral[:, used].T) + np.cov(of_negative[:, used].T)) / 2
        difference = of_negative[:, used].mean(axis=0) - of_neutral[:, used].mean(axis=0)
        weights = np.linalg.solve(np.atleast_2d(within), difference)
        if (weights > 0).all():
            break
        used = [sign for sign, weight in zip(used, weights, strict=True) if weight > 0]
    sums = of_neutral[:, used] @ weights
    weights = weights / sums.std()
    fitted = dict.fromkeys(SIGNS, 0.0) | {
        SIGNS[sign]: round(float(weight), 3) for sign, weight in zip(used, weights, strict=True)
    }
    return {
        "weights": fitted,
        "auc": round(
            _compute_auc(of_negative[:, used] @ weights, of_neutral[:, used] @ weights), 3
        ),
        "auc_by_sign": {
            sign: round(_compute_auc(of_negative[:, column], of_neutral[:, column]), 3)
            for column, sign in enumerate(SIGNS)
        },
        "faces": len(neutral) + len(negative),
    }


def _standardize(
    neutral: Sequence[Mapping[str, float]], negative: Sequence[Mapping[str, float]]
) -> tuple[Scores, Scores]:
    """Return standard scores [N, signs] against the median of neutral faces."""
    groups = [
        np.array([[_correct_pose(face, sign) for sign in SIGNS] for face in group])
        for group in (neutral, negative)
    ]
    usual = np.median(groups[0], axis=0)
    spread = MAD_TO_DEVIATION * np.median(np.abs(groups[0] - usual), axis=0)
    first, second = (
        np.clip((group - usual) / np.maximum(spread, 1e-3), -MAX_SCORE, MAX_SCORE)
        for group in groups
    )
    return first, second


def _compute_auc(positive: Scores, negative: Scores) -> float:
    return compute_auc(positive.tolist(), negative.tolist())


def _correct_pose(face: Mapping[str, float], sign: str) -> float:
    if sign != "brow_lowering":
        return face[sign]
    return face[sign] - sum(slope * face[angle] for angle, slope in BROW_BY_DEGREE.items())
