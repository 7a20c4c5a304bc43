"""Traffic signs on poles: thin layers of sign materials, one a little before the other.

A sign's own frame looks along x, so it stands with x against the traffic. Shapes follow the
Vienna Convention on Road Signs and Signals (1968), which most of Europe uses.
"""

from functools import cache

import numpy as np
from jaxtyping import Float64

from bessemer.twin.bodies.shape import join, tube
from bessemer.twin.materials import material_index
from bessemer.twin.roads.network import RoadNetwork
from bessemer.twin.roads.scenery_site import Site, place
from bessemer.twin.roads.scenery_verge import Verge
from bessemer.twin.scene import Mesh

LAYER_M = 0.012
RADIUS_M = 0.36
SEGMENTS = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgedc",
    "7": "abc",
    "8": "abcdefg",
    "9": "abcdfg",
}
"""Bars of a seven-segment digit: a on top, then clockwise, g in the middle."""


def plate(material: str, outline: Float64[np.ndarray, "n 2"], layer: int) -> Mesh:
    """Return a flat convex polygon that looks along x.

    Args:
        material: What it is made of.
        outline: Right and up from the middle as a reader sees it, counter-clockwise.
        layer: How many layers lie behind it; below 0 it looks back.

    Returns:
        One triangle fewer than corners, and one fewer again.
    """
    count = len(outline)
    x = np.full(count, LAYER_M * layer + 0.06)
    points = np.column_stack([x, outline])
    fan = np.stack([np.zeros(count - 2), np.arange(1, count - 1), np.arange(2, count)], axis=1)
    if layer < 0:
        fan = fan[:, ::-1]
    return Mesh(
        points=points.astype(np.float32),
        triangles=np.ascontiguousarray(fan.astype(np.int32)),
        materials=np.full(count - 2, material_index(material), np.int32),
    )


def _round(
    radius_m: float, corners: int = 12, start_rad: float = 0.0
) -> Float64[np.ndarray, "n 2"]:
    angle = start_rad + np.arange(corners) * 2 * np.pi / corners
    return radius_m * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _bar(right_m: float, up_m: float, wide_m: float, high_m: float) -> Float64[np.ndarray, "n 2"]:
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float)
    outline: Float64[np.ndarray, "n 2"] = corners * (wide_m / 2, high_m / 2) + (right_m, up_m)
    return outline


def _digits(text: str, layer: int) -> list[Mesh]:
    """Return black digits about the middle."""
    wide, high, thick = 0.10, 0.26, 0.032
    bars = {
        "a": (0, high / 2, wide, thick),
        "b": (wide / 2, high / 4, thick, high / 2),
        "c": (wide / 2, -high / 4, thick, high / 2),
        "d": (0, -high / 2, wide, thick),
        "e": (-wide / 2, -high / 4, thick, high / 2),
        "f": (-wide / 2, high / 4, thick, high / 2),
        "g": (0, 0, wide, thick),
    }
    plates = []
    for place_, digit in enumerate(text):
        shift = (wide + 0.065) * (place_ - (len(text) - 1) / 2)
        for segment in SEGMENTS[digit]:
            right, up, w, h = bars[segment]
            plates.append(plate("sign_black", _bar(right + shift, up, w, h), layer))
    return plates


def _rectangle(face: str, wide_m: float, high_m: float) -> list[Mesh]:
    outline = _bar(0, 0, wide_m, high_m)
    return [plate("sign_back", outline, -1), plate(face, outline, 0)]


def _ring(rim: str, face: str, shape: Float64[np.ndarray, "n 2"], share: float) -> list[Mesh]:
    return [plate("sign_back", shape, -1), plate(rim, shape, 0), plate(face, shape * share, 1)]


def _face(kind: str) -> list[Mesh]:
    """Return the layers of a sign about its middle."""
    up, down, east = np.pi / 2, -np.pi / 2, 0.0
    if kind.startswith("limit/"):
        text = kind.removeprefix("limit/")
        return [*_ring("sign_red", "sign_white", _round(RADIUS_M), 0.78), *_digits(text, 2)]
    if kind == "stop":
        octagon = _round(RADIUS_M * 1.05, 8, np.pi / 8)
        bar = plate("sign_white", _bar(0, 0, 0.5, 0.13), 2)
        return [*_ring("sign_white", "sign_red", octagon, 0.93), bar]
    if kind == "yield":
        return _ring("sign_red", "sign_white", _round(RADIUS_M * 1.25, 3, down), 0.66)
    if kind == "warning":
        mark = plate("sign_black", _bar(0, 0.02, 0.06, 0.24), 2)
        dot = plate("sign_black", _bar(0, -0.15, 0.06, 0.05), 2)
        return [*_ring("sign_red", "sign_white", _round(RADIUS_M * 1.25, 3, up), 0.66), mark, dot]
    if kind == "priority":
        return _ring("sign_white", "sign_yellow", _round(RADIUS_M * 1.1, 4, east), 0.76)
    if kind == "no_entry":
        bar = plate("sign_white", _bar(0, 0, 0.5, 0.12), 1)
        return [*_ring("sign_red", "sign_red", _round(RADIUS_M), 0.9), bar]
    if kind == "no_parking":
        slash = _bar(0, 0, 0.6, 0.07) @ np.array([[0.707, -0.707], [0.707, 0.707]])
        disc = _ring("sign_red", "sign_blue", _round(RADIUS_M), 0.8)
        return [*disc, plate("sign_red", slash, 2)]
    if kind == "ahead":
        disc = [plate("sign_back", _round(RADIUS_M), -1), plate("sign_blue", _round(RADIUS_M), 0)]
        tip = plate("sign_white", _round(0.14, 3, up) + np.array([0, 0.12]), 1)
        return [*disc, plate("sign_white", _bar(0, -0.06, 0.08, 0.34), 1), tip]
    if kind == "crossing":
        white = plate("sign_white", _round(0.32, 3, up) - [0, 0.05], 1)
        body = plate("sign_black", _bar(0.01, -0.06, 0.05, 0.22), 2)
        return [*_rectangle("sign_blue", 0.62, 0.62), white, body]
    if kind == "parking":
        stem = plate("sign_white", _bar(-0.1, 0, 0.07, 0.42), 1)
        top = [plate("sign_white", _bar(0.02, y, 0.2, 0.06), 1) for y in (0.18, 0.0)]
        bow = plate("sign_white", _bar(0.11, 0.09, 0.06, 0.22), 1)
        return [*_rectangle("sign_blue", 0.62, 0.62), stem, *top, bow]
    if kind == "direction":
        lines = [plate("sign_black", _bar(-0.05, y, 0.8, 0.09), 1) for y in (0.12, -0.12)]
        return [*_rectangle("sign_yellow", 1.2, 0.55), *lines]
    stripes = [plate("sign_red", _bar(x, 0, 0.16, 0.44), 1) for x in (-0.48, -0.16, 0.16, 0.48)]
    return [*_rectangle("sign_white", 1.3, 0.5), *stripes]


