"""A drive as an MCAP file with Foxglove's schemas, written as it happens.

What stands on which topic:

* ``/camera/NAME``: CompressedVideo, H.264; ``/camera/NAME/calibration``: CameraCalibration, once.
* ``/tf``: FrameTransform world to ego, at the end of each step, and where the ego was at the time
  of each picture in between; ``/tf_static``: FrameTransforms ego to cameras, once and on a topic of
  its own, because viewers that jump in time load a topic's last message.
* ``/scene``: SceneUpdate, all boxes at the end of a step. At a picture in that step a box stood
  back along its velocity. ``/lanes``: SceneUpdate, lines as they come near, all of them every ten
  seconds.
* ``/signals``: JSON, nested as VSS names are, so that a viewer's path to plot, such as
  ``/signals.Vehicle.Speed``, is the signal's name. (In ``google.protobuf.Struct`` a value hides in
  a list of keys, which no viewer plots by name.)
* ``/events``: JSON, what tail events are under way, where that changed.
* ``/truth/NAME/semantic``, ``instance``, ``depth``: CompressedImage, PNG of one channel. The
  channel's metadata name the classes, or the metres that one step of depth means.

Facts about the drive stand in a metadata record before the first message, so that a file cut short
still has them. The file bears a temporary name until it is whole.

Cost: one chunk is held in memory, and one picture.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Final

import numpy as np
from foxglove_schemas_protobuf.FrameTransforms_pb2 import FrameTransforms
from jaxtyping import Float64, UInt16

import bessemer
from bessemer.core.errors import InputError
from bessemer.core.ids import ElementId
from bessemer.core.labels import Polyline
from bessemer.core.records import Terms
from bessemer.twin.classes import SemanticClass
from bessemer.twin.conditions import Conditions
from bessemer.twin.drive import Observation, View
from bessemer.twin.drive_log.channels import Channels
from bessemer.twin.drive_log.messages import (
    EGO,
    boxes_message,
    calibration_message,
    camera_frame,
    lines_message,
    picture_message,
    transform_message,
)
from bessemer.twin.drive_log.video import VideoEncoder
from bessemer.twin.rig import Camera, Rig
from bessemer.twin.truth import WORLD, Truth

METADATA: Final = "bessemer.drive"
"""Name of the metadata record with the drive's facts; a file that has it holds exact truth."""

_LINES_AGAIN_NS = 10_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveFacts:
    """What is known of a drive before it begins.

    Attributes:
        terms: Licence and region.
        vehicle: Who drives.
        seed: Of the world.
        scenario: What was set up, in one word.
        conditions: Weather and light.
        importance: Weight of the drive in any mean over drives.
    """

    terms: Terms
    vehicle: str
    seed: int
    scenario: str
    conditions: Conditions = field(default_factory=Conditions)
    importance: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogConfig:
    """What a log holds, and how well.

    Attributes:
        group_s: From one key frame to the next.
        crf: Quality of video; less is better and larger.
        preset: How hard x264 tries.
        semantic_every: Every how many pictures of a camera its classes are written; 0 for never.
        instance_every: As well for instance ids.
        depth_every: As well for depth.
        depth_step_m: What one step of a depth picture means.
        between_pictures: Whether steps without a picture are written too: poses and signals at the
            world's own rate.
        chunk_bytes: A cut file loses less than this much beside what was cut.
    """

    group_s: float = 1.0
    crf: int = 23
    preset: str = "veryfast"
    semantic_every: int = 1
    instance_every: int = 0
    depth_every: int = 0
    depth_step_m: float = 0.01
    between_pictures: bool = True
    chunk_bytes: int = 256 << 10

    def __post_init__(self) -> None:
        """Check the ranges."""
        every = (self.semantic_every, self.instance_every, self.depth_every)
        if self.group_s <= 0 or self.depth_step_m <= 0 or self.chunk_bytes < 1 or min(every) < 0:
            raise InputError(
                "group_s, depth_step_m and chunk_bytes lie above 0, and nothing is written every "
                f"{min(every)} pictures.",
                where="LogConfig",
            )


