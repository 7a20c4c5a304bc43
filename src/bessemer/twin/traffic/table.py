"""Everyone in traffic at one instant, in columns.

Cost: some microseconds an agent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from jaxtyping import Float64, Int64

from bessemer.twin.scene import Lamp
from bessemer.twin.stage import Agent, Spot
from bessemer.twin.traffic.kinds import EGO_ID, VehicleType, variant_of

_LAMPS = (
    # SUMO's bits: blinkers right and left, hazard, brakes; blue, red and yellow beacons.
    (1, Lamp.RIGHT),
    (2, Lamp.LEFT),
    (4, Lamp.LEFT | Lamp.RIGHT),
    (8, Lamp.BRAKE),
    (2048 | 4096 | 8192, Lamp.BEACON),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgentTable:
    """All agents without the ego: vehicles first, then people, in SUMO's order.

    Attributes:
        agent_ids: The simulation's names.
        types: What each is.
        position_m: Middles of their boxes on the ground.
        yaw_rad: Headings, counter-clockwise from east.
        speed_mps: Along their headings.
        lamps: What shines; heads and tails are the world's to switch.
        variants: A number of each one's own; see :func:`variant_of`.
    """

    agent_ids: tuple[str, ...]
    types: tuple[VehicleType, ...]
    position_m: Float64[np.ndarray, "n 3"]
    yaw_rad: Float64[np.ndarray, " n"]
    speed_mps: Float64[np.ndarray, " n"]
    lamps: tuple[Lamp, ...]
    variants: tuple[int, ...]

    def agents(self, rows: Int64[np.ndarray, " k"] | None = None) -> tuple[Agent, ...]:
        """Return them as records, or those in some rows."""
        return tuple(
            Agent(
                agent_id=self.agent_ids[i],
                kind=self.types[i].kind,
                spot=Spot(
                    x_m=float(self.position_m[i, 0]),
                    y_m=float(self.position_m[i, 1]),
                    z_m=float(self.position_m[i, 2]),
                    yaw_rad=float(self.yaw_rad[i]),
                ),
                speed_mps=float(self.speed_mps[i]),
                size_m=self.types[i].size_m,
                lamps=self.lamps[i],
            )
            for i in (range(len(self.agent_ids)) if rows is None else rows.tolist())
        )


def read_table(
    sumo: ModuleType, types: Mapping[str, VehicleType], extra_lamps: Mapping[str, Lamp]
) -> AgentTable:
    """Read the agents of the simulation that runs.

    Args:
        sumo: The module ``libsumo``.
        types: What each agent is.
        extra_lamps: Lamps that are on besides those that SUMO has on.

    Returns:
        All agents without the ego.
    """
    cars = [name for name in sumo.vehicle.getIDList() if name != EGO_ID]
    names = (*cars, *sumo.person.getIDList())
    position, yaw = np.zeros((len(names), 3)), np.zeros(len(names))
    speed, half = np.zeros(len(names)), np.zeros(len(names))
    lamps = [Lamp.NONE] * len(names)
    for i, name in enumerate(names):
        domain = sumo.vehicle if i < len(cars) else sumo.person
        position[i] = domain.getPosition3D(name)
        yaw[i] = domain.getAngle(name)
        speed[i] = domain.getSpeed(name)
        if i < len(cars):
            lamps[i] = _lamps(domain.getSignals(name)) | extra_lamps.get(name, Lamp.NONE)
            half[i] = types[name].size_m[0] / 2
    yaw = (np.pi / 2 - np.radians(yaw) + np.pi) % (2 * np.pi) - np.pi
    # A vehicle's place is that of its front bumper, a person's is the person's own.
    position[:, 0] -= np.cos(yaw) * half
    position[:, 1] -= np.sin(yaw) * half
    return AgentTable(
        agent_ids=names,
        types=tuple(types[name] for name in names),
        position_m=position,
        yaw_rad=yaw,
        speed_mps=speed,
        lamps=tuple(lamps),
        variants=tuple(variant_of(name) for name in names),
    )


def _lamps(signals: int) -> Lamp:
    lamps = Lamp.NONE
    for bits, lamp in _LAMPS:
        if signals & bits:
            lamps |= lamp
    return lamps
