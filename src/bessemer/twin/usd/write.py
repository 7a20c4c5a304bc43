"""Builds the stage of a scene and a drive."""

from collections.abc import Sequence

from pxr import Usd, UsdGeom

from bessemer.twin.drive import Observation
from bessemer.twin.rig import Rig
from bessemer.twin.scene import Scene
from bessemer.twin.usd.attributes import put
from bessemer.twin.usd.layout import FORMAT, ROOT, step_ns, time_codes
from bessemer.twin.usd.write_actors import put_actors
from bessemer.twin.usd.write_ego import put_cameras, put_ego
from bessemer.twin.usd.write_lights import put_sky, put_street_lamps
from bessemer.twin.usd.write_scene import put_bodies, put_ground, put_materials


def stage_of(scene: Scene, frames: Sequence[Observation], rig: Rig | None) -> Usd.Stage:
    """Return a stage in memory; :mod:`bessemer.twin.usd.files` says what stands where.

    Args:
        scene: What stands still, and the shapes.
        frames: What happened, in order of time.
        rig: The ego's cameras.

    Returns:
        The stage.

    Raises:
        InputError: If times do not rise, an actor names no body, or a name cannot be written.
    """
    codes = time_codes([frame.t_ns for frame in frames])
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    root = UsdGeom.Xform.Define(stage, ROOT).GetPrim()
    stage.SetDefaultPrim(root)
    put(root, "format", "int", FORMAT)
    put(root, "name", "string", scene.name)
    materials = put_materials(stage, scene.materials)
    put_ground(stage, scene, materials)
    bodies = put_bodies(stage, scene, materials)
    ego = put_ego(stage, frames, codes)
    if rig is not None:
        put_cameras(stage, ego, rig)
    if frames:
        rate = 1e9 / step_ns([frame.t_ns for frame in frames])
        stage.SetTimeCodesPerSecond(rate)
        stage.SetFramesPerSecond(rate)
        stage.SetStartTimeCode(codes[0])
        stage.SetEndTimeCode(codes[-1])
        put_actors(stage, scene, bodies, [frame.actors for frame in frames], codes)
        put_sky(stage, [frame.conditions for frame in frames], codes)
    put_street_lamps(stage, scene.street_lamps, [frame.conditions for frame in frames])
    return stage
