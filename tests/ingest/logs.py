"""Small MCAP files of other people's making: ROS 2 messages in CDR, Foxglove's in protobuf."""

import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from mcap.writer import CompressionType, Writer

from bessemer.twin.drive_log.video import VideoEncoder
from tests.twin.drives import picture

SIZE_PX = (96, 64)
PERIOD_NS = 100_000_000
BEGIN_NS = 1_700_000_000_000_000_000


class CdrWriter:
    """Lays values out as CDR of XCDR version 1."""

    def __init__(self, order: str = "<") -> None:
        self._order = order
        self._data = bytearray()

    def numbers(self, kind: str, *values: float) -> "CdrWriter":
        size = struct.calcsize(kind)
        self._data += b"\0" * (-len(self._data) % size if values else 0)
        self._data += struct.pack(f"{self._order}{len(values)}{kind}", *values)
        return self

    def blob(self, data: bytes) -> "CdrWriter":
        self.numbers("I", len(data))
        self._data += data
        return self

    def text(self, text: str) -> "CdrWriter":
        return self.blob(text.encode() + b"\0")

    def header(self, frame_id: str) -> "CdrWriter":
        return self.numbers("i", 12).numbers("I", 34).text(frame_id)

    def bytes(self) -> bytes:
        return (b"\0\1\0\0" if self._order == "<" else b"\0\0\0\0") + bytes(self._data)


Row = tuple[str, str, str, int, bytes]
"""Topic, encoding, schema, time, message."""


def write_log(
    path: Path,
    rows: Iterable[Row],
    *,
    compression: CompressionType = CompressionType.ZSTD,
    chunked: bool = True,
    chunk_bytes: int = 4_096,
) -> Path:
    """Write messages as they are; schemas are named and left empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = Writer(file, chunk_size=chunk_bytes, compression=compression, use_chunking=chunked)
        writer.start()
        schemas: dict[tuple[str, str], int] = {}
        channels: dict[tuple[str, str, str], int] = {}
        for topic, encoding, schema, t_ns, data in rows:
            kind = (schema, encoding)
            if kind not in schemas:
                name = {"cdr": "ros2msg", "json": "jsonschema"}.get(encoding, encoding)
                schemas[kind] = writer.register_schema(schema, name, b"")
            if (topic, *kind) not in channels:
                channels[topic, *kind] = writer.register_channel(topic, encoding, schemas[kind])
            writer.add_message(channels[topic, *kind], t_ns, data, t_ns)
        writer.finish()  # type: ignore[no-untyped-call]
    return path


def packets(n: int = 12, group_frames: int = 5, seed: int = 0) -> list[bytes]:
    """Return a small film as access units of H.264."""
    rng = np.random.default_rng(seed)
    encoder = VideoEncoder(*SIZE_PX, rate_hz=10.0, group_frames=group_frames)
    return [encoder.encode(picture(rng, SIZE_PX[::-1])) for _ in range(n)]


def ros_video(
    data: bytes, k: int, *, format: str = "h264", topic: str = "/cam/video", order: str = "<"
) -> Row:
    """Return one picture of a video as ``foxglove_msgs`` has it."""
    cdr = CdrWriter(order).header("cam_optical").blob(data).text(format)
    return topic, "cdr", "foxglove_msgs/msg/CompressedVideo", BEGIN_NS + k * PERIOD_NS, cdr.bytes()


def ros_image(data: bytes, k: int, *, topic: str = "/cam/image/compressed") -> Row:
    """Return one picture as ``sensor_msgs`` has it."""
    cdr = CdrWriter().header("cam_optical").text("jpeg").blob(data)
    return topic, "cdr", "sensor_msgs/msg/CompressedImage", BEGIN_NS + k * PERIOD_NS, cdr.bytes()


def ros_lens(
    k: int = 0, *, model: str = "plumb_bob", d: tuple[float, ...] = (0.1, 0.0, 0.0, 0.0, 0.01)
) -> Row:
    """Return ``sensor_msgs/CameraInfo``."""
    cdr = CdrWriter().header("cam_optical").numbers("I", SIZE_PX[1], SIZE_PX[0]).text(model)
    cdr.numbers("I", len(d)).numbers("d", *d)
    cdr.numbers("d", 70.0, 0.0, 48.0, 0.0, 71.0, 32.0, 0.0, 0.0, 1.0)
    cdr.numbers("d", *np.eye(3).ravel()).numbers("d", *np.eye(3, 4).ravel())
    t_ns = BEGIN_NS + k * PERIOD_NS
    return "/cam/camera_info", "cdr", "sensor_msgs/msg/CameraInfo", t_ns, cdr.bytes()


def ros_links(
    k: int,
    *links: tuple[str, str, tuple[float, ...], tuple[float, ...]],
    topic: str = "/tf",
) -> Row:
    """Return ``tf2_msgs/TFMessage``: parent, child, x y z, and x y z w."""
    cdr = CdrWriter().numbers("I", len(links))
    for parent, child, position, rotation in links:
        cdr.header(parent).text(child).numbers("d", *position, *rotation)
    return topic, "cdr", "tf2_msgs/msg/TFMessage", BEGIN_NS + k * PERIOD_NS, cdr.bytes()
