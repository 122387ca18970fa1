"""Export trained weights to ONNX, as fp32, fp16 weights and int8.

Input: `face`, float32 [N, 1, side, side], grey 0..1. Outputs: `expressions` [N, 8] and `fer7`
[N, 7], probabilities. Grey-level normalisation, flip test-time augmentation, temperature scaling
and softmax are inside the graph, so that browser and worker cannot differ. The first convolution,
trained on three equal channels, is exported for one channel with summed weights. int8: static QDQ
quantisation with weights per channel and activation ranges from training faces, half of them
shifted (`data.shift`); inputs, outputs, first convolution and blocks, heads and softmax stay float.
"""

import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (  # type: ignore[import-untyped]
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import (  # type: ignore[import-untyped]
    quant_pre_process,
)
from torch import Tensor, nn

from inference.expressions import FER7_LABELS
from inference.results import LABELS
from inference.training.data.augment import resize_face
from inference.training.data.batches import to_grey_tensor
from inference.training.data.dataset import FaceDataset, Floats, Rows
from inference.training.data.shift import SHIFTS, shift_face
from inference.training.networks.registry import ExpressionNetwork

OPSET = 17
MIN_FP16_VALUES = 2**14
"""Tensors with fewer values, such as the heads, stay fp32: converting them saves little."""
RANGE_PERCENTILE = 99.999
"""Percentile of an activation's values that maps to the int8 range; the rest saturates. On
validation faces closer to fp32 than the full range (mean difference of a probability 0.0029, full
range 0.0035)."""
QUANTISED = ["Conv", "Clip", "Add"]
"""Operators to quantise; quantised heads and softmax would give stepped probabilities."""
STEM = "/features.0/"
FIRST_BLOCKS = ("/features.1/", "/features.2/", "/features.3/")


@dataclass(frozen=True)
class Temperatures:
    """Divisors of each head's logits before the softmax, fitted on the validation part (Guo et al.
    2017, arXiv 1706.04599)."""

    expressions: float = 1.0
    fer7: float = 1.0


UNIT_TEMPERATURES = Temperatures()


class InferenceGraph(nn.Module):
    """The network as exported: one grey channel in, probabilities out.

    Args:
        network: the trained network.
        temperatures: of both heads.
        mirrored: average the logits of the face and its mirror image (flip test-time augmentation).
    """

    def __init__(
        self, network: ExpressionNetwork, temperatures: Temperatures, mirrored: bool
    ) -> None:
        super().__init__()
        self.mirrored = mirrored
        self.network = deepcopy(network).eval()
        self.network.set_submodule("features.0.0", _fold_stem(network))
        self.temperatures = temperatures

    def forward(self, face: Tensor) -> tuple[Tensor, Tensor]:
        if self.mirrored:
            face = torch.cat([face, face.flip(3)])
        maps = self.network.features(face - self.network.grey_mean)
        ferplus, fer7 = self.network.apply_heads(maps)
        if self.mirrored:
            ferplus = ferplus.reshape(2, -1, len(LABELS)).mean(dim=0)
            fer7 = fer7.reshape(2, -1, len(FER7_LABELS)).mean(dim=0)
        return (
            (ferplus / self.temperatures.expressions).softmax(dim=1),
            (fer7 / self.temperatures.fer7).softmax(dim=1),
        )


def _fold_stem(network: ExpressionNetwork) -> nn.Conv2d:
    """Fold three equal channels and the division by the standard deviation into the stem.

    Its input is grey minus the mean, so that zero padding stays the mean grey level.
    """
    stem = deepcopy(network.stem)
    stem.in_channels = 1
    stem.weight = nn.Parameter(stem.weight.sum(dim=1, keepdim=True) / network.grey_sd)
    return stem


def export_fp32(
    network: ExpressionNetwork,
    side: int,
    temperatures: Temperatures,
    path: Path,
    mirrored: bool = True,
) -> None:
    """Export the inference graph with fp32 weights and a dynamic batch size."""
    torch.onnx.export(
        InferenceGraph(network, temperatures, mirrored),
        (torch.zeros(1, 1, side, side),),
        str(path),
        input_names=["face"],
        output_names=["expressions", "fer7"],
        dynamic_axes={name: {0: "faces"} for name in ("face", "expressions", "fer7")},
        opset_version=OPSET,
        dynamo=False,
    )


class _CalibrationFaces(CalibrationDataReader):  # type: ignore[misc]
    """Feed single training faces to ONNX Runtime's calibration, every other one shifted."""

    def __init__(self, faces: FaceDataset, rows: Rows, side: int) -> None:
        self.batches = self._read(faces, rows, side)

    @staticmethod
    def _read(faces: FaceDataset, rows: Rows, side: int) -> Iterator[dict[str, Floats]]:
        kinds = cycle(SHIFTS)
        for place, row in enumerate(rows):
            face = faces.images[row]
            shown = shift_face(face, next(kinds)) if place % 2 else face
            yield {"face": to_grey_tensor([resize_face(shown, side)]).numpy()}

    def get_next(self) -> dict[str, Floats] | None:
        return next(self.batches, None)


def export_int8(fp32: Path, path: Path, faces: FaceDataset, rows: Rows, side: int) -> None:
    """Quantise an exported fp32 graph to int8.

    Large tensors that stay float (squeeze-excite, hidden layers) are stored as fp16.

    Args:
        fp32: the exported graph.
        path: of the int8 graph.
        faces: all faces.
        rows: the training faces that determine the activation ranges.
        side: of the input, in pixels.
    """
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(fp32), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(path),
            _CalibrationFaces(faces, rows, side),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=QUANTISED,
            nodes_to_exclude=_list_float_nodes(prepared),
            per_channel=True,
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QUInt8,
            calibrate_method=CalibrationMethod.Percentile,
            extra_options={"CalibPercentile": RANGE_PERCENTILE},
        )
    export_fp16_weights(path, path)


