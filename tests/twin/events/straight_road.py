"""A stage as small as can be: a straight road to the east, and an ego at constant speed."""

from dataclasses import dataclass, field

import numpy as np

from bessemer.twin.drive import EgoState
from bessemer.twin.events import shapes
from bessemer.twin.roads.carriageway import Carriageway
from bessemer.twin.scene import Lamp
from bessemer.twin.stage import Agent, AgentKind, Spot

SIZES = {AgentKind.TRUCK: (9.0, 2.5, 3.6), AgentKind.BUS: (12.0, 2.5, 3.1)}
BODIES = tuple(
    sorted({name for kind in vars(shapes).values() if isinstance(kind, tuple) for name in kind})
)


@dataclass(slots=True)
class Driver:
    """An agent: it keeps its lane and its speed until it is told otherwise."""

    kind: AgentKind
    x_m: float
    y_m: float
    speed_mps: float
    wanted_mps: float
    wanted_y_m: float
    accel_mps2: float = 0.0
    drift_mps: float = 0.0
    lamps: Lamp = Lamp.NONE
    commanded: bool = False

    def step(self, step_s: float) -> None:
        """Drive for a step."""
        gain = self.accel_mps2 * step_s
        self.speed_mps += float(np.clip(self.wanted_mps - self.speed_mps, -gain, gain))
        shift = self.drift_mps * step_s
        self.y_m += float(np.clip(self.wanted_y_m - self.y_m, -shift, shift))
        self.x_m += self.speed_mps * step_s


