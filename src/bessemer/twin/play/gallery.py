"""The pictures of the docs: which there are.

One for each kind of road in each kind of light and weather, one for each event of the tail at the
moment and by the camera that show it best, and a few of what cameras and truth give.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from bessemer.twin.classes import SemanticClass
from bessemer.twin.conditions import Conditions, Season, Weather
from bessemer.twin.events.catalogue import EVENTS
from bessemer.twin.events.spec import EventSpec, Family
from bessemer.twin.play.overlay import Overlay
from bessemer.twin.rig import Rig, look_from, pinhole
from bessemer.twin.rigs import eight, front, surround
from bessemer.twin.scenario import EventCall, Scenario

_AS_THEY_STAND = ("front_left", "front", "front_right", "back_left", "back", "back_right")
_BEGINS_S = 2.0
_LASTS_S = 32.0


NOON = Conditions(hour=15.0)
NIGHT = Conditions(hour=23.0)
LIGHTS: Mapping[str, Conditions] = {
    "day": NOON,
    "dusk": Conditions(hour=20.6),
    "night": NIGHT,
    "rain": Conditions(hour=14.0, weather=Weather.RAIN, intensity_frac=0.7),
    "fog": Conditions(hour=9.0, weather=Weather.FOG, intensity_frac=0.5, season=Season.AUTUMN),
    "snow": Conditions(hour=12.0, weather=Weather.SNOW, intensity_frac=0.6, season=Season.WINTER),
}
"""Light and weather that every kind of road is shown in."""


class Group(StrEnum):
    """What a picture is of."""

    CONDITIONS = "conditions"
    EVENTS = "events"
    CAMERAS = "cameras"
    TRUTH = "truth"


class Cameras(StrEnum):
    """Whose pictures are taken."""

    BEST = "best"
    FRONT = "front"
    SURROUND = "surround"
    FISHEYE = "fisheye"
    DIRTY = "dirty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture.

    Attributes:
        name: Of the file.
        group: What it is of.
        network: Where.
        conditions: When, and in what weather.
        event: What happens; empty for nothing.
        params: Of the event, where they are not drawn.
        seeds: Those that are tried, in order.
        at_s: When; None for the moment at which the event shows best.
        focus: Which of the event's actors must show; None for any.
        cameras: Whose picture it is; several stand side by side.
        density_frac: Of the traffic.
        overlays: Truth in the place of the picture, one beside the other.
    """

    name: str
    group: Group
    network: str
    conditions: Conditions = NOON
    event: str = ""
    params: tuple[tuple[str, float], ...] = ()
    seeds: tuple[int, ...]
    at_s: float | None = None
    focus: SemanticClass | None = None
    cameras: Cameras = Cameras.FRONT
    density_frac: float = 0.25
    overlays: tuple[Overlay, ...] = ()

    @property
    def has_no_actors(self) -> bool:
        """Whether its event may be one of paint or lenses alone."""
        return EVENTS[self.event].family in (Family.CAMERA, Family.ROAD)

    def scenario(self, width_px: int) -> Scenario:
        """Return what is driven for it.

        Args:
            width_px: Width of one camera's picture.

        Returns:
            The drive.
        """
        call = EventCall(name=self.event, at_s=_BEGINS_S, params=self.params)
        return Scenario(
            network=self.network,
            rig=_rig(self.cameras, width_px),
            duration_s=_LASTS_S,
            conditions=self.conditions,
            density_frac=self.density_frac,
            events=(call,) if self.event else (),
        )


_PLACES: Mapping[str, tuple[int, float]] = {
    "town": (4, 9.0),
    "motorway": (3, 8.0),
    "country": (2, 9.0),
}
"""Seed and time of a place worth a look on each network."""

_SEEDS: Mapping[str, tuple[int, ...]] = {
    "town": (23, 7, 17, 21, 3, 4),  # their way goes straight on for 150 m and more
    "motorway": (0, 1, 2, 3, 4, 5),
    "country": (0, 1, 2, 3, 4, 5),
}
"""Drives in which events are looked for."""

