"""How the driving world's scenarios, controls and observations travel: ``wire/driving.proto``.

Reading after writing gives equal records, with every bit of every array. What was read is checked
by the records themselves, so that another program's NaN is refused as one's own.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
from google.protobuf.message import DecodeError, Message

from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.core.records import Calibration
from bessemer.twin.conditions import Conditions, Season, Weather
from bessemer.twin.drive import Controls, EgoState, Indicator, Observation, View
from bessemer.twin.remote.wire import Wire
from bessemer.twin.rig import Camera, Rig
from bessemer.twin.scenario import Dynamics, EventCall, Scenario
from bessemer.twin.scene import Actors
from bessemer.twin.wire import driving_pb2 as pb

SCHEMA = "bessemer.driving.v1"
_ACTOR_COLUMNS: dict[str, tuple[str, tuple[int, ...]]] = {
    "body": ("<i4", ()),
    "instance": ("<i4", ()),
    "world_from_body": ("<f4", (4, 4)),
    "scale": ("<f4", (3,)),
    "tint": ("<f4", (3,)),
    "lamps": ("<i4", ()),
    "velocity_mps": ("<f4", (3,)),
}
_PIXELS: dict[str, tuple[str, tuple[int, ...]]] = {
    "picture": ("|u1", (3,)),
    "depth_m": ("<f4", ()),
    "semantic": ("|u1", ()),
    "instance": ("<i4", ()),
}

MessageT = TypeVar("MessageT", bound=Message)
T = TypeVar("T")


def _write_scenario(scenario: Scenario) -> pb.Scenario:
    return pb.Scenario(
        **_columns(scenario, but=("rig", "conditions", "events")),
        rig=_write_rig(scenario.rig),
        conditions=pb.Conditions(**_columns(scenario.conditions)),
        events=[
            pb.EventCall(name=call.name, at_s=call.at_s, params=_write_named(call.params))
            for call in scenario.events
        ],
    )


def _read_scenario(message: pb.Scenario) -> Scenario:
    return Scenario(
        **_values(message, but=("rig", "conditions", "events", "dynamics")),
        rig=_read_rig(message.rig),
        conditions=_read_conditions(message.conditions),
        dynamics=Dynamics(message.dynamics),
        events=tuple(
            EventCall(name=call.name, at_s=call.at_s, params=_read_named(call.params))
            for call in message.events
        ),
    )


def _write_rig(rig: Rig) -> pb.Rig:
    cameras = [
        pb.Camera(
            **_columns(camera, but=("calibration",)),
            calibration=pb.Calibration(**_columns(camera.calibration)),
        )
        for camera in rig.cameras
    ]
    return pb.Rig(name=rig.name, cameras=cameras, rate_hz=rig.rate_hz)


def _read_rig(message: pb.Rig) -> Rig:
    return Rig(
        name=message.name,
        cameras=tuple(_read_camera(camera) for camera in message.cameras),
        rate_hz=message.rate_hz,
    )


def _read_camera(message: pb.Camera) -> Camera:
    lens = message.calibration
    return Camera(
        **_values(message, but=("name", "calibration")),
        name=StreamName(message.name),
        calibration=Calibration(
            model=lens.model,
            width_px=lens.width_px,
            height_px=lens.height_px,
            intrinsics=tuple(lens.intrinsics),
            distortion=tuple(lens.distortion),
            ego_from_camera=tuple(lens.ego_from_camera),
        ),
    )


def _read_conditions(message: pb.Conditions) -> Conditions:
    return Conditions(
        **_values(message, but=("weather", "season")),
        weather=Weather(message.weather),
        season=Season(message.season),
    )


def _write_controls(controls: Controls) -> pb.Controls:
    return pb.Controls(**_columns(controls))


def _read_controls(message: pb.Controls) -> Controls:
    return Controls(**_values(message, but=("indicator",)), indicator=Indicator(message.indicator))


def _write_observation(seen: Observation) -> pb.Observation:
    return pb.Observation(
        **_columns(seen, but=("ego", "views", "actors", "conditions", "signals")),
        ego=pb.EgoState(**_columns(seen.ego)),
        views=[_write_view(view) for view in seen.views],
        actors=pb.Actors(
            count=len(seen.actors.body),
            **{
                name: _bytes(getattr(seen.actors, name), kind)
                for name, (kind, _) in _ACTOR_COLUMNS.items()
            },
        ),
        conditions=pb.Conditions(**_columns(seen.conditions)),
        signals=_write_named(seen.signals),
    )


def _read_observation(message: pb.Observation) -> Observation:
    n = message.actors.count
    return Observation(
        **_values(message, but=("ego", "views", "actors", "conditions", "signals", "events")),
        ego=EgoState(**_values(message.ego)),
        views=tuple(_read_view(view) for view in message.views),
        actors=Actors(
            **{
                name: _array(getattr(message.actors, name), kind, (n, *shape))
                for name, (kind, shape) in _ACTOR_COLUMNS.items()
            }
        ),
        conditions=_read_conditions(message.conditions),
        signals=_read_named(message.signals),
        events=tuple(message.events),
    )


def _write_view(view: View) -> pb.View:
    height_px, width_px = view.semantic.shape
    return pb.View(
        camera=view.camera,
        t_ns=view.t_ns,
        height_px=height_px,
        width_px=width_px,
        world_from_camera=_bytes(view.world_from_camera, "<f8"),
        silhouettes=[pb.Silhouette(instance=i, pixels=n) for i, n in view.silhouettes],
        **{name: _bytes(getattr(view, name), kind) for name, (kind, _) in _PIXELS.items()},
    )


def _read_view(message: pb.View) -> View:
    size = (message.height_px, message.width_px)
    return View(
        camera=StreamName(message.camera),
        t_ns=message.t_ns,
        world_from_camera=_array(message.world_from_camera, "<f8", (4, 4)),
        silhouettes=tuple((s.instance, s.pixels) for s in message.silhouettes),
        **{
            name: _array(getattr(message, name), kind, (*size, *shape))
            for name, (kind, shape) in _PIXELS.items()
        },
    )


def _write_named(pairs: tuple[tuple[str, float], ...]) -> list[pb.Named]:
    return [pb.Named(name=name, value=value) for name, value in pairs]


def _read_named(messages: Any) -> tuple[tuple[str, float], ...]:
    return tuple((message.name, message.value) for message in messages)


def _columns(record: Any, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return those fields of a record that its message has alike."""
    return {f.name: getattr(record, f.name) for f in fields(record) if f.name not in but}


