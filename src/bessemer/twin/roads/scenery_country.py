"""What stands along a country road: posts, poles, hedges, fences, alleys, woods, a round island.

Shapes: k things, n points of a line.
"""

import numpy as np
from jaxtyping import Float64

from bessemer.twin.bodies.shape import box, join, loft, tube
from bessemer.twin.roads.network import LaneKind
from bessemer.twin.roads.scenery_site import Site, place, ribbon
from bessemer.twin.roads.scenery_trees import plant, plant_where_free
from bessemer.twin.roads.scenery_verge import Verge
from bessemer.twin.scene import Mesh

DELINEATOR_EVERY_M = 33.0
POLE_EVERY_M = 38.0
WOOD_KINDS = ("broadleaf", "conifer", "broadleaf", "poplar")


def build_delineators(site: Site, out_m: float) -> list[Mesh]:
    """Return white posts with a black band along every roadside."""
    post = join(
        tube("sign_white", [(0, 0, -0.2), (0, 0, 0.72)], [0.07, 0.07], corners=3),
        tube("sign_black", [(0, 0, 0.72), (0, 0, 0.9)], [0.072, 0.072], corners=3),
        tube("sign_white", [(0, 0, 0.9), (0, 0, 1.0)], [0.07, 0.05], corners=3),
    )
    at: list[Float64[np.ndarray, "k 3"]] = []
    yaw: list[Float64[np.ndarray, " k"]] = []
    for verge in site.verges:
        along = np.arange(4.0, verge.length_m, DELINEATOR_EVERY_M)
        spots = verge.at(along, out_m)
        free = site.is_free(spots[:, :2], 0.45)
        at.append(spots[free])
        yaw.append(verge.yaw_rad(along)[free])
        site.clearance.take(spots[free][:, :2])
    return [place(post, np.concatenate(at), np.concatenate(yaw))] if at else []


def build_poles(site: Site) -> list[Mesh]:
    """Return wooden poles with a crossbar, along the right side of the long roads."""
    pole = join(
        tube("pole_wood", [(0, 0, -0.4), (0, 0, 7.5)], [0.13, 0.09], corners=5),
        box("pole_wood", (-0.05, -0.9, 6.9), (0.05, 0.9, 7.02)),
    )
    at: list[Float64[np.ndarray, "k 3"]] = []
    yaw: list[Float64[np.ndarray, " k"]] = []
    for verge in site.verges:
        if not verge.right or verge.length_m < 100 or site.rng.random() < 0.4:
            continue
        along = np.arange(10.0, verge.length_m, POLE_EVERY_M)
        spots = verge.at(along, 4.2)
        free = site.is_free(spots[:, :2], 2.0)
        at.append(spots[free])
        yaw.append(verge.yaw_rad(along)[free])
        site.clearance.take(spots[free][:, :2])
    return [place(pole, np.concatenate(at), np.concatenate(yaw))] if at else []


def build_borders(site: Site) -> list[Mesh]:
    """Return hedges and wooden fences along some stretches of the fields."""
    meshes: list[Mesh] = []
    for verge in site.verges:
        for start_m, end_m in site.runs(verge, (5.5, 7.2), road_m=3.0, shortest_m=20.0):
            at_m = start_m
            while at_m < end_m - 15.0:
                until_m = min(at_m + site.rng.uniform(25.0, 70.0), end_m)
                choice = site.rng.random()
                if choice < 0.22:
                    high_m = float(site.rng.uniform(1.2, 2.4))
                    section = [(5.6, -0.2), (7.0, -0.2), (6.8, high_m), (5.8, high_m)]
                    meshes.append(ribbon("hedge", verge, (at_m, until_m), section))
                    site.take_band(verge, (at_m, until_m), (5.6, 7.0))
                elif choice < 0.5:
                    meshes += _fence(site, verge, (at_m, until_m))
                at_m = until_m + 3.0
    return meshes


def _fence(site: Site, verge: Verge, span: tuple[float, float]) -> list[Mesh]:
    rails = [
        ribbon(
            "fence_wood", verge, span, [(6.0, up), (6.06, up), (6.06, up + 0.14), (6.0, up + 0.14)]
        )
        for up in (0.45, 0.9)
    ]
    post = tube("fence_wood", [(0, 0, -0.3), (0, 0, 1.15)], [0.08, 0.08], corners=3)
    along = np.arange(span[0], span[1], 4.0)
    site.take_band(verge, span, (5.9, 6.1))
    return [*rails, place(post, verge.at(along, 6.12), verge.yaw_rad(along))]


