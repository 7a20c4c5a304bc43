"""Drives the ego of a running world for recordings: a careful driver with all that it may know."""

from bessemer.twin.drive import Controls, EgoState
from bessemer.twin.driver import Habits, drive, see
from bessemer.twin.driver_path import DrivePath, leader_ahead
from bessemer.twin.world import DrivingWorld

_LOOK_S = 6.0


class Chauffeur:
    """Drives one drive, from its reset to its end.

    It brakes for the traffic, for what events put on the road, for signals and for whoever has the
    right of way. Truth of the world is its eyes: it records data, it does not compete.

    Args:
        world: A world that was reset.
        habits: How it drives.
    """

    def __init__(self, world: DrivingWorld, habits: Habits | None = None) -> None:
        self._world = world
        self._habits = Habits() if habits is None else habits
        self._path = DrivePath.of(world.network, world.traffic.route)

    def drive(self, ego: EgoState) -> Controls:
        """Return what to do next.

        Args:
            ego: The ego, as last seen.

        Returns:
            Controls for one step.
        """
        traffic = self._world.traffic
        along = traffic.along_m
        leader = leader_ahead(
            self._path,
            along,
            traffic.agents(),
            self._world.obstacles(),
            reach_m=max(70.0, _LOOK_S * ego.speed_mps),
        )
        sight = see(
            ego,
            self._path,
            along,
            leader=leader,
            advice_mps2=traffic.ego_accel_advice(),
            habits=self._habits,
        )
        return drive(ego, sight, self._habits)
