"""Drives the ego of a running world for recordings: a careful driver with all that it may know."""

from bessemer.twin.drive import Controls, EgoState
from bessemer.twin.driver.driver import Habits, drive, follow, see
from bessemer.twin.driver.path import DrivePath, leader_ahead
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
        traffic, path, habits = self._world.traffic, self._path, self._habits
        along = traffic.along_m
        reach_m = max(70.0, _LOOK_S * ego.speed_mps)
        # Who drives ahead does not stop for what events put there: both are looked out for.
        ahead = leader_ahead(path, along, traffic.agents(), reach_m=reach_m)
        thing = leader_ahead(path, along, (), self._world.obstacles(), reach_m=reach_m)
        for_things = follow(ego.speed_mps, path.speed_at(along), thing, habits)
        sight = see(
            ego,
            path,
            along,
            leader=ahead,
            advice_mps2=min(traffic.ego_accel_advice(), for_things),
            habits=habits,
        )
        return drive(ego, sight, habits)
