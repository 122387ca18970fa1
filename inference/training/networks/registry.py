"""The networks one can train: a backbone by name, and two heads on top of it.

Their activations are not in place, as torchvision's are: for an operation in place, PyTorch keeps a
copy of what it was given, so that on a CPU a step costs more time and memory by it, not less.
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
from inference.training.networks import mobilenet_v2
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
    features: Callable[[], nn.Module]
    """[N, 3, H, W] -> [N, channels, h, w], torchvision's parameter names"""
    channels: int
    drop: float
    hidden: int | None = None
    """width of a layer between pooling and the heads, where the published network has one"""
    grey_mean: float = GREY_MEAN
    grey_sd: float = GREY_SD
    """what the network's ImageNet weights were trained with"""

    @property
    def width(self) -> int:
        return self.hidden or self.channels


ARCHITECTURES = {
    "mobilenet_v2": Architecture(
        mobilenet_v2.build_mobilenet_v2_features, mobilenet_v2.LAST_CHANNELS, drop=0.2
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


class ExpressionNetwork(nn.Module):
    """Grey faces [N, 1, H, W] with values 0..1 -> logits over `LABELS` and over `FER7_LABELS`.

    With `stem_stride` 1 the first convolution keeps every pixel: 48 pixels cost what 96 do, and
    nothing has to be enlarged. The tensors are the same.
    """

    def __init__(self, name: str, stem_stride: int = 2) -> None:
        super().__init__()
        architecture = ARCHITECTURES[name]
        self.name = name
        self.grey_mean, self.grey_sd = architecture.grey_mean, architecture.grey_sd
        self.features = architecture.features()
        self.set_stem_stride(stem_stride)
        hidden = architecture.hidden
        self.classifier = (
            build_hidden_layer(architecture.channels, hidden) if hidden else nn.Identity()
        )
        self.dropout = nn.Dropout(architecture.drop)
        self.ferplus = nn.Linear(architecture.width, len(LABELS))
        self.fer7 = nn.Linear(architecture.width, len(FER7_LABELS))

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
        return self.heads(self.features(x))

    def heads(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """What the last maps [N, channels, h, w] say."""
        pooled = self.dropout(self.classifier(maps.mean(dim=(2, 3))))
        return self.ferplus(pooled), self.fer7(pooled)


def load_checkpoint(network: ExpressionNetwork, start: Path) -> None:
    """Fill the network from another run's `best.pt`, or its backbone from torchvision's weights.

    Raises WrongCheckpoint for a checkpoint of another network, or for what is no checkpoint.
    """
    saved = read_checkpoint(start)
    if saved.get("architecture", network.name) != network.name:
        raise WrongCheckpoint(f"{start} holds {saved['architecture']}, not {network.name}")
    try:
        if "architecture" in saved:
            network.load_state_dict(saved["state"])
        else:
            load_imagenet_state(network, saved)
    except (AttributeError, KeyError, RuntimeError, TypeError) as error:
        # torch's own words name every tensor, hundreds of lines.
        raise WrongCheckpoint(f"{start} is of another network than {network.name}") from error


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A torch file that holds a dictionary of tensors or of a run. Raises WrongCheckpoint."""
    if not path.is_file():
        raise WrongCheckpoint(f"{path} is missing")
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises half a dozen kinds for what is no checkpoint
        raise WrongCheckpoint(f"{path} cannot be read as a checkpoint: {error}") from error
    if not isinstance(saved, dict):
        raise WrongCheckpoint(f"{path} holds no weights by name")
    return saved


def load_imagenet_state(network: ExpressionNetwork, state: dict[str, Tensor]) -> None:
    """Fill backbone and hidden layer from torchvision's tensors, every one of which must match."""
    network.features.load_state_dict(_under("features.", state), strict=True)
    if isinstance(network.classifier, nn.Sequential):
        wanted = network.classifier.state_dict()
        given = _under("classifier.", state)
        network.classifier.load_state_dict({k: v for k, v in given.items() if k in wanted})


def _under(prefix: str, state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
