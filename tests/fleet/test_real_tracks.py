"""Triggers on real recordings: what fires is more often wrong, and signals follow the pictures."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from bessemer.core.fleet import Sight
from bessemer.core.frames import Predictions
from bessemer.core.ids import NetworkId, PreprocessId, RecordingId, VehicleId
from bessemer.core.records import Stretch
from bessemer.curate.embed import PinnedEmbedder
from bessemer.fleet.cel import evaluate
from bessemer.fleet.facts import facts_of, picture_signals
from bessemer.fleet.onboard import nearest_distance
from bessemer.fleet.triggers import Disagreement, Flicker, LowConfidence, Novelty
from tests.fleet.worlds import STEP_NS, TASK, frames_of

pytestmark = pytest.mark.slow

N_CLASSES, N_TRACKS, EVERY = 12, 7, 3
CLASSES = tuple(f"{i:05d}" for i in range(N_CLASSES))


def read_tracks(folder: Path) -> list[np.ndarray]:
    """The first tracks of a class, every third frame, at 32 x 32."""
    from PIL import Image

    tracks: dict[str, list[np.ndarray]] = {}
    for path in sorted(folder.glob("*.ppm")):
        track, frame = path.stem.split("_")
        if int(track) < N_TRACKS and int(frame) % EVERY == 0:
            with Image.open(path) as picture:
                small = picture.convert("RGB").resize((32, 32), Image.Resampling.BILINEAR)
            tracks.setdefault(track, []).append(np.asarray(small))
    return [np.stack(frames) for frames in tracks.values()]


def predictions_of(probs: np.ndarray, stretch: Stretch) -> Predictions:
    return Predictions(
        network_id=NetworkId("n"),
        preprocess_id=PreprocessId("p"),
        task=TASK,
        frames=frames_of(stretch),
        probs=probs.astype(np.float32),
        confidence=probs.max(axis=1).astype(np.float32),
        embeddings=np.zeros((len(probs), 2), dtype=np.float32),
    )


@pytest.fixture(scope="module")
def met(real_data: Path) -> list[tuple[Sight, int]]:
    """Sights of tracks that a weak network never saw, each with its true class."""
    from sklearn.linear_model import LogisticRegression

    root = real_data / "gtsrb" / "Final_Training" / "Images"
    tracks = [(read_tracks(root / name), index) for index, name in enumerate(CLASSES)]
    embed = PinnedEmbedder().embed
    seen = [(embed(track), index) for many, index in tracks for track in many[:2]]
    vectors = np.concatenate([v for v, _ in seen])
    classes = np.concatenate([np.full(len(v), index) for v, index in seen])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        released = LogisticRegression(C=10.0, max_iter=300).fit(vectors, classes)
        candidate = LogisticRegression(C=1.0, max_iter=300).fit(vectors[::2], classes[::2])
    sights = []
    for many, index in tracks:
        for number, track in enumerate(many[2:]):
            name = RecordingId(f"{index}-{number}")
            stretch = Stretch(recording_id=name, start_ns=0, end_ns=len(track) * STEP_NS)
            said = embed(track)
            distance = nearest_distance(said, vectors)
            sight = Sight(
                vehicle=VehicleId("v"),
                stretch=stretch,
                frames=frames_of(stretch),
                classes=CLASSES,
                released=predictions_of(released.predict_proba(said), stretch),
                candidate=predictions_of(candidate.predict_proba(said), stretch),
                novelty=tuple(float(d) for d in distance),
                signals=picture_signals(track),
            )
            sights.append((sight, index))
    return sights


@pytest.mark.parametrize(
    "trigger",
    [
        Flicker(),
        LowConfidence(below=0.5),
        Disagreement(above=0.1),
        Novelty(above=0.15),
    ],
    ids=lambda trigger: trigger.name,
)
def test_tracks_that_fire_are_more_often_wrong(
    met: list[tuple[Sight, int]], trigger: Flicker | LowConfidence | Disagreement | Novelty
) -> None:
    fired: list[bool] = []
    silent: list[bool] = []
    for sight, index in met:
        wrong = facts_of(sight).predicted != CLASSES[index]
        (fired if trigger.fire(sight) else silent).append(wrong)
    assert len(fired) >= 3
    assert len(silent) >= 3
    assert np.mean(fired) > np.mean(silent)


def test_signals_follow_a_real_drive(real_data: Path) -> None:
    import av

    with av.open(str(real_data / "dashcam" / "solidWhiteRight.mp4")) as container:
        drive = np.stack(
            [
                frame.reformat(width=160, height=96, format="rgb24").to_ndarray()
                for index, frame in enumerate(container.decode(video=0))
                if index % 25 == 0
            ]
        )
    assert len(drive) == 9
    vectors = PinnedEmbedder().embed(drive)
    later = nearest_distance(vectors[1:], vectors[:1])
    assert (later > 1e-4).all()
    assert (nearest_distance(vectors, vectors) < 1e-4).all()
    grey = drive.astype(np.float32)
    smooth = sum(grey[:, dy : dy + 94, dx : dx + 158] / 9 for dy in range(3) for dx in range(3))
    by_day, blurred = (
        dict(picture_signals(drive)),
        dict(picture_signals(np.asarray(smooth, np.uint8))),
    )
    dusk = dict(picture_signals((grey * 0.3).astype(np.uint8)))
    assert blurred["blur"] > by_day["blur"]
    stretch = Stretch(recording_id=RecordingId("d"), start_ns=0, end_ns=9 * STEP_NS)
    for signals, expected in ((by_day, False), (dusk, True)):
        sight = Sight(
            vehicle=VehicleId("v"),
            stretch=stretch,
            frames=frames_of(stretch),
            signals=tuple(sorted(signals.items())),
        )
        assert evaluate("signal.brightness < 0.25", facts_of(sight)) is expected