def _values(message: Message, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return those fields of a message that its record has alike."""
    names = (field.name for field in message.DESCRIPTOR.fields)
    return {name: getattr(message, name) for name in names if name not in but}


def _bytes(array: np.ndarray, kind: str) -> bytes:
    return array.astype(kind, order="C", copy=False).tobytes()


def _array(data: bytes, kind: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return a copy: whoever draws into a picture may, as in process."""
    return np.frombuffer(data, kind).reshape(shape).copy()


def _writer(write: Callable[[T], MessageT]) -> Callable[[T], bytes]:
    """Return what writes a record's bytes."""

    def written(record: T) -> bytes:
        try:
            return write(record).SerializeToString()
        except (TypeError, ValueError) as error:
            raise InputError(
                f"This cannot be sent to a world: {error}.", where=type(record).__name__
            ) from error

    return written


def _reader(kind: type[MessageT], read: Callable[[MessageT], T]) -> Callable[[bytes], T]:
    """Return what reads a record from bytes."""

    def taken(data: bytes) -> T:
        try:
            return read(kind.FromString(data))
        except (DecodeError, ValueError) as error:
            raise InputError(
                f"This is no {kind.__name__}: {error}.",
                where=SCHEMA,
                fix="Look at twin/wire/driving.proto: what is left out is 0 or empty.",
            ) from error

    return taken


DRIVING: Wire[Scenario, Controls, Observation] = Wire(
    schema=SCHEMA,
    write_scenario=_writer(_write_scenario),
    read_scenario=_reader(pb.Scenario, _read_scenario),
    write_controls=_writer(_write_controls),
    read_controls=_reader(pb.Controls, _read_controls),
    write_observation=_writer(_write_observation),
    read_observation=_reader(pb.Observation, _read_observation),
)
"""The wire of :class:`bessemer.twin.world.DrivingWorld`."""