class DriveLog:
    """An MCAP file that grows by observations; use it in a ``with`` block.

    Left by an error, the block leaves no file behind.

    Args:
        path: The file; one that is there is replaced once the new one is whole.
        rig: The cameras.
        facts: What is known before it begins.
        config: What the log holds.
        start_ns: Time of the world's reset on the log's clock, such as nanoseconds since 1970.

    Example:
        >>> import tempfile
        >>> from bessemer.twin.rig import look_from, pinhole
        >>> rig = Rig(name="one", cameras=(pinhole("front", 64, 48, 1.2, look_from(1, 0, 1)),))
        >>> terms = Terms(licence="CC0-1.0", region="DE")
        >>> facts = DriveFacts(terms=terms, vehicle="v1", seed=3, scenario="town")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with DriveLog(Path(folder) / "drive.mcap", rig, facts) as log:
        ...         pass  # log.write(observation, surveyor.survey(observation))
        ...     [path.name for path in Path(folder).iterdir()]
        ['drive.mcap']
    """

    def __init__(
        self,
        path: Path,
        rig: Rig,
        facts: DriveFacts,
        config: LogConfig | None = None,
        *,
        start_ns: int = 0,
    ) -> None:
        self._path, self._rig, self._facts = path, rig, facts
        self._config = config or LogConfig()
        self._start_ns = start_ns
        self._partial = path.with_name(f".{path.name}.partial")
        self._cameras = {camera.name: camera for camera in rig.cameras}
        self._encoders = {
            camera.name: VideoEncoder(
                camera.calibration.width_px,
                camera.calibration.height_px,
                rate_hz=rig.rate_hz,
                group_frames=max(1, round(self._config.group_s * rig.rate_hz)),
                crf=self._config.crf,
                preset=self._config.preset,
            )
            for camera in rig.cameras
        }
        self._seen = dict.fromkeys(self._encoders, 0)
        self._last_ns: dict[str, int] = {}
        self._posed_ns = -1
        self._lines: frozenset[ElementId] = frozenset()
        self._lines_whole_ns: int | None = None
        self._events: tuple[str, ...] = ()

    def __enter__(self) -> "DriveLog":
        """Begin the file, with the drive's facts first."""
        self._file: IO[bytes] = self._partial.open("wb")
        self._channels = Channels(self._file, self._config.chunk_bytes)
        self._channels.add_metadata(METADATA, _said(self._facts, self._rig))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the whole file its name; leave nothing of one that was not finished."""
        with self._file:
            if kind is None:
                self._channels.finish()
                self._file.flush()
                os.fsync(self._file.fileno())
        if kind is None:
            self._partial.replace(self._path)
        else:
            self._partial.unlink(missing_ok=True)

    def write(self, seen: Observation, truth: Truth | None = None) -> None:
        """Write what a step gave.

        Args:
            seen: The observation.
            truth: Boxes, lanes and ground of the same instant; None where they were not computed.
                No boxes says that there were none.

        Raises:
            InputError: If time does not go on, a camera is not of the rig, or a picture or an id
                does not fit.
        """
        if not (seen.views or self._config.between_pictures):
            return
        t_ns = self._after("/tf", seen.t_ns)
        if "/tf_static" not in self._last_ns:
            self._write_rig(t_ns)
        for view in sorted(seen.views, key=lambda view: view.t_ns):
            camera = self._camera(view)
            if view.t_ns < seen.t_ns:
                self._write_pose(view.t_ns, view.world_from_ego(camera.ego_from_camera))
            self._write_view(view)
        self._write_pose(seen.t_ns, seen.ego.world_from_ego)
        if seen.signals:
            self._channels.add_signals("/signals", t_ns, seen.signals)
        if truth is not None:
            self._write_truth(t_ns, truth)
        if seen.events != self._events:
            self._events = seen.events
            self._channels.add_names("/events", t_ns, seen.events)

    def _write_rig(self, t_ns: int) -> None:
        """Write what is said once: where cameras sit and what they see through."""
        self._last_ns["/tf_static"] = t_ns
        poses = [
            transform_message(t_ns, EGO, camera_frame(name), camera.ego_from_camera)
            for name, camera in self._cameras.items()
        ]
        self._channels.add("/tf_static", t_ns, FrameTransforms(transforms=poses))
        for name, camera in self._cameras.items():
            topic = f"/camera/{name}/calibration"
            self._channels.add(topic, t_ns, calibration_message(t_ns, camera))

    def _camera(self, view: View) -> Camera:
        """Return the rig's camera that took a view."""
        if view.camera not in self._cameras:
            known = ", ".join(self._cameras)
            raise InputError(
                f"The rig {self._rig.name!r} has no camera {view.camera!r}.",
                where=str(self._path),
                fix=f"It has: {known}.",
            )
        return self._cameras[view.camera]

    def _write_pose(self, t_ns: int, world_from_ego: Float64[np.ndarray, "4 4"]) -> None:
        """Write where the ego is, once an instant: cameras may look at one time."""
        t_ns += self._start_ns
        if t_ns > self._posed_ns:
            self._posed_ns = t_ns
            self._channels.add("/tf", t_ns, transform_message(t_ns, WORLD, EGO, world_from_ego))

    def _write_view(self, view: View) -> None:
        """Write a picture and the truth of its pixels."""
        name, config = view.camera, self._config
        t_ns = self._after(f"/camera/{name}", view.t_ns)
        self._channels.add_video(
            f"/camera/{name}", t_ns, camera_frame(name), self._encoders[name].encode(view.picture)
        )
        index = self._seen[name]
        self._seen[name] += 1
        if config.semantic_every and index % config.semantic_every == 0:
            classes = ",".join(kind.label for kind in SemanticClass)
            message = picture_message(t_ns, name, view.semantic)
            self._channels.add(f"/truth/{name}/semantic", t_ns, message, {"classes": classes})
        if config.instance_every and index % config.instance_every == 0:
            message = picture_message(t_ns, name, _sixteen_bits(view.instance, name))
            self._channels.add(f"/truth/{name}/instance", t_ns, message)
        if config.depth_every and index % config.depth_every == 0:
            steps = depth_steps(view.depth_m, config.depth_step_m)
            facts = {"step_m": str(config.depth_step_m)}
            message = picture_message(t_ns, name, steps)
            self._channels.add(f"/truth/{name}/depth", t_ns, message, facts)

    def _write_truth(self, t_ns: int, truth: Truth) -> None:
        """Write all boxes, and the lines that came near or went."""
        self._channels.add("/scene", t_ns, boxes_message(t_ns, truth.boxes))
        lines: tuple[Polyline, ...] = (*truth.lanes, *truth.drivable)
        ids = frozenset(line.element_id for line in lines)
        whole = self._lines_whole_ns is None or t_ns - self._lines_whole_ns >= _LINES_AGAIN_NS
        if whole:
            self._lines_whole_ns = t_ns
        elif ids == self._lines:
            return
        new = [line for line in lines if whole or line.element_id not in self._lines]
        gone = None if whole else sorted(self._lines - ids)
        self._channels.add("/lanes", t_ns, lines_message(t_ns, new, gone))
        self._lines = ids

    def _after(self, topic: str, t_ns: int) -> int:
        """Return a time on the log's clock, having checked that it is later than the last."""
        t_ns += self._start_ns
        if t_ns <= self._last_ns.get(topic, -1):
            raise InputError(
                f"Time goes on: {t_ns} ns comes after {self._last_ns.get(topic, -1)} ns.",
                where=f"{self._path}, {topic}",
                fix="Write each observation once, in order, one log a drive.",
            )
        self._last_ns[topic] = t_ns
        return t_ns


