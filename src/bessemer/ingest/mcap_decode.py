"""Messages of Foxglove's schemas and of ROS 2, as one small set of records.

Protobuf messages are read by Foxglove's own published schemas, not by those that a file brings, so
that nothing in a file decides how it is read. Names that both worlds share are read from both.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec
from foxglove_schemas_protobuf.CameraCalibration_pb2 import CameraCalibration
from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.CompressedVideo_pb2 import CompressedVideo
from foxglove_schemas_protobuf.FrameTransform_pb2 import FrameTransform
from foxglove_schemas_protobuf.FrameTransforms_pb2 import FrameTransforms
from foxglove_schemas_protobuf.Quaternion_pb2 import Quaternion
from foxglove_schemas_protobuf.SceneEntityDeletion_pb2 import SceneEntityDeletion
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate
from foxglove_schemas_protobuf.Vector3_pb2 import Vector3
from google.protobuf.message import DecodeError

from bessemer.ingest.files import RefusedError
from bessemer.ingest.mcap_cdr import Cdr
from bessemer.ingest.mcap_records import Logged


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One picture of a video."""

    frame_id: str
    format: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One picture that stands alone."""

    frame_id: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """A camera's calibration without its place."""

    frame_id: str
    model: str
    width_px: int
    height_px: int
    distortion: tuple[float, ...]
    intrinsics: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a frame lies in its parent."""

    parent: str
    child: str
    position_m: tuple[float, float, float]
    rotation_wxyz: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Some links at once."""

    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cube:
    """A box of a scene and what its metadata say."""

    entity: str
    frame_id: str
    position_m: tuple[float, float, float]
    rotation_wxyz: tuple[float, float, float, float]
    size_m: tuple[float, float, float]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneChange:
    """What a scene's update takes away and brings.

    Attributes:
        clears: Whether all that was there goes first.
        gone: Entities that go.
        brought: Entities that come, or take the place of those of their name, with their cubes.
    """

    clears: bool
    gone: tuple[str, ...]
    brought: tuple[tuple[str, tuple[Cube, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Numbers by name, and the names of leaves that are none."""

    numbers: tuple[tuple[str, float], ...]
    others: tuple[str, ...]


Said: TypeAlias = Packet | Still | Lens | Links | SceneChange | Values
"""What a message can say to us."""

JSON: Final = ("json", "")

# JSON may nest deeper than Python goes, and hold integers that are no float.
_BROKEN = (DecodeError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError)


def reads(message: Logged) -> bool:
    """Return whether messages of this encoding and schema can be read."""
    return _key_of(message) in _DECODERS


def decode_message(message: Logged) -> Said:
    """Return what a message says.

    Args:
        message: One that :func:`reads` knows.

    Returns:
        Its contents.

    Raises:
        RefusedError: If it is damaged.
    """
    try:
        return _DECODERS[_key_of(message)](message.data)
    except _BROKEN as error:
        raise RefusedError(
            "bad_message", f"It is no {message.schema or 'JSON'}: {error}."
        ) from error


def _key_of(message: Logged) -> tuple[str, str]:
    return JSON if message.encoding == "json" else (message.encoding, message.schema)


def _video(data: bytes) -> Packet:
    said = CompressedVideo.FromString(data)
    return Packet(frame_id=said.frame_id, format=said.format, data=said.data)


def _ros_video(data: bytes) -> Packet:
    cdr = Cdr(data)
    frame_id, packet = cdr.header(), cdr.blob()
    return Packet(frame_id=frame_id, format=cdr.text(), data=packet)


def _image(data: bytes) -> Still:
    said = CompressedImage.FromString(data)
    return Still(frame_id=said.frame_id, data=said.data)


def _ros_image(data: bytes) -> Still:
    """Read ``sensor_msgs/CompressedImage``: stamp, frame, format, picture."""
    cdr = Cdr(data)
    frame_id, _ = cdr.header(), cdr.text()
    return Still(frame_id=frame_id, data=cdr.blob())


def _ros_foxglove_image(data: bytes) -> Still:
    """Read ``foxglove_msgs/CompressedImage``: stamp, frame, picture, format."""
    cdr = Cdr(data)
    frame_id = cdr.header()
    return Still(frame_id=frame_id, data=cdr.blob())


def _lens(data: bytes) -> Lens:
    said = CameraCalibration.FromString(data)
    return Lens(
        frame_id=said.frame_id,
        model=said.distortion_model,
        width_px=said.width,
        height_px=said.height,
        distortion=tuple(said.D),
        intrinsics=tuple(said.K),
    )


def _ros_lens(data: bytes) -> Lens:
    cdr = Cdr(data)
    frame_id = cdr.header()
    height_px, width_px = cdr.count(), cdr.count()
    model = cdr.text()
    distortion = cdr.numbers("d", cdr.count())
    return Lens(
        frame_id=frame_id,
        model=model,
        width_px=width_px,
        height_px=height_px,
        distortion=distortion,
        intrinsics=cdr.numbers("d", 9),
    )


def _links(data: bytes) -> Links:
    return Links(links=tuple(map(_link, FrameTransforms.FromString(data).transforms)))


def _one_link(data: bytes) -> Links:
    return Links(links=(_link(FrameTransform.FromString(data)),))


def _link(said: FrameTransform) -> Link:
    return Link(
        parent=said.parent_frame_id,
        child=said.child_frame_id,
        position_m=_xyz(said.translation),
        rotation_wxyz=_wxyz(said.rotation),
    )


def _ros_links(data: bytes) -> Links:
    cdr = Cdr(data)
    links = []
    for _ in range(cdr.count()):
        parent, child = cdr.header(), cdr.text()
        px, py, pz, x, y, z, w = cdr.numbers("d", 7)
        links.append(
            Link(parent=parent, child=child, position_m=(px, py, pz), rotation_wxyz=(w, x, y, z))
        )
    return Links(links=tuple(links))


def _scene(data: bytes) -> SceneChange:
    said = SceneUpdate.FromString(data)
    return SceneChange(
        clears=any(gone.type == SceneEntityDeletion.ALL for gone in said.deletions),
        gone=tuple(gone.id for gone in said.deletions),
        brought=tuple(
            (
                entity.id,
                tuple(
                    Cube(
                        entity=entity.id,
                        frame_id=entity.frame_id,
                        position_m=_xyz(cube.pose.position),
                        rotation_wxyz=_wxyz(cube.pose.orientation),
                        size_m=_xyz(cube.size),
                        facts=tuple((pair.key, pair.value) for pair in entity.metadata),
                    )
                    for cube in entity.cubes
                ),
            )
            for entity in said.entities
        ),
    )


def _values(data: bytes) -> Values:
    numbers: list[tuple[str, float]] = []
    others: list[str] = []
    tree = msgspec.json.decode(data)
    for name, leaf in _leaves(tree, "") if isinstance(tree, dict) else (("", tree),):
        if name and isinstance(leaf, int | float) and math.isfinite(leaf):
            numbers.append((name, float(leaf)))
        else:
            others.append(name)
    return Values(numbers=tuple(numbers), others=tuple(others))


def _leaves(tree: dict[str, object], stem: str) -> Iterator[tuple[str, object]]:
    """Yield the leaves of a JSON tree with the way to each."""
    for name, inner in tree.items():
        way = f"{stem}.{name}" if stem else name
        if isinstance(inner, dict):
            yield from _leaves(inner, way)
        else:
            yield way, inner


def _xyz(said: Vector3) -> tuple[float, float, float]:
    return said.x, said.y, said.z


def _wxyz(said: Quaternion) -> tuple[float, float, float, float]:
    return said.w, said.x, said.y, said.z


_DECODERS: Final[dict[tuple[str, str], Callable[[bytes], Said]]] = {
    ("protobuf", "foxglove.CompressedVideo"): _video,
    ("protobuf", "foxglove.CompressedImage"): _image,
    ("protobuf", "foxglove.CameraCalibration"): _lens,
    ("protobuf", "foxglove.FrameTransform"): _one_link,
    ("protobuf", "foxglove.FrameTransforms"): _links,
    ("protobuf", "foxglove.SceneUpdate"): _scene,
    ("cdr", "foxglove_msgs/msg/CompressedVideo"): _ros_video,
    ("cdr", "foxglove_msgs/msg/CompressedImage"): _ros_foxglove_image,
    ("cdr", "sensor_msgs/msg/CompressedImage"): _ros_image,
    ("cdr", "sensor_msgs/msg/CameraInfo"): _ros_lens,
    ("cdr", "tf2_msgs/msg/TFMessage"): _ros_links,
    JSON: _values,
}
