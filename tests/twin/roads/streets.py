"""A hand-made network, small enough to know by heart: one street, a lane and a sidewalk a side."""

import numpy as np

from bessemer.twin.roads.network import Lane, LaneKind, Marking, RoadNetwork, SignalHead


def lane(
    edge_id: str, index: int, kind: LaneKind, width_m: float, ends: list[tuple[float, float]]
) -> Lane:
    """Return one straight lane."""
    return Lane(
        lane_id=f"{edge_id}_{index}",
        edge_id=edge_id,
        index=index,
        kind=kind,
        width_m=width_m,
        speed_limit_mps=13.89,
        points=np.array([(x, y, 0.0) for x, y in ends]),
        left=Marking.NONE,
        right=Marking.NONE,
        successors=(),
    )


def one_street(surround: str = "town", length_m: float = 150.0) -> RoadNetwork:
    """Return a street from west to east: lanes at y = -1.6 and 1.6, sidewalks at -4.2 and 4.2."""
    lanes = [
        lane("east", 0, LaneKind.WALK, 2.0, [(0, -4.2), (length_m, -4.2)]),
        lane("east", 1, LaneKind.DRIVE, 3.2, [(0, -1.6), (length_m, -1.6)]),
        lane("west", 0, LaneKind.WALK, 2.0, [(length_m, 4.2), (0, 4.2)]),
        lane("west", 1, LaneKind.DRIVE, 3.2, [(length_m, 1.6), (0, 1.6)]),
    ]
    head = SignalHead(signal_id="light", link=0, x_m=length_m, y_m=-3.8, yaw_rad=np.pi)
    return RoadNetwork(
        name="one street",
        net_xml="",
        lanes={one.lane_id: one for one in lanes},
        signals=(head,),
        surround=surround,
    )
