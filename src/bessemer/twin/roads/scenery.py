"""What stands beside the roads of a network: houses, trees, lamps, signs, rails, land.

The same network and seed give the same scenery. Who comes first takes the ground: what must
stand at a given place (rails, lamps, signs) goes before what may stand anywhere (trees).
"""

from dataclasses import dataclass

from bessemer.twin.roads.network import RoadNetwork
from bessemer.twin.roads.scenery_country import (
    build_borders,
    build_delineators,
    build_islands,
    build_poles,
    plant_groups,
)
from bessemer.twin.roads.scenery_ground import build_horizon, build_land, build_strips
from bessemer.twin.roads.scenery_motorway import (
    build_bridge,
    build_edges,
    build_gantries,
    build_rails,
)
from bessemer.twin.roads.scenery_rows import build_farms, build_outskirts, build_rows
from bessemer.twin.roads.scenery_signals import signal_body, signal_spots
from bessemer.twin.roads.scenery_signs import build_signs
from bessemer.twin.roads.scenery_site import Site, join_all
from bessemer.twin.roads.scenery_street import build_lamps, build_small_things, line_with_trees
from bessemer.twin.scene import Body, Mesh, StreetLamps
from bessemer.twin.stage import Spot


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One kind of thing beside the road.

    Attributes:
        name: ``houses``, ``trees``, ``land`` ...
        mesh: All of its kind.
    """

    name: str
    mesh: Mesh


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scenery:
    """All that stands beside the roads of one network.

    Attributes:
        parts: What stands still, by kind; materials are of the twin's one list.
        street_lamps: Where lamps shine from.
        bodies: Shapes of things beside the road that can switch: traffic lights.
        signals: Where each of the network's traffic lights stands, in their order.
    """

    parts: tuple[Part, ...]
    street_lamps: StreetLamps
    bodies: tuple[Body, ...]
    signals: tuple[Spot, ...]

    @property
    def ground(self) -> Mesh:
        """All parts as one mesh."""
        return join_all([part.mesh for part in self.parts])


def furnish(network: RoadNetwork, seed: int) -> Scenery:
    """Return what stands beside the roads of a network.

    Args:
        network: The roads; ``surround`` says what they lead through.
        seed: Draws houses, trees and signs.

    Returns:
        The scenery: nothing of it stands on a road or in the middle of a sidewalk.
    """
    site = Site.of(network, seed)
    parts = {"land": [build_land(site), build_horizon(site)]}
    build = {"town": _town, "motorway": _motorway}.get(network.surround, _country)
    if network.surround == "motorway":
        parts["land"] += build_strips(site, 7.0)
    more, lamps = build(site)
    parts.update(more)
    return Scenery(
        parts=tuple(Part(name=name, mesh=join_all(meshes)) for name, meshes in parts.items()),
        street_lamps=lamps,
        bodies=(signal_body(),),
        signals=signal_spots(network),
    )


def _town(site: Site) -> tuple[dict[str, list[Mesh]], StreetLamps]:
    poles, lamps = build_lamps(site, site.verges, 0.3)
    signs = build_signs(site, 0.3, 2.5, ("parking", "no_parking", "crossing", "", "warning"))
    houses = build_rows(site) + build_outskirts(site, 200)
    trees = line_with_trees(site, site.verges, ("broadleaf", "broadleaf", "poplar", ""))
    trees += plant_groups(site, 90.0, 4.0, 30.0)
    parts = {"lamps": [poles], "signs": signs, "houses": houses, "trees": trees}
    return parts | {"furniture": build_small_things(site, site.verges)}, lamps


def _motorway(site: Site) -> tuple[dict[str, list[Mesh]], StreetLamps]:
    slow = tuple(verge for verge in site.verges if verge.speed_limit_mps < 30 and verge.right)
    ramps = tuple(verge for verge in slow if verge.length_m < 400)
    bridge = build_bridge(site)
    gantries = build_gantries(site, 450.0)
    rails = build_rails(site)
    poles, lamps = build_lamps(site, ramps, 1.2)
    signs = build_signs(site, 1.4, 2.2, ("direction", "", ""))
    edges = build_edges(site)
    trees = plant_groups(site, 45.0, 9.0, 45.0)
    parts = {"bridge": bridge, "gantries": gantries, "rails": rails, "lamps": [poles]}
    return parts | {"signs": signs, "edges": edges, "trees": trees}, lamps


def _country(site: Site) -> tuple[dict[str, list[Mesh]], StreetLamps]:
    islands = build_islands(site)
    signs = build_signs(site, 1.2, 1.9, ("chevrons", "warning", "", ""))
    posts = build_delineators(site, 0.7)
    poles = build_poles(site)
    farms = build_farms(site, 320.0)
    borders = build_borders(site)
    alleys = tuple(verge for verge in site.verges if verge.length_m > 60)
    trees = line_with_trees(site, alleys, ("", "", "broadleaf", "poplar"))
    trees += plant_groups(site, 60.0, 6.0, 60.0)
    parts = {"islands": islands, "signs": signs, "posts": posts, "poles": poles}
    return parts | {"houses": farms, "borders": borders, "trees": trees}, StreetLamps.none()
