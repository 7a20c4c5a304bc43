"""Agents that do as they are told: keep a speed, change lanes.

A commanded vehicle minds neither right of way nor red lights, and may run into others.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from types import ModuleType

_USUAL_SPEED, _USUAL_LANES = 31, 1621
"""SUMO's modes by default: keep a safe speed, obey signals; change lanes for all reasons."""

_TOLD = 0


@dataclass(frozen=True, slots=True)
class _Ramp:
    start_mps: float
    end_mps: float
    start_s: float
    over_s: float

    def at(self, now_s: float) -> float:
        share = (now_s - self.start_s) / self.over_s if self.over_s > 0 else 1.0
        return self.start_mps + (self.end_mps - self.start_mps) * min(max(share, 0.0), 1.0)


@dataclass(slots=True, kw_only=True)
class Commands:
    """What agents have been told.

    Attributes:
        sumo: The module ``libsumo``.
    """

    sumo: ModuleType
    _ramps: dict[str, _Ramp] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)

    @property
    def speeds(self) -> Container[str]:
        """Who keeps a speed."""
        return self._ramps.keys()

    @property
    def lanes(self) -> Container[str]:
        """Who changed lanes, and stays there."""
        return self._changed

    def keep_speed(self, agent_id: str, speed_mps: float, now_s: float, over_s: float) -> None:
        """Let an agent reach a speed evenly, and keep it."""
        vehicle = self.sumo.vehicle
        vehicle.setSpeedMode(agent_id, _TOLD)
        start = max(0.0, float(vehicle.getSpeed(agent_id)))
        self._ramps[agent_id] = _Ramp(start, max(0.0, speed_mps), now_s, over_s)

    def change_lanes(self, agent_id: str, lanes_left: int, over_s: float) -> None:
        """Let an agent change lanes now, as far as there are any, and stay there."""
        vehicle = self.sumo.vehicle
        count = self.sumo.edge.getLaneNumber(vehicle.getRoadID(agent_id))
        lane = min(max(vehicle.getLaneIndex(agent_id) + lanes_left, 0), count - 1)
        vehicle.setLaneChangeMode(agent_id, _TOLD)
        self._changed.add(agent_id)
        vehicle.changeLane(agent_id, lane, max(over_s, 30.0))

    def release(self, agent_id: str) -> None:
        """Let an agent do as it wants again."""
        self.forget(agent_id)
        self.sumo.vehicle.setSpeed(agent_id, -1)
        self.sumo.vehicle.setSpeedMode(agent_id, _USUAL_SPEED)
        self.sumo.vehicle.setLaneChangeMode(agent_id, _USUAL_LANES)

    def forget(self, agent_id: str) -> None:
        """Let an agent be gone."""
        self._ramps.pop(agent_id, None)
        self._changed.discard(agent_id)

    def tend(self, end_s: float) -> None:
        """Tell each what its speed is at ``end_s``, when the step that comes is over."""
        if not self._ramps:
            return
        alive = set(self.sumo.vehicle.getIDList())
        for agent_id in sorted(self._ramps):
            if agent_id in alive:
                self.sumo.vehicle.setSpeed(agent_id, self._ramps[agent_id].at(end_s))
            else:
                del self._ramps[agent_id]
