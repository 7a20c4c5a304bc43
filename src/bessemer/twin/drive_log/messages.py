"""What a drive says as Foxglove's messages: poses, lenses, boxes, lines, pictures of truth.

Frames: ``world`` (east, north, up), ``ego``, and ``camera/NAME`` for each camera.
"""

import io
from collections.abc import Iterable, Sequence

import numpy as np
from foxglove_schemas_protobuf.CameraCalibration_pb2 import CameraCalibration
from foxglove_schemas_protobuf.Color_pb2 import Color
from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.CubePrimitive_pb2 import CubePrimitive
from foxglove_schemas_protobuf.FrameTransform_pb2 import FrameTransform
from foxglove_schemas_protobuf.KeyValuePair_pb2 import KeyValuePair
from foxglove_schemas_protobuf.LinePrimitive_pb2 import LinePrimitive
from foxglove_schemas_protobuf.Point3_pb2 import Point3
from foxglove_schemas_protobuf.Pose_pb2 import Pose
from foxglove_schemas_protobuf.Quaternion_pb2 import Quaternion
from foxglove_schemas_protobuf.SceneEntity_pb2 import SceneEntity
from foxglove_schemas_protobuf.SceneEntityDeletion_pb2 import SceneEntityDeletion
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate
from foxglove_schemas_protobuf.Vector3_pb2 import Vector3
from google.protobuf.timestamp_pb2 import Timestamp
from jaxtyping import Float64, UInt8, UInt16
from PIL import Image

from bessemer.core.ids import ElementId
from bessemer.core.labels import Polyline
from bessemer.twin.rig import Camera
from bessemer.twin.truth import TrueBox, TrueLane, quaternion_of

EGO = "ego"

_PALETTE = (
    (0.90, 0.30, 0.24),
    (0.20, 0.60, 0.86),
    (0.18, 0.80, 0.44),
    (0.95, 0.77, 0.06),
    (0.61, 0.35, 0.71),
    (0.90, 0.49, 0.13),
    (0.10, 0.74, 0.61),
)


def stamp(t_ns: int) -> Timestamp:
    """Return a time as protobuf has it."""
    return Timestamp(seconds=t_ns // 1_000_000_000, nanos=t_ns % 1_000_000_000)


def camera_frame(name: str) -> str:
    """Return the frame of a camera: its place and where it looks."""
    return f"camera/{name}"


def transform_message(
    t_ns: int, parent: str, child: str, parent_from_child: Float64[np.ndarray, "4 4"]
) -> FrameTransform:
    """Return the pose of ``child`` in ``parent``."""
    x, y, z = (float(value) for value in parent_from_child[:3, 3])
    return FrameTransform(
        timestamp=stamp(t_ns),
        parent_frame_id=parent,
        child_frame_id=child,
        translation=Vector3(x=x, y=y, z=z),
        rotation=_quaternion(quaternion_of(parent_from_child[:3, :3])),
    )


def calibration_message(t_ns: int, camera: Camera) -> CameraCalibration:
    """Return a camera's lens; one without distortion is a ``plumb_bob`` of zeros, as ROS has it."""
    calibration = camera.calibration
    fisheye = calibration.model == "kannala_brandt"
    k = calibration.intrinsics
    return CameraCalibration(
        timestamp=stamp(t_ns),
        frame_id=camera_frame(camera.name),
        width=calibration.width_px,
        height=calibration.height_px,
        distortion_model="kannala_brandt" if fisheye else "plumb_bob",
        D=calibration.distortion or (0.0,) * 5,
        K=k,
        R=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
        P=(*k[:3], 0.0, *k[3:6], 0.0, *k[6:], 0.0),
    )


def boxes_message(t_ns: int, boxes: Sequence[TrueBox]) -> SceneUpdate:
    """Return all boxes of an instant in the place of all before, each with what it is."""
    return SceneUpdate(
        deletions=[_deletion(t_ns)], entities=[_box_entity(t_ns, true) for true in boxes]
    )


def lines_message(
    t_ns: int, lines: Sequence[Polyline], gone: Iterable[ElementId] | None
) -> SceneUpdate:
    """Return lines and outlines that are new at an instant, and those gone; None is for all."""
    deletions = [_deletion(t_ns)] if gone is None else [_deletion(t_ns, name) for name in gone]
    return SceneUpdate(deletions=deletions, entities=[_line_entity(t_ns, line) for line in lines])


def picture_message(
    t_ns: int, camera: str, values: UInt8[np.ndarray, "h w"] | UInt16[np.ndarray, "h w"]
) -> CompressedImage:
    """Return values of pixels as a PNG of one channel, 8 or 16 bits."""
    sink = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(values)).save(sink, format="PNG", compress_level=6)
    return CompressedImage(
        timestamp=stamp(t_ns), frame_id=camera_frame(camera), data=sink.getvalue(), format="png"
    )


