"""Trained weights -> ONNX, fp32 and int8.

What the graph takes and gives: `face` float32 [N, 1, side, side], grey 0..1 -> `expressions` [N, 8]
and `fer7` [N, 7], probabilities. Grey level normalisation, the second look at the mirror image,
temperature and softmax are inside, so that a browser and the worker cannot differ. The networks see
the grey channel three times; the first convolution is exported for one, its weights summed: the
same sums, a third of the work. The int8 graph keeps float inputs and outputs; weights of the
convolutions are quantised per channel, activations by what training faces gave (static, QDQ); the
first convolution, the heads and the softmax stay float.
"""

import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
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
from inference.training.networks.registry import ExpressionNetwork

OPSET = 17
MAX_FP16 = 65504.0
MIN_FP16_VALUES = 2**14
"""Numbers in a tensor; in smaller ones, the heads say, there is nothing to save."""
RANGE_PERCENTILE = 99.999
"""of an activation's values that its eight bits span; the rest is cut off. On validation faces this
came closer to fp32 than the whole range (mean difference of a probability 0.0029 to 0.0035)."""
QUANTISED = ["Conv", "Clip", "Add"]
"""Convolutions and what lies between; heads and softmax stay float, or scores come in steps."""
STEM = "/features.0/"
FIRST_BLOCKS = ("/features.1/", "/features.2/", "/features.3/")


@dataclass(frozen=True)
class Temperatures:
    """What the logits are divided by before the softmax, fitted on the validation part."""

    expressions: float = 1.0
    fer7: float = 1.0


UNIT_TEMPERATURES = Temperatures()


class InferenceGraph(nn.Module):
    """The network as it is exported: one grey channel in, probabilities out.

    `mirrored`: it looks at each face and at its mirror image, and goes by the mean of both logits.
    """

    def __init__(
        self, network: ExpressionNetwork, temperatures: Temperatures, mirrored: bool
    ) -> None:
        super().__init__()
        self.mirrored = mirrored
        self.network = deepcopy(network).eval()
        self.network.set_submodule("features.0.0", _for_one_channel(network))
        self.temperatures = temperatures

    def forward(self, face: Tensor) -> tuple[Tensor, Tensor]:
        if self.mirrored:
            face = torch.cat([face, face.flip(3)])
        maps = self.network.features(face - self.network.grey_mean)
        ferplus, fer7 = self.network.heads(maps)
        if self.mirrored:
            ferplus = ferplus.reshape(2, -1, len(LABELS)).mean(dim=0)
            fer7 = fer7.reshape(2, -1, len(FER7_LABELS)).mean(dim=0)
        return (
            (ferplus / self.temperatures.expressions).softmax(dim=1),
            (fer7 / self.temperatures.fer7).softmax(dim=1),
        )


def _for_one_channel(network: ExpressionNetwork) -> nn.Conv2d:
    """The first convolution for grey levels less their mean: its weights hold the sum over three
    equal channels and the division by the standard deviation. Padding stays zero, the mean grey."""
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


class _TrainingFaces(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, faces: FaceDataset, rows: Rows, side: int) -> None:
        self.batches = self._read(faces, rows, side)

    @staticmethod
    def _read(faces: FaceDataset, rows: Rows, side: int) -> Iterator[dict[str, Floats]]:
        for row in rows:
            yield {"face": to_grey_tensor([resize_face(faces.images[row], side)]).numpy()}

    def get_next(self) -> dict[str, Floats] | None:
        return next(self.batches, None)


def export_int8(fp32: Path, path: Path, faces: FaceDataset, rows: Rows, side: int) -> None:
    """Quantise an exported fp32 graph; `rows` are the training faces that set the ranges.

    Large tensors that stay float (squeeze-excite, hidden layers) are stored as fp16.
    """
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(fp32), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(path),
            _TrainingFaces(faces, rows, side),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=QUANTISED,
            nodes_to_exclude=_kept_float(prepared),
            per_channel=True,
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QUInt8,
            calibrate_method=CalibrationMethod.Percentile,
            extra_options={"CalibPercentile": RANGE_PERCENTILE},
        )
    export_fp16_weights(path, path)


def _kept_float(path: Path) -> list[str]:
    """What eight bits would not serve: squeeze-excitations, whose inputs are means of a whole
    channel, small and uneven, and the stem, whose one channel ONNX Runtime convolves faster in
    float. Where activations are hard-swish (MobileNetV3) also depthwise convolutions and the first
    blocks: with these in eight bits MobileNetV3-Small lost points, and was no faster."""
    nodes = onnx.load(path).graph.node
    hard_swish = any(node.op_type == "HardSigmoid" for node in nodes)
    parts = ("/fc1/", "/fc2/", STEM, *(FIRST_BLOCKS if hard_swish else ()))
    return [
        node.name
        for node in nodes
        if any(part in node.name for part in parts) or (hard_swish and _is_depthwise(node))
    ]


def _is_depthwise(node: onnx.NodeProto) -> bool:
    return any(each.name == "group" and each.i > 1 for each in node.attribute)


def export_fp16_weights(fp32: Path, path: Path) -> None:
    """The same graph with its weights stored as fp16; it computes in fp32.

    ONNX Runtime turns them back when it opens the file, so that any runtime can, at half the bytes.
    """
    model = onnx.load(fp32)
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < MIN_FP16_VALUES:
            continue
        if np.abs(values).max() > MAX_FP16:
            continue
        half = f"{tensor.name}_fp16"
        casts.append(helper.make_node("Cast", [half], [tensor.name], to=TensorProto.FLOAT))
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), half))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, path)


def sample_calibration_rows(train: Rows, count: int, seed: int = 0) -> Rows:
    return np.random.default_rng(seed).choice(train, min(count, len(train)), replace=False)
