"""Reads what happened from a stage of ours: frames, and the ego's cameras.

Shapes: n actors of a frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pxr import Sdf

from bessemer.core.ids import StreamName
from bessemer.core.records import Calibration
from bessemer.twin.conditions import Conditions, Season, Weather
from bessemer.twin.drive import EgoState, Observation
from bessemer.twin.rig import Camera, Rig
from bessemer.twin.scene import Actors
from bessemer.twin.usd.layer import OpenStage
from bessemer.twin.usd.layout import (
    ACTORS,
    CAMERA_FIELDS,
    EGO,
    EGO_FIELDS,
    USD_FROM_CAMERA,
    ours,
    step_ns,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Track:
    """One actor over the frames in which it is there, and which row is which frame's."""

    row: dict[int, int]
    body: np.ndarray
    world_from_body: np.ndarray
    scale: np.ndarray
    tint: np.ndarray
    lamps: np.ndarray
    velocity_mps: np.ndarray


def frames_in(stage: OpenStage, bodies: tuple[str, ...]) -> tuple[Observation, ...]:
    """Return the frames of a stage.

    Args:
        stage: It.
        bodies: Prim name of each body of its scene.

    Returns:
        Frames in order of time, without views.

    Raises:
        InputError: If something is missing, or contradicts itself.
    """
    if not stage.has(EGO, ours("t_ns")):
        return ()
    codes, times = _times(stage)

    egos = {name: stage.series(EGO, ours(name), "double", codes) for name in EGO_FIELDS}
    names = stage.series(EGO, ours("signal_names"), "string[]", codes)
    values = stage.series(EGO, ours("signal_values"), "double[]", codes)
    events = stage.series(EGO, ours("events"), "string[]", codes)
    collided = stage.series(EGO, ours("collided"), "bool", codes)
    done = stage.series(EGO, ours("done"), "bool", codes)
    conditions = _conditions(stage, codes)
    actors = _actors(stage, codes, bodies)
    for k, code in enumerate(codes):
        if len(names[k]) != len(values[k]):
            raise stage.error(
                f"{len(names[k])} signals have {len(values[k])} values at time code {code:g}.", EGO
            )
    return tuple(
        Observation(
            t_ns=t_ns,
            ego=EgoState(**{name: float(column[k]) for name, column in egos.items()}),
            views=(),
            actors=actors[k],
            conditions=conditions[k],
            signals=tuple((str(n), float(v)) for n, v in zip(names[k], values[k], strict=True)),
            events=tuple(str(event) for event in events[k]),
            collided=bool(collided[k]),
            done=bool(done[k]),
        )
        for k, t_ns in enumerate(times)
    )


def rig_in(stage: OpenStage) -> Rig | None:
    """Return the rig of a stage.

    Args:
        stage: It.

    Returns:
        The rig; None where it has none.

    Raises:
        InputError: If a camera is none that can be looked through.
    """
    if not stage.has(EGO, ours("rig")):
        return None
    prims = [prim for prim in stage.children(EGO) if stage.kind(prim) == "Camera"]
    return Rig(
        name=stage.ours(EGO, "rig", "string"),
        cameras=tuple(_camera(stage, prim) for prim in prims),
        rate_hz=float(stage.ours(EGO, "rate_hz", "double")),
    )


def _camera(stage: OpenStage, prim: str) -> Camera:
    usd_rows = np.array(stage.value(prim, "xformOp:transform", "matrix4d"), np.float64)
    pose = usd_rows.T @ USD_FROM_CAMERA
    return Camera(
        name=StreamName(stage.ours(prim, "name", "string")),
        calibration=Calibration(
            model=stage.ours(prim, "model", "token"),
            width_px=int(stage.ours(prim, "width_px", "int")),
            height_px=int(stage.ours(prim, "height_px", "int")),
            intrinsics=tuple(map(float, stage.ours(prim, "intrinsics", "double[]"))),
            distortion=tuple(map(float, stage.ours(prim, "distortion", "double[]"))),
            ego_from_camera=tuple(pose.ravel().tolist()),
        ),
        dirt_seed=int(stage.ours(prim, "dirt_seed", "int64")),
        **{name: float(stage.ours(prim, name, "double")) for name in CAMERA_FIELDS},
    )


