"""The elements of a revision by key, so that two revisions can be compared one by one.

An element's id is its track, so a box that moves has one id and many instants: its key is
(geometry, id, stream, instant). What lasts over a span (a class, an action) is one thing whose
ends may be edited: its key is (geometry, id).
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias, cast

from bessemer.core.labels import Action, Box2d, Box3d, ClassSpan, Elements, Mask, Polyline

Element: TypeAlias = ClassSpan | Box2d | Box3d | Polyline | Mask | Action


class CellKey(NamedTuple):
    """What makes two elements of two revisions the same one."""

    geometry: str
    element_id: str
    stream: str = ""
    t_ns: int = 0


def keyed_elements(elements: Elements) -> dict[CellKey, Element]:
    """Return every element of a revision by its key."""
    keyed: dict[CellKey, Element] = {}
    for span in elements.class_spans:
        keyed[CellKey("class_spans", span.element_id)] = span
    for action in elements.actions:
        keyed[CellKey("actions", action.element_id)] = action
    for box in elements.boxes2d:
        keyed[CellKey("boxes2d", box.element_id, box.stream, box.t_ns)] = box
    for solid in elements.boxes3d:
        keyed[CellKey("boxes3d", solid.element_id, "", solid.t_ns)] = solid
    for line in elements.polylines:
        keyed[CellKey("polylines", line.element_id, line.stream or "", line.t_ns)] = line
    for mask in elements.masks:
        keyed[CellKey("masks", mask.element_id, mask.stream, mask.t_ns)] = mask
    return keyed


def elements_of(keyed: Mapping[CellKey, Element]) -> Elements:
    """Return keyed elements as one record, each geometry in the order of its keys."""
    cells = sorted(keyed.items(), key=lambda item: item[0])

    def column(geometry: str) -> tuple[Element, ...]:
        return tuple(element for key, element in cells if key.geometry == geometry)

    return Elements(
        class_spans=cast(tuple[ClassSpan, ...], column("class_spans")),
        boxes2d=cast(tuple[Box2d, ...], column("boxes2d")),
        boxes3d=cast(tuple[Box3d, ...], column("boxes3d")),
        polylines=cast(tuple[Polyline, ...], column("polylines")),
        masks=cast(tuple[Mask, ...], column("masks")),
        actions=cast(tuple[Action, ...], column("actions")),
    )
