"""What stands along a motorway: guard rails, banks, noise walls, gantries, a bridge across.

Shapes: k things, n points of a line.
"""

import numpy as np
from jaxtyping import Float64

from bessemer.twin.bodies.shape import box, join, loft, move, tube
from bessemer.twin.roads.scenery_signs import plate
from bessemer.twin.roads.scenery_site import Site, place, ribbon
from bessemer.twin.roads.scenery_verge import Verge
from bessemer.twin.scene import Mesh

RAIL_OUT_M = 0.6
POST_EVERY_M = 10.0
GANTRY_UNDER_M = 5.6
DECK_UNDER_M = 5.4
FAST_MPS = 22.0
WIDEST_M = 45.0


def build_rails(site: Site) -> list[Mesh]:
    """Return guard rails on every roadside that has room for one."""
    meshes: list[Mesh] = []
    low, high = RAIL_OUT_M, RAIL_OUT_M + 0.07
    section = [(low, 0.44), (high, 0.44), (high, 0.76), (low, 0.76)]
    posts: list[Float64[np.ndarray, "k 3"]] = []
    for verge in site.verges:
        for span in site.runs(verge, (low, low + 0.5), road_m=0.45, shortest_m=8.0):
            meshes.append(ribbon("guard_rail", verge, span, section))
            along = np.arange(span[0] + 0.5, span[1], POST_EVERY_M)
            posts.append(verge.at(along, high + 0.06))
            site.take_band(verge, span, (low, high + 0.12))
    post = tube("guard_rail", [(0, 0, -0.3), (0, 0, 0.74)], [0.06, 0.06], corners=3)
    return [*meshes, place(post, np.concatenate(posts))] if posts else meshes


def build_edges(site: Site) -> list[Mesh]:
    """Return noise walls and banks of grass behind the rails, a stretch of each by turns."""
    meshes: list[Mesh] = []
    for verge in site.verges:
        if not verge.right or verge.speed_limit_mps < FAST_MPS:
            continue
        for start_m, end_m in site.runs(verge, (3.0, 4.2), road_m=2.5, shortest_m=40.0):
            at_m = start_m
            while at_m < end_m - 25.0:
                until_m = min(at_m + site.rng.uniform(60.0, 160.0), end_m)
                choice = site.rng.random()
                if choice < 0.3:
                    meshes.append(_noise_wall(site, verge, (at_m, until_m)))
                elif choice < 0.6:
                    meshes += _bank(site, verge, (at_m, until_m))
                at_m = until_m + 2.0
    return meshes


def _noise_wall(site: Site, verge: Verge, span: tuple[float, float]) -> Mesh:
    high_m = float(site.rng.uniform(3.0, 4.5))
    section = [(3.3, -0.3), (3.5, -0.3), (3.5, high_m), (3.3, high_m)]
    site.take_band(verge, span, (3.2, 3.6))
    posts = verge.at(np.arange(span[0], span[1], 12.0), 3.3)
    post = box("pole_metal", (-0.14, -0.14, -0.3), (0.14, 0.14, high_m + 0.1))
    wall = ribbon("concrete_wall", verge, span, section)
    return join(wall, place(post, posts))


def _bank(site: Site, verge: Verge, span: tuple[float, float]) -> list[Mesh]:
    """Return a bank of grass, where there is room for all of its foot."""
    high_m = float(site.rng.uniform(1.5, 3.5))
    foot_m = 3.0 + 4.5 * high_m
    section = [(3.0, -0.1), (3.0 + 2 * high_m, high_m), (3.4 + 2.5 * high_m, high_m)]
    section.append((foot_m, -0.1))
    meshes = []
    for free in site.runs(verge, (3.0, foot_m), road_m=2.5, shortest_m=25.0):
        clipped = (max(free[0], span[0]), min(free[1], span[1]))
        if clipped[1] - clipped[0] < 25.0:
            continue
        meshes.append(ribbon("grass", verge, clipped, section))
        site.take_band(verge, clipped, (3.0, foot_m))
    return meshes


