"""Classify face crops into expression scores with a released network through ONNX Runtime.

A crop is converted to the format of the training data, FER2013: grey and at most 48x48 pixels.
Larger crops are reduced to 48 (INTER_AREA), then every crop is enlarged to the network's input size
as in training (INTER_LINEAR). Grey-level normalisation, softmax and temperature are part of the
ONNX graph.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.models.onnx_session import open_session
from inference.models.released import WEIGHTS as WEIGHTS
from inference.models.released import ReleasedModel as ReleasedModel
from inference.models.released import list_released_models as list_released_models
from inference.models.released import select_model
from inference.results import LABELS

FER7_LABELS: tuple[str, ...] = (
    "angry",
    "disgust",
    "fear",
    "happy",
    "sad",
    "surprise",
    "neutral",
)
"""The seven labels of FER2013 (Goodfellow et al. 2013, arXiv 1307.0414), in its own order."""

WIDTHS = {"expressions": len(LABELS), "fer7": len(FER7_LABELS)}
"""Output of a graph -> number of labels."""
SOURCE_SIDE = 48
MIN_SIDE_PX = 24


def load_classifier(name: str | None = None) -> "ExpressionClassifier":
    """Load a released network: `name`, else the environment's FER_MODEL, else the default.

    Takes some tens of milliseconds; call it after a fork, not before.

    Raises:
        ModelMissing: Unknown name or missing file.
        ModelCorrupt: The file's sha256 is not the pinned one.
    """
    return ExpressionClassifier(select_model(name))


class ExpressionClassifier:
    """A network with two heads: FER+'s eight expressions and FER2013's seven labels.

    Attributes:
        labels: The eight labels of `classify`, in order.
        name: Name of the released model.
        sha256: Hash of its ONNX file.
    """

    labels = LABELS

    def __init__(self, model: ReleasedModel) -> None:
        self.name = model.name
        self.sha256 = model.sha256
        self._side = model.side
        self._session = open_session(model.path, model.sha256)

    def classify(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Classify crops into the eight expressions of FER+.

        Args:
            crops: uint8 faces, HxW grey or HxWx3 BGR, at least 24 pixels a side, framed like
                FER2013's.

        Returns:
            float32 [N, 8], probabilities over `labels`; rows sum to 1.

        Raises:
            ValueError: A crop has another dtype, shape or size; the message says what to do.
        """
        return self._run(("expressions",), crops)[0]

    def classify_fer7(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Classify crops into FER2013's seven labels: float32 [N, 7] over `FER7_LABELS`."""
        return self._run(("fer7",), crops)[0]

    def classify_both_heads(
        self, crops: Sequence[NDArray[np.uint8]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the results of `classify` and `classify_fer7`, running the network once a face."""
        eight, seven = self._run(("expressions", "fer7"), crops)
        return eight, seven

    def _run(
        self, outputs: Sequence[str], crops: Sequence[NDArray[np.uint8]]
    ) -> list[NDArray[np.float32]]:
        scores = [np.empty((len(crops), WIDTHS[name]), dtype=np.float32) for name in outputs]
        # One face at a time: batches are not faster on a CPU, and varying shapes grow the arena.
        for row, crop in enumerate(crops):
            face = {"face": prepare_network_input(crop, self._side)}
            for head, found in zip(scores, self._session.run(outputs, face), strict=True):
                head[row] = np.asarray(found)[0]
        return scores


def prepare_network_input(crop: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    """Convert a crop to float32 [1, 1, side, side], grey 0..1. Raises ValueError as `classify`."""
    check_crop(crop)
    face = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY) if crop.ndim == 3 else crop
    if max(face.shape) > SOURCE_SIDE:
        face = cv2.resize(face, (SOURCE_SIDE, SOURCE_SIDE), interpolation=cv2.INTER_AREA)
    face = cv2.resize(face, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.divide(face, 255, dtype=np.float32)[None, None]


def check_crop(crop: NDArray[np.uint8]) -> None:
    """Raise ValueError, saying what to do, where `crop` is not a usable face crop."""
    if crop.dtype != np.uint8:
        raise ValueError(f"a crop must be uint8, 0..255, not {crop.dtype}; convert it first")
    if crop.ndim != 2 and not (crop.ndim == 3 and crop.shape[2] == 3):
        raise ValueError(
            f"a crop must be HxW (grey) or HxWx3 (BGR), not {crop.shape}; drop the alpha channel "
            "or split the batch first"
        )
    if min(crop.shape[:2]) < MIN_SIDE_PX:
        raise ValueError(
            f"a crop must be at least {MIN_SIDE_PX} pixels wide and high, not "
            f"{crop.shape[1]}x{crop.shape[0]}; treat smaller faces as not readable"
        )
