"""The residual backbone: a stem, then stages that each halve the picture and double the channels.

Source of the residual unit: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016.
Difference: the shrinking convolution stands before the units, so that every shortcut is plain.

Shapes: B batch, C channels, H x W pixels.
"""

from torch import Tensor, nn
from torch.nn import functional

from bessemer.networks.config import HydraConfig


class ConvUnit(nn.Module):
    """A convolution, batch norm and ReLU; the kernel grows with the stride so as to see it all."""

    def __init__(self, n_in: int, n_out: int, stride: int = 1, kernel: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(n_out)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Return features, [B, n_out, H / stride, W / stride]."""
        return functional.relu(self.norm(self.conv(x_BCHW)))


class ResidualUnit(nn.Module):
    """Two convolutions whose result is added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = ConvUnit(width, width)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Return features of the same shape."""
        return functional.relu(x_BCHW + self.norm(self.second(self.first(x_BCHW))))


class ResidualBackbone(nn.Module):
    """Features of a picture at several scales.

    Args:
        config: Its shape.
    """

    def __init__(self, config: HydraConfig) -> None:
        super().__init__()
        self.widths: list[int] = [config.width * 2**i for i in range(config.blocks)]
        self.stem = ConvUnit(3, config.width, config.stride, 2 * config.stride + 1)
        self.stages = nn.ModuleList(
            nn.Sequential(
                ConvUnit(n_out // 2, n_out, stride=2),
                *(ResidualUnit(n_out) for _ in range(config.residuals)),
            )
            for n_out in self.widths[1:]
        )

    def forward(self, image_B3HW: Tensor) -> list[Tensor]:
        """Return the features of the stem and of each stage, finest first."""
        levels = [self.stem(image_B3HW)]
        for stage in self.stages:
            levels.append(stage(levels[-1]))
        return levels