_OWN: Mapping[str, Mapping[str, object]] = {
    "cut_in": {"network": "motorway", "seeds": (0,)},
    "cut_out": {"network": "motorway"},
    "motorcycle_between_lanes": {"network": "motorway"},
    "emergency_vehicle": {"network": "country"},
    "hard_braking": {"network": "motorway"},
    "wrong_way_driver": {"network": "motorway", "cameras": Cameras.FRONT},
    "brake_lights_while_accelerating": {"network": "motorway"},
    "swerving_car": {"network": "country"},
    "tailgater": {"network": "country", "params": (("gap_m", 8.0),)},
    "unlit_car": {"network": "motorway"},
    "debris": {"network": "country"},
    "animal": {"network": "country", "seeds": (0,)},
    "tunnel": {"network": "motorway"},
    "worn_lines": {"network": "motorway"},
    "missing_lines": {"network": "country"},
    "sun_glare": {
        "network": "country",
        "params": (("glare_frac", 0.5), ("time_s", 12.0)),
        "at_s": 5.0,
    },
    "lost_cargo": {"focus": SemanticClass.DEBRIS},
    "child_behind_bus": {"focus": SemanticClass.PERSON},
    "ball_then_child": {"focus": SemanticClass.PERSON, "seeds": (3,)},
    "turning_car": {"seeds": (3,)},
    "broken_down_car": {
        "network": "country",
        "params": (("in_lane_m", 0.5), ("triangle_m", 15.0)),
        "seeds": (0,),
        "at_s": 10.4,
    },
    "road_worker": {"focus": SemanticClass.PERSON},
}
"""What differs for some events from what fits all."""


def all_shots() -> tuple[Shot, ...]:
    """Return every picture of the docs.

    Returns:
        Their descriptions: roads in all weathers, events, cameras, truth.

    Example:
        >>> len([shot for shot in all_shots() if shot.event]) == len(EVENTS)
        True
    """
    conditions = [
        Shot(
            name=f"{network}-{light}",
            group=Group.CONDITIONS,
            network=network,
            conditions=given,
            seeds=(seed,),
            at_s=at_s,
        )
        for light, given in LIGHTS.items()
        for network, (seed, at_s) in _PLACES.items()
    ]
    seed, at_s = _PLACES["town"]
    sight = Shot(
        name="cameras-surround",
        group=Group.CAMERAS,
        network="town",
        seeds=(seed,),
        at_s=at_s,
        cameras=Cameras.SURROUND,
    )
    return (
        *conditions,
        *(_event_shot(spec) for spec in EVENTS.values()),
        sight,
        replace(sight, name="cameras-fisheye", cameras=Cameras.FISHEYE),
        replace(sight, name="cameras-dirt", cameras=Cameras.DIRTY),
        replace(
            sight,
            name="truth",
            group=Group.TRUTH,
            cameras=Cameras.FRONT,
            overlays=(Overlay.BOXES, Overlay.DEPTH, Overlay.SEMANTIC, Overlay.INSTANCE),
        ),
    )


def _event_shot(spec: EventSpec) -> Shot:
    likely = (NOON, NIGHT, Conditions(hour=18.5), LIGHTS["rain"])
    shot = Shot(
        name=f"event-{spec.name}",
        group=Group.EVENTS,
        network=spec.surrounds[0],
        conditions=next(given for given in likely if spec.fits(spec.surrounds[0], given)),
        event=spec.name,
        seeds=(),
        # What happens ahead is told by the front camera; vehicles come from all sides.
        cameras=Cameras.BEST if spec.family is Family.VEHICLES else Cameras.FRONT,
    )
    shot = replace(shot, **_OWN.get(spec.name, {}))  # type: ignore[arg-type]
    return shot if shot.seeds else replace(shot, seeds=_SEEDS[shot.network])


def _rig(cameras: Cameras, width_px: int) -> Rig:
    size = {"width_px": width_px, "height_px": width_px * 9 // 16}
    ahead, around = front(**size), surround(**size)
    match cameras:
        case Cameras.BEST:
            # Behind, a lens as narrow as in front: what follows is no larger than what leads.
            pose = look_from(0.0, 0.0, 1.35, yaw_rad=np.pi, pitch_rad=np.radians(3))
            back = pinhole("back", **size, fov_rad=np.radians(60), pose=pose)
            beside = [c for c in around.cameras if c.name not in ("front", "back")]
            return replace(around, cameras=(ahead.cameras[0], *beside, back))
        case Cameras.SURROUND:
            by_name = {camera.name: camera for camera in around.cameras}
            order = [
                f"{end}{side}" for end in ("front", "back") for side in ("_left", "", "_right")
            ]
            return replace(around, cameras=tuple(by_name[name] for name in order))  # type: ignore[index]
        case Cameras.FISHEYE:
            wide = next(c for c in eight(**size).cameras if c.calibration.model != "pinhole")
            return Rig(name="fisheye", cameras=(wide,))
        case Cameras.DIRTY:
            soiled = replace(ahead.cameras[0], dirt_frac=0.3, dirt_seed=5)
            return replace(ahead, cameras=(soiled,))
        case Cameras.FRONT:
            return ahead