def plant_groups(site: Site, every_m: float, near_m: float, far_m: float) -> list[Mesh]:
    """Return small woods and lone trees beside the roads.

    Args:
        site: Where.
        every_m: Metres of roadside to one group.
        near_m: So near to the road a group's middle may come.
        far_m: So far.

    Returns:
        Meshes of the trees.
    """
    meshes: list[Mesh] = []
    for verge in site.verges:
        for along_m in np.arange(every_m * site.rng.uniform(0.1, 0.9), verge.length_m, every_m):
            kind = str(site.rng.choice(WOOD_KINDS))
            count = int(site.rng.integers(1, 7))
            out_m = site.rng.uniform(near_m, far_m)
            middle = verge.at(np.array([along_m]), out_m)
            spread = site.rng.normal(0.0, 1.0, (count, 3)) * [5.0, 5.0, 0.0]
            height_m = site.rng.uniform(6.0, 14.0, count)
            meshes += plant_where_free(site, kind, middle + spread, height_m)
            bushes = middle + site.rng.normal(0.0, 1.0, (2, 3)) * [7.0, 7.0, 0.0]
            meshes += plant_where_free(site, "bush", bushes, site.rng.uniform(1.2, 2.6, 2))
    return meshes


def build_islands(site: Site) -> list[Mesh]:
    """Return the round islands within roundabouts: a mound of grass with bushes and a tree.

    A roundabout is found as a place enclosed by lanes: far from them on all sides, and yet with
    road all around within forty metres.
    """
    meshes: list[Mesh] = []
    for middle, radius_m in find_islands(site):
        angle = np.arange(20) * 2 * np.pi / 20
        round_ = np.stack([np.cos(angle), np.sin(angle), np.zeros(20)], axis=1)
        rings = [
            middle + round_ * (radius_m * share) + [0, 0, up]
            for share, up in ((1.0, -0.2), (1.0, 0.12), (0.7, 0.5), (0.25, 0.9))
        ]
        meshes.append(loft(np.array(rings), "grass"))
        count = int(radius_m)
        around = site.rng.uniform(0, 2 * np.pi, count)
        out = radius_m * site.rng.uniform(0.2, 0.55, count)
        at = middle + np.stack([np.cos(around) * out, np.sin(around) * out, 0 * out + 0.5], axis=1)
        meshes += plant("bush", at, site.rng.uniform(0.7, 1.3, count), site.rng)
        if radius_m > 6.0:
            meshes += plant("broadleaf", middle[None] + [0, 0, 0.7], np.array([6.5]), site.rng)
    return meshes


def find_islands(site: Site) -> list[tuple[Float64[np.ndarray, " 3"], float]]:
    """Return middle and radius of the ground within each roundabout."""
    rings = ring_edges(site.network.net_xml)
    found = []
    for edges in rings:
        lanes = [
            lane
            for lane in site.network.lanes.values()
            if lane.edge_id in edges and lane.kind is not LaneKind.WALK
        ]
        if not lanes:
            continue
        points = np.concatenate([lane.points for lane in lanes])
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        radius_m = float(site.clearance.road_m(middle[None, :2])[0])
        inner = min(
            float(np.linalg.norm(lane.points[:, :2] - middle[:2], axis=1).min()) - lane.width_m / 2
            for lane in lanes
        )
        radius_m = min(inner, radius_m) if radius_m < 7.9 else inner
        if radius_m - 0.6 > 1.5:
            found.append((middle, radius_m - 0.6))
    return found


def ring_edges(net_xml: str) -> list[set[str]]:
    """Return the edges of each roundabout that a network names.

    Args:
        net_xml: The network's file.

    Returns:
        One set of edge ids a roundabout.

    Example:
        >>> ring_edges('<net><roundabout nodes="a b" edges="ab ba"/></net>')[0] == {"ab", "ba"}
        True
    """
    if "<roundabout" not in net_xml:
        return []
    return [
        set(part.split('edges="', 1)[1].split('"', 1)[0].split())
        for part in net_xml.split("<roundabout ")[1:]
        if 'edges="' in part
    ]