def across(
    site: Site, verge: Verge, along_m: float, need_m: float
) -> tuple[Float64[np.ndarray, " 3"], Float64[np.ndarray, " 3"]] | None:
    """Return a place beside a verge, and the first one across its road with as much room.

    Args:
        site: Where.
        verge: One side of the road.
        along_m: How far along it.
        need_m: Room that both places need.

    Returns:
        Both feet; None if either has no room, or the road is too wide.
    """
    away_m = np.arange(need_m + 0.3, -WIDEST_M, -0.25)
    line = verge.at(np.full(len(away_m), along_m), away_m)
    room_m = site.clearance.road_m(line[:, :2])
    if room_m[0] < need_m or site.clearance.is_taken(line[:1, :2]).any():
        return None
    crossed = np.maximum.accumulate(room_m < 0)
    far = np.flatnonzero(crossed & (room_m >= need_m))
    return (line[0], line[far[0]]) if len(far) else None


def build_gantries(site: Site, every_m: float) -> list[Mesh]:
    """Return gantries across carriageways, each with blue boards for the traffic below."""
    meshes: list[Mesh] = []
    for verge in site.verges:
        if not verge.right or verge.speed_limit_mps < FAST_MPS or verge.length_m < 80.0:
            continue
        for along_m in np.arange(50.0, verge.length_m - 20.0, every_m):
            feet = across(site, verge, float(along_m), 0.65)
            if feet is not None and np.linalg.norm(feet[1] - feet[0]) < 30.0:
                meshes.append(_gantry(feet[0], feet[1], site.rng))
    return meshes


def _gantry(
    near: Float64[np.ndarray, " 3"], far: Float64[np.ndarray, " 3"], rng: np.random.Generator
) -> Mesh:
    """Return a gantry in its place; its own frame has x against the traffic, y to its left."""
    span_m = float(np.linalg.norm((far - near)[:2]))
    under = GANTRY_UNDER_M
    post = [(0, 0, -0.3), (0, 0, under + 0.5)]
    leg = tube("pole_metal", post, [0.16, 0.14], corners=6)
    parts = [
        leg,
        move(leg, y_m=-span_m),
        box("pole_metal", (-0.15, -span_m, under), (0.0, 0.0, under + 0.15)),
        box("pole_metal", (-0.15, -span_m, under + 0.85), (0.0, 0.0, under + 1.0)),
    ]
    count = max(1, int(span_m / 5.5))
    for k in range(count):
        wide, high = min(3.6, span_m / count - 0.8), 2.2
        middle = (-span_m * (k + 0.5) / count, under + high / 2 - 0.1)
        parts += _board(middle, wide, high, rng)
    away = far - near
    yaw = float(np.arctan2(away[1], away[0])) + np.pi / 2
    return place(join(*parts), near[None], np.array([yaw]))


def _board(
    middle: tuple[float, float], wide_m: float, high_m: float, rng: np.random.Generator
) -> list[Mesh]:
    """Return a blue board with white lines of text and an arrow."""

    def panel(material: str, right: float, up: float, wide: float, high: float, layer: int) -> Mesh:
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (wide / 2, high / 2)
        return plate(material, corners + np.array([middle[0] + right, middle[1] + up]), layer)

    parts = [panel("sign_back", 0, 0, wide_m, high_m, -6)]
    parts += [panel("sign_white", 0, 0, wide_m, high_m, 0)]
    parts += [panel("sign_blue", 0, 0, wide_m - 0.12, high_m - 0.12, 1)]
    for up in (0.6, 0.15):
        share = rng.uniform(0.45, 0.8)
        parts.append(panel("sign_white", 0, up * high_m / 2.2, wide_m * share, 0.22, 2))
    parts.append(panel("sign_white", 0, -0.42, 0.12, 0.5, 2))
    head = np.array([(0.0, -0.95), (0.28, -0.6), (-0.28, -0.6)]) + middle
    return [*parts, plate("sign_white", head, 2)]


def build_bridge(site: Site) -> list[Mesh]:
    """Return one bridge across the whole motorway with a ramp of earth at either end.

    It is left out where no place has room for it.
    """
    verges = [v for v in site.verges if v.right and v.speed_limit_mps >= FAST_MPS]
    for verge in sorted(verges, key=lambda v: -v.length_m):
        for share in (0.6, 0.4, 0.75, 0.25, 0.5):
            along_m = verge.length_m * share
            bridge = _bridge(site, verge, along_m)
            if bridge is not None:
                return [bridge]
    return []


