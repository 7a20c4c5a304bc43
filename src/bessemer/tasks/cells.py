"""The elements of a revision by key, so that two revisions can be compared one by one.

An element's id is its track, so a box that moves has one id and many instants: its key is
(geometry, id, stream, instant). What lasts over a span (a class, an action) may begin again, and on
another stream: its key holds the instant at which it begins. Its end may be edited; moved
beginnings are told by :func:`rival_spans`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
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
        keyed[CellKey("class_spans", span.element_id, span.stream, span.start_ns)] = span
    for action in elements.actions:
        keyed[CellKey("actions", action.element_id, action.stream, action.start_ns)] = action
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


def rival_spans(
    merged: Mapping[CellKey, Element],
    here: Mapping[CellKey, Element],
    there: Mapping[CellKey, Element],
) -> Iterator[tuple[CellKey, CellKey]]:
    """Yield pairs of merged spans on one stream that overlap, each known to one side alone.

    Args:
        merged: The elements that a merge would keep.
        here: The elements of one side.
        there: Those of the other.

    Yields:
        The keys of a pair in order of time; whether both can stand is for the caller to say.
    """
    lanes: dict[tuple[str, str], list[tuple[int, int, CellKey, bool]]] = defaultdict(list)
    for key, element in merged.items():
        ours = here.get(key) == element
        if isinstance(element, ClassSpan | Action) and ours != (there.get(key) == element):
            lane = lanes[key.geometry, key.stream]
            lane.append((element.start_ns, element.end_ns, key, ours))
    for lane in lanes.values():
        lasting: list[tuple[int, int, CellKey, bool]] = []
        for start_ns, end_ns, key, ours in sorted(lane):
            lasting = [before for before in lasting if before[1] > start_ns]
            yield from ((before[2], key) for before in lasting if before[3] != ours)
            lasting.append((start_ns, end_ns, key, ours))
