"""What takes part in traffic, as SUMO's vehicle types: sizes, speeds and shares.

Sizes are those of usual vehicles in Europe; accelerations are SUMO's defaults, rounded.
"""

import zlib
from dataclasses import dataclass
from xml.etree import ElementTree

from bessemer.twin.ego.bicycle import EGO_SHAPE
from bessemer.twin.stage import AgentKind

EGO_ID = "ego"
"""SUMO's id of the ego, and of its type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleType:
    """One sort of vehicle or person.

    Attributes:
        name: SUMO's id of the type.
        kind: What it is.
        road_class: SUMO's class, which says where it may drive.
        size_m: Length, width, height of its box; two-wheelers with their rider.
        accel_mps2: Usual acceleration.
        brake_mps2: Usual braking.
        top_mps: Fastest.
        share: Weight among all vehicles, or among all people.
    """

    name: str
    kind: AgentKind
    road_class: str
    size_m: tuple[float, float, float]
    accel_mps2: float
    brake_mps2: float
    top_mps: float
    share: float


def _type(
    name: str,
    kind: AgentKind,
    road_class: str,
    size_m: tuple[float, float, float],
    moves: tuple[float, float, float],
    share: float,
) -> VehicleType:
    accel, brake, top = moves
    return VehicleType(
        name=name,
        kind=kind,
        road_class=road_class,
        size_m=size_m,
        accel_mps2=accel,
        brake_mps2=brake,
        top_mps=top,
        share=share,
    )


_CAR, _TRUCK = AgentKind.CAR, AgentKind.TRUCK
_BRISK, _HEAVY = (2.6, 4.5, 50.0), (1.2, 4.0, 25.0)

VEHICLE_TYPES = (
    _type("hatchback", _CAR, "passenger", (4.05, 1.76, 1.48), _BRISK, 0.21),
    _type("saloon", _CAR, "passenger", (4.68, 1.83, 1.45), _BRISK, 0.19),
    _type("estate", _CAR, "passenger", (4.72, 1.83, 1.50), _BRISK, 0.16),
    _type("suv", _CAR, "passenger", (4.60, 1.88, 1.68), _BRISK, 0.15),
    _type("van", _CAR, "delivery", (5.30, 2.00, 2.25), (2.0, 4.5, 44.0), 0.07),
    _type("truck", _TRUCK, "truck", (7.50, 2.45, 3.30), _HEAVY, 0.04),
    _type("lorry", _TRUCK, "truck", (10.0, 2.50, 3.70), _HEAVY, 0.025),
    _type("bus", AgentKind.BUS, "bus", (12.0, 2.55, 3.10), (1.2, 4.0, 25.0), 0.03),
    _type(
        "motorcycle", AgentKind.MOTORCYCLE, "motorcycle", (2.20, 0.85, 1.55), (5.0, 7.0, 50.0), 0.04
    ),
    _type("bicycle", AgentKind.BICYCLE, "bicycle", (1.80, 0.65, 1.75), (1.2, 3.0, 6.0), 0.075),
    _type("ambulance", AgentKind.EMERGENCY, "emergency", (5.90, 2.10, 2.60), (2.4, 4.5, 45), 0.01),
)
"""Vehicles; their shares add up to 1."""

PERSON_TYPES = (
    _type("adult", AgentKind.PEDESTRIAN, "pedestrian", (0.40, 0.55, 1.74), (1.5, 2.0, 1.4), 0.85),
    _type("child", AgentKind.PEDESTRIAN, "pedestrian", (0.30, 0.40, 1.25), (1.5, 2.0, 1.2), 0.15),
)
"""People on foot."""


def variant_of(agent_id: str) -> int:
    """Return a number that is the agent's own, from which a body and a paint are chosen.

    Args:
        agent_id: The simulation's name for it.

    Returns:
        A number of 32 bits, the same in every run.

    Example:
        >>> variant_of("suv.3") == variant_of("suv.3") != variant_of("suv.4")
        True
    """
    return zlib.crc32(agent_id.encode())


def types_xml() -> str:
    """Return SUMO's additional file that declares all types, and the ego's."""
    root = ElementTree.Element("additional")
    for one in (*VEHICLE_TYPES, *PERSON_TYPES):
        _add_type(root, one)
    shape = EGO_SHAPE
    ego = _type(
        EGO_ID,
        _CAR,
        "passenger",
        (shape.length_m, shape.width_m, shape.height_m),
        (2.0, 3.0, 50.0),
        0.0,
    )
    # IDM brakes early and smoothly; what SUMO would do with the ego is advice for its driver.
    _add_type(root, ego).attrib.update({"carFollowModel": "IDM", "speedFactor": "1", "sigma": "0"})
    return ElementTree.tostring(root, encoding="unicode")


def _add_type(root: ElementTree.Element, one: VehicleType) -> ElementTree.Element:
    length, width, height = one.size_m
    element = ElementTree.SubElement(
        root,
        "vType",
        id=one.name,
        vClass=one.road_class,
        length=str(length),
        width=str(width),
        height=str(height),
        accel=str(one.accel_mps2),
        decel=str(one.brake_mps2),
        emergencyDecel=str(max(8.0, one.brake_mps2)),
        maxSpeed=str(one.top_mps),
        minGap="0.25" if one.kind is AgentKind.PEDESTRIAN else "2.5",
    )
    if one.kind is AgentKind.PEDESTRIAN:
        element.set("speedFactor", "normc(1,0.12,0.7,1.3)")
    else:
        element.set("sigma", "0.2")
        element.set("speedFactor", "normc(1,0.08,0.8,1.15)")
    return element
