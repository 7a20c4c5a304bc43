"""Marks: what a labelling tool draws on one picture, whatever its file format.

Shapes: h x w pixels.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import CommitId, ElementId, content_id
from bessemer.core.labelling import LabelRequest
from bessemer.core.labels import Box2d, ClassSpan, Elements, Mask
from bessemer.core.ontology import Ontology
from bessemer.core.signature import Geometry
from bessemer.tasks.segment import UNSAID, read_mask, write_mask

NOTHING = "(none)"
"""The class that says: looked at, and nothing of the ontology is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One picture that was handed out.

    Attributes:
        file: Its name in the folder of pictures.
        request: What is asked about it.
        height_px: Of the picture.
        width_px: Of the picture.
    """

    file: str
    request: LabelRequest
    height_px: int
    width_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was handed out, kept beside the pictures so that answers find their way back.

    Attributes:
        format: What the tool reads.
        ontology: The classes.
        geometry: Whether a picture has a class, or a dense map.
        asked: The pictures.
        commit_id: The data commit whose answers are to be corrected; None for questions.
    """

    format: str
    ontology: Ontology
    geometry: Geometry
    asked: tuple[Asked, ...]
    commit_id: CommitId | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mark:
    """One thing said about a picture: a class, or a class with a box or a mask.

    Attributes:
        file: The picture's name, without folders.
        place: Where it stands in the tool's file, for errors.
        class_name: What is said.
        element_id: The element it stands for, where the tool kept it.
        box_px: x0, y0, x1, y1.
        mask: True inside.
    """

    file: str
    place: str
    class_name: str
    element_id: str = ""
    box_px: tuple[float, float, float, float] | None = None
    mask: Bool[np.ndarray, "h w"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One thing in a tool's file that cannot be used; it takes its whole picture with it."""

    file: str
    reason: str
    place: str
    detail: str


def file_of(request: LabelRequest) -> str:
    """Return the name of a request's picture: the same request has the same name."""
    return content_id("request", (request.unit, request.task, request.frame))[:24] + ".png"


def marks_of(asked: Asked, elements: Elements, ontology: Ontology) -> Iterator[Mark]:
    """Yield what elements say about the frame that is asked about; a dense map class by class.

    Args:
        asked: The picture.
        elements: An answer that stands already.
        ontology: The classes of dense maps.

    Yields:
        Marks, in the order of the elements.
    """
    frame = asked.request.frame
    for span in elements.class_spans:
        if span.stream == frame.stream and span.start_ns <= frame.t_ns < span.end_ns:
            yield _mark(asked, span.class_name, span.element_id)
    for box in elements.boxes2d:
        if box.stream == frame.stream and box.t_ns == frame.t_ns:
            corners = (box.x0_px, box.y0_px, box.x1_px, box.y1_px)
            yield _mark(asked, box.class_name, box.element_id, box_px=corners)
    for mask in elements.masks:
        if mask.stream != frame.stream or mask.t_ns != frame.t_ns:
            continue
        values = read_mask(mask.png, where=mask.element_id)
        if mask.class_name:
            yield _mark(asked, mask.class_name, mask.element_id, mask=values > 0)
            continue
        for index, name in enumerate(ontology.classes):
            if (values == index).any():
                yield _mark(asked, name, mask.element_id, mask=values == index)


def _mark(
    asked: Asked,
    class_name: str,
    element_id: ElementId,
    box_px: tuple[float, float, float, float] | None = None,
    mask: Bool[np.ndarray, "h w"] | None = None,
) -> Mark:
    """Return a mark on a picture."""
    return Mark(
        file=asked.file,
        place="",
        class_name=class_name,
        element_id=element_id,
        box_px=box_px,
        mask=mask,
    )


def group_marks(
    read: Iterable[Mark | Refusal], manifest: Manifest
) -> tuple[dict[str, list[Mark]], list[Refusal]]:
    """Gather marks by picture, leaving out every picture of which anything is refused.

    Args:
        read: What a tool's file says.
        manifest: What was handed out.

    Returns:
        Marks by file, and what was refused.
    """
    marks: dict[str, list[Mark]] = defaultdict(list)
    refused: list[Refusal] = []
    sizes = {one.file: (one.height_px, one.width_px) for one in manifest.asked}
    for one in read:
        found = one if isinstance(one, Refusal) else _refuse(one, sizes, manifest.ontology)
        if found is not None:
            refused.append(found)
        elif isinstance(one, Mark):
            marks[one.file].append(one)
    for file, said in marks.items():
        names = {mark.class_name for mark in said}
        if len(names) > 1 and (NOTHING in names or manifest.geometry is Geometry.CLASS):
            shown = " and ".join(repr(name) for name in sorted(names))
            detail = f"One picture cannot be {shown} at once; leave one."
            refused.append(
                Refusal(
                    file=file,
                    reason="contradiction",
                    place=f"{file}, {said[-1].place}",
                    detail=detail,
                )
            )
    for one in refused:
        marks.pop(one.file, None)
    return dict(marks), refused


def _refuse(mark: Mark, sizes: Mapping[str, tuple[int, int]], ontology: Ontology) -> Refusal | None:
    """Return why a mark cannot be used, or None."""
    place = f"{mark.file}, {mark.place}"
    if mark.file not in sizes:
        detail = "This picture was not handed out; import beside the folder that was exported."
        return Refusal(file=mark.file, reason="unknown_file", place=place, detail=detail)
    try:
        if mark.class_name != NOTHING:
            ontology.index_of(mark.class_name)
    except NotFoundError as error:
        return Refusal(file=mark.file, reason="unknown_class", place=place, detail=str(error))
    height_px, width_px = sizes[mark.file]
    if mark.box_px is not None:
        x0, y0, x1, y1 = mark.box_px
        # Written so that a coordinate which is no number is refused as well.
        if not (0 <= x0 < x1 <= width_px and 0 <= y0 < y1 <= height_px):
            detail = f"The box {mark.box_px} does not lie in {width_px} x {height_px} px."
            return Refusal(file=mark.file, reason="outside_picture", place=place, detail=detail)
    if mark.mask is not None and mark.mask.shape != (height_px, width_px):
        detail = f"The mask is {mark.mask.shape}, the picture {(height_px, width_px)}."
        return Refusal(file=mark.file, reason="wrong_size", place=place, detail=detail)
    return None


def elements_of(asked: Asked, marks: Sequence[Mark], manifest: Manifest) -> Elements:
    """Return the elements that marks on one picture stand for, at the instant of its frame.

    A question about a class is answered by the class of any mark, whatever its shape: most tools
    cannot say a class without drawing one. Shapes are kept beside it.

    Args:
        asked: The picture.
        marks: All of its marks; for a class they agree.
        manifest: Classes and geometry; masks of a dense task make one map, later ones on top.

    Returns:
        Elements. What has no id yet is named after the instant that was shown, so that answers
        about other instants of a unit are other elements, whoever gave them.

    Raises:
        InputError: If a dense task was answered without a mask.
    """
    frame = asked.request.frame
    new_id = f"{asked.request.task}/{frame.stream}/{frame.t_ns}"
    said = [mark for mark in marks if mark.class_name != NOTHING]
    boxes, masks = [], []
    for index, mark in enumerate(said):
        element_id = ElementId(mark.element_id or f"{new_id}/{index}")
        if mark.box_px is not None:
            boxes.append(_box(asked, element_id, mark.class_name, mark.box_px))
        if mark.mask is not None:
            masks.append(_class_mask(asked, element_id, mark.class_name, mark.mask))
    whole = [mark for mark in said if mark.box_px is None and mark.mask is None]
    if manifest.geometry is Geometry.DENSE and said:
        drawn = [mark for mark in said if mark.mask is not None]
        if not drawn:
            raise InputError("A dense task is answered by masks or polygons.", where=asked.file)
        map_id = next((mark.element_id for mark in drawn if mark.element_id), new_id)
        masks = [_dense_mask(asked, ElementId(map_id), drawn, manifest.ontology)]
    elif manifest.geometry is Geometry.CLASS:
        whole = whole or said
    # A class said twice of one instant is one element, unless the tool kept two ids.
    classes = {mark.element_id or new_id: mark.class_name for mark in whole}
    if len(classes) > 1:
        classes.pop(new_id, None)
    return Elements(
        class_spans=tuple(
            ClassSpan(
                element_id=ElementId(element_id),
                stream=frame.stream,
                start_ns=frame.t_ns,
                end_ns=frame.t_ns + 1,
                class_name=class_name,
            )
            for element_id, class_name in classes.items()
        ),
        boxes2d=tuple(boxes),
        masks=tuple(masks),
    )


def _box(
    asked: Asked,
    element_id: ElementId,
    class_name: str,
    corners_px: tuple[float, float, float, float],
) -> Box2d:
    """Return a box at the instant of a picture."""
    x0, y0, x1, y1 = corners_px
    return Box2d(
        element_id=element_id,
        stream=asked.request.frame.stream,
        t_ns=asked.request.frame.t_ns,
        class_name=class_name,
        x0_px=x0,
        y0_px=y0,
        x1_px=x1,
        y1_px=y1,
    )


def _class_mask(
    asked: Asked, element_id: ElementId, class_name: str, inside: Bool[np.ndarray, "h w"]
) -> Mask:
    """Return the mask of one thing at the instant of a picture."""
    return Mask(
        element_id=element_id,
        stream=asked.request.frame.stream,
        t_ns=asked.request.frame.t_ns,
        class_name=class_name,
        png=write_mask(np.where(inside, np.uint8(255), np.uint8(0))),
    )


def _dense_mask(
    asked: Asked, element_id: ElementId, marks: Sequence[Mark], ontology: Ontology
) -> Mask:
    """Return one dense map of all masks; nothing is said where none lies."""
    values = np.full((asked.height_px, asked.width_px), UNSAID, dtype=np.uint8)
    for mark in marks:
        index = ontology.index_of(mark.class_name)
        values[np.asarray(mark.mask)] = UNSAID if index < 0 else index
    frame = asked.request.frame
    return Mask(element_id=element_id, stream=frame.stream, t_ns=frame.t_ns, png=write_mask(values))
