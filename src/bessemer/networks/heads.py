"""Heads: what a task makes of the shared features.

Shapes: B batch, C features, H x W pixels, K classes.
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional


class ClassHead(nn.Module):
    """Logits of a picture from its embedding."""

    def __init__(self, n_features: int, n_classes: int, dropout_frac: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout_frac)
        self.linear = nn.Linear(n_features, n_classes)

    def forward(self, embedding_BC: Tensor) -> Tensor:
        """Return logits, [B, K]."""
        logits: Tensor = self.linear(self.dropout(embedding_BC))
        return logits


class DenseHead(nn.Module):
    """Logits of every pixel: levels are projected to one width and added from coarse to fine.

    Source: Lin et al., "Feature Pyramid Networks", CVPR 2017 (the top-down path). Differences:
    the embedding is added at the coarsest level; the stem's level is left out, which is large
    and says little, unless it is all there is.

    Args:
        widths: Channels of each level, finest first.
        n_features: C of the embedding.
        n_classes: K.
    """

    def __init__(self, widths: Sequence[int], n_features: int, n_classes: int) -> None:
        super().__init__()
        self.first_level = min(1, len(widths) - 1)
        used = widths[self.first_level :]
        inner = 2 * widths[0]
        self.lateral = nn.ModuleList(nn.Conv2d(width, inner, 1) for width in used)
        self.context = nn.Linear(n_features, inner)
        self.smooth = nn.Conv2d(inner, inner, 3, padding=1)
        self.classify = nn.Conv2d(inner, n_classes, 1)

    def forward(self, levels: list[Tensor], embedding_BC: Tensor, image_B3HW: Tensor) -> Tensor:
        """Return logits, [B, K, H, W] at the picture's size."""
        levels = levels[self.first_level :]
        x_BCHW = self.lateral[-1](levels[-1]) + self.context(embedding_BC)[:, :, None, None]
        for lateral, level in zip(list(self.lateral)[-2::-1], levels[-2::-1], strict=True):
            x_BCHW = lateral(level) + resized_like(x_BCHW, level)
        x_BCHW = functional.relu(self.smooth(functional.relu(x_BCHW)))
        return resized_like(self.classify(x_BCHW), image_B3HW)


def resized_like(x_BCHW: Tensor, other: Tensor) -> Tensor:
    """Return features at the height and width of others.

    Sizes are made plain ints: an export then holds them as constants, the batch alone is free.
    """
    size = [int(other.shape[2]), int(other.shape[3])]
    return functional.interpolate(x_BCHW, size=size, mode="bilinear", align_corners=False)
