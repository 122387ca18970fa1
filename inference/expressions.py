"""Face crop -> expression scores, by one of our own networks through ONNX Runtime.

A crop is brought to what FER2013 looks like, because the networks learned from it: grey, and no
finer than 48x48 pixels. Larger crops are averaged down to 48 (INTER_AREA), then every crop is
enlarged to the network's input side as the training did it (INTER_LINEAR). The network itself
holds the rest: grey level normalisation, softmax and temperature.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.models.onnx_session import open_session
from inference.models.released import WEIGHTS as WEIGHTS
from inference.models.released import ReleasedModel as ReleasedModel
from inference.models.released import chosen_model
from inference.models.released import released_models as released_models
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

SOURCE_SIDE = 48
SMALLEST_SIDE = 24


def load_classifier(name: str | None = None) -> "ExpressionClassifier":
    """Open a released network: `name`, else the environment's FER_MODEL, else the default.

    Raises ModelMissing for an unknown name or an absent file, and ModelCorrupt for a file whose
    sha256 is not the pinned one. Takes some tens of milliseconds; open it after a fork.
    """
    return ExpressionClassifier(chosen_model(name))


class ExpressionClassifier:
    """A network with two heads: FER+'s eight expressions and FER2013's seven labels."""

    labels = LABELS

    def __init__(self, model: ReleasedModel) -> None:
        self.name = model.name
        self.sha256 = model.sha256
        self._side = model.side
        self._session = open_session(model.path, model.sha256)

    def classify(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Probabilities over `labels`, float32 [N, 8], rows sum to 1.

        `crops` are uint8 faces, HxW grey or HxWx3 BGR, sides of at least 24 pixels, cut like
        FER2013's. Raises ValueError, saying what to do, for any other array.
        """
        return self._run("expressions", crops, len(LABELS))

    def classify_fer7(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Probabilities over `FER7_LABELS`, float32 [N, 7]; crops as for `classify`."""
        return self._run("fer7", crops, len(FER7_LABELS))

    def _run(
        self, output: str, crops: Sequence[NDArray[np.uint8]], width: int
    ) -> NDArray[np.float32]:
        scores = np.empty((len(crops), width), dtype=np.float32)
        # One face at a time: batches are no faster on a CPU, and changing shapes grow the arena.
        for row, crop in enumerate(crops):
            face = {"face": network_input(crop, self._side)}
            scores[row] = np.asarray(self._session.run([output], face)[0])[0]
        return scores


def network_input(crop: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    """float32 [1, 1, side, side], grey 0..1, from a crop as `classify` takes it."""
    check_crop(crop)
    face = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY) if crop.ndim == 3 else crop
    if max(face.shape) > SOURCE_SIDE:
        face = cv2.resize(face, (SOURCE_SIDE, SOURCE_SIDE), interpolation=cv2.INTER_AREA)
    face = cv2.resize(face, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.divide(face, 255, dtype=np.float32)[None, None]


def check_crop(crop: NDArray[np.uint8]) -> None:
    """Raises ValueError, saying what to do, where `crop` is no usable face crop."""
    if crop.dtype != np.uint8:
        raise ValueError(f"a crop must be uint8, 0..255, not {crop.dtype}; convert it first")
    if crop.ndim != 2 and not (crop.ndim == 3 and crop.shape[2] == 3):
        raise ValueError(
            f"a crop must be HxW (grey) or HxWx3 (BGR), not {crop.shape}; drop the alpha channel "
            "or split the batch first"
        )
    if min(crop.shape[:2]) < SMALLEST_SIDE:
        raise ValueError(
            f"a crop must be at least {SMALLEST_SIDE} pixels wide and high, not "
            f"{crop.shape[1]}x{crop.shape[0]}; treat smaller faces as not readable"
        )
