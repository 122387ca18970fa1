"""MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381), width 1.0.

The module tree and parameter names are torchvision's, so that its ImageNet checkpoint loads with
`strict=True`.
"""

from torch import Tensor, nn

LAST_CHANNELS = 1280

# expansion, output channels, blocks, stride of the first block (table 2 of the paper)
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def build_conv_bn_relu(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(),
    )


class InvertedResidual(nn.Module):
    """Expansion, depthwise convolution, linear projection; residual where the shapes match."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.is_residual = stride == 1 and inputs == outputs
        expand = [build_conv_bn_relu(inputs, hidden, kernel=1)] if expansion != 1 else []
        self.conv = nn.Sequential(
            *expand,
            build_conv_bn_relu(hidden, hidden, kernel=3, stride=stride, groups=hidden),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(x)
        return x + out if self.is_residual else out


def build_mobilenet_v2_features() -> nn.Sequential:
    """Build torchvision's `features`: [N, 3, H, W] -> [N, 1280, H/32, W/32]."""
    layers: list[nn.Module] = [build_conv_bn_relu(3, 32, kernel=3, stride=2)]
    inputs = 32
    for expansion, outputs, blocks, first_stride in STAGES:
        for block in range(blocks):
            stride = first_stride if block == 0 else 1
            layers.append(InvertedResidual(inputs, outputs, stride, expansion))
            inputs = outputs
    layers.append(build_conv_bn_relu(inputs, LAST_CHANNELS, kernel=1))
    return nn.Sequential(*layers)