@dataclass(slots=True)
class StraightRoad:
    """The stage; ``step`` lets time pass."""

    rng: np.random.Generator
    end_m: float = 5_000.0
    lanes: tuple[int, int] = (1, 1)
    against: int = 1
    there: tuple[str, ...] = BODIES
    names: tuple[str, ...] = ("front", "back")
    step_s: float = 0.2
    t_s: float = 0.0
    ego: EgoState = field(
        default_factory=lambda: EgoState(x_m=0.0, y_m=0.0, yaw_rad=0, speed_mps=12)
    )
    drivers: dict[str, Driver] = field(default_factory=dict)
    things: dict[int, tuple[str, Spot, Lamp]] = field(default_factory=dict)
    worn_frac: float = 0.0
    lenses: dict[str, tuple[float, float]] = field(default_factory=dict)
    log: list[tuple[object, ...]] = field(default_factory=list)
    made: int = 0
    stops_from_s: float = 0.0
    stands_well: bool = False

    def step(self) -> None:
        self.t_s += self.step_s
        x_m = self.ego.x_m + self.ego.speed_mps * self.step_s
        self.ego = EgoState(x_m=x_m, y_m=0.0, yaw_rad=0.0, speed_mps=self.ego.speed_mps)
        for driver in self.drivers.values():
            driver.step(self.step_s)

    def agents(self) -> tuple[Agent, ...]:
        return tuple(
            Agent(
                agent_id=name,
                kind=driver.kind,
                spot=Spot(x_m=driver.x_m, y_m=driver.y_m),
                speed_mps=driver.speed_mps,
                size_m=SIZES.get(driver.kind, (4.5, 1.8, 1.5)),
                lamps=driver.lamps,
            )
            for name, driver in self.drivers.items()
        )

    def ahead(self, distance_m: float, left_m: float = 0.0) -> Spot | None:
        x_m = self.ego.x_m + distance_m
        return Spot(x_m=x_m, y_m=left_m) if x_m <= self.end_m else None

    def lane_width_m(self) -> float:
        return 3.5

    def lanes_beside(self) -> tuple[int, int]:
        return self.lanes

    def bodies(self) -> tuple[str, ...]:
        return self.there

    def carriageway(self, distance_m: float = 0.0) -> Carriageway | None:
        if self.ahead(distance_m) is None:
            return None
        left, right = self.lanes
        lane_m = self.lane_width_m()
        return Carriageway(
            left_m=(left + self.against + 0.5) * lane_m,
            right_m=-(right + 0.5) * lane_m,
            against=self.against,
        )

    def put(
        self,
        body: str,
        spot: Spot,
        *,
        tint: tuple[float, float, float] = (1, 1, 1),
        scale: tuple[float, float, float] = (1, 1, 1),
    ) -> int:
        assert body in self.there
        self.made += 1
        self.things[self.made] = (body, spot, Lamp.NONE)
        self.log.append((self.t_s, "put", self.made, body, spot, tint, scale))
        return self.made

    def move(self, handle: int, spot: Spot, *, lamps: Lamp = Lamp.NONE) -> None:
        self.things[handle] = (self.things[handle][0], spot, lamps)
        self.log.append((self.t_s, "move", handle, spot, lamps))

    def remove(self, handle: int) -> None:
        del self.things[handle]
        self.log.append((self.t_s, "remove", handle))

    def runs_into(self, handle: int, spot: Spot) -> bool:
        assert handle in self.things
        return False

    def makes_way(self, handle: int, velocity_mps: tuple[float, float] = (0.0, 0.0)) -> bool:
        assert handle in self.things
        moves = abs(velocity_mps[0]) + abs(velocity_mps[1]) > 0
        return self.t_s >= self.stops_from_s or (self.stands_well and not moves)

    def spawn(
        self, kind: AgentKind, distance_m: float, *, lanes_left: int = 0, speed_mps: float
    ) -> str | None:
        left, right = self.lanes
        spot = self.ahead(distance_m, lanes_left * self.lane_width_m())
        if spot is None or not -right <= lanes_left <= left:
            return None
        self.made += 1
        name = f"{kind}/{self.made}"
        self.drivers[name] = Driver(kind, spot.x_m, spot.y_m, speed_mps, speed_mps, spot.y_m)
        self.log.append((self.t_s, "spawn", name, spot, speed_mps))
        return name

    def command(
        self,
        agent_id: str,
        *,
        speed_mps: float | None = None,
        lanes_left: int | None = None,
        over_s: float = 2.0,
    ) -> None:
        driver = self.drivers[agent_id]
        driver.commanded = speed_mps is not None or lanes_left is not None
        self.log.append((self.t_s, "command", agent_id, speed_mps, lanes_left, over_s))
        if speed_mps is not None:
            driver.wanted_mps = speed_mps
            driver.accel_mps2 = abs(speed_mps - driver.speed_mps) / over_s
        if lanes_left is not None:
            shift = lanes_left * self.lane_width_m()
            driver.wanted_y_m = driver.y_m + shift
            driver.drift_mps = abs(shift) / over_s

    def light(self, agent_id: str, lamps: Lamp) -> None:
        self.drivers[agent_id].lamps = lamps
        self.log.append((self.t_s, "light", agent_id, lamps))

    def wear_marks(self, worn_frac: float) -> None:
        self.worn_frac = worn_frac
        self.log.append((self.t_s, "wear", worn_frac))

    def cameras(self) -> tuple[str, ...]:
        return self.names

    def blind(self, camera: str, dirt_frac: float, glare_frac: float) -> None:
        assert camera in (*self.names, "*")
        assert 0 <= dirt_frac <= 1
        assert 0 <= glare_frac <= 1
        self.lenses[camera] = (dirt_frac, glare_frac)
        self.log.append((self.t_s, "blind", camera, dirt_frac, glare_frac))

    def is_as_before(self) -> bool:
        """Whether nothing of any event is left."""
        return (
            not self.things
            and self.worn_frac == 0
            and all(lens == (0, 0) for lens in self.lenses.values())
            and not any(driver.commanded or driver.lamps for driver in self.drivers.values())
        )


class Bend(StraightRoad):
    """A road that turns to the left about a circle of 60 m."""

    def ahead(self, distance_m: float, left_m: float = 0.0) -> Spot | None:
        turn = (self.ego.x_m + distance_m) / 60.0
        x_m, y_m = np.sin(turn) * (60.0 - left_m), 60.0 - np.cos(turn) * (60.0 - left_m)
        return Spot(x_m=float(x_m), y_m=float(y_m), yaw_rad=float(turn))


def road(seed: int = 0, **given: object) -> StraightRoad:
    """A straight road; its chance by seed."""
    return StraightRoad(np.random.default_rng(seed), **given)  # type: ignore[arg-type]
