"""A space of a few mean colours; near in it is what is lit alike."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from bessemer.core.ids import SpaceId

_SIDE_PX, _CELLS = 16, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourEmbedder:
    """Mean colours of a grid of cells, and a constant that keeps black pictures off zero."""

    @property
    def space_id(self) -> SpaceId:
        """The address of the space; raise the number when the code gives other vectors."""
        return SpaceId("filmstrips/colours/1")

    @property
    def size_px(self) -> tuple[int, int]:
        """Height and width of the pictures that it takes."""
        return (_SIDE_PX, _SIDE_PX)

    def embed(self, pictures: UInt8[np.ndarray, "n h w 3"]) -> Float32[np.ndarray, "n d"]:
        """Return one vector of unit norm a picture."""
        n, step = len(pictures), _SIDE_PX // _CELLS
        cells = pictures.reshape(n, _CELLS, step, _CELLS, step, 3).mean(axis=(2, 4))
        colours = np.concatenate(
            [cells.reshape(n, 3 * _CELLS**2) / 255 - 0.5, np.full((n, 1), 0.5)], axis=1
        )
        unit = colours / np.linalg.norm(colours, axis=1, keepdims=True)
        return np.asarray(unit, dtype=np.float32)
