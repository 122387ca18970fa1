"""The networks one can train: a backbone by name, and two heads on top of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from inference.expressions import FER7_LABELS
from inference.results import LABELS
from inference.training.mobilenet_v2 import LAST_CHANNELS, mobilenet_v2_features

GREY_MEAN, GREY_SD = 0.449, 0.226
"""ImageNet's mean and standard deviation over the three channels, for grey values 0..1."""


@dataclass(frozen=True)
class Architecture:
    features: Callable[[], nn.Module]
    """[N, 3, H, W] -> [N, width, h, w], torchvision's parameter names"""
    width: int
    drop: float


ARCHITECTURES = {"mobilenet_v2": Architecture(mobilenet_v2_features, LAST_CHANNELS, drop=0.2)}


class ExpressionNetwork(nn.Module):
    """Grey faces [N, 1, H, W] with values 0..1 -> logits over `LABELS` and over `FER7_LABELS`."""

    def __init__(self, name: str) -> None:
        super().__init__()
        architecture = ARCHITECTURES[name]
        self.name = name
        self.features = architecture.features()
        self.dropout = nn.Dropout(architecture.drop)
        self.ferplus = nn.Linear(architecture.width, len(LABELS))
        self.fer7 = nn.Linear(architecture.width, len(FER7_LABELS))

    def forward(self, grey: Tensor) -> tuple[Tensor, Tensor]:
        x = ((grey - GREY_MEAN) / GREY_SD).expand(-1, 3, -1, -1)
        pooled = self.dropout(self.features(x).mean(dim=(2, 3)))
        return self.ferplus(pooled), self.fer7(pooled)


def load_start(network: ExpressionNetwork, start: Path) -> None:
    """Fill the network from another run's `best.pt`, or its backbone from ImageNet weights.

    Raises RuntimeError (torch's own, naming the keys) for a checkpoint of another network.
    """
    saved: dict[str, Any] = torch.load(start, map_location="cpu", weights_only=True)
    if "architecture" in saved:
        network.load_state_dict(saved["state"])
    else:
        load_imagenet_features(network, saved)


def load_imagenet_features(network: ExpressionNetwork, state: dict[str, Tensor]) -> None:
    """Fill the backbone from torchvision's tensors, every one of which must match."""
    prefix = "features."
    features = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
    network.features.load_state_dict(features, strict=True)
