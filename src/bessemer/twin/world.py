"""The driving world: one ego with cameras among traffic that reacts to it.

It keeps the promise of :class:`bessemer.core.worlds.World`: the same seed, scenario and controls
give the same observations on one machine. SUMO moves everyone else, so a process holds one world
at a time. Import this module only where a world runs: it brings Warp and SUMO.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from jaxtyping import Float64

from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.twin.collide import corners, ego_middle, touching
from bessemer.twin.conditions import Weather
from bessemer.twin.drive import Controls, EgoState, Indicator, Observation, View
from bessemer.twin.ego.bicycle import EGO_SHAPE, step_bicycle
from bessemer.twin.ego.wheeled import WheeledEgo
from bessemer.twin.events.director import Director
from bessemer.twin.render.light import Light, light_of
from bessemer.twin.render.photograph import look_of, photograph
from bessemer.twin.render.renderer import Renderer
from bessemer.twin.rig import Rig
from bessemer.twin.roads.assemble import scene_of
from bessemer.twin.roads.network import RoadNetwork
from bessemer.twin.roads.read_net import load_network
from bessemer.twin.roads.scenery_signals import LAMP_OF_STATE, SIGNAL_BODY, signal_spots
from bessemer.twin.roster import Placed, Roster, between
from bessemer.twin.running_stage import SOLID, RunningStage
from bessemer.twin.scenario import Dynamics, Scenario
from bessemer.twin.scene import Actors, Lamp, Scene
from bessemer.twin.stage import Thing
from bessemer.twin.threads import one_blas_thread
from bessemer.twin.traffic.traffic import Traffic
from bessemer.twin.truth import Surveyor

_DUSK_FRAC = 0.08  # darker than this, lamps are on


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    """A network with all that is made of it once."""

    network: RoadNetwork
    scene: Scene
    renderer: Renderer
    heads: tuple[Placed, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class _Run:
    """What lives from one reset to the next."""

    place: _Place
    scenario: Scenario
    seed: int
    light: Light
    traffic: Traffic
    roster: Roster
    stage: RunningStage
    director: Director
    car: Callable[[EgoState, Controls], EgoState]
    actors: Actors
    taken: dict[StreamName, int]
    gains: dict[StreamName, float]


class DrivingWorld:
    """A town, a motorway, a country road, or a network of the user's, to drive in.

    Args:
        device: Where pictures are drawn: ``cpu`` or a CUDA device.
        samples: Rays a pixel for its colour, 1 or 4.
        step_s: Simulated seconds of a step.
        truth: Whether views count silhouettes, from which truth tells how much of an actor is
            hidden; without them views come sooner.

    Example:
        >>> from bessemer.twin.rigs import load_rig
        >>> world = DrivingWorld()
        >>> rig = load_rig("front", width_px=32, height_px=18)
        >>> seen = world.reset(3, Scenario(network="country", rig=rig))
        >>> seen.views[0].picture.shape
        (18, 32, 3)
        >>> world.step(Controls(accel_mps2=1.0)).t_ns
        100000000
        >>> world.close()
    """

    def __init__(
        self,
        *,
        device: str = "cpu",
        samples: int = 1,
        step_s: float = 0.1,
        truth: bool = True,
    ) -> None:
        self._device, self._samples, self._step_s = device, samples, step_s
        self._truth = truth
        self._places: dict[str, _Place] = {}
        self._run: _Run | None = None

    @property
    def step_s(self) -> float:
        """Simulated seconds of a step."""
        return self._step_s

    @property
    def network(self) -> RoadNetwork:
        """The roads of the drive that runs."""
        return self._running().place.network

    @property
    def scene(self) -> Scene:
        """The scene of the drive that runs."""
        return self._running().place.scene

    @property
    def director(self) -> Director:
        """The events of the drive that runs."""
        return self._running().director

    @property
    def traffic(self) -> Traffic:
        """The traffic of the drive that runs."""
        return self._running().traffic

    def obstacles(self) -> tuple[Thing, ...]:
        """Return what events have on the road that an ego must not touch."""
        run = self._running()
        bodies, actors = run.place.scene.bodies, run.actors
        row_of = {int(instance): i for i, instance in enumerate(actors.instance)}
        found = []
        for handle, thing in run.stage.placed:
            i = row_of.get(handle)
            if i is None or bodies[actors.body[i]].semantic not in SOLID:
                continue
            east, north, _ = actors.velocity_mps[i].tolist()
            long, wide, tall = (actors.scale[i] * bodies[actors.body[i]].size_m).tolist()
            found.append(
                Thing(spot=thing.spot, size_m=(long, wide, tall), velocity_mps=(east, north))
            )
        return tuple(found)

    def surveyor(self, range_m: float = 80.0) -> Surveyor:
        """Return what computes truth of this drive's observations.

        Args:
            range_m: How far from the ego truth reaches.

        Returns:
            The surveyor.
        """
        return Surveyor(self.network, self.scene.bodies, range_m)

    def reset(self, seed: int, scenario: Scenario) -> Observation:
        """Begin a drive.

        Args:
            seed: Draws traffic, the ego's place and way, noise, and what events leave open.
            scenario: Where, when, in what weather, with what in the way.

        Returns:
            What is seen at the first instant.

        Raises:
            InputError: If the network cannot be read, an event or a parameter is unknown, or the
                ego finds no place.
        """
        director = Director(scenario.events)
        place = self._place(scenario.network)
        self.close()
        traffic = Traffic.open(
            place.network, seed=seed, density_frac=scenario.density_frac, step_s=self._step_s
        )
        try:
            with one_blas_thread():
                run = self._begin(place, scenario, seed, traffic, director)
                seen = self._observe(run, run.stage.ego, run.actors, Controls())
        except BaseException:
            traffic.close()
            raise
        self._run = run
        return seen

    def step(self, controls: Controls) -> Observation:
        """Drive for ``step_s``.

        Args:
            controls: What the driver does meanwhile.

        Returns:
            What is seen then; pictures of cameras whose time came on the way.

        Raises:
            InputError: If the world was never reset.
        """
        run = self._running()
        with one_blas_thread():
            was, stage = run.stage.ego, run.stage
            run.director.step(stage)
            stage.ego = run.car(was, controls)
            run.traffic.heed(self.obstacles())
            run.traffic.step(stage.ego)
            stage.steps += 1
            before, run.actors = run.actors, self._actors(run)
            return self._observe(run, was, before, controls)

    def close(self) -> None:
        """End the traffic; networks and scenes that were built stay for the next reset."""
        if self._run is not None:
            self._run.traffic.close()
            self._run = None

    def _running(self) -> _Run:
        if self._run is None:
            raise InputError(
                "The world was never reset.", where="DrivingWorld", fix="Call `reset` first."
            )
        return self._run

    def _place(self, name: str) -> _Place:
        if name not in self._places:
            network = load_network(name)
            scene = scene_of(network, 0)
            self._places[name] = _Place(
                network=network,
                scene=scene,
                renderer=Renderer(scene, self._device),
                heads=tuple(
                    Placed(name=f"signal/{i}", body=SIGNAL_BODY, spot=spot)
                    for i, spot in enumerate(signal_spots(network))
                ),
            )
        return self._places[name]

    def _begin(
        self, place: _Place, scenario: Scenario, seed: int, traffic: Traffic, director: Director
    ) -> _Run:
        """Put the ego on the road, and return the drive at its first instant."""
        start = traffic.place_ego(seed, length_m=scenario.duration_s * 20.0 + 300.0)
        light = light_of(scenario.conditions)
        roster = Roster(place.scene.bodies, self._step_s)
        run = _Run(
            place=place,
            scenario=scenario,
            seed=seed,
            light=light,
            traffic=traffic,
            roster=roster,
            stage=RunningStage(traffic, roster, scenario.rig, start.ego, seed),
            director=director,
            car=self._car(start.ego, scenario.dynamics, light),
            actors=Actors.none(),
            taken=dict.fromkeys((camera.name for camera in scenario.rig.cameras), 0),
            gains={},
        )
        run.actors = self._actors(run)
        return run

    def _car(
        self, start: EgoState, dynamics: Dynamics, light: Light
    ) -> Callable[[EgoState, Controls], EgoState]:
        """Return what moves the ego by a step."""
        if dynamics is Dynamics.BICYCLE:
            return lambda ego, controls: step_bicycle(ego, controls, self._step_s)
        car = WheeledEgo(start, _friction(light))
        return lambda _, controls: car.step(controls, self._step_s)

    def _actors(self, run: _Run) -> Actors:
        """Return all others as they stand now."""
        states = run.traffic.signal_states()
        heads = [
            replace(head, lamps=_lamp(states, signal.signal_id, signal.link))
            for head, signal in zip(run.place.heads, run.place.network.signals, strict=True)
        ]
        return run.roster.actors(
            run.traffic.agents(),
            (*heads, *(thing for _, thing in run.stage.placed)),
            dark=_lamps_on(run),
        )

    def _observe(self, run: _Run, was: EgoState, before: Actors, controls: Controls) -> Observation:
        stage = run.stage
        t_ns = _to_ns(stage.t_s)
        route = run.traffic.route
        arrived = run.traffic.along_m > route.length_m - 10.0
        return Observation(
            t_ns=t_ns,
            ego=stage.ego,
            views=self._look(run, was, before, t_ns),
            actors=run.actors,
            conditions=run.scenario.conditions,
            signals=_signals(run, controls),
            events=run.director.under_way(),
            collided=_collides(stage.ego, run.actors, run.place.scene),
            done=arrived or stage.t_s >= run.scenario.duration_s - 1e-9,
        )

    def _look(self, run: _Run, was: EgoState, before: Actors, t_ns: int) -> tuple[View, ...]:
        """Return the pictures whose time lies in the step that ends now."""
        step_ns = _to_ns(self._step_s)
        rig = run.scenario.rig
        due: dict[int, list[int]] = {}
        for i, camera in enumerate(rig.cameras):
            next_ns = _due_ns(rig, i, run.taken[camera.name])
            while next_ns <= t_ns:
                due.setdefault(next_ns, []).append(i)
                run.taken[camera.name] += 1
                next_ns = _due_ns(rig, i, run.taken[camera.name])
        views: list[View] = []
        cameras = run.stage.as_soiled(rig.cameras)
        for look_ns, seats in sorted(due.items()):
            frac = 1.0 - (t_ns - look_ns) / step_ns
            ego = _ego_between(was, run.stage.ego, frac)
            looks = [look_of(cameras[i], ego, t_ns=look_ns) for i in seats]
            views += photograph(
                run.place.renderer,
                between(before, run.actors, frac),
                run.light,
                looks,
                seed=run.seed,
                worn_frac=run.stage.worn_frac,
                head_lamps_from=ego if _lamps_on(run) else None,
                samples=self._samples,
                gains=run.gains,
                silhouettes=self._truth,
            )
        return tuple(views)


def _due_ns(rig: Rig, camera: int, taken: int) -> int:
    return _to_ns(rig.cameras[camera].offset_s + taken / rig.rate_hz)


def _to_ns(seconds: float) -> int:
    return round(seconds * 1e9)


def _lamp(states: Mapping[str, str], signal_id: str, link: int) -> Lamp:
    """Return the lamp that a traffic light shows to a link."""
    return LAMP_OF_STATE.get(states.get(signal_id, "")[link : link + 1], Lamp.NONE)


def _friction(light: Light) -> float:
    """Return how tyres hold: 0.9 on a dry road, 0.6 on a wet one, 0.25 on snow."""
    wet = 0.9 - 0.3 * light.wet_frac
    return float(wet + (0.25 - wet) * min(1.0, light.snow_frac))


def _lamps_on(run: _Run) -> bool:
    weather = run.scenario.conditions.weather
    thick = weather in (Weather.RAIN, Weather.FOG, Weather.SNOW)
    return thick or run.light.dark_frac > _DUSK_FRAC


def _ego_between(was: EgoState, now: EgoState, frac: float) -> Float64[np.ndarray, "4 4"]:
    """Return ``world_from_ego`` on the way between two steps."""
    turned = (now.yaw_rad - was.yaw_rad + np.pi) % (2 * np.pi) - np.pi
    mix = partial(np.interp, frac, (0.0, 1.0))
    return replace(
        now,
        x_m=float(mix((was.x_m, now.x_m))),
        y_m=float(mix((was.y_m, now.y_m))),
        z_m=float(mix((was.z_m, now.z_m))),
        yaw_rad=was.yaw_rad + float(frac * turned),
        pitch_rad=float(mix((was.pitch_rad, now.pitch_rad))),
        roll_rad=float(mix((was.roll_rad, now.roll_rad))),
    ).world_from_ego


def _collides(ego: EgoState, actors: Actors, scene: Scene) -> bool:
    """Return whether the ego touches a thing that is solid."""
    spot = ego_middle(ego)
    middle = np.array([[spot.x_m, spot.y_m]])
    places = actors.world_from_body[:, :2, 3].astype(np.float64)
    near = np.flatnonzero(np.linalg.norm(places - middle, axis=1) < 15.0)
    near = np.array([i for i in near if scene.bodies[actors.body[i]].semantic in SOLID], int)
    if not len(near):
        return False
    pose = actors.world_from_body[near].astype(np.float64)
    plain = np.array([scene.bodies[actors.body[i]].size_m[:2] for i in near])
    size = plain * actors.scale[near, :2].astype(np.float64)
    length, width = EGO_SHAPE.length_m, EGO_SHAPE.width_m
    own = corners(middle, np.array([ego.yaw_rad], np.float64), np.array([[length, width]]))
    others = corners(places[near], np.arctan2(pose[:, 1, 0], pose[:, 0, 0]), size)
    return bool(touching(own[0], others).any())


def _signals(run: _Run, controls: Controls) -> tuple[tuple[str, float], ...]:
    """Return what the car's bus says, by COVESA VSS 4 name, in the units that VSS gives."""
    ego = run.stage.ego
    rain = 100.0 * run.light.rain_frac
    side = controls.indicator
    return (
        ("Vehicle.Acceleration.Longitudinal", ego.accel_mps2),
        ("Vehicle.AngularVelocity.Yaw", float(np.degrees(ego.yaw_rate_radps))),
        ("Vehicle.Body.Lights.Beam.Low.IsOn", float(_lamps_on(run))),
        ("Vehicle.Body.Lights.Brake.IsActive", float(controls.accel_mps2 < -0.3)),
        (
            "Vehicle.Body.Lights.DirectionIndicator.Left.IsSignaling",
            float(side in (Indicator.LEFT, Indicator.HAZARD)),
        ),
        (
            "Vehicle.Body.Lights.DirectionIndicator.Right.IsSignaling",
            float(side in (Indicator.RIGHT, Indicator.HAZARD)),
        ),
        ("Vehicle.Body.Raindetection.Intensity", rain),
        ("Vehicle.Chassis.SteeringWheel.Angle", float(np.degrees(ego.steer_rad) * 15.0)),
        ("Vehicle.Speed", ego.speed_mps * 3.6),
    )
