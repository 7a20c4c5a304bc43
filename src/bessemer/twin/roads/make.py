"""Makes the networks that ship: ``python -m bessemer.twin.roads.make``."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from bessemer.twin.roads.net_file import DATA
from bessemer.twin.roads.netconvert import netconvert
from bessemer.twin.roads.plans import Line, Plan, country, motorway, town

PLANS: dict[str, Callable[[], Plan]] = {"country": country, "motorway": motorway, "town": town}
"""The networks that ship, by name."""


OPTIONS = (
    *("--no-turnarounds", "true"),
    *("--offset.disable-normalization", "true"),
    *("--junctions.corner-detail", "5"),
    *("--default.crossing-width", "3.6"),
    *("--precision", "2"),
    *("--no-warnings", "true"),
)


def make_network(name: str, out: Path) -> None:
    """Compile the plan of a network that ships.

    Args:
        name: Its name.
        out: The ``.net.xml`` file to write.
    """
    plan = PLANS[name]()
    with tempfile.TemporaryDirectory() as folder:
        files = _write_plain(plan, Path(folder))
        made = Path(folder) / "made.net.xml"
        options = [*files, *OPTIONS, *plan.options, "--output-file", str(made)]
        netconvert(options, where=name)
        # What netconvert notes of its own run (time, paths) is left out: same plan, same bytes.
        tree = ElementTree.parse(made)
    ElementTree.indent(tree, " ")
    tree.write(out, encoding="UTF-8", xml_declaration=True)


def _write_plain(plan: Plan, folder: Path) -> list[str]:
    """Write a plan as SUMO's plain XML; return the options that name the files."""
    nodes, edges = ElementTree.Element("nodes"), ElementTree.Element("edges")
    links = ElementTree.Element("connections")
    for name, (x, y, kind) in plan.nodes.items():
        ElementTree.SubElement(nodes, "node", id=name, x=f"{x:.3f}", y=f"{y:.3f}", type=kind)
    for edge in plan.edges:
        written = ElementTree.SubElement(
            edges,
            "edge",
            {"id": edge.name, "from": edge.start, "to": edge.end, "shape": _shape(edge.shape)},
            speed=f"{edge.speed_mps}",
            priority=f"{edge.priority}",
            numLanes=f"{len(edge.lanes)}",
        )
        for index, lane in enumerate(edge.lanes):
            ElementTree.SubElement(
                written, "lane", index=f"{index}", allow=lane.allow, width=f"{lane.width_m}"
            )
    for ring_nodes, ring_edges in plan.roundabouts:
        ElementTree.SubElement(
            edges, "roundabout", nodes=" ".join(ring_nodes), edges=" ".join(ring_edges)
        )
    for start, start_lane, end, end_lane in plan.links:
        ElementTree.SubElement(
            links,
            "connection",
            {"from": start, "to": end, "fromLane": f"{start_lane}", "toLane": f"{end_lane}"},
        )
    options = []
    for kind, root in (("node", nodes), ("edge", edges), ("connection", links)):
        path = folder / f"plan.{kind}.xml"
        ElementTree.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True)
        options += [f"--{kind}-files", str(path)]
    return options


def _shape(line: Line) -> str:
    return " ".join(f"{x:.3f},{y:.3f}" for x, y in line.tolist())


def main() -> None:
    """Make all networks again, in their place in the package."""
    DATA.mkdir(exist_ok=True)
    for name in PLANS:
        out = DATA / f"{name}.net.xml"
        make_network(name, out)
        print(f"{out}: {out.stat().st_size / 1e3:.0f} kB", file=sys.stderr)


if __name__ == "__main__":
    main()
