"""JPEG bytes in, FaceReading out. A plain Python library; cheap to import.

The pipeline is `inference.pipeline.load_pipeline()`, the classifier alone
`inference.expressions.load_classifier()`.
"""

from inference.errors import FrameRejected
from inference.opencv_settings import configure_opencv
from inference.results import (
    LABELS,
    SIGNS,
    ExpressionScores,
    FaceBox,
    FaceReading,
    FacialSigns,
    HeadPose,
)
from inference.telemetry import disable_telemetry

disable_telemetry()
configure_opencv()

__all__ = [
    "LABELS",
    "SIGNS",
    "ExpressionScores",
    "FaceBox",
    "FaceReading",
    "FacialSigns",
    "FrameRejected",
    "HeadPose",
]
