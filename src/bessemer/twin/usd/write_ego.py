"""Puts the ego onto a stage: its way through time, what it knew, and its cameras."""

from collections.abc import Sequence

from pxr import Gf, Usd, UsdGeom, Vt

from bessemer.twin.drive import Observation
from bessemer.twin.rig import Camera, Rig
from bessemer.twin.usd.attributes import fill, put, put_series
from bessemer.twin.usd.layout import (
    CAMERA_FIELDS,
    EGO,
    EGO_FIELDS,
    USD_FROM_CAMERA,
    prim_names,
    rows,
)

_SENSOR_WIDTH_MM = 36.0
_TENTHS_PER_MM = 0.01
"""USD measures lenses in tenths of a unit, here of a metre."""
_NEAR_M, _FAR_M = 0.1, 5000.0


def put_ego(stage: Usd.Stage, frames: Sequence[Observation], codes: Sequence[float]) -> Usd.Prim:
    """Define the ego, with its state and all else that a frame says but actors.

    Args:
        stage: Where.
        frames: What happened; none puts the ego at the origin.
        codes: Time code of each frame.

    Returns:
        Its prim, above its cameras.

    Raises:
        InputError: If the name of a signal or of an event cannot be written.
    """
    xform = UsdGeom.Xform.Define(stage, EGO)
    prim = xform.GetPrim()
    if not frames:
        return prim
    poses = [Gf.Matrix4d(rows(frame.ego.world_from_ego)) for frame in frames]
    fill(xform.AddTransformOp().GetAttr(), codes, poses)

    def series(name: str, kind: str, values: Sequence[object]) -> None:
        put_series(prim, name, kind, codes, values)

    series("t_ns", "int64", [frame.t_ns for frame in frames])
    for name in EGO_FIELDS:
        series(name, "double", [float(getattr(frame.ego, name)) for frame in frames])
    names = [tuple(name for name, _ in frame.signals) for frame in frames]
    values = [Vt.DoubleArray([value for _, value in frame.signals]) for frame in frames]
    series("signal_names", "string[]", names)
    series("signal_values", "double[]", values)
    series("events", "string[]", [frame.events for frame in frames])
    series("collided", "bool", [frame.collided for frame in frames])
    series("done", "bool", [frame.done for frame in frames])
    series("hour", "double", [float(frame.conditions.hour) for frame in frames])
    series("weather", "token", [frame.conditions.weather.value for frame in frames])
    series("intensity_frac", "double", [float(frame.conditions.intensity_frac) for frame in frames])
    series("season", "token", [frame.conditions.season.value for frame in frames])
    series("latitude_deg", "double", [float(frame.conditions.latitude_deg) for frame in frames])
    return prim


def put_cameras(stage: Usd.Stage, ego: Usd.Prim, rig: Rig) -> None:
    """Define a rig's cameras below the ego, so that they move with it.

    Args:
        stage: Where.
        ego: The ego's prim.
        rig: The cameras.

    Raises:
        InputError: If a name cannot be written.
    """
    put(ego, "rig", "string", rig.name)
    put(ego, "rate_hz", "double", float(rig.rate_hz))
    names = prim_names([camera.name for camera in rig.cameras])
    for camera, name in zip(rig.cameras, names, strict=True):
        made = UsdGeom.Camera.Define(stage, ego.GetPath().AppendChild(name))
        usd_from_camera = camera.ego_from_camera @ USD_FROM_CAMERA
        made.AddTransformOp().Set(Gf.Matrix4d(rows(usd_from_camera)))
        _put_lens(made, camera)
        prim = made.GetPrim()
        put(prim, "name", "string", camera.name)
        for each in CAMERA_FIELDS:
            put(prim, each, "double", float(getattr(camera, each)))
        put(prim, "dirt_seed", "int64", camera.dirt_seed)
        calibration = camera.calibration
        put(prim, "model", "token", calibration.model)
        put(prim, "width_px", "int", calibration.width_px)
        put(prim, "height_px", "int", calibration.height_px)
        put(prim, "intrinsics", "double[]", Vt.DoubleArray(calibration.intrinsics))
        put(prim, "distortion", "double[]", Vt.DoubleArray(calibration.distortion))


def _put_lens(made: UsdGeom.Camera, camera: Camera) -> None:
    """Say a camera matrix as focal length, apertures and how far they lie off the axis.

    A sensor 36 mm wide is assumed; only ratios show in a picture. Skew has no place in USD.
    """
    matrix = camera.intrinsics / camera.intrinsics[2, 2]
    width_px, height_px = camera.calibration.width_px, camera.calibration.height_px
    pitch = _SENSOR_WIDTH_MM * _TENTHS_PER_MM / width_px
    focal = abs(float(matrix[0, 0])) * pitch
    pitch_y = focal / abs(float(matrix[1, 1]))
    made.CreateFocalLengthAttr(focal)
    made.CreateHorizontalApertureAttr(width_px * pitch)
    made.CreateVerticalApertureAttr(height_px * pitch_y)
    made.CreateHorizontalApertureOffsetAttr((width_px / 2 - float(matrix[0, 2])) * pitch)
    made.CreateVerticalApertureOffsetAttr((float(matrix[1, 2]) - height_px / 2) * pitch_y)
    made.CreateClippingRangeAttr(Gf.Vec2f(_NEAR_M, _FAR_M))
    made.CreateProjectionAttr(UsdGeom.Tokens.perspective)