def _times(stage: OpenStage) -> tuple[list[float], list[int]]:
    """Return the time code and the time of each frame; a stage may have been moved in time."""
    codes = list(stage.layer.ListTimeSamplesForPath(Sdf.Path(f"{EGO}.{ours('t_ns')}"))) or [0.0]
    times = [int(t_ns) for t_ns in stage.series(EGO, ours("t_ns"), "int64", codes)]
    step_ns(times)  # refuses times that do not rise
    return codes, times


def _conditions(stage: OpenStage, codes: Sequence[float]) -> list[Conditions]:
    hours = stage.series(EGO, ours("hour"), "double", codes)
    weathers = stage.series(EGO, ours("weather"), "token", codes)
    shares = stage.series(EGO, ours("intensity_frac"), "double", codes)
    seasons = stage.series(EGO, ours("season"), "token", codes)
    latitudes = stage.series(EGO, ours("latitude_deg"), "double", codes)
    for name, words, kind in (("weather", weathers, Weather), ("season", seasons, Season)):
        for word in words:
            if word not in set(kind):
                raise stage.error(f"There is no {name} {word!r}.", EGO)
    return [
        Conditions(
            hour=float(hour),
            weather=Weather(weather),
            intensity_frac=float(share),
            season=Season(season),
            latitude_deg=float(latitude),
        )
        for hour, weather, share, season, latitude in zip(
            hours, weathers, shares, seasons, latitudes, strict=True
        )
    ]


def _actors(stage: OpenStage, codes: Sequence[float], bodies: tuple[str, ...]) -> list[Actors]:
    order = stage.series(ACTORS, ours("order"), "int[]", codes)
    frames: dict[int, list[int]] = {}
    for k, ids in enumerate(order):
        for instance in ids:
            frames.setdefault(instance, []).append(k)
    prims = {stage.ours(prim, "instance", "int"): prim for prim in stage.children(ACTORS)}
    tracks = {}
    for instance, there in frames.items():
        if instance not in prims:
            raise stage.error(f"There is no actor {instance}.", ACTORS)
        tracks[instance] = _track(stage, prims[instance], codes, there, bodies)
    return [
        _row(k, [(instance, tracks[instance]) for instance in ids]) for k, ids in enumerate(order)
    ]


def _track(
    stage: OpenStage,
    prim: str,
    codes: Sequence[float],
    there: list[int],
    bodies: tuple[str, ...],
) -> _Track:
    at = [codes[k] for k in there]
    shown = stage.series(prim, ours("body"), "token", at)
    missing = sorted(set(shown) - set(bodies))
    if missing:
        raise stage.error(f"There is no body {missing[0]!r}.", prim)
    poses = stage.rows(prim, "xformOp:transform", "matrix4d", at, 16)
    return _Track(
        row={k: i for i, k in enumerate(there)},
        body=np.array([bodies.index(name) for name in shown], np.int32),
        world_from_body=poses.reshape(-1, 4, 4).transpose(0, 2, 1),
        scale=stage.rows(prim, "xformOp:scale", "float3", at, 3),
        tint=stage.rows(prim, ours("tint"), "color3f", at, 3),
        lamps=np.array(stage.series(prim, ours("lamps"), "int", at), np.int32),
        velocity_mps=stage.rows(prim, ours("velocity_mps"), "vector3f", at, 3),
    )


def _row(frame: int, tracks: list[tuple[int, _Track]]) -> Actors:
    if not tracks:
        return Actors.none()

    def column(name: str) -> np.ndarray:
        return np.stack([getattr(track, name)[track.row[frame]] for _, track in tracks])

    return Actors(
        body=column("body"),
        instance=np.array([instance for instance, _ in tracks], np.int32),
        world_from_body=column("world_from_body"),
        scale=column("scale"),
        tint=column("tint"),
        lamps=column("lamps"),
        velocity_mps=column("velocity_mps"),
    )
