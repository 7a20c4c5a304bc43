"""What a training sees: pictures, what should be said about them, and how they hang together.

Shapes: n examples, h x w pixels.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from bessemer.core.errors import InputError
from bessemer.core.ids import bytes_id

Targets = Int64[np.ndarray, " n"] | UInt8[np.ndarray, "n h w"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examples:
    """Pictures and targets in columns.

    Attributes:
        pictures: RGB, resized by the shared preprocessing.
        targets: One column a head: class indices with -1, or dense maps with 255, where nothing
            is said.
        groups: The recording of each example.
        weights: How often each is drawn beside others; paid labels 1, weak labels less.
    """

    pictures: UInt8[np.ndarray, "n h w 3"]
    targets: tuple[Targets, ...]
    groups: Int64[np.ndarray, " n"]
    weights: Float32[np.ndarray, " n"]

    def __post_init__(self) -> None:
        """Check that there are examples, and columns of one length."""
        lengths = {len(self.pictures), len(self.groups), len(self.weights)}
        lengths |= {len(column) for column in self.targets}
        if len(lengths) != 1 or not len(self.pictures):
            raise InputError(
                f"The columns have lengths {sorted(lengths)}; there is at least one example.",
                where="Examples",
                fix="Label something before you train.",
            )

    @property
    def examples_id(self) -> str:
        """The address of what is seen; read through once each time it is asked for."""
        columns = (self.pictures, *self.targets, self.groups, self.weights)
        parts: list[bytes] = []
        for column in columns:
            parts += [f"{column.dtype} {column.shape}".encode(), column.tobytes()]
        return bytes_id("examples", parts)
