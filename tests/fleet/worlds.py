"""A small world to drive in: grey pictures, and a network that reads its answer off them."""

from dataclasses import dataclass, field

import numpy as np

from bessemer.core.fleet import Sight
from bessemer.core.frames import Frame, Predictions
from bessemer.core.ids import (
    ArtifactId,
    NetworkId,
    PreprocessId,
    RecordingId,
    SegmentId,
    StreamName,
    TaskName,
    VehicleId,
)
from bessemer.core.ontology import Ontology
from bessemer.core.protocols import NetworkOutput
from bessemer.core.records import Recording, SegmentRef, Stream, StreamKind, Stretch, Terms
from bessemer.core.signature import Geometry, Head, Preprocess, Signature
from bessemer.fleet.replay import World

CAMERA = StreamName("camera")
TASK = TaskName("sign")
CLASSES = ("stop", "yield", "priority")
STEP_NS = 1_000_000_000


def make_recording(name: str, *, segments: int = 1, frames: int = 4) -> Recording:
    """A recording of one camera at 1 Hz; every segment holds ``frames`` frames."""
    length_ns = frames * STEP_NS
    return Recording(
        source=name,
        start_ns=0,
        end_ns=segments * length_ns,
        streams=(Stream(name=CAMERA, kind=StreamKind.CAMERA),),
        segments=tuple(
            SegmentRef(
                stream=CAMERA,
                segment_id=SegmentId(f"{name}-{i}"),
                start_ns=i * length_ns,
                end_ns=(i + 1) * length_ns,
                n_frames=frames,
                size_bytes=100,
            )
            for i in range(segments)
        ),
        terms=Terms(licence="CC0-1.0", region="unknown"),
    )


def frames_of(stretch: Stretch) -> tuple[Frame, ...]:
    """One frame a second."""
    return tuple(
        Frame(
            recording_id=stretch.recording_id,
            stream=CAMERA,
            segment_id=SegmentId("s"),
            index=t_ns // STEP_NS,
            t_ns=t_ns,
        )
        for t_ns in range(stretch.start_ns, stretch.end_ns, STEP_NS)
    )


def shade_of(frame: Frame) -> int:
    """A grey that the recording's address decides."""
    return int(frame.recording_id[:2], 16)


@dataclass
class Shade:
    """Dark is stop, bright is yield; ``bias`` tells networks apart."""

    bias: float = 0.0
    network_id: NetworkId = NetworkId("shade")  # noqa: RUF009
    signature: Signature = field(
        default_factory=lambda: Signature(
            preprocess=Preprocess(width_px=4, height_px=4),
            heads=(
                Head(
                    task=TASK,
                    geometry=Geometry.CLASS,
                    output="sign",
                    ontology=Ontology(task=TASK, classes=CLASSES),
                ),
            ),
        )
    )

    def run(self, pictures: np.ndarray) -> NetworkOutput:
        value = pictures.mean(axis=(1, 2, 3)) / 255 + self.bias
        logits = np.stack([6 * (0.5 - value), 6 * (value - 0.5), np.full(len(value), -1.0)], 1)
        return NetworkOutput(
            logits=(logits.astype(np.float32),),
            embeddings=np.zeros((len(value), 2), dtype=np.float32),
        )


def _pictures_of(frames: tuple[Frame, ...], preprocess: Preprocess) -> np.ndarray:
    shape = (preprocess.height_px, preprocess.width_px, 3)
    return np.stack([np.full(shape, shade_of(f), dtype=np.uint8) for f in frames])


def _vectors_of(frames: tuple[Frame, ...]) -> np.ndarray:
    angle = np.array([shade_of(f) / 255 * np.pi / 2 for f in frames])
    return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


def make_world() -> World:
    """The world in which recordings are shades of grey."""
    return World(
        frames_of=frames_of,
        pictures_of=_pictures_of,
        open_network=lambda artifact: Shade(bias=0.2 if artifact == "candidate" else 0.0),
        vectors_of=_vectors_of,
        signals_of=lambda stretch, frames: {"Vehicle.Speed": 30.0},
    )


RELEASED = ArtifactId("released")
CANDIDATE = ArtifactId("candidate")


def make_predictions(rows: list[list[float]]) -> Predictions:
    """What a network said about consecutive frames of one camera."""
    probs = np.array(rows, dtype=np.float32)
    stretch = Stretch(recording_id=RecordingId("a"), start_ns=0, end_ns=len(rows) * STEP_NS)
    return Predictions(
        network_id=NetworkId("n"),
        preprocess_id=PreprocessId("p"),
        task=TASK,
        frames=frames_of(stretch),
        probs=probs,
        confidence=probs.max(axis=1),
        embeddings=np.zeros((len(rows), 2), dtype=np.float32),
    )


def make_sight(
    released: list[list[float]] | None = None,
    candidate: list[list[float]] | None = None,
    novelty: tuple[float, ...] = (),
    signals: tuple[tuple[str, float], ...] = (),
) -> Sight:
    """A sight of as many frames as the released network spoke of, or two."""
    n = len(released) if released else 2
    stretch = Stretch(recording_id=RecordingId("a"), start_ns=0, end_ns=n * STEP_NS)
    return Sight(
        vehicle=VehicleId("v"),
        stretch=stretch,
        frames=frames_of(stretch),
        classes=CLASSES,
        released=make_predictions(released) if released else None,
        candidate=make_predictions(candidate) if candidate else None,
        novelty=novelty,
        signals=signals,
    )
