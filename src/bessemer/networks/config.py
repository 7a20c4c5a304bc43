"""The shape of a network, without torch, so that recipes are cheap to read."""

from dataclasses import dataclass
from enum import StrEnum

from bessemer.core.errors import InputError
from bessemer.core.signature import Geometry, Head


class BackboneKind(StrEnum):
    """The backbones of our own.

    ``residual`` is small, of any shape, and always begins as drawn or pretrained here; ``lite`` is
    EfficientNet-Lite0, whose shape is fixed and for which there are weights from ImageNet.
    """

    RESIDUAL = "residual"
    LITE = "lite"


@dataclass(frozen=True, slots=True, kw_only=True)
class HydraConfig:
    """A shared convolutional backbone with a head a task.

    Attributes:
        heads: The tasks.
        backbone: ``residual``, which ``width``, ``blocks``, ``stem_stride`` and ``residuals``
            shape; ``lite``; or the name of an installed network, which is the whole of it.
        width: Channels of the stem; each stage after it doubles them.
        blocks: The stem and the stages together; every stage halves the picture.
        stem_stride: How far the stem shrinks the picture: 1 for a few pixels, 2 for crops of 32
            and more and for scenes. None takes 2 where a head is dense, else 1.
        residuals: Residual units a stage, after the convolution that shrinks.
        pool: Side of the grid to which the last stage is pooled: 1 forgets where things are. For
            an export it must divide the last stage's size.
        features: Size of the embedding.
        standardise: Whether each picture is brought to mean 0 and deviation 1 first, inside the
            network, which takes its exposure away.
        dropout_frac: Share of features dropped before class heads, in training.
    """

    heads: tuple[Head, ...]
    backbone: str = BackboneKind.RESIDUAL.value
    width: int = 16
    blocks: int = 3
    stem_stride: int | None = None
    residuals: int = 1
    pool: int = 4
    features: int = 128
    standardise: bool = True
    dropout_frac: float = 0.1

    def __post_init__(self) -> None:
        """Check that there is a head, that names are unique and sizes positive."""
        sizes = (self.width, self.blocks, self.pool, self.features, self.residuals + 1)
        if not self.heads or min(sizes) < 1:
            raise InputError(
                "A network has a head, a width, a block, a pool and features.", where="HydraConfig"
            )
        shape = (self.width, self.blocks, self.stem_stride, self.residuals)
        if self.backbone == BackboneKind.LITE and shape != (16, 3, None, 1):
            raise InputError(
                "The lite backbone has a fixed shape.",
                where="HydraConfig",
                fix="Leave width, blocks, stem_stride and residuals as they are.",
            )
        if self.stem_stride not in {None, 1, 2, 4}:
            raise InputError("stem_stride is 1, 2 or 4.", where="HydraConfig.stem_stride")
        outputs = [head.output for head in self.heads]
        if len(set(outputs)) != len(outputs):
            raise InputError(
                "Two heads share an output.", where="HydraConfig", fix="Name each after its task."
            )
        if not 0.0 <= self.dropout_frac < 1.0:
            raise InputError("dropout_frac is a share in [0, 1).", where="HydraConfig")

    @property
    def stride(self) -> int:
        """How far the stem shrinks the picture, decided."""
        if self.stem_stride is not None:
            return self.stem_stride
        return 2 if any(head.geometry is Geometry.DENSE for head in self.heads) else 1
