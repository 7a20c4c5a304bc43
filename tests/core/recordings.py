"""Four kinds of recordings that one record serves, small and whole."""

import struct

from bessemer.core.arrivals import Arrival
from bessemer.core.ids import ElementId, OntologyId, StreamName, TaskName
from bessemer.core.labels import (
    Action,
    Author,
    AuthorKind,
    Box3d,
    ClassSpan,
    Coverage,
    Elements,
    LabelRevision,
    Span,
)
from bessemer.core.records import (
    Attribute,
    Calibration,
    Clock,
    Codec,
    Recording,
    Segment,
    SegmentRef,
    Stream,
    StreamKind,
    Terms,
)

SECOND_NS = 1_000_000_000
IDENTITY = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
CAMERAS_HZ = {"front": 30, "front_left": 15, "front_right": 15, "left": 10, "right": 10, "back": 5}
POSE = ("x_m", "y_m", "z_m", "qw", "qx", "qy", "qz")


def pictures(name: str, n: int, step_ns: int) -> Segment:
    """Return ``n`` pictures; the bytes need not decode here."""
    packets = tuple(f"{name} {i}".encode() for i in range(n))
    return Segment(
        codec=Codec.JPEG, offsets_ns=tuple(i * step_ns for i in range(n)), packets=packets
    )


def rows(width: int, n: int, step_ns: int) -> Segment:
    """Return ``n`` rows of ``width`` numbers, in one packet."""
    values = [float(i) / 7 for i in range(n * width)]
    return Segment(
        codec=Codec.FLOAT64,
        offsets_ns=tuple(i * step_ns for i in range(n)),
        packets=(struct.pack(f"<{len(values)}d", *values),),
    )


def calibration_of(yaw: float, width_px: int = 1600) -> Calibration:
    """Return a pinhole camera that looks some way."""
    turned = (-yaw, *IDENTITY[1:])
    return Calibration(
        model="pinhole",
        width_px=width_px,
        height_px=900,
        intrinsics=(1266.4, 0.0, 816.3, 0.0, 1266.4, 491.5, 0.0, 0.0, 1.0),
        ego_from_camera=turned,
    )


def arrival_of(
    source: str, streams: list[tuple[Stream, Segment]], elements: Elements, task: str
) -> Arrival:
    """Return an arrival of one segment a stream, and one answer about the whole of it."""
    ordered = sorted(streams, key=lambda pair: pair[0].name)
    refs = tuple(
        SegmentRef(
            stream=stream.name,
            segment_id=segment.segment_id,
            start_ns=SECOND_NS,
            end_ns=SECOND_NS + segment.offsets_ns[-1] + 1,
            n_frames=len(segment.offsets_ns),
            size_bytes=segment.size_bytes,
        )
        for stream, segment in ordered
    )
    recording = Recording(
        source=source,
        start_ns=SECOND_NS,
        end_ns=max(ref.end_ns for ref in refs),
        streams=tuple(stream for stream, _ in ordered),
        segments=refs,
        attributes=(Attribute(name="weather", value="rain"),),
        terms=Terms(licence="CC0-1.0", region="DE", retention_days=30),
    )
    looked = Coverage(
        streams=tuple(stream.name for stream, _ in ordered),
        spans=(Span(start_ns=recording.start_ns, end_ns=recording.end_ns),),
    )
    truth = LabelRevision(
        unit=recording.stretch,
        task=TaskName(task),
        ontology_id=OntologyId("first"),
        author=Author(kind=AuthorKind.ORACLE, name="archive"),
        coverage=looked,
        elements=elements,
        price=1.0,
    )
    return Arrival(
        recording=recording, segments=tuple(segment for _, segment in ordered), truth=(truth,)
    )


def sign_track() -> Arrival:
    """A track of crops: one camera, nominal times."""
    name = StreamName("camera/front")
    camera = Stream(name=name, kind=StreamKind.CAMERA, clock=Clock.NOMINAL)
    span = ClassSpan(
        element_id=ElementId("track"),
        stream=name,
        start_ns=SECOND_NS,
        end_ns=2 * SECOND_NS,
        class_name="stop",
    )
    segment = pictures("crop", 30, SECOND_NS // 30)
    return arrival_of("signs/0/1", [(camera, segment)], Elements(class_spans=(span,)), "signs")


def dash_cam_drive() -> Arrival:
    """A drive: a camera, where it was, how fast, and what the driver said."""
    speed = Stream(
        name=StreamName("Vehicle.Speed"), kind=StreamKind.SIGNAL, unit="km/h", columns=("value",)
    )
    place = Stream(
        name=StreamName("gnss"), kind=StreamKind.GNSS, columns=("lat_deg", "lon_deg", "alt_m")
    )
    said = Segment(codec=Codec.UTF8, offsets_ns=(0, 7), packets=(b"a fork", "Zürich".encode()))
    return arrival_of(
        "drives/1",
        [
            (Stream(name=StreamName("camera/dash"), kind=StreamKind.CAMERA), pictures("d", 20, 50)),
            (speed, rows(1, 100, 10)),
            (place, rows(3, 5, 200)),
            (Stream(name=StreamName("notes"), kind=StreamKind.TEXT), said),
        ],
        Elements(),
        "scenes",
    )


def six_cameras() -> Arrival:
    """Six calibrated cameras of mixed rates, with poses and a box in space."""
    cameras = [
        (
            Stream(
                name=StreamName(f"camera/{name}"),
                kind=StreamKind.CAMERA,
                calibration=calibration_of(0.1 * place),
            ),
            pictures(name, rate_hz, SECOND_NS // rate_hz),
        )
        for place, (name, rate_hz) in enumerate(CAMERAS_HZ.items())
    ]
    poses = Stream(name=StreamName("pose/ego"), kind=StreamKind.POSE, unit="m", columns=POSE)
    box = Box3d(
        element_id=ElementId("car-1"),
        t_ns=SECOND_NS,
        frame="ego",
        class_name="car",
        center_m=(12.5, -1.0, 0.8),
        size_m=(4.5, 1.9, 1.6),
        rotation_wxyz=(1.0, 0.0, 0.0, 0.0),
    )
    streams = [*cameras, (poses, rows(len(POSE), 100, SECOND_NS // 100))]
    return arrival_of("rigs/1", streams, Elements(boxes3d=(box,)), "objects")


def control_episode() -> Arrival:
    """An episode: what was seen, done and rewarded."""
    action = Stream(
        name=StreamName("action"), kind=StreamKind.ACTION, columns=("steer_rad", "accel_mps2")
    )
    reward = Stream(name=StreamName("reward"), kind=StreamKind.REWARD, columns=("value",))
    held = Action(
        element_id=ElementId("a-0"),
        stream=StreamName("action"),
        start_ns=SECOND_NS,
        end_ns=SECOND_NS + 50,
        values=(0.1, -0.5),
    )
    seen = Stream(name=StreamName("camera/wrist"), kind=StreamKind.CAMERA)
    return arrival_of(
        "episodes/1",
        [(seen, pictures("wrist", 10, 20)), (action, rows(2, 20, 10)), (reward, rows(1, 20, 10))],
        Elements(actions=(held,)),
        "control",
    )


KINDS = {
    "sign track": sign_track,
    "dash-cam drive": dash_cam_drive,
    "six cameras": six_cameras,
    "control episode": control_episode,
}
