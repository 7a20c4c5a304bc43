"""EfficientNet-Lite0: a backbone made for small processors, for which ImageNet weights are public.

Source: Tan and Le, "EfficientNet", ICML 2019, table 1, in its Lite variant: no squeezing and
exciting, ReLU6, stem and last stage not scaled. Difference: it ends before the last 1x1
convolution, which only serves ImageNet's classes.

Shapes: B batch, C channels, H x W pixels.
"""

from itertools import pairwise
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

_EPS, _MOMENTUM = 1e-3, 0.01
_STEM = 32
_SCALE = 0.5


class Stage(NamedTuple):
    """Equal blocks in a row; the first of them strides."""

    expand: int
    kernel: int
    stride: int
    width: int
    blocks: int


STAGES = (
    Stage(1, 3, 1, 16, 1),
    Stage(6, 3, 2, 24, 2),
    Stage(6, 5, 2, 40, 2),
    Stage(6, 3, 2, 80, 3),
    Stage(6, 5, 1, 112, 3),
    Stage(6, 5, 2, 192, 4),
    Stage(6, 3, 1, 320, 1),
)


class SameConv(nn.Conv2d):
    """A convolution that covers its input as TensorFlow's "same" does: more below and right.

    The published weights were learnt so; padding both sides alike would shift every level.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return [B, C, ceil(H / stride), ceil(W / stride)]."""
        pads = [
            max((-(-size // stride) - 1) * stride + kernel - size, 0)
            for size, stride, kernel in zip(
                (int(input.shape[3]), int(input.shape[2])),
                (self.stride[1], self.stride[0]),
                (self.kernel_size[1], self.kernel_size[0]),
                strict=True,
            )
        ]
        around = [side for pad in pads for side in (pad // 2, pad - pad // 2)]
        return super().forward(functional.pad(input, around))


def _unit(
    n_in: int, n_out: int, kernel: int = 1, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    """Return a convolution and its batch norm."""
    conv = SameConv(n_in, n_out, kernel, stride, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(n_out, eps=_EPS, momentum=_MOMENTUM)]


class InvertedResidual(nn.Module):
    """Channels are widened, filtered one by one, and narrowed; added to what came in if it fits."""

    def __init__(self, n_in: int, n_out: int, stage: Stage, stride: int) -> None:
        super().__init__()
        inner = n_in * stage.expand
        widen = [*_unit(n_in, inner), nn.ReLU6()] if stage.expand > 1 else []
        self.layers = nn.Sequential(
            *widen,
            *_unit(inner, inner, stage.kernel, stride, groups=inner),
            nn.ReLU6(),
            *_unit(inner, n_out),
        )
        self.adds = stride == 1 and n_in == n_out

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Return features, [B, n_out, ceil(H / stride), ceil(W / stride)]."""
        y_BCHW: Tensor = self.layers(x_BCHW)
        return x_BCHW + y_BCHW if self.adds else y_BCHW


class LiteBackbone(nn.Module):
    """Features of a picture at strides 2, 4, 8, 16 and 32."""

    def __init__(self) -> None:
        super().__init__()
        self.widths = [16, 24, 40, 112, 320]
        self.stem = nn.Sequential(*_unit(3, _STEM, 3, 2), nn.ReLU6())
        widths = (_STEM, *(stage.width for stage in STAGES))
        self.stages = nn.ModuleList(
            nn.Sequential(
                InvertedResidual(n_in, n_out, stage, stage.stride),
                *(InvertedResidual(n_out, n_out, stage, 1) for _ in range(stage.blocks - 1)),
            )
            for stage, (n_in, n_out) in zip(STAGES, pairwise(widths), strict=True)
        )

    def forward(self, image_B3HW: Tensor) -> list[Tensor]:
        """Return the features that each stride ends with, finest first.

        Args:
            image_B3HW: Of mean 0 and deviation about 1; the published weights know half of that.

        Returns:
            Five levels, [B, C, ceil(H / stride), ceil(W / stride)].
        """
        x_BCHW = self.stem(image_B3HW * _SCALE)
        levels: list[Tensor] = []
        for spec, stage in zip(STAGES, self.stages, strict=True):
            if spec.stride > 1:
                levels.append(x_BCHW)
            x_BCHW = stage(x_BCHW)
        return [*levels, x_BCHW]
