"""A recipe made ready to run over an opened works: its task, world, embedder and selector."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

import numpy as np
from jaxtyping import Float32, UInt8

from bessemer.core.arrivals import Rejection
from bessemer.core.errors import InputError
from bessemer.core.fleet import Deal, Sight
from bessemer.core.frames import Embeddings, Frame
from bessemer.core.ids import ArtifactId, DocumentId, RecordingId, SegmentId, TaskName, VehicleId
from bessemer.core.labels import AuthorKind, LabelRevision, named_classes
from bessemer.core.plugins import find_plugin
from bessemer.core.protocols import Embedder, Task
from bessemer.core.records import Split, Stretch
from bessemer.core.signature import Preprocess
from bessemer.edge.runtime import OnnxNetwork
from bessemer.fleet.cel import evaluate
from bessemer.fleet.deal import RecordedDeal, TailOf, deal, deal_as_recorded
from bessemer.fleet.facts import facts_of, picture_signals
from bessemer.fleet.replay import World
from bessemer.fleet.telemetry import mean_signals
from bessemer.ingest.assemble import ARCHIVE
from bessemer.ingest.compare import newest_answers
from bessemer.loop.apart import NearTest, held_apart
from bessemer.loop.recipe import Recipe, task_of
from bessemer.loop.works import Works
from bessemer.tasks.segment import read_mask

IndexOf = Callable[[str], int]


@dataclass(frozen=True)
class Line:
    """A recipe over an opened works.

    Attributes:
        recipe: The recipe.
        works: The works.
        recipe_id: The recipe's address.
        week: The week that is met, where drives know theirs: what is driven later is not there yet,
            though another arm may have met it. None knows all.
    """

    recipe: Recipe
    works: Works
    recipe_id: DocumentId
    week: int | None = None

    @classmethod
    def ready(cls, recipe: Recipe, works: Works) -> "Line":
        """Store the recipe and return the line.

        How many turns and seeds are asked for decides nothing that a turn does, so a run can be
        made longer later: both are left out of the address.
        """
        kept = replace(recipe, turns=0, seeds=0)
        return cls(recipe, works, works.ledger.put_document("Recipe", kept))

    @property
    def name(self) -> TaskName:
        """The task's name."""
        return self.recipe.ontology.task

    @cached_property
    def task(self) -> Task:
        """The task."""
        return task_of(self.recipe)

    @cached_property
    def embedder(self) -> Embedder:
        """The pinned space."""
        embedder: Embedder = find_plugin("embedders", self.recipe.embedder)
        return embedder

    @property
    def size_px(self) -> tuple[int, int]:
        """Height and width of the network's input."""
        return (self.recipe.preprocess.height_px, self.recipe.preprocess.width_px)

    @cached_property
    def truth(self) -> dict[Stretch, LabelRevision]:
        """What the archive knows, by unit: for the world, the oracle and the test, never else."""
        found = self.works.lake.find_labels(self.name, author=AuthorKind.ORACLE)
        known = self.works.atlas.recordings
        told = newest_answers([r for r in found if r.author == ARCHIVE])
        return {
            r.unit: r
            for r in self._without_unknown([r for r in told if r.unit.recording_id in known])
        }

    def _without_unknown(self, told: Sequence[LabelRevision]) -> list[LabelRevision]:
        """Return answers in classes of the ontology; note and say how many others there are."""
        ontology, kept, refused = self.recipe.ontology, [], []
        for label in told:
            error = ontology.find_unknown(named_classes(label.elements))
            if error is None:
                kept.append(label)
                continue
            refused.append(
                Rejection(
                    stage="label",
                    reason="unknown_class",
                    where=self.works.atlas.recordings[label.unit.recording_id].source,
                    detail=f"{error.what} {error.fix} Mend it where it was recorded, then run "
                    "`bessemer ingest`, which reads it again.".strip(),
                )
            )
        if refused:
            self.works.ledger.reject(refused)
            self.works.story.say(
                f"{len(refused)} answers of the archive name classes that {ontology.task!r} does "
                "not have, and are left out: `bessemer rejected` lists them."
            )
        return kept

    @cached_property
    def near_test(self) -> dict[RecordingId, NearTest]:
        """Train recordings with frames that nearly repeat the test."""
        return {near.recording_id: near for near in held_apart(self)}

    def is_held_out(self, unit: Stretch) -> bool:
        """Return whether a unit nearly repeats the test, so that it is not learnt from."""
        near = self.near_test.get(unit.recording_id)
        return near is not None and near.touches(unit)

    @cached_property
    def deals(self) -> tuple[Deal, ...]:
        """Who meets what, and when; nobody meets what is wholly held out of training."""
        recordings = [
            recording
            for recording in self.works.lake.recordings(split=Split.TRAIN)
            if recording.recording_id not in self.near_test
            or not all(map(self.is_held_out, self.units_of(recording.recording_id)))
        ]
        config = self.recipe.deal
        if isinstance(config, RecordedDeal):
            return deal_as_recorded(recordings, config)
        return deal(recordings, config, self._tail_of())

    def _tail_of(self) -> TailOf | None:
        """Return how far in the tail each stretch lies: this is the world's doing.

        By class from truth, and by the recipe's condition from what the pictures show.
        """
        by_class, when = self._tail_by_class(), self.recipe.tail_when
        if not when:
            return by_class

        def tail_of(stretch: Stretch) -> float:
            frames = self.frames_of(stretch)
            if frames and evaluate(when, facts_of(self._sight_of(stretch, frames))):
                return 1.0
            return by_class(stretch) if by_class and self.recipe.tail else 0.0

        return tail_of

    def _sight_of(self, stretch: Stretch, frames: tuple[Frame, ...]) -> Sight:
        """Return what any vehicle without a network would know of a stretch."""
        signals = {**self.signals_of(frames), **self.telemetry_of(stretch, frames)}
        return Sight(
            vehicle=VehicleId(""),
            stretch=stretch,
            frames=frames,
            signals=tuple(sorted(signals.items())),
        )

    def _tail_by_class(self) -> TailOf | None:
        """Return how far in the tail each stretch lies by its classes; None without truth."""
        if not self.truth:
            return None
        index = self.recipe.ontology.index_of
        shares = {
            unit: label_shares(r, len(self.recipe.ontology.classes), index)
            for unit, r in self.truth.items()
        }
        named = [index(name) for name in self.recipe.tail]
        total = np.sum(list(shares.values()), axis=0)
        frequency = total / max(float(total.max()), 1e-9)
        rareness = 1.0 - frequency
        if named:
            rareness = np.zeros_like(frequency)
            rareness[named] = 1.0
        by_recording: dict[str, list[tuple[Stretch, float]]] = {}
        for unit, share in shares.items():
            by_recording.setdefault(unit.recording_id, []).append((unit, float(share @ rareness)))

        def tail_of(stretch: Stretch) -> float:
            values = [
                value
                for unit, value in by_recording.get(stretch.recording_id, [])
                if unit.overlaps(stretch)
            ]
            return float(np.mean(values)) if values else 0.0

        return tail_of

    @cached_property
    def _vectors(self) -> dict[SegmentId, dict[int, Float32[np.ndarray, " d"]]]:
        """Vectors of every frame in the pinned space, by segment and index."""
        atlas, lake = self.works.atlas, self.works.lake
        frames: dict[SegmentId, list[Frame]] = {}
        for recording_id in atlas.recordings:
            for frame in atlas.all_frames(recording_id):
                frames.setdefault(frame.segment_id, []).append(frame)
        stored = lake.read_embeddings(self.embedder.space_id, list(frames))
        vectors: dict[SegmentId, dict[int, Float32[np.ndarray, " d"]]] = {}
        _file(vectors, stored)
        missing = [f for s, fs in frames.items() if s not in vectors for f in _once(fs)]
        if missing:
            fresh = self._embed(missing)
            lake.put_embeddings(fresh)
            _file(vectors, fresh)
        return vectors

    def _embed(self, frames: Sequence[Frame]) -> Embeddings:
        """Embed frames in blocks, so that few pictures are in memory."""
        blocks, done = [], 0
        with self.works.story.bar("embedding the archive") as progress:
            for block in self._blocks(frames):
                # At the space's own size: vectors are kept by space, whatever network asks.
                pictures = self.works.pictures.load(block, self.embedder.size_px)
                vectors = self.embedder.embed(pictures)
                _check_vectors(vectors, len(pictures), self.recipe.embedder)
                blocks.append(vectors)
                done += len(block)
                progress(done, len(frames))
        return Embeddings(
            space_id=self.embedder.space_id,
            frames=tuple(frames),
            vectors=np.concatenate(blocks),
        )

    def _blocks(self, frames: Sequence[Frame]) -> Iterator[Sequence[Frame]]:
        """Yield frames, many at a time; of drives that come week by week, those of one at a time.

        The last digits of a vector hang on what it is computed together with, and that must not be
        which other drives had come by then.
        """
        if isinstance(self.recipe.deal, RecordedDeal):
            for _, drive in groupby(frames, key=lambda frame: frame.recording_id):
                yield list(drive)
            return
        for start in range(0, len(frames), 1024):
            yield frames[start : start + 1024]

    def vectors_of(self, frames: Sequence[Frame]) -> Float32[np.ndarray, "n d"]:
        """Return the vectors of frames in the pinned space."""
        vectors = self._vectors
        return np.stack([vectors[f.segment_id][f.index] for f in frames])

    def unit_vectors(self, units: Sequence[Stretch]) -> Float32[np.ndarray, "u d"]:
        """Return one vector of unit norm a unit: the mean over its frames."""
        if not units:
            return np.zeros((0, self._width), dtype=np.float32)
        means = np.stack([self.vectors_of(self.frames_of(u)).mean(axis=0) for u in units])
        norms = np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        return np.asarray(means / norms, dtype=np.float32)

    @property
    def _width(self) -> int:
        """Coordinates of the pinned space; 0 where nothing was embedded."""
        return next((len(v) for rows in self._vectors.values() for v in rows.values()), 0)

    def living(self, units: Sequence[Stretch]) -> list[Stretch]:
        """Return the units that may still be learnt from, in their order.

        Their recording was not erased since, and no test recording came that they nearly repeat.
        """
        known = self.works.atlas.recordings
        return [u for u in units if u.recording_id in known and not self.is_held_out(u)]

    def frames_of(self, stretch: Stretch) -> tuple[Frame, ...]:
        """Return the camera frames of a stretch."""
        return self.works.atlas.frames_of(stretch)

    def units_of(self, recording_id: RecordingId) -> tuple[Stretch, ...]:
        """Return the labelling units of a recording."""
        atlas = self.works.atlas
        return self.task.units_of(atlas.recordings[recording_id], atlas.all_frames(recording_id))

    def units_within(self, stretch: Stretch) -> list[Stretch]:
        """Return the labelling units that begin in a stretch, without those held out or to come."""
        units = self.units_of(stretch.recording_id)
        end_ns, config = stretch.end_ns, self.recipe.deal
        if self.week is not None and isinstance(config, RecordedDeal):
            end_ns = min(end_ns, config.start_ns(self.week + 1))
        begun = [u for u in units if stretch.start_ns <= u.start_ns < end_ns]
        return [u for u in begun if not self.is_held_out(u)]

    def pictures_of(
        self, frames: Sequence[Frame], preprocess: Preprocess
    ) -> UInt8[np.ndarray, "n h w 3"]:
        """Return pictures of frames as a preprocessing asks."""
        return self.works.pictures.load(frames, (preprocess.height_px, preprocess.width_px))

    def open_network(self, artifact_id: ArtifactId) -> OnnxNetwork:
        """Open a network file of the lake."""
        return OnnxNetwork.open(self.works.lake.path_of(artifact_id))

    @property
    def world(self) -> World:
        """What the vehicles of the replayed fleet see."""
        return World(
            frames_of=self.frames_of,
            pictures_of=self.pictures_of,
            open_network=self.open_network,
            vectors_of=self.vectors_of,
            signals_of=self.telemetry_of,
        )

    def telemetry_of(self, stretch: Stretch, frames: Sequence[Frame]) -> dict[str, float]:
        """Return the recorded signals of a stretch's frames, such as ``Vehicle.Speed``."""
        recording = self.works.atlas.recordings[stretch.recording_id]
        return mean_signals(recording, [frame.t_ns for frame in frames], self.works.lake)

    def signals_of(self, frames: Sequence[Frame]) -> dict[str, float]:
        """Return the on-board signals of frames, as a vehicle would compute them."""
        return dict(picture_signals(self.pictures_of(frames, self.recipe.preprocess)))


