import math
from collections.abc import Iterator

import pytest

from bessemer.core.worlds import World
from bessemer.testing.worlds import WorldConformance
from bessemer.twin.drive import Controls, Observation
from bessemer.twin.remote.client import RemoteWorld
from bessemer.twin.remote.driving import DRIVING
from bessemer.twin.remote.serve import WorldServer, serve_world
from bessemer.twin.rigs import load_rig
from bessemer.twin.scenario import EventCall, Scenario
from tests.twin.toy_world import TOY, ToyScenario, ToySeen, ToyWorld


class TestToy(WorldConformance[ToyScenario, float, ToySeen]):
    def make_world(self) -> World[ToyScenario, float, ToySeen]:
        return ToyWorld()

    def make_scenario(self) -> ToyScenario:
        return ToyScenario(start=0.5)

    def make_bad_scenario(self) -> ToyScenario:
        return ToyScenario(start=math.nan)

    def make_controls(self, k: int) -> float:
        return 0.1 * k

    def make_bad_controls(self) -> float:
        return math.nan

    def t_ns(self, seen: ToySeen) -> int:
        return seen.t_ns


class TestRemoteToy(TestToy):
    @pytest.fixture(autouse=True)
    def _serve(self) -> Iterator[None]:
        with serve_world(ToyWorld, TOY) as self.server:
            yield

    server: WorldServer

    def make_bad_scenario(self) -> ToyScenario:
        return ToyScenario(road="lime")  # JSON has no NaN

    def make_world(self) -> World[ToyScenario, float, ToySeen]:
        return RemoteWorld(self.server.address, self.server.token, TOY)


@pytest.mark.slow
class TestDriving(WorldConformance[Scenario, Controls, Observation]):
    """The driving world, with a small picture in every other step."""

    def make_world(self) -> World[Scenario, Controls, Observation]:
        from bessemer.twin.world import DrivingWorld

        return DrivingWorld()

    def make_scenario(self) -> Scenario:
        rig = load_rig("front", width_px=32, height_px=18)
        return Scenario(network="country", rig=rig, density_frac=0.1)

    def make_bad_scenario(self) -> Scenario:
        rig = load_rig("front", width_px=32, height_px=18)
        return Scenario(network="country", rig=rig, events=(EventCall(name="meteor"),))

    def make_controls(self, k: int) -> Controls:
        return Controls(accel_mps2=1.5 if k >= 100 else -0.5, steer_rad=0.01 * (k % 100))

    def make_bad_controls(self) -> Controls:
        return Controls(accel_mps2=math.nan)

    def t_ns(self, seen: Observation) -> int:
        return seen.t_ns


class TestRemoteDriving(TestDriving):
    """The same behind the wire; SUMO's one place in this process is the server's."""

    @pytest.fixture(autouse=True)
    def _serve(self) -> Iterator[None]:
        with serve_world(super().make_world, DRIVING) as self.server:
            yield

    server: WorldServer

    def make_world(self) -> World[Scenario, Controls, Observation]:
        return RemoteWorld(self.server.address, self.server.token, DRIVING)