def depth_steps(depth_m: np.ndarray, step_m: float) -> UInt16[np.ndarray, "h w"]:
    """Return depth in steps of 16 bits: 0 where there is sky, 65535 for all that is farther.

    Args:
        depth_m: Metres, infinite where there is sky.
        step_m: What one step means.

    Returns:
        Steps, the nearest to each depth and at least 1.
    """
    there = np.isfinite(depth_m)
    steps = np.rint(np.where(there, depth_m, 0.0) / step_m).clip(1, 65_535)
    return np.where(there, steps, 0).astype(np.uint16)


def _sixteen_bits(instance: np.ndarray, camera: str) -> UInt16[np.ndarray, "h w"]:
    """Return instance ids in 16 bits."""
    if instance.size and not 0 <= int(instance.min()) <= int(instance.max()) < 1 << 16:
        raise InputError(
            f"Instance {int(instance.max())} does not fit into 16 bits.",
            where=f"camera {camera}",
            fix="Number actors from 1 in each drive, or write no instance pictures.",
        )
    return instance.astype(np.uint16)


def _said(facts: DriveFacts, rig: Rig) -> dict[str, str]:
    """Return the facts of a drive as MCAP's metadata have them: all text."""
    conditions = facts.conditions
    return {
        "licence": facts.terms.licence,
        "region": facts.terms.region,
        "retention_days": str(facts.terms.retention_days),
        "vehicle": facts.vehicle,
        "seed": str(facts.seed),
        "scenario": facts.scenario,
        "rig": rig.name,
        "rate_hz": str(rig.rate_hz),
        "weather": conditions.weather.value,
        "intensity_frac": str(conditions.intensity_frac),
        "hour": str(conditions.hour),
        "season": conditions.season.value,
        "latitude_deg": str(conditions.latitude_deg),
        "importance": str(facts.importance),
        "software": f"bessemer {bessemer.__version__}",
    }
