"""The shape of a network, without torch, so that recipes are cheap to read."""

from dataclasses import dataclass

from bessemer.core.errors import InputError
from bessemer.core.signature import Head


@dataclass(frozen=True, slots=True, kw_only=True)
class HydraConfig:
    """A shared convolutional backbone with a head a task.

    Attributes:
        heads: The tasks.
        width: Channels of the first block; each block doubles them.
        blocks: Blocks of two convolutions; all but the first halve the picture.
        pool: Side of the grid to which the last block is pooled: 1 forgets where things are.
        features: Size of the embedding.
        standardise: Whether each picture is brought to mean 0 and deviation 1 first, which takes
            its exposure away.
        dropout_frac: Share of features dropped before class heads, in training.
    """

    heads: tuple[Head, ...]
    width: int = 16
    blocks: int = 3
    pool: int = 4
    features: int = 128
    standardise: bool = True
    dropout_frac: float = 0.1

    def __post_init__(self) -> None:
        """Check that there is a head, and sizes are positive."""
        if not self.heads or self.width < 1 or min(self.blocks, self.pool, self.features) < 1:
            raise InputError(
                "A network has a head, a width, a block, a pool and features.", where="HydraConfig"
            )
        if not 0.0 <= self.dropout_frac < 1.0:
            raise InputError("dropout_frac is a share in [0, 1).", where="HydraConfig")