KINDS = (
    *(f"limit/{kmh}" for kmh in (30, 50, 70, 80, 100, 120, 130)),
    "stop",
    "yield",
    "warning",
    "priority",
    "no_entry",
    "no_parking",
    "ahead",
    "crossing",
    "parking",
    "direction",
    "chevrons",
)
"""Every sign there is."""


@cache
def sign(kind: str, height_m: float) -> Mesh:
    """Return a sign on its pole.

    Args:
        kind: One of :data:`KINDS`.
        height_m: From the ground to the middle of the plate.

    Returns:
        Thirty to a hundred triangles.
    """
    pole = tube("pole_metal", [(0, 0, -0.3), (0, 0, height_m + 0.3)], [0.035, 0.035], corners=4)
    face = join(*_face(kind))
    raised = face.points + np.array([0, 0, height_m], np.float32)
    return join(pole, Mesh(points=raised, triangles=face.triangles, materials=face.materials))


def limit_of(speed_mps: float) -> str:
    """Return the speed sign nearest to a limit.

    Args:
        speed_mps: The limit.

    Returns:
        One of :data:`KINDS`.

    Example:
        >>> limit_of(13.89)
        'limit/50'
    """
    kmh = speed_mps * 3.6
    return min(
        (kind for kind in KINDS if kind.startswith("limit/")),
        key=lambda kind: abs(float(kind.removeprefix("limit/")) - kmh),
    )


def build_signs(site: Site, out_m: float, height_m: float, middle: tuple[str, ...]) -> list[Mesh]:
    """Return the signs of all roads: a limit after a junction, a rule before one, some between.

    Args:
        site: Where.
        out_m: How far from the road's edge their poles stand.
        height_m: From the ground to the middle of their plates.
        middle: What stands between junctions; "" for nothing.

    Returns:
        Meshes of signs.
    """
    rules = rules_of(site.network)
    wanted: dict[str, list[Float64[np.ndarray, " 4"]]] = {}
    for verge in site.verges:
        if not verge.right:
            continue
        stops: list[tuple[float, str]] = []
        if verge.starts_edge and verge.length_m > 30:
            stops.append((8.0, limit_of(verge.speed_limit_mps)))
        if verge.ends_edge:
            stops.append((verge.length_m - 3.0, rules.get(verge.edge_id, "priority")))
        for along_m in np.arange(35.0, verge.length_m - 25.0, 45.0):
            stops.append((float(along_m), str(site.rng.choice(middle))))
        for along_m, kind in stops:
            spot = _free_spot(site, verge, along_m, out_m)
            if kind and spot is not None:
                wanted.setdefault(kind, []).append(spot)
    columns = {kind: np.array(spots) for kind, spots in sorted(wanted.items())}
    return [place(sign(kind, height_m), at[:, :3], at[:, 3]) for kind, at in columns.items()]


def rules_of(network: RoadNetwork) -> dict[str, str]:
    """Return the sign at the end of each edge that has no priority there.

    Args:
        network: The roads.

    Returns:
        By edge: ``yield``, ``stop``, or "" where a traffic light says who may go.
    """
    rules = {}
    for number, lane in enumerate(network.lanes.values()):
        if lane.gives_way:
            rules[lane.edge_id] = "stop" if number % 4 == 0 else "yield"
    lit = {lane_id for head in network.signals for lane_id in head.lane_ids}
    return rules | {network.lanes[i].edge_id: "" for i in lit if i in network.lanes}


def _free_spot(
    site: Site, verge: Verge, along_m: float, out_m: float
) -> Float64[np.ndarray, " 4"] | None:
    """Return place and heading of a sign near a wanted one, and take it."""
    for shift_m in (0.0, 1.5, -1.5, 3.0, -3.0):
        along = np.array([min(max(along_m + shift_m, 0.0), verge.length_m)])
        spot = verge.at(along, out_m)
        if site.take_if_free(spot[:, :2], 0.75):
            return np.concatenate([spot[0], verge.yaw_rad(along) + np.pi])
    return None
