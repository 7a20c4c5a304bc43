"""A drive as a file for the rerun viewer: cameras, boxes, lanes, ego in 3D, signals as plots.

Writing asks nobody and starts nothing. The viewer, where one is opened, is rerun's own program on
this machine; it reports nothing to its makers, calls nobody, and listens on this machine alone.
rerun's web viewer is left alone, because it fetches from elsewhere.

A fisheye stands as a pinhole of the same focal length: the viewer knows no other lens.
"""

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from bessemer.core.labels import Box3d, Polyline
from bessemer.twin.play.replay import Play, ShownPicture, ShownState
from bessemer.twin.truth import quaternion_of

if TYPE_CHECKING:
    import rerun as rr

_NOBODY: Final = "http://127.0.0.1:9"
_TIME = "drive"
_JPEG_QUALITY = 90
_COLOURS = {
    "person": (235, 90, 60),
    "rider": (235, 140, 40),
    "bicycle": (235, 140, 40),
    "motorcycle": (235, 190, 40),
    "car": (60, 140, 230),
    "truck": (120, 90, 220),
    "bus": (60, 190, 190),
    "animal": (200, 80, 180),
    "drivable": (70, 150, 80),
}
_OTHER = (170, 170, 170)


def write_rrd(path: Path, play: Play) -> int:
    """Write a drive for the viewer.

    Args:
        path: The file; it is there once it is whole.
        play: The drive.

    Returns:
        How many pictures it has.
    """
    import rerun as rr

    partial = path.with_name(f".{path.name}.partial")
    pictures = 0
    try:
        with rr.RecordingStream("bessemer_twin", recording_id=play.title) as stream:
            stream.save(partial, default_blueprint=_layout(play))
            _begin(stream, play)
            for shown in play.shown:
                stream.set_time(_TIME, duration=shown.t_ns / 1e9)
                if isinstance(shown, ShownPicture):
                    stream.log(_place(shown.camera), _picture(shown))
                    pictures += 1
                else:
                    _log_state(stream, shown)
            stream.flush()
            stream.disconnect()
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return pictures


def has_screen() -> bool:
    """Return whether a window can be opened here."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_viewer(path: Path) -> None:
    """Show a file in the viewer's own window, until it is closed; see :func:`seal_off`.

    Args:
        path: What :func:`write_rrd` wrote.
    """
    viewer = [sys.executable, "-m", "rerun"]
    with tempfile.TemporaryDirectory() as settings:
        env = seal_off(os.environ, Path(settings))
        off = [*viewer, "analytics", "disable"]
        subprocess.run(off, env=env, check=True, capture_output=True)
        subprocess.run([*viewer, "--bind", "127.0.0.1", str(path)], env=env, check=False)


def seal_off(env: Mapping[str, str], settings: Path) -> dict[str, str]:
    """Return an environment in which the viewer calls no outside host.

    Left to itself it asks GitHub at each start whether there is a newer one. No setting turns that
    off, but it honours proxies: this one is a port of this machine where nobody listens.

    Args:
        env: The environment.
        settings: An empty folder for the viewer's own settings.

    Returns:
        The environment to start the viewer in.
    """
    sealed = {name: value for name, value in env.items() if not name.lower().endswith("_proxy")}
    proxies = dict.fromkeys(("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"), _NOBODY)
    return sealed | proxies | {"XDG_CONFIG_HOME": str(settings), "XDG_DATA_HOME": str(settings)}


def _place(camera: str) -> str:
    return f"world/ego/{camera}"


def _layout(play: Play) -> "rr.blueprint.Blueprint":
    """Return where things stand in the viewer: 3D on the left, cameras and plots on the right."""
    import rerun.blueprint as rrb

    cameras = rrb.Grid(
        *(
            rrb.Spatial2DView(origin=_place(camera.name), name=camera.name)
            for camera in play.cameras
        )
    )
    speed = rrb.TimeSeriesView(origin="signals", name="signals")
    return rrb.Blueprint(
        rrb.Horizontal(
            rrb.Vertical(
                rrb.Spatial3DView(origin="world", name="world"),
                rrb.TextLogView(origin="events", name="events"),
                row_shares=[4, 1],
            ),
            rrb.Vertical(cameras, speed, row_shares=[2, 1]),
            column_shares=[3, 2],
        ),
        collapse_panels=True,
    )


def _begin(stream: "rr.RecordingStream", play: Play) -> None:
    """Log what holds always: which way is up, and the cameras."""
    import rerun as rr

    stream.log("world", rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
    for camera in play.cameras:
        pose = camera.ego_from_camera
        place = _place(camera.name)
        stream.log(place, _transform(pose), static=True)
        stream.log(
            place,
            rr.Pinhole(
                image_from_camera=camera.intrinsics,
                width=camera.calibration.width_px,
                height=camera.calibration.height_px,
                camera_xyz=rr.ViewCoordinates.RDF,
                image_plane_distance=4.0,
            ),
            static=True,
        )


def _log_state(stream: "rr.RecordingStream", shown: ShownState) -> None:
    import rerun as rr

    if shown.world_from_ego is not None:
        stream.log("world/ego", _transform(shown.world_from_ego))
    if shown.boxes is not None:
        stream.log("world/boxes", _boxes(shown.boxes))
    if shown.lines is not None:
        stream.log("world/lanes", _lines(shown.lines))
    for name, value in shown.signals or ():
        stream.log(f"signals/{name.replace('.', '/')}", rr.Scalars(value))
    if shown.events is not None:
        stream.log("events", rr.TextLog(", ".join(shown.events) or "nothing under way"))


def _transform(pose: np.ndarray) -> "rr.Transform3D":
    import rerun as rr

    w, x, y, z = quaternion_of(np.asarray(pose[:3, :3], np.float64))
    return rr.Transform3D(translation=pose[:3, 3], quaternion=rr.Quaternion(xyzw=(x, y, z, w)))


def _picture(shown: ShownPicture) -> "rr.EncodedImage":
    import rerun as rr

    sink = io.BytesIO()
    Image.fromarray(shown.picture).save(sink, format="JPEG", quality=_JPEG_QUALITY)
    return rr.EncodedImage(contents=sink.getvalue(), media_type="image/jpeg")


def _boxes(boxes: tuple[Box3d, ...]) -> "rr.Boxes3D":
    import rerun as rr

    turns = [(x, y, z, w) for w, x, y, z in (box.rotation_wxyz for box in boxes)]
    return rr.Boxes3D(
        centers=[box.center_m for box in boxes],
        sizes=[box.size_m for box in boxes],
        quaternions=[rr.Quaternion(xyzw=turn) for turn in turns],
        labels=[box.class_name for box in boxes],
        show_labels=False,
        colors=[_COLOURS.get(box.class_name, _OTHER) for box in boxes],
    )


def _lines(lines: tuple[Polyline, ...]) -> "rr.LineStrips3D":
    import rerun as rr

    closed = [
        (*line.points, line.points[0]) if line.class_name == "drivable" else line.points
        for line in lines
    ]
    return rr.LineStrips3D(
        [np.array(points, np.float32) for points in closed],
        colors=[_COLOURS.get(line.class_name, _OTHER) for line in lines],
        radii=[0.04] * len(lines),
    )
