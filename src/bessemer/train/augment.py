"""Pictures varied as cameras vary them; drawn from (seed, step), so a resumed run sees the same.

Shapes: B batch, H x W pixels.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from bessemer.core.signature import Preprocess
from bessemer.train.config import TrainConfig

_DISGUISED_FRAC = 0.3
_NOISE = 0.3


def augment(
    image_B3HW: Tensor,
    targets: list[Tensor],
    config: TrainConfig,
    generator: torch.Generator,
    preprocess: Preprocess,
) -> tuple[Tensor, list[Tensor]]:
    """Return a batch moved, turned, scaled, and lit otherwise; dense targets move along.

    Args:
        image_B3HW: Normalised pictures.
        targets: One column a head; those of three axes are dense.
        config: How far.
        generator: Of every draw.
        preprocess: How the pictures were normalised: light is varied in the full range.

    Returns:
        The varied batch.
    """
    n = image_B3HW.shape[0]

    def draw(limit: float) -> Tensor:
        return (torch.rand(n, generator=generator) * 2 - 1).to(image_B3HW.device) * limit

    angle, scale = draw(config.rotate_rad), 1 + draw(config.scale_frac)
    aspect = image_B3HW.shape[2] / image_B3HW.shape[3]
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    mirror = torch.ones_like(cos)
    if config.flip:
        mirror = torch.where(draw(1.0) < 0, -mirror, mirror)
    shift_x, shift_y = draw(2 * config.shift_frac), draw(2 * config.shift_frac)
    theta_B23 = torch.stack(
        [
            torch.stack([cos * mirror, -sin * aspect, shift_x], dim=1),
            torch.stack([sin * mirror / aspect, cos, shift_y], dim=1),
        ],
        dim=1,
    )
    grid = functional.affine_grid(theta_B23, list(image_B3HW.shape), align_corners=False)
    moved = functional.grid_sample(
        image_B3HW, grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    gain = torch.exp(draw(math.log1p(config.contrast_frac)))[:, None, None, None]
    std = torch.tensor(preprocess.std, device=moved.device)[None, :, None, None]
    light = draw(config.brightness)[:, None, None, None] / std
    if config.tone > 0:
        base = torch.tensor(preprocess.mean, device=moved.device)[None, :, None, None]
        power = torch.exp(draw(config.tone))[:, None, None, None]
        moved = ((moved * std + base).clamp(0, 1).pow(power) - base) / std
    mean = moved.mean(dim=(1, 2, 3), keepdim=True)
    return (moved - mean) * gain + mean + light, [_moved_target(t, grid) for t in targets]


def disguise(image_B3HW: Tensor, generator: torch.Generator) -> Tensor:
    """Return pictures of which some lost their colour, some their sharpness, and all got noise.

    Args:
        image_B3HW: Normalised pictures, of about unit deviation.
        generator: Of every draw.

    Returns:
        The pictures; what they show is still there.
    """
    n, _, height_px, width_px = image_B3HW.shape

    def some() -> Tensor:
        return (torch.rand(n, 1, 1, 1, generator=generator) < _DISGUISED_FRAC).to(image_B3HW.device)

    grey = image_B3HW.mean(dim=1, keepdim=True).expand_as(image_B3HW)
    image_B3HW = torch.where(some(), grey, image_B3HW)
    soft = functional.interpolate(
        functional.avg_pool2d(image_B3HW, 2, ceil_mode=True),
        size=(height_px, width_px),
        mode="bilinear",
        align_corners=False,
    )
    image_B3HW = torch.where(some(), soft, image_B3HW)
    noise = torch.randn(image_B3HW.shape, generator=generator).to(image_B3HW.device)
    return image_B3HW + _NOISE * noise


def _moved_target(target: Tensor, grid: Tensor) -> Tensor:
    """Return a target moved along with its picture; outside of it nothing is said."""
    if target.dim() == 1:
        return target
    sampled = functional.grid_sample(
        target[:, None].float() + 1,
        functional.interpolate(
            grid.permute(0, 3, 1, 2), size=target.shape[-2:], mode="bilinear", align_corners=False
        ).permute(0, 2, 3, 1),
        mode="nearest",
        padding_mode="zeros",
        align_corners=False,
    )[:, 0]
    moved = sampled.round().long() - 1
    return torch.where(moved < 0, torch.full_like(moved, 255), moved)
