"""COCO JSON: an annotation without a shape is a class of the whole picture.

Boxes are x, y, width, height. Masks go out as uncompressed runs, by columns, and come back as runs
of either kind or as polygons. An annotation's ``element_id`` is ours; a tool may drop it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec
import numpy as np
from jaxtyping import Bool

from bessemer.core.errors import InputError
from bessemer.label.exchange.marks import NOTHING, Manifest, Mark, Refusal
from bessemer.label.exchange.runs import fill_polygons, flat_of, parse_compressed_runs, runs_of

FILE = "annotations.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class CocoImage:
    """A picture."""

    id: int
    file_name: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CocoCategory:
    """A class."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CocoRuns:
    """A mask as runs, by columns."""

    counts: list[int] | str
    size: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CocoAnnotation:
    """One thing on a picture."""

    id: int
    image_id: int
    category_id: int
    bbox: tuple[float, ...] = ()
    segmentation: CocoRuns | list[list[float]] | None = None
    area: float = 0.0
    iscrowd: int = 0
    element_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CocoFile:
    """A whole file."""

    images: list[CocoImage]
    annotations: list[CocoAnnotation]
    categories: list[CocoCategory]


def write_marks(path: Path, manifest: Manifest, marks: Sequence[Mark]) -> None:
    """Write pictures, classes and what is known already.

    Args:
        path: The file.
        manifest: What is handed out.
        marks: What is known already.
    """
    names = (*manifest.ontology.classes, *manifest.ontology.ignored, NOTHING)
    categories = {name: index for index, name in enumerate(names, start=1)}
    images = {one.file: index for index, one in enumerate(manifest.asked, start=1)}
    whole = CocoFile(
        images=[
            CocoImage(id=images[a.file], file_name=a.file, width=a.width_px, height=a.height_px)
            for a in manifest.asked
        ],
        annotations=[
            _annotation(number, images[mark.file], categories[mark.class_name], mark)
            for number, mark in enumerate(marks, start=1)
        ],
        categories=[CocoCategory(id=index, name=name) for name, index in categories.items()],
    )
    path.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=1))


def read_marks(path: Path, manifest: Manifest) -> Iterator[Mark | Refusal]:
    """Yield what a file says.

    Args:
        path: The file.
        manifest: What was handed out.

    Yields:
        Marks; an annotation that cannot be read is refused.

    Raises:
        InputError: If the file is no COCO JSON.
    """
    try:
        whole = msgspec.json.decode(path.read_bytes(), type=CocoFile)
    except (msgspec.DecodeError, OSError) as error:
        raise InputError(f"The file is no COCO JSON: {error}.", where=path.name) from error
    files = {i.id: PurePosixPath(i.file_name.replace("\\", "/")).name for i in whole.images}
    classes = {category.id: category.name for category in whole.categories}
    sizes = {one.file: (one.height_px, one.width_px) for one in manifest.asked}
    for one in whole.annotations:
        file = files.get(one.image_id, "")
        place = f"annotation {one.id}"
        try:
            if one.image_id not in files or one.category_id not in classes:
                raise InputError("It names a picture or a category that the file does not list.")
            yield Mark(
                file=file,
                place=place,
                class_name=classes[one.category_id],
                element_id=one.element_id,
                box_px=None if one.segmentation else _corners(one.bbox),
                mask=_mask(one, sizes[file]) if one.segmentation and file in sizes else None,
            )
        except InputError as error:
            yield Refusal(
                file=file, reason="damaged", place=f"{path.name}, {place}", detail=str(error)
            )


def _annotation(number: int, image: int, category: int, mark: Mark) -> CocoAnnotation:
    """Return a mark as an annotation."""
    box: tuple[float, ...] = ()
    runs, area = None, 0.0
    if mark.box_px is not None:
        x0, y0, x1, y1 = mark.box_px
        box, area = (x0, y0, x1 - x0, y1 - y0), (x1 - x0) * (y1 - y0)
    if mark.mask is not None:
        rows, columns = np.nonzero(mark.mask)
        if len(rows):
            x0, y0 = int(columns.min()), int(rows.min())
            box = (x0, y0, int(columns.max()) + 1 - x0, int(rows.max()) + 1 - y0)
        height_px, width_px = mark.mask.shape
        runs = CocoRuns(counts=runs_of(mark.mask.ravel(order="F")), size=(height_px, width_px))
        area = float(mark.mask.sum())
    return CocoAnnotation(
        id=number,
        image_id=image,
        category_id=category,
        bbox=box,
        segmentation=runs,
        area=area,
        iscrowd=int(runs is not None),
        element_id=mark.element_id,
    )


def _corners(bbox: Sequence[float]) -> tuple[float, float, float, float] | None:
    """Return the corners of a box; none where the annotation has no shape."""
    if not bbox:
        return None
    if len(bbox) != 4:
        raise InputError(f"A box has four numbers, not {len(bbox)}.")
    return (bbox[0], bbox[1], bbox[0] + bbox[2], bbox[1] + bbox[3])


def _mask(one: CocoAnnotation, size_px: tuple[int, int]) -> Bool[np.ndarray, "h w"]:
    """Return the mask of an annotation on a picture of known size."""
    height_px, width_px = size_px
    if isinstance(one.segmentation, CocoRuns):
        if tuple(one.segmentation.size) != size_px:
            raise InputError(f"The mask is of {one.segmentation.size}, the picture of {size_px}.")
        counts = one.segmentation.counts
        runs = parse_compressed_runs(counts) if isinstance(counts, str) else counts
        return flat_of(runs, height_px * width_px).reshape(size_px, order="F")
    polygons = [list(zip(ring[0::2], ring[1::2], strict=False)) for ring in one.segmentation or ()]
    return fill_polygons(polygons, height_px, width_px)
