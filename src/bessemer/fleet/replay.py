"""A fleet replayed from an archive: each week its vehicles meet what they were dealt.

The counterfactual of a live fleet: the same world can be driven again with other orders, and only
the orders differ. Vehicles run the released file through the same preprocessing as training.

Cost: one pass of each network over the week's frames, ``batch_frames`` at a time in memory.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.fleet import Deal, Haul, Hit, Orders, Sight, Upload
from bessemer.core.frames import Frame, Predictions
from bessemer.core.ids import ArtifactId, RecordingId
from bessemer.core.protocols import Trigger
from bessemer.core.records import Recording, Stretch
from bessemer.core.signature import Preprocess
from bessemer.edge.predict import NamedNetwork, predict
from bessemer.fleet.cel import CampaignTrigger
from bessemer.fleet.facts import picture_signals
from bessemer.fleet.onboard import nearest_distance, rows_of
from bessemer.fleet.spend import Asked, spend_budget


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What vehicles see when they are somewhere: callables that the caller backs with stores.

    Attributes:
        frames_of: The camera frames of a stretch.
        pictures_of: Pictures of frames, resized as a preprocessing asks.
        open_network: The network in a file.
        vectors_of: Vectors of frames in the pinned space, unit norm; None knows no novelty.
        signals_of: Signals that a vehicle has beside its pictures, such as ``Vehicle.Speed``.
    """

    frames_of: Callable[[Stretch], tuple[Frame, ...]]
    pictures_of: Callable[[tuple[Frame, ...], Preprocess], UInt8[np.ndarray, "n h w 3"]]
    open_network: Callable[[ArtifactId], NamedNetwork]
    vectors_of: Callable[[tuple[Frame, ...]], Float32[np.ndarray, "n d"]] | None = None
    signals_of: Callable[[Stretch, tuple[Frame, ...]], Mapping[str, float]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetConfig:
    """How vehicles work.

    Attributes:
        campaign_frac: The most that campaigns may take of what the control sample leaves.
        batch_frames: Frames held in memory at once.
    """

    campaign_frac: float = 0.5
    batch_frames: int = 128

    def __post_init__(self) -> None:
        """Check ranges."""
        if not 0.0 <= self.campaign_frac <= 1.0 or self.batch_frames < 1:
            raise InputError(
                "campaign_frac is a share in [0, 1], batch_frames at least 1.", where="FleetConfig"
            )


class ReplayedFleet:
    """Vehicles that meet an archive.

    Args:
        deals: Who meets what, and when.
        recordings: The recordings dealt, for the size of an upload.
        world: What vehicles see.
        config: How they work.
    """

    def __init__(
        self,
        deals: Sequence[Deal],
        recordings: Sequence[Recording],
        world: World,
        config: FleetConfig | None = None,
    ) -> None:
        self._deals = tuple(deals)
        self._recordings = {r.recording_id: r for r in recordings}
        self._world = world
        self._config = config or FleetConfig()
        for one in self._deals:
            if one.stretch.recording_id not in self._recordings:
                raise NotFoundError.among(
                    "recording", one.stretch.recording_id, self._recordings, where="deals"
                )

    @property
    def weeks(self) -> int:
        """How many weeks were dealt."""
        return 1 + max((d.week for d in self._deals), default=-1)

    def drive(
        self,
        orders: Orders,
        triggers: Sequence[Trigger] = (),
        known: Float32[np.ndarray, "m d"] | None = None,
    ) -> Haul:
        """Let the fleet meet one week.

        Args:
            orders: Networks, campaigns and budgets.
            triggers: Conditions beside the campaigns, in the order of their turns. Before the
                first release only those that need no network can fire.
            known: Vectors of what the works hold, in the pinned space; None sends no summary.

        Returns:
            What came back, and why the rest stayed. The same orders give the same haul.

        Raises:
            NotFoundError: If a network has no head for the task.
        """
        week = [d for d in self._deals if d.week == orders.week]
        asking: list[Trigger] = list(triggers)
        if orders.released is not None:
            running = [c for c in orders.campaigns if orders.week < c.until_week]
            asking.extend(CampaignTrigger(campaign=c) for c in running)
        asked = []
        for sight in self.sights(week, orders, known):
            hits = [_fired(trigger, sight) for trigger in asking]
            asked.append(
                Asked(stretch=sight.stretch, hits=tuple(hit for hit in hits if hit is not None))
            )
        spent = spend_budget(
            asked, orders, [trigger.name for trigger in triggers], self._config.campaign_frac
        )
        uploads = tuple(
            Upload(
                vehicle=week[row].vehicle,
                stretch=week[row].stretch,
                hits=hits,
                size_bytes=self._size_bytes(week[row].stretch),
            )
            for row, hits in spent.uploads
        )
        return Haul(
            week=orders.week, met=len(week), uploads=uploads, kept=spent.kept, yields=spent.yields
        )

    def sights(
        self, deals: Sequence[Deal], orders: Orders, known: Float32[np.ndarray, "m d"] | None
    ) -> Iterator[Sight]:
        """Yield what vehicles know about each stretch they meet, in the order of the deals.

        Args:
            deals: The encounters.
            orders: The networks to run.
            known: Vectors of what the works hold, or None.

        Yields:
            One sight an encounter.
        """
        world = self._world
        networks = {
            artifact_id: world.open_network(artifact_id)
            for artifact_id in (orders.released, orders.candidate)
            if artifact_id is not None
        }
        classes: tuple[str, ...] = ()
        if orders.released is not None:
            classes = networks[orders.released].signature.head_of(orders.task).ontology.classes
        for batch in self._batches(deals):
            frames = tuple(frame for _, met in batch for frame in met)
            pictures: dict[Preprocess, UInt8[np.ndarray, "n h w 3"]] = {}
            said: dict[ArtifactId, Predictions] = {}
            for artifact_id, network in networks.items():
                preprocess = network.signature.preprocess
                if preprocess not in pictures:
                    pictures[preprocess] = world.pictures_of(frames, preprocess)
                said[artifact_id] = predict(network, frames, pictures[preprocess], orders.task)
            novelty = self._novelty(frames, known)
            seen = next(iter(pictures.values()), None)
            start = 0
            for one, met in batch:
                stop = start + len(met)
                yield Sight(
                    vehicle=one.vehicle,
                    stretch=one.stretch,
                    frames=met,
                    classes=classes,
                    released=_rows(said, orders.released, start, stop),
                    candidate=_rows(said, orders.candidate, start, stop),
                    novelty=novelty[start:stop],
                    signals=self._signals(
                        one.stretch, met, None if seen is None else seen[start:stop]
                    ),
                )
                start = stop

    def _batches(self, deals: Sequence[Deal]) -> Iterator[list[tuple[Deal, tuple[Frame, ...]]]]:
        """Yield encounters with their frames, at least ``batch_frames`` but for the last."""
        batch: list[tuple[Deal, tuple[Frame, ...]]] = []
        for one in deals:
            batch.append((one, self._world.frames_of(one.stretch)))
            if sum(len(met) for _, met in batch) >= self._config.batch_frames:
                yield batch
                batch = []
        if batch:
            yield batch

    def _novelty(
        self, frames: tuple[Frame, ...], known: Float32[np.ndarray, "m d"] | None
    ) -> tuple[float, ...]:
        """Return each frame's distance to what the works hold; empty where none is known."""
        if known is None or self._world.vectors_of is None or not frames:
            return ()
        return tuple(float(x) for x in nearest_distance(self._world.vectors_of(frames), known))

    def _signals(
        self,
        stretch: Stretch,
        frames: tuple[Frame, ...],
        pictures: UInt8[np.ndarray, "n h w 3"] | None,
    ) -> tuple[tuple[str, float], ...]:
        """Return on-board signals by name."""
        signals: dict[str, float] = {}
        if pictures is not None and len(pictures):
            signals.update(picture_signals(pictures))
        if self._world.signals_of is not None:
            signals.update(self._world.signals_of(stretch, frames))
        return tuple(sorted(signals.items()))

    def _size_bytes(self, stretch: Stretch) -> int:
        """Return the bytes of the segments that a stretch touches."""
        recording = self._recordings[RecordingId(stretch.recording_id)]
        return sum(
            ref.size_bytes
            for ref in recording.segments
            if ref.start_ns < stretch.end_ns and stretch.start_ns < ref.end_ns
        )


def _fired(trigger: Trigger, sight: Sight) -> Hit | None:
    """Return what a trigger says of a sight; raise if it is no hit of its own, and not None."""
    hit: object = trigger.fire(sight)
    if hit is None or (isinstance(hit, Hit) and hit.trigger == trigger.name):
        return hit
    raise InputError(
        f"The trigger {trigger.name!r} answers with {hit!r:.80}.",
        where=sight.stretch.recording_id,
        fix="A trigger returns a Hit with its own name, or None.",
    )


def _rows(
    said: Mapping[ArtifactId, Predictions], artifact_id: ArtifactId | None, start: int, stop: int
) -> Predictions | None:
    """Return one stretch's rows of what a network said, or None where there is no network."""
    return rows_of(said[artifact_id], start, stop) if artifact_id is not None else None