def label_shares(
    revision: LabelRevision, n_classes: int, index: IndexOf
) -> Float32[np.ndarray, " c"]:
    """Return how much of a unit is each class: by time for spans, by pixels for dense masks.

    Args:
        revision: The answer.
        n_classes: Classes of the ontology.
        index: Class name -> index, -1 for ignored ones.

    Returns:
        Shares that sum to at most 1.
    """
    shares = np.zeros(n_classes, dtype=np.float32)
    for span in revision.elements.class_spans:
        if index(span.class_name) >= 0:
            shares[index(span.class_name)] += float(span.end_ns - span.start_ns)
    for mask in revision.elements.masks:
        values = read_mask(mask.png)
        shares += np.bincount(values[values < n_classes].ravel(), minlength=n_classes)
    return np.asarray(shares / max(float(shares.sum()), 1e-9), dtype=np.float32)


def _check_vectors(vectors: Float32[np.ndarray, "n d"], n: int, name: str) -> None:
    """Raise an InputError unless there are ``n`` vectors of unit norm."""
    norms = np.linalg.norm(vectors, axis=1)
    if len(vectors) != n or not np.allclose(norms, 1.0, atol=1e-3):
        raise InputError(
            f"Of {n} pictures it made {len(vectors)} vectors, "
            f"{int(np.isclose(norms, 1.0, atol=1e-3).sum())} of them of unit norm.",
            where=f"embedder {name}",
            fix="Give one vector of norm 1 a picture; bessemer.testing.embedders tests that.",
        )


def _once(frames: list[Frame]) -> list[Frame]:
    """Return each frame of a segment once, though several recordings may share the segment."""
    return list({frame.index: frame for frame in reversed(frames)}.values())[::-1]


def _file(
    vectors: dict[SegmentId, dict[int, Float32[np.ndarray, " d"]]], embeddings: Embeddings
) -> None:
    """File vectors by segment and index."""
    for frame, vector in zip(embeddings.frames, embeddings.vectors, strict=True):
        vectors.setdefault(frame.segment_id, {})[frame.index] = vector
