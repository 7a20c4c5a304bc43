"""A scene, and a drive in it, as OpenUSD: for usdview, Blender, Omniverse, and back again.

The stage, with z up and one unit a metre:

* ``/World/Ground``: one mesh, with a subset a material, labelled by class.
* ``/World/Materials``: UsdPreviewSurface each.
* ``/World/Bodies``: a class prim, so that nothing of it is drawn where it stands.
* ``/World/Actors/actor_7``: pose and stretch, visible while the actor is there. Below it stands a
  prim for each body that it ever shows (who walks shows one a phase of the gait); each inherits
  from its body and is instanceable, so that shapes are held once. Paint and lamps that are lit
  reach the shared materials as primvars.
* ``/World/Ego``: its pose, and the rig's cameras as pinholes; a lens that bends keeps its
  coefficients in ``bessemer:`` attributes, which no viewer applies.
* ``/World/StreetLamps`` and ``/World/Sky``: lights, of the conditions; reading passes over the sky.

Actors are instances by inheritance and not one PointInstancer, because Blender imports the times of
transforms but not those of a PointInstancer's arrays, and each actor can be picked by name.
References would not do: materials of a reference must lie within it.

A frame is a time code: code 0 is the first, 1 is one step later, with the median step of the frames
as step, and ``timeCodesPerSecond`` is one over it. Exact times stand in ``bessemer:t_ns``. All that
USD has no field for stands in attributes of the namespace ``bessemer``; reading goes by those.

Pictures are no part of a stage: views are left out. Reading opens one file and nothing that it
points to; a binary one is unpacked by a process of its own, because damage may end its parser.

Cost, a town of 51,000 triangles and 150 actors over 100 frames: 0.8 s of CPU to write, 2.6 MB
binary, 7.4 MB text.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bessemer.core.errors import InputError, MissingExtraError
from bessemer.twin.drive import Observation
from bessemer.twin.rig import Rig
from bessemer.twin.scene import Scene

SUFFIXES: Final = (".usda", ".usdc")
"""Text and binary; the same stage, the text about three times as large."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UsdDrive:
    """What a stage of ours holds.

    Attributes:
        scene: What stands still, and the shapes.
        frames: What happened, in order of time; no frame has views.
        rig: The ego's cameras.
    """

    scene: Scene
    frames: tuple[Observation, ...] = ()
    rig: Rig | None = None


def write_usd(
    path: Path, scene: Scene, *, frames: Sequence[Observation] = (), rig: Rig | None = None
) -> None:
    """Write a scene and what happened in it; the same input gives the same bytes.

    Args:
        path: A file named ``.usda`` or ``.usdc``; one of that name is replaced once all is whole.
        scene: What stands still, and the shapes.
        frames: What happened, in order of time; views are left out.
        rig: The ego's cameras.

    Raises:
        InputError: If the name ends otherwise, times do not rise, an actor names no body or stands
            nowhere, or a name holds what USD cannot.
        MissingExtraError: If usd-core is not installed.

    Example:
        >>> import tempfile
        >>> from bessemer.twin.rigs import front
        >>> from bessemer.twin.roads.assemble import scene_of
        >>> from bessemer.twin.roads.read_net import load_network
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "country.usda"
        ...     write_usd(path, scene_of(load_network("country"), seed=0), rig=front())
        ...     drive = read_usd(path)
        >>> drive.scene.name, drive.rig.cameras[0].name
        ('country', 'front')
    """
    if path.suffix not in SUFFIXES:
        raise InputError(
            "A stage is written as .usda or .usdc.", where=str(path), fix="Name the file so."
        )
    _require_usd()
    from bessemer.twin.usd.write import stage_of

    stage = stage_of(scene, frames, rig)  # its layer lives no longer than it
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        stage.GetRootLayer().Export(str(part))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def read_usd(path: Path) -> UsdDrive:
    """Read what :func:`write_usd` wrote.

    Args:
        path: The file.

    Returns:
        Equal records; frames without views.

    Raises:
        InputError: If it is no USD file, holds no scene of ours or one of a later format, points to
            other files, or contradicts itself; names the file and the place in it.
        MissingExtraError: If usd-core is not installed.
    """
    _require_usd()
    from bessemer.twin.usd.layer import open_stage
    from bessemer.twin.usd.parse import parsing
    from bessemer.twin.usd.read_drive import frames_in, rig_in
    from bessemer.twin.usd.read_scene import scene_in

    try:
        with parsing(path):
            stage = open_stage(path)
            scene, names = scene_in(stage)
            return UsdDrive(scene=scene, frames=frames_in(stage, names), rig=rig_in(stage))
    except InputError as error:
        if error.where.startswith(str(path)):
            raise
        where = f"{path}: {error.where}" if error.where else str(path)
        raise InputError(error.what, where=where, fix=error.fix) from error


def _require_usd() -> None:
    try:
        import pxr  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "OpenUSD is not installed.", where="usd-core", fix="Run: pip install 'bessemer[twin]'"
        ) from error