def _bridge(site: Site, verge: Verge, along_m: float) -> Mesh | None:
    away_m = np.arange(4.0, -80.0, -0.5)
    line = verge.at(np.full(len(away_m), along_m), away_m)
    room_m = site.clearance.road_m(line[:, :2])
    crossed = np.flatnonzero(room_m < 0)
    if not len(crossed):
        return None
    far = crossed[-1] + 8
    if far >= len(line) or room_m[far] < 3.0 or room_m[0] < 3.0:
        return None
    near, end = line[0], line[far]
    unit = (end - near) / np.linalg.norm(end - near)
    side = np.array([-unit[1], unit[0], 0.0])
    for foot, way in ((near, -unit), (end, unit)):
        reach = foot + way * np.linspace(0, 45, 60)[:, None]
        for off_m in (-6.0, -3.0, 0.0, 3.0, 6.0):
            if (site.clearance.road_m((reach + side * off_m)[:, :2]) < 2.0).any():
                return None
    span_m = float(np.linalg.norm(end - near))
    piers = [d for d in np.arange(2.0, span_m, 0.5) if _pier_fits(site, near + unit * d, side)]
    yaw = float(np.arctan2(unit[1], unit[0]))
    for foot, way in ((near, -unit), (end, unit)):
        reach = foot + way * np.linspace(0, 45, 90)[:, None]
        for off_m in np.arange(-6.0, 6.5, 0.5):
            site.clearance.take((reach + side * off_m)[:, :2])
    middle_pier = min(piers, key=lambda d: abs(d - span_m / 2)) if piers else None
    return place(_bridge_shape(span_m, middle_pier), near[None], np.array([yaw]))


def _pier_fits(
    site: Site, foot: Float64[np.ndarray, " 3"], side: Float64[np.ndarray, " 3"]
) -> bool:
    ends = foot + side * np.linspace(-3.2, 3.2, 9)[:, None]
    return bool((site.clearance.road_m(ends[:, :2]) > 0.85).all())


def _bridge_shape(span_m: float, pier_m: float | None) -> Mesh:
    """Return a bridge that runs along x from 0; its ramps go down beyond both ends."""
    low, high, half = DECK_UNDER_M, DECK_UNDER_M + 1.1, 4.5
    parts = [box("concrete_wall", (-1.5, -half, low), (span_m + 1.5, half, high))]
    for y in (-half, half - 0.2):
        parts.append(box("concrete_wall", (-1.5, y, high), (span_m + 1.5, y + 0.2, high + 0.3)))
        parts.append(
            box("railing", (-1.5, y + 0.06, high + 0.9), (span_m + 1.5, y + 0.14, high + 1.0))
        )
        for x in np.arange(0.0, span_m, 2.5):
            parts.append(
                box("railing", (x, y + 0.06, high + 0.3), (x + 0.06, y + 0.12, high + 0.9))
            )
    for x0, way in ((0.0, -1.0), (span_m, 1.0)):
        parts.append(_ramp(x0, way, high))
        ends = sorted((x0, x0 + way * 1.2))
        parts.append(box("concrete_wall", (ends[0], -half, -0.3), (ends[1], half, low)))
    if pier_m is not None:
        for y in (-2.8, 0.0, 2.8):
            path = [(pier_m, y, -0.3), (pier_m, y, low)]
            parts.append(tube("concrete_wall", path, [0.4, 0.4], corners=8))
    return join(*parts)


def _ramp(x_m: float, way: float, high_m: float) -> Mesh:
    def ring(x: float, up: float) -> list[tuple[float, float, float]]:
        foot = 4.5 + max(up, 0.0) * 0.35
        return [(x, -foot, -0.3), (x, foot, -0.3), (x, 4.5, up), (x, -4.5, up)]

    rings = [ring(x_m + way * 0.3, high_m), ring(x_m + way * 10, high_m), ring(x_m + way * 45, 0.0)]
    return loft(np.array(rings), "grass")
