"""CVAT XML 1.1 for images: tags are classes, boxes boxes, masks run lengths by rows in their box.

The parser builds elements and nothing else: a document type, and with it every entity, is refused.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element, ElementTree, SubElement, TreeBuilder, indent
from xml.parsers import expat

import numpy as np
from jaxtyping import Bool

from bessemer.core.errors import InputError
from bessemer.label.exchange.marks import NOTHING, Manifest, Mark, Refusal
from bessemer.label.exchange.runs import fill_polygons, flat_of, runs_of

FILE = "annotations.xml"
_SHAPES = ("tag", "box", "mask", "polygon")
_ELEMENT = "element_id"


def write_marks(path: Path, manifest: Manifest, marks: Sequence[Mark]) -> None:
    """Write pictures, classes and what is known already.

    Args:
        path: The file.
        manifest: What is handed out.
        marks: What is known already.
    """
    root = Element("annotations")
    SubElement(root, "version").text = "1.1"
    labels = SubElement(SubElement(SubElement(root, "meta"), "task"), "labels")
    for name in (*manifest.ontology.classes, *manifest.ontology.ignored, NOTHING):
        label = SubElement(labels, "label")
        SubElement(label, "name").text = name
        attribute = SubElement(SubElement(label, "attributes"), "attribute")
        for key, text in (("name", _ELEMENT), ("mutable", "False"), ("input_type", "text")):
            SubElement(attribute, key).text = text
    images = {}
    for index, one in enumerate(manifest.asked):
        size = {"width": str(one.width_px), "height": str(one.height_px)}
        images[one.file] = SubElement(root, "image", {"id": str(index), "name": one.file, **size})
    for mark in marks:
        shape = _shape(images[mark.file], mark)
        if mark.element_id:
            SubElement(shape, "attribute", name=_ELEMENT).text = mark.element_id
    indent(root)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def read_marks(path: Path, manifest: Manifest) -> Iterator[Mark | Refusal]:
    """Yield what a file says.

    Args:
        path: The file.
        manifest: What was handed out.

    Yields:
        Marks; a shape that cannot be read is refused.

    Raises:
        InputError: If the file is no such XML.
    """
    root = _parse(path)
    if root.tag != "annotations":
        raise InputError(f"The file begins with <{root.tag}>, not <annotations>.", where=path.name)
    sizes = {one.file: (one.height_px, one.width_px) for one in manifest.asked}
    for image in root.iter("image"):
        file = PurePosixPath(image.get("name", "").replace("\\", "/")).name
        for number, shape in enumerate(image, start=1):
            place = f"{shape.tag} {number}"
            try:
                yield _mark(file, place, shape, sizes.get(file, (0, 0)))
            except (InputError, ValueError) as error:
                yield Refusal(
                    file=file,
                    reason="damaged",
                    place=f"{path.name}, {file}, {place}",
                    detail=f"{error}",
                )


def _shape(image: Element, mark: Mark) -> Element:
    """Add a mark to a picture's element."""
    common = {"label": mark.class_name, "source": "manual"}
    if mark.box_px is not None:
        corners = dict(zip(("xtl", "ytl", "xbr", "ybr"), map(repr, mark.box_px), strict=True))
        return SubElement(image, "box", {**common, "occluded": "0", **corners, "z_order": "0"})
    if mark.mask is None:
        return SubElement(image, "tag", common)
    rows, columns = np.nonzero(mark.mask)
    top, left = (int(rows.min()), int(columns.min())) if len(rows) else (0, 0)
    bottom, right = (int(rows.max()) + 1, int(columns.max()) + 1) if len(rows) else (1, 1)
    runs = runs_of(mark.mask[top:bottom, left:right].ravel())
    place = {"left": left, "top": top, "width": right - left, "height": bottom - top}
    return SubElement(
        image,
        "mask",
        {
            **common,
            "occluded": "0",
            "rle": ", ".join(map(str, runs)),
            **{key: str(value) for key, value in place.items()},
            "z_order": "0",
        },
    )


def _mark(file: str, place: str, shape: Element, size_px: tuple[int, int]) -> Mark:
    """Return a shape as a mark."""
    if shape.tag not in _SHAPES:
        raise InputError(f"A <{shape.tag}> is not understood; draw a tag, box, mask or polygon.")
    kept = [a.text or "" for a in shape.iter("attribute") if a.get("name") == _ELEMENT]
    box_px, mask = None, None
    if shape.tag == "box":
        x0, y0, x1, y1 = (float(_get(shape, key)) for key in ("xtl", "ytl", "xbr", "ybr"))
        box_px = (x0, y0, x1, y1)
    elif shape.tag == "mask":
        mask = _mask(shape, size_px)
    elif shape.tag == "polygon":
        pairs = [point.split(",") for point in _get(shape, "points").split(";")]
        mask = fill_polygons([[(float(x), float(y)) for x, y in pairs]], *size_px)
    return Mark(
        file=file,
        place=place,
        class_name=_get(shape, "label"),
        element_id=kept[0] if kept else "",
        box_px=box_px,
        mask=mask,
    )


def _mask(shape: Element, size_px: tuple[int, int]) -> Bool[np.ndarray, "h w"]:
    """Return a run-length mask laid into its picture."""
    left, top, width, height = (int(_get(shape, key)) for key in ("left", "top", "width", "height"))
    inside = left >= 0 and top >= 0 and width > 0 and height > 0
    if not inside or top + height > size_px[0] or left + width > size_px[1]:
        raise InputError(f"The mask does not lie in {size_px[1]} x {size_px[0]} px.")
    runs = [int(run) for run in _get(shape, "rle").split(",")]
    mask = np.zeros(size_px, dtype=np.bool_)
    drawn = flat_of(runs, width * height).reshape(height, width)
    mask[top : top + height, left : left + width] = drawn
    return mask


def _get(shape: Element, key: str) -> str:
    """Return an attribute that must be there."""
    value = shape.get(key)
    if value is None:
        raise InputError(f"<{shape.tag}> lacks {key!r}.")
    return value


def _parse(path: Path) -> Element:
    """Return the root of an XML file that declares nothing."""
    builder = TreeBuilder()
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise InputError(
            "The file declares a document type, which is refused.",
            where=path.name,
            fix="Export it again from CVAT; its files declare none.",
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(path.read_bytes(), True)
    except (expat.ExpatError, OSError) as error:
        raise InputError(f"The file is no XML: {error}.", where=path.name) from error
    return builder.close()