def _box_entity(t_ns: int, true: TrueBox) -> SceneEntity:
    """Return a box as a cube whose metadata says all that a cube cannot."""
    box = true.box
    x, y, z = box.center_m
    length, width, height = box.size_m
    facts = {
        "class": box.class_name,
        "instance": true.instance,
        "length_m": length,
        "width_m": width,
        "height_m": height,
        "vx_mps": box.velocity_mps[0],
        "vy_mps": box.velocity_mps[1],
        "vz_mps": box.velocity_mps[2],
        **{f"visible_frac/{camera}": share for camera, share in true.visible_frac},
    }
    return SceneEntity(
        timestamp=stamp(t_ns),
        frame_id=box.frame,
        id=box.element_id,
        metadata=[KeyValuePair(key=key, value=str(value)) for key, value in facts.items()],
        cubes=[
            CubePrimitive(
                pose=Pose(
                    position=Vector3(x=x, y=y, z=z), orientation=_quaternion(box.rotation_wxyz)
                ),
                size=Vector3(x=length, y=width, z=height),
                color=_colour(box.class_name),
            )
        ],
    )


def _line_entity(t_ns: int, line: Polyline) -> SceneEntity:
    """Return a lane's middle line, or the closed outline of ground that may be driven on."""
    closed = line.class_name == "drivable"
    facts = {"class": line.class_name}
    if isinstance(line, TrueLane):
        # SUMO's ids hold no spaces: its own lists are set apart by them.
        facts |= {"width_m": str(line.width_m), "successors": " ".join(line.successors)}
    return SceneEntity(
        timestamp=stamp(t_ns),
        frame_id=line.frame,
        id=line.element_id,
        metadata=[KeyValuePair(key=key, value=value) for key, value in facts.items()],
        lines=[
            LinePrimitive(
                type=LinePrimitive.LINE_LOOP if closed else LinePrimitive.LINE_STRIP,
                pose=Pose(position=Vector3(), orientation=Quaternion(w=1.0)),
                thickness=0.12,
                points=[Point3(x=x, y=y, z=z) for x, y, z in line.points],
                color=_colour(line.class_name),
            )
        ],
    )


def _deletion(t_ns: int, element_id: ElementId | None = None) -> SceneEntityDeletion:
    """Return an order to take a thing away, or all."""
    kind = SceneEntityDeletion.ALL if element_id is None else SceneEntityDeletion.MATCHING_ID
    return SceneEntityDeletion(timestamp=stamp(t_ns), type=kind, id=element_id or "")


def _quaternion(wxyz: tuple[float, float, float, float]) -> Quaternion:
    w, x, y, z = wxyz
    return Quaternion(w=w, x=x, y=y, z=z)


def _colour(class_name: str) -> Color:
    """Return a colour that is the same for a class in every log."""
    r, g, b = _PALETTE[sum(class_name.encode()) % len(_PALETTE)]
    return Color(r=r, g=g, b=b, a=0.45)
