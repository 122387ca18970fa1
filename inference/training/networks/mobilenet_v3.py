"""MobileNetV3, Small and Large (Howard et al. 2019, arXiv 1905.02244), width 1.0.

The module tree and parameter names are torchvision's, so that its checkpoints load with
`strict=True`; so are the batch norms' epsilon and momentum.
"""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class BlockConfig:
    """A row of the paper's tables 1 (Large) and 2 (Small)."""

    kernel: int
    hidden: int
    outputs: int
    squeeze_excite: bool
    hard_swish: bool
    stride: int


SMALL = (
    BlockConfig(3, 16, 16, True, False, 2),
    BlockConfig(3, 72, 24, False, False, 2),
    BlockConfig(3, 88, 24, False, False, 1),
    BlockConfig(5, 96, 40, True, True, 2),
    BlockConfig(5, 240, 40, True, True, 1),
    BlockConfig(5, 240, 40, True, True, 1),
    BlockConfig(5, 120, 48, True, True, 1),
    BlockConfig(5, 144, 48, True, True, 1),
    BlockConfig(5, 288, 96, True, True, 2),
    BlockConfig(5, 576, 96, True, True, 1),
    BlockConfig(5, 576, 96, True, True, 1),
)
LARGE = (
    BlockConfig(3, 16, 16, False, False, 1),
    BlockConfig(3, 64, 24, False, False, 2),
    BlockConfig(3, 72, 24, False, False, 1),
    BlockConfig(5, 72, 40, True, False, 2),
    BlockConfig(5, 120, 40, True, False, 1),
    BlockConfig(5, 120, 40, True, False, 1),
    BlockConfig(3, 240, 80, False, True, 2),
    BlockConfig(3, 200, 80, False, True, 1),
    BlockConfig(3, 184, 80, False, True, 1),
    BlockConfig(3, 184, 80, False, True, 1),
    BlockConfig(3, 480, 112, True, True, 1),
    BlockConfig(3, 672, 112, True, True, 1),
    BlockConfig(5, 672, 160, True, True, 2),
    BlockConfig(5, 960, 160, True, True, 1),
    BlockConfig(5, 960, 160, True, True, 1),
)


def build_conv_bn(
    inputs: int,
    outputs: int,
    kernel: int,
    stride: int = 1,
    groups: int = 1,
    activation: type[nn.Module] | None = None,
) -> nn.Module:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    norm = nn.BatchNorm2d(outputs, eps=0.001, momentum=0.01)
    return nn.Sequential(conv, norm, *([activation()] if activation else []))


class SqueezeExcitation(nn.Module):
    """Scale channels by a gate of all channel means (Hu et al. 2018, arXiv 1709.01507)."""

    def __init__(
        self, channels: int, squeezed: int, activation: nn.Module, gate: nn.Module
    ) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)
        self.activation = activation
        self.gate = gate

    def forward(self, x: Tensor) -> Tensor:
        means = x.mean(dim=(2, 3), keepdim=True)
        factors: Tensor = self.gate(self.fc2(self.activation(self.fc1(means))))
        return x * factors


class InvertedResidual(nn.Module):
    def __init__(self, inputs: int, block: BlockConfig) -> None:
        super().__init__()
        self.is_residual = block.stride == 1 and inputs == block.outputs
        act = nn.Hardswish if block.hard_swish else nn.ReLU
        hidden = block.hidden
        layers = [build_conv_bn(inputs, hidden, 1, activation=act)] if hidden != inputs else []
        layers.append(build_conv_bn(hidden, hidden, block.kernel, block.stride, hidden, act))
        if block.squeeze_excite:
            squeezed = round_channels(hidden // 4)
            layers.append(SqueezeExcitation(hidden, squeezed, nn.ReLU(), nn.Hardsigmoid()))
        layers.append(build_conv_bn(hidden, block.outputs, 1))
        self.block = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.block(x)
        return x + out if self.is_residual else out


def round_channels(channels: float) -> int:
    """Round to the nearest multiple of 8 that is at least 90 % of `channels`."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def build_mobilenet_v3_features(blocks: tuple[BlockConfig, ...]) -> nn.Sequential:
    """Build torchvision's `features`: [N, 3, H, W] -> [N, 6 x last outputs, H/32, W/32]."""
    layers = [build_conv_bn(3, 16, 3, 2, activation=nn.Hardswish)]
    inputs = 16
    for block in blocks:
        layers.append(InvertedResidual(inputs, block))
        inputs = block.outputs
    layers.append(build_conv_bn(inputs, 6 * inputs, 1, activation=nn.Hardswish))
    return nn.Sequential(*layers)


def build_hidden_layer(inputs: int, outputs: int) -> nn.Sequential:
    """Build the layer between pooling and heads: the start of torchvision's `classifier`."""
    return nn.Sequential(nn.Linear(inputs, outputs), nn.Hardswish())
