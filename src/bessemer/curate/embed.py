"""A pinned embedding space: a ruler that does not move while the network grows.

Gradient orientations and colour, each smoothed by a truncated cosine transform; no weights, no
downloads, numpy only. Two machines agree to rounding.

Source: Dalal and Triggs, "Histograms of Oriented Gradients", CVPR 2005. Differences: contrast is
normalised over the whole picture, and the map of cells is kept as its lowest cosine frequencies
instead of overlapping blocks, which makes the vector short and forgiving of small shifts.
Cost: O(n s^2) time for n pictures of side s.      Shapes: n pictures, d embedding size.
"""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32, UInt8

from bessemer.core.errors import InputError
from bessemer.core.ids import SpaceId, content_id

_BLOCK = 512
"""Pictures embedded at once; bounds the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedConfig:
    """What the space is; every field is part of its address.

    Args:
        side_px: Pictures are averaged to this side before anything else.
        cell_px: Side of a cell in which orientations are counted.
        orientations: Directions over the full turn.
        shape_frequencies: Cosine frequencies kept along each axis of the map of orientations.
        colour_frequencies: As above, of the map of colours.
        colour_weight: Length of the colour part beside a shape part of length 1.
        version: Raised when the code changes what comes out.
    """

    side_px: int = 32
    cell_px: int = 2
    orientations: int = 8
    shape_frequencies: int = 6
    colour_frequencies: int = 3
    colour_weight: float = 0.5
    version: int = 1

    def __post_init__(self) -> None:
        """Check that cells tile the picture.

        Raises:
            InputError: If they do not, or more frequencies are asked for than there are cells.
        """
        cells = self.side_px // self.cell_px
        if (
            self.side_px % self.cell_px
            or max(self.shape_frequencies, self.colour_frequencies) > cells
        ):
            raise InputError(
                f"Cells of {self.cell_px} px do not fit a side of {self.side_px} px.",
                where="PinnedConfig",
                fix="Let cell_px divide side_px, and keep at most side_px / cell_px frequencies.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedEmbedder:
    """Maps pictures of any size to vectors of unit norm.

    Example:
        >>> embedder = PinnedEmbedder()
        >>> embedder.embed(np.zeros((2, 32, 32, 3), np.uint8)).shape
        (2, 315)
    """

    config: PinnedConfig = field(default_factory=PinnedConfig)

    @property
    def space_id(self) -> SpaceId:
        """The address of the space."""
        return SpaceId(content_id("space", self.config))

    @property
    def size_px(self) -> tuple[int, int]:
        """Height and width at which nothing is lost to averaging."""
        return (self.config.side_px, self.config.side_px)

    @property
    def width(self) -> int:
        """The number of coordinates."""
        spec = self.config
        return spec.orientations * spec.shape_frequencies**2 + 3 * spec.colour_frequencies**2

    def embed(self, pictures: UInt8[np.ndarray, "n h w 3"]) -> Float32[np.ndarray, "n d"]:
        """Return one vector a picture.

        Args:
            pictures: Colour pictures of one size, at least 2 px a side.

        Returns:
            Vectors of unit norm.

        Raises:
            InputError: If the pictures are too small to have a gradient.
        """
        n, height, width = pictures.shape[:3]
        if min(height, width) < 2:
            raise InputError(
                f"Pictures of {height} x {width} px have no gradient.",
                where="PinnedEmbedder.embed",
                fix="Leave out pictures below 2 px a side.",
            )
        vectors = np.empty((n, self.width), np.float32)
        for start in range(0, n, _BLOCK):
            vectors[start : start + _BLOCK] = self._embed_block(pictures[start : start + _BLOCK])
        return vectors

    def _embed_block(self, pictures: UInt8[np.ndarray, "n h w 3"]) -> Float32[np.ndarray, "n d"]:
        spec = self.config
        height, width = pictures.shape[1:3]
        rows = averaging_matrix(height, spec.side_px)
        columns = averaging_matrix(width, spec.side_px)
        colour = np.einsum(
            "ih,nhwc,jw->nijc", rows, pictures.astype(np.float32), columns, optimize=True
        )
        colour = _standardise(colour)
        shape = _frequencies(_orientations(colour.mean(axis=3), spec), spec.shape_frequencies)
        cells = averaging_matrix(spec.side_px, spec.side_px // spec.cell_px)
        small = np.einsum("ih,nhwc,jw->nijc", cells, colour, cells, optimize=True)
        hue = _frequencies(_opponents(small), spec.colour_frequencies)
        joined = np.concatenate([_unit(shape), spec.colour_weight * _unit(hue)], axis=1)
        return _unit(joined)


def averaging_matrix(size_from: int, size_to: int) -> Float32[np.ndarray, "b a"]:
    """Return the matrix that averages ``size_from`` pixels to ``size_to`` by area.

    Args:
        size_from: Pixels before.
        size_to: Pixels after; may be more, which repeats.

    Returns:
        Rows that sum to 1.

    Example:
        >>> averaging_matrix(4, 2).tolist()
        [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
    """
    edges = np.linspace(0.0, size_from, size_to + 1)
    left, right = edges[:-1, None], edges[1:, None]
    pixel = np.arange(size_from)[None, :]
    overlap = np.minimum(right, pixel + 1) - np.maximum(left, pixel)
    weights = np.clip(overlap, 0.0, None)
    rows: Float32[np.ndarray, "b a"] = weights / weights.sum(axis=1, keepdims=True)
    return rows.astype(np.float32)


def _standardise(colour: Float32[np.ndarray, "n s s 3"]) -> Float32[np.ndarray, "n s s 3"]:
    """Take out brightness and contrast, so that shade and sun look alike."""
    luma = colour.mean(axis=3)
    mean = luma.mean(axis=(1, 2))[:, None, None, None]
    # Below eight grey levels of contrast there is noise and no picture; do not blow it up.
    spread = np.maximum(luma.std(axis=(1, 2)), 8.0)[:, None, None, None]
    standard: Float32[np.ndarray, "n s s 3"] = (colour - mean) / spread
    return standard


def _orientations(
    luma: Float32[np.ndarray, "n s s"], spec: PinnedConfig
) -> Float32[np.ndarray, "n k k o"]:
    """Count gradient directions by cell, each gradient shared by its two nearest directions."""
    padded = np.pad(luma, ((0, 0), (1, 1), (1, 1)), mode="edge")
    across = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    strength = np.sqrt(np.hypot(across, down))
    turn = (np.arctan2(down, across) / (2 * np.pi)) % 1.0 * spec.orientations
    lower = np.floor(turn)
    share = (turn - lower).astype(np.float32)
    first = lower.astype(np.int64) % spec.orientations
    second = (first + 1) % spec.orientations
    n, side = luma.shape[0], luma.shape[1]
    cells = side // spec.cell_px
    counts = np.empty((n, cells, cells, spec.orientations), np.float32)
    for direction in range(spec.orientations):
        votes = strength * ((first == direction) * (1 - share) + (second == direction) * share)
        tiles = votes.reshape(n, cells, spec.cell_px, cells, spec.cell_px)
        counts[..., direction] = tiles.mean(axis=(2, 4))
    counts -= counts.mean(axis=(1, 2, 3), keepdims=True)
    return counts


def _opponents(colour: Float32[np.ndarray, "n k k 3"]) -> Float32[np.ndarray, "n k k 3"]:
    """Turn red, green, blue into light, red-green and yellow-blue, in which eyes see."""
    red, green, blue = colour[..., 0], colour[..., 1], colour[..., 2]
    light = (red + green + blue) / 3
    return np.stack([0.5 * light, red - green, (red + green) / 2 - blue], axis=3)


def _frequencies(maps: Float32[np.ndarray, "n k k c"], keep: int) -> Float32[np.ndarray, "n d"]:
    """Return the ``keep`` lowest cosine frequencies along both axes of every map, as vectors."""
    size = maps.shape[1]
    place = (np.arange(size) + 0.5) / size
    basis = np.cos(np.pi * np.arange(keep)[:, None] * place[None, :])
    basis /= np.linalg.norm(basis, axis=1, keepdims=True)
    waves = basis.astype(np.float32)
    kept: Float32[np.ndarray, "n a b c"] = np.einsum(
        "ai,nijc,bj->nabc", waves, maps, waves, optimize=True
    )
    return kept.reshape(len(maps), -1)


def _unit(vectors: Float32[np.ndarray, "n d"]) -> Float32[np.ndarray, "n d"]:
    """Scale to unit norm; a flat picture goes to the first axis."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    flat = norms[:, 0] < 1e-6
    unit: Float32[np.ndarray, "n d"] = (vectors / np.maximum(norms, 1e-6)).astype(np.float32)
    unit[flat] = 0.0
    unit[flat, 0] = 1.0
    return unit
