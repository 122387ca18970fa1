"""The trainable networks: a named backbone with two linear heads.

Unlike torchvision's, activations are not in-place: autograd copies the input of an in-place
operation, which costs time and memory on a CPU.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from inference.expressions import FER7_LABELS
from inference.results import LABELS
from inference.training.errors import WrongCheckpoint
from inference.training.networks import face_mobilenet_v1, mobilenet_v2
from inference.training.networks.efficientnet_b0 import (
    LAST_CHANNELS,
    build_efficientnet_b0_features,
)
from inference.training.networks.mobilenet_v3 import (
    LARGE,
    SMALL,
    build_hidden_layer,
    build_mobilenet_v3_features,
)

GREY_MEAN, GREY_SD = 0.449, 0.226
"""ImageNet's mean and standard deviation over the three channels, for grey values 0..1."""


@dataclass(frozen=True)
class Architecture:
    """A backbone and the parameters of its heads."""

    features: Callable[[], nn.Module]
    """builds [N, 3, H, W] -> [N, channels, h, w], with torchvision's parameter names"""
    channels: int
    dropout: float
    hidden: int | None = None
    """width of a layer between pooling and the heads, where the published network has one"""
    grey_mean: float = GREY_MEAN
    grey_sd: float = GREY_SD
    """input normalisation of the network's ImageNet weights"""

    @property
    def head_inputs(self) -> int:
        return self.hidden or self.channels


ARCHITECTURES = {
    "mobilenet_v2": Architecture(
        mobilenet_v2.build_mobilenet_v2_features, mobilenet_v2.LAST_CHANNELS, dropout=0.2
    ),
    "mobilenet_v3_small": Architecture(
        partial(build_mobilenet_v3_features, SMALL),
        576,
        0.2,
        hidden=1024,
        grey_mean=0.5,
        grey_sd=0.5,
    ),
    "mobilenet_v3_large": Architecture(
        partial(build_mobilenet_v3_features, LARGE), 960, 0.2, hidden=1280
    ),
    "efficientnet_b0": Architecture(
        build_efficientnet_b0_features, LAST_CHANNELS, 0.2, grey_mean=0.5, grey_sd=0.5
    ),
}
"""The four networks that are compared and released."""
TEACHERS = {
    "face_mobilenet_v1": Architecture(
        face_mobilenet_v1.FaceMobileNetV1,
        face_mobilenet_v1.OUTPUT_CHANNELS,
        dropout=0.25,
        grey_mean=face_mobilenet_v1.GREY_MEAN,
        grey_sd=face_mobilenet_v1.GREY_SD,
    ),
}
"""Networks that teach others and are not released."""
TRAINABLE = {**ARCHITECTURES, **TEACHERS}


class ExpressionNetwork(nn.Module):
    """Map grey faces float32 [N, 1, H, W], 0..1, to logits [N, 8] and [N, 7].

    The heads are over `LABELS` (FER+) and `FER7_LABELS` (FER2013).

    Args:
        name: a key of `TRAINABLE`.
        stem_stride: of the first convolution. With 1, inputs of 48 pixels cost what 96 do with 2;
            the parameters are the same.
    """

    def __init__(self, name: str, stem_stride: int = 2) -> None:
        super().__init__()
        architecture = TRAINABLE[name]
        self.name = name
        self.grey_mean, self.grey_sd = architecture.grey_mean, architecture.grey_sd
        self.features = architecture.features()
        self.set_stem_stride(stem_stride)
        hidden = architecture.hidden
        self.classifier = (
            build_hidden_layer(architecture.channels, hidden) if hidden else nn.Identity()
        )
        self.dropout = nn.Dropout(architecture.dropout)
        self.ferplus = nn.Linear(architecture.head_inputs, len(LABELS))
        self.fer7 = nn.Linear(architecture.head_inputs, len(FER7_LABELS))

    @property
    def stem(self) -> nn.Conv2d:
        """The first convolution."""
        stem = self.get_submodule("features.0.0")
        assert isinstance(stem, nn.Conv2d)  # noqa: S101 - for the type checker
        return stem

    def set_stem_stride(self, stride: int) -> None:
        self.stem.stride = (stride, stride)
        self.stem_stride = stride

    def forward(self, grey: Tensor) -> tuple[Tensor, Tensor]:
        x = ((grey - self.grey_mean) / self.grey_sd).expand(-1, 3, -1, -1)
        return self.apply_heads(self.features(x))

    def apply_heads(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Pool the last feature maps [N, channels, h, w] and return both heads' logits."""
        pooled = self.dropout(self.classifier(maps.mean(dim=(2, 3))))
        return self.ferplus(pooled), self.fer7(pooled)


def load_checkpoint(network: ExpressionNetwork, start: Path) -> None:
    """Load a run's `best.pt`, or torchvision's weights of the backbone.

    Raises:
        WrongCheckpoint: the file is not a checkpoint, or is of another network.
    """
    saved = read_checkpoint(start)
    if saved.get("architecture", network.name) != network.name:
        raise WrongCheckpoint(f"{start} is of {saved['architecture']}, not {network.name}")
    try:
        if "architecture" in saved:
            network.load_state_dict(saved["state"])
        else:
            load_imagenet_state(network, saved)
    except (AttributeError, KeyError, RuntimeError, TypeError) as error:
        # PyTorch's message lists every tensor.
        raise WrongCheckpoint(f"{start} does not fit {network.name}") from error


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a PyTorch file with a dictionary of tensors or of a run. Raises WrongCheckpoint."""
    if not path.is_file():
        raise WrongCheckpoint(f"{path} is missing")
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many types for a malformed file
        raise WrongCheckpoint(f"{path} cannot be read as a checkpoint: {error}") from error
    if not isinstance(saved, dict):
        raise WrongCheckpoint(f"{path} contains no dictionary of weights")
    return saved


def load_imagenet_state(network: ExpressionNetwork, state: dict[str, Tensor]) -> None:
    """Load torchvision's tensors into backbone and hidden layer; every one must match."""
    network.features.load_state_dict(_strip_prefix("features.", state), strict=True)
    if isinstance(network.classifier, nn.Sequential):
        expected = network.classifier.state_dict()
        given = _strip_prefix("classifier.", state)
        network.classifier.load_state_dict({k: v for k, v in given.items() if k in expected})


def _strip_prefix(prefix: str, state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
