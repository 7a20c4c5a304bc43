"""A recorded drive, read from an MCAP file to be shown: the twin's own, or anyone's.

The file is read twice: first for lenses and frames, then for what is shown. What cannot be read is
left out; ingest says what and why.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import av
import msgspec
import numpy as np
from foxglove_schemas_protobuf.LinePrimitive_pb2 import LinePrimitive
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate
from jaxtyping import Float64

from bessemer.cli.twin_show import told_of_cut
from bessemer.core.errors import InputError
from bessemer.core.ids import ElementId, StreamName
from bessemer.core.labels import Box3d, Polyline
from bessemer.edge.decode import VIDEO_DECODERS, decode_picture
from bessemer.ingest.files import RefusedError
from bessemer.ingest.mcap_decode import (
    Lens,
    Links,
    Packet,
    SceneChange,
    Still,
    Values,
    decode_message,
    reads,
)
from bessemer.ingest.mcap_poses import FrameTree, calibration_of
from bessemer.ingest.mcap_records import Facts, Logged, read_log
from bessemer.ingest.mcap_take import NAMES
from bessemer.ingest.mcap_video import FORMATS
from bessemer.twin.drive_log.log import METADATA
from bessemer.twin.play.replay import Play, Shown, ShownPicture, ShownState
from bessemer.twin.rig import Camera
from bessemer.twin.truth import WORLD

LINES = "/lanes"
_TRUTH = "/truth/"
_USUAL_HZ = 5.0


def recorded_play(path: Path) -> Play:
    """Return a recorded drive.

    Args:
        path: An MCAP file.

    Returns:
        The drive; its pictures are decoded as they are taken.

    Raises:
        InputError: If it is no MCAP, or no camera of it can be shown.
    """
    if not path.is_file():
        raise InputError("There is no such file.", where=str(path))
    try:
        survey = _Survey(path)
    except RefusedError as refused:
        raise InputError(refused.what, where=str(path), fix=refused.fix) from refused
    return Play(
        title=survey.title,
        cameras=survey.cameras(),
        rate_hz=survey.rate_hz(),
        shown=_Replay(path, survey).read(),
    )


class _Survey:
    """The first pass: what the file says of its cameras and frames."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = FrameTree()
        self.frames: dict[str, str] = {}
        self.start_ns: int | None = None
        self.facts: dict[str, str] = {}
        self._lenses: dict[str, Lens] = {}
        self._times: dict[str, list[int]] = {}
        for item in read_log(path):
            if isinstance(item, Facts) and item.name == METADATA:
                self.facts = item.values
            elif isinstance(item, Logged):
                self._take(item)

    @property
    def title(self) -> str:
        """What the drive is."""
        said = [self.facts.get(key, "") for key in ("vehicle", "scenario", "weather")]
        return ", ".join((self.path.stem, *(text for text in said if text)))

    def _take(self, item: Logged) -> None:
        self.start_ns = item.t_ns if self.start_ns is None else min(self.start_ns, item.t_ns)
        if not reads(item) or item.encoding == "json" or item.topic.startswith(_TRUTH):
            return
        try:
            said = decode_message(item)
            if isinstance(said, Packet | Still):
                self.frames.setdefault(item.topic, said.frame_id)
                self._times.setdefault(item.topic, []).append(item.t_ns)
            elif isinstance(said, Lens):
                self._lenses.setdefault(said.frame_id, said)
            elif isinstance(said, Links):
                for link in said.links:
                    self.tree.add(item.t_ns, link)
        except RefusedError:
            return

    def cameras(self) -> tuple[Camera, ...]:
        """Return the cameras whose lens and place are known, in the order of their topics."""
        found = []
        for topic, frame in self.frames.items():
            lens = self._lenses.get(frame)
            if lens is None:
                continue
            try:
                calibration = calibration_of(lens, self.tree, self.start_ns or 0)
            except RefusedError:
                continue
            found.append(Camera(name=camera_of(topic), calibration=calibration))
        if not found:
            if told_of_cut(self.path):
                raise InputError(
                    "The file is cut or damaged before it tells a camera's lens and place.",
                    where=str(self.path),
                    fix="Copy it again.",
                )
            raise InputError(
                "The file has no camera whose lens and place it tells.",
                where=str(self.path),
                fix="Record CameraCalibration and FrameTransforms beside the pictures.",
            )
        return tuple(found)

    def rate_hz(self) -> float:
        """Return how many pictures a second the first camera gives."""
        times = next(iter(self._times.values()), [])
        if len(times) < 2 or times[-1] <= times[0]:
            return _USUAL_HZ
        return max(0.01, (len(times) - 1) / ((times[-1] - times[0]) / 1e9))


