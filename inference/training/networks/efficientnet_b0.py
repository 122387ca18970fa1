"""EfficientNet-B0 (Tan and Le 2019, arXiv 1905.11946).

The module tree and parameter names are torchvision's, so that its checkpoint loads with
`strict=True`.
"""

import torch
from torch import Tensor, nn

from inference.training.networks.mobilenet_v3 import SqueezeExcitation

LAST_CHANNELS = 1280
MAX_STOCHASTIC_DEPTH = 0.2
"""Drop probability of the last block in training (stochastic depth, Huang et al. 2016, arXiv
1603.09382); it grows linearly with depth."""

# expansion, kernel, stride of the first block, inputs, outputs, blocks (table 1 of the paper)
STAGES = (
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
)
BLOCKS = sum(stage[-1] for stage in STAGES)


def build_conv_bn(
    inputs: int,
    outputs: int,
    kernel: int,
    stride: int = 1,
    groups: int = 1,
    with_activation: bool = True,
) -> nn.Module:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), *([nn.SiLU()] if with_activation else []))


class MBConv(nn.Module):
    """Expansion, depthwise convolution, squeeze-excite, projection; with stochastic depth."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int,
        expansion: int,
        drop_probability: float,
    ) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.is_residual = stride == 1 and inputs == outputs
        self.drop_probability = drop_probability
        expand = [build_conv_bn(inputs, hidden, 1)] if expansion != 1 else []
        self.block = nn.Sequential(
            *expand,
            build_conv_bn(hidden, hidden, kernel, stride, hidden),
            SqueezeExcitation(hidden, max(1, inputs // 4), nn.SiLU(), nn.Sigmoid()),
            build_conv_bn(hidden, outputs, 1, with_activation=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.block(x)
        if not self.is_residual:
            return out
        if self.training and self.drop_probability:
            kept = torch.rand(len(x), 1, 1, 1, device=x.device) >= self.drop_probability
            out = out * kept / (1 - self.drop_probability)
        return x + out


def build_efficientnet_b0_features() -> nn.Sequential:
    """[N, 3, H, W] -> [N, 1280, H/32, W/32]; torchvision's `features`."""
    layers: list[nn.Module] = [build_conv_bn(3, 32, kernel=3, stride=2)]
    index = 0
    for expansion, kernel, stride, inputs, outputs, blocks in STAGES:
        stage = []
        for block in range(blocks):
            first = block == 0
            drop_probability = MAX_STOCHASTIC_DEPTH * index / BLOCKS
            stage.append(
                MBConv(
                    inputs if first else outputs,
                    outputs,
                    kernel,
                    stride if first else 1,
                    expansion,
                    drop_probability,
                )
            )
            index += 1
        layers.append(nn.Sequential(*stage))
    layers.append(build_conv_bn(STAGES[-1][4], LAST_CHANNELS, kernel=1))
    return nn.Sequential(*layers)
