"""Reads which lanes end at a road that goes first, from the rules of a network's junctions.

SUMO lists for each way through a junction the ways that go before it; ways of people count there
too, but a crossing alone makes no line to give way at.
"""

from xml.etree import ElementTree

Links = dict[str, list[tuple[str, str]]]
"""For each lane the lanes that it leads to, with SUMO's state of the link."""

GIVES_WAY = {"m", "s"}
"""States of links: minor road, stop sign."""


def lanes_that_give_way(root: ElementTree.Element, links: Links) -> frozenset[str]:
    """Return the lanes all of whose ways give way to other vehicles.

    Args:
        root: The network's XML.
        links: Where lanes lead to.

    Returns:
        Ids of lanes.
    """
    found: set[str] = set()
    for junction in root.iter("junction"):
        inside = junction.get("intLanes", "").split()
        vehicles = [
            not lane_id.rpartition("_")[0].rpartition("_")[2].startswith("c") for lane_id in inside
        ]
        yields = {}
        for request in junction.iter("request"):
            # The last digit speaks of the first way.
            before = reversed(request.attrib["response"])
            yields[inside[int(request.attrib["index"])]] = any(
                digit == "1" and vehicle for digit, vehicle in zip(before, vehicles, strict=True)
            )
        for lane_id in junction.get("incLanes", "").split():
            ways = links.get(lane_id, [])
            if ways and all(
                state in GIVES_WAY and yields.get(_last_inside(way, links, yields), False)
                for way, state in ways
            ):
                found.add(lane_id)
    return frozenset(found)


def _last_inside(way: str, links: Links, known: dict[str, bool]) -> str:
    """Follow a way that waits halfway through a junction to the part that the junction lists."""
    passed = {way}
    while way not in known and links.get(way) and links[way][0][0] not in passed:
        way = links[way][0][0]
        passed.add(way)
    return way