def _list_float_nodes(path: Path) -> list[str]:
    """List the nodes to keep in float.

    Squeeze-excitations have small, uneven channel means as inputs; the one-channel stem is faster
    in float. The first two blocks are the most sensitive: in float, MobileNetV2's divergence from
    fp32 on shifted validation faces falls from 0.0032 to 0.0013 nats, at hardly any cost in time.
    With hard-swish activations (MobileNetV3) also depthwise convolutions and the third block:
    quantised, MobileNetV3-Small lost accuracy and was no faster.
    """
    nodes = onnx.load(path).graph.node
    hard_swish = any(node.op_type == "HardSigmoid" for node in nodes)
    parts = ("/fc1/", "/fc2/", STEM, *(FIRST_BLOCKS if hard_swish else FIRST_BLOCKS[:2]))
    return [
        node.name
        for node in nodes
        if any(part in node.name for part in parts) or (hard_swish and _is_depthwise(node))
    ]


def _is_depthwise(node: onnx.NodeProto) -> bool:
    return any(item.name == "group" and item.i > 1 for item in node.attribute)


def export_fp16_weights(fp32: Path, path: Path) -> None:
    """Store a graph's large weights as fp16 with casts to fp32: half the bytes, fp32 arithmetic."""
    model = onnx.load(fp32)
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < MIN_FP16_VALUES:
            continue
        if np.abs(values).max() > np.finfo(np.float16).max:
            continue
        half = f"{tensor.name}_fp16"
        casts.append(helper.make_node("Cast", [half], [tensor.name], to=TensorProto.FLOAT))
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), half))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, path)


def sample_calibration_rows(train: Rows, count: int, seed: int = 0) -> Rows:
    """Draw `count` training rows without replacement."""
    return np.random.default_rng(seed).choice(train, min(count, len(train)), replace=False)