class _Replay:
    """The second pass: pictures, poses, boxes, lanes, signals as they come."""

    def __init__(self, path: Path, survey: _Survey) -> None:
        self._path, self._survey = path, survey
        self._decoders: dict[str, av.VideoCodecContext] = {}
        self._boxes: dict[str, Box3d] = {}
        self._lines: dict[str, Polyline] = {}
        self._posed: Float64[np.ndarray, "4 4"] | None = None

    def read(self) -> Iterator[Shown]:
        """Yield what the file says, in its order."""
        for item in read_log(self._path):
            if not isinstance(item, Logged) or item.topic.startswith(_TRUTH):
                continue
            t_ns = item.t_ns - (self._survey.start_ns or 0)
            try:
                yield from self._show(item, t_ns)
            except (RefusedError, av.FFmpegError, msgspec.DecodeError):
                continue

    def _show(self, item: Logged, t_ns: int) -> Iterator[Shown]:
        if item.schema == NAMES:
            names = msgspec.json.decode(item.data, type=dict[str, tuple[str, ...]])
            yield ShownState(t_ns=t_ns, events=names.get("names", ()))
            return
        if not reads(item):
            return
        if item.topic == LINES and item.encoding == "protobuf":
            yield ShownState(t_ns=t_ns, lines=self._take_lines(item.data, t_ns))
            return
        match decode_message(item):
            case Packet(format=kind, data=data):
                yield from self._move(item)
                yield from self._decode(item.topic, kind, data, t_ns)
            case Still(data=data):
                picture = decode_picture(data, where=item.topic)
                yield from self._move(item)
                yield ShownPicture(t_ns=t_ns, camera=camera_of(item.topic), picture=picture)
            case Links():
                yield from self._move(item)
            case SceneChange() as change:
                yield ShownState(t_ns=t_ns, boxes=self._take_boxes(change, t_ns))
            case Values(numbers=numbers):
                yield ShownState(t_ns=t_ns, signals=numbers)

    def _move(self, item: Logged) -> Iterator[ShownState]:
        """Yield the ego's pose nearest in time, if it is another than was shown last."""
        tree = self._survey.tree
        if (ego := tree.ego()) is None:
            return
        pose = tree.pose(ego, tree.way_up(ego)[-1], item.t_ns, nearest=True)
        if pose is not None and not (self._posed is not None and (pose == self._posed).all()):
            self._posed = pose
            yield ShownState(t_ns=item.t_ns - (self._survey.start_ns or 0), world_from_ego=pose)

    def _decode(self, topic: str, kind: str, data: bytes, t_ns: int) -> Iterator[ShownPicture]:
        """Yield the pictures of a packet; without frames that look ahead it has one."""
        if topic not in self._decoders:
            if kind not in FORMATS:
                return
            decoder = av.CodecContext.create(VIDEO_DECODERS[FORMATS[kind]], "r")
            self._decoders[topic] = cast(av.VideoCodecContext, decoder)
            self._decoders[topic].thread_count = 1
        for frame in self._decoders[topic].decode(av.Packet(data)):
            picture = frame.to_ndarray(format="rgb24")
            yield ShownPicture(t_ns=t_ns, camera=camera_of(topic), picture=picture)

    def _take_boxes(self, change: SceneChange, t_ns: int) -> tuple[Box3d, ...]:
        """Return all boxes once a scene has changed."""
        if change.clears:
            self._boxes.clear()
        for name in change.gone:
            self._boxes.pop(name, None)
        for name, cubes in change.brought:
            for cube in cubes:
                self._boxes[name] = Box3d(
                    element_id=ElementId(name),
                    t_ns=t_ns,
                    frame=cube.frame_id,
                    class_name=dict(cube.facts).get("class", ""),
                    center_m=cube.position_m,
                    size_m=cube.size_m,
                    rotation_wxyz=cube.rotation_wxyz,
                )
        return tuple(self._boxes.values())

    def _take_lines(self, data: bytes, t_ns: int) -> tuple[Polyline, ...]:
        """Return all lines once some came or went."""
        said = SceneUpdate.FromString(data)
        for gone in said.deletions:
            if gone.type == gone.ALL:
                self._lines.clear()
            self._lines.pop(gone.id, None)
        for entity in said.entities:
            for line in entity.lines:
                closed = line.type == LinePrimitive.LINE_LOOP
                self._lines[entity.id] = Polyline(
                    element_id=ElementId(entity.id),
                    t_ns=t_ns,
                    frame=WORLD,
                    class_name="drivable" if closed else "lane",
                    points=tuple((point.x, point.y, point.z) for point in line.points),
                )
        return tuple(self._lines.values())


def camera_of(topic: str) -> StreamName:
    """Return the name of the camera that a topic is of.

    Args:
        topic: Such as ``/camera/front``.

    Returns:
        Its name.

    Example:
        >>> camera_of("/camera/front"), camera_of("/left/image_raw")
        ('front', 'left/image_raw')
    """
    return StreamName(topic.strip("/").removeprefix("camera/"))
