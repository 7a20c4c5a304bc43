# ruff: noqa: D102 - the name of a test is its sentence
"""What every trigger keeps: inherit the class, say how to make one, run pytest.

Example of a test module for a trigger of your own::

    class TestMyTrigger(TriggerConformance):
        def make_trigger(self) -> Trigger:
            return MyTrigger()
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float32

from bessemer.core.fleet import Hit, Sight
from bessemer.core.frames import Frame, Predictions
from bessemer.core.ids import (
    NetworkId,
    PreprocessId,
    RecordingId,
    SegmentId,
    StreamName,
    TaskName,
    VehicleId,
)
from bessemer.core.protocols import Trigger
from bessemer.core.records import Stretch

_FRAMES = 5
_PERIOD_NS = 100_000_000
_SHARPNESS = (0.2, 1.0, 4.0, 30.0)


class TriggerConformance:
    """The tests; an implementer gives a trigger.

    Attributes:
        classes: What the networks of the made sights tell apart.
        signals: On-board signals that a made sight has, each drawn from [0, 1].
        n_sights: How many sights are made; a trigger fires on some of them and not on all.
    """

    classes: tuple[str, ...] = ("stop", "yield", "priority", "none")
    signals: tuple[str, ...] = ("brightness", "contrast", "blur")
    n_sights: int = 80

    def make_trigger(self) -> Trigger:
        """Return a new trigger."""
        raise NotImplementedError

    def make_sights(self) -> list[Sight]:
        """Return what a vehicle meets, the same each time: sure and unsure, near and new."""
        rng = np.random.default_rng(0)
        return [self._sight(rng, k) for k in range(self.n_sights)]

    def test_it_plays_the_role(self) -> None:
        trigger = self.make_trigger()
        assert isinstance(trigger, Trigger)
        assert trigger.name
        assert trigger.name == trigger.name.strip() == self.make_trigger().name

    def test_it_fires_on_some_of_what_is_met_and_not_on_all(self) -> None:
        hits = self._hits(self.make_sights())
        assert 0 < sum(hit is not None for hit in hits) < len(hits)

    def test_a_hit_has_its_name_a_score_and_a_reason_in_one_line(self) -> None:
        name = self.make_trigger().name
        for hit in self._hits(self.make_sights()):
            if hit is not None:
                assert hit.trigger == name
                assert math.isfinite(hit.score)
                assert hit.reason.strip()
                assert "\n" not in hit.reason

    def test_it_has_no_memory(self) -> None:
        sights = self.make_sights()
        assert self._hits(sights[::-1])[::-1] == self._hits(sights)
        trigger = self.make_trigger()
        assert all(trigger.fire(sight) == trigger.fire(sight) for sight in sights)

    def test_it_does_not_ask_who_drives(self) -> None:
        sights = self.make_sights()
        others = [replace(sight, vehicle=VehicleId("another")) for sight in sights]
        assert self._hits(others) == self._hits(sights)

    def test_it_changes_nothing_that_it_was_given(self) -> None:
        sights, fresh = self.make_sights(), self.make_sights()
        self._hits(sights)
        for seen, same in zip(sights, fresh, strict=True):
            for said, expected in (
                (seen.released, same.released),
                (seen.candidate, same.candidate),
            ):
                assert (said is None) == (expected is None)
                if said is not None and expected is not None:
                    np.testing.assert_array_equal(said.probs, expected.probs)
                    np.testing.assert_array_equal(said.confidence, expected.confidence)

    def test_before_the_first_release_it_raises_nothing(self) -> None:
        for sight in self.make_sights():
            for less in (
                replace(sight, released=None),
                replace(sight, released=None, candidate=None),
                replace(sight, released=None, candidate=None, novelty=(), signals=()),
                replace(sight, candidate=None, novelty=(), signals=()),
            ):
                hit = self.make_trigger().fire(less)
                assert hit is None or isinstance(hit, Hit)

    def _hits(self, sights: Sequence[Sight]) -> list[Hit | None]:
        """Return what one new trigger says of sights, met in their order."""
        trigger = self.make_trigger()
        return [trigger.fire(sight) for sight in sights]

    def _sight(self, rng: np.random.Generator, k: int) -> Sight:
        """Return one stretch of a few frames; every third has no network in its shadow."""
        stretch = Stretch(
            recording_id=RecordingId(f"{k:064x}"), start_ns=0, end_ns=_FRAMES * _PERIOD_NS
        )
        frames = tuple(
            Frame(
                recording_id=stretch.recording_id,
                stream=StreamName("front"),
                segment_id=SegmentId(f"{k:064x}"),
                index=index,
                t_ns=index * _PERIOD_NS,
            )
            for index in range(_FRAMES)
        )
        sharpness = _SHARPNESS[k % len(_SHARPNESS)]
        far = float(rng.uniform(0, 0.6))
        return Sight(
            vehicle=VehicleId(f"vehicle-{k % 3}"),
            stretch=stretch,
            frames=frames,
            classes=self.classes,
            released=self._said(rng, frames, "released", sharpness),
            candidate=self._said(rng, frames, "candidate", sharpness) if k % 3 else None,
            novelty=tuple(far * float(rng.uniform(0.9, 1.1)) for _ in frames),
            signals=tuple((name, float(rng.uniform())) for name in self.signals),
        )

    def _said(
        self, rng: np.random.Generator, frames: tuple[Frame, ...], name: str, sharpness: float
    ) -> Predictions:
        """Return what a network says: the surer it is, the less it wavers between frames."""
        c = len(self.classes)
        base = rng.normal(size=(1, c)) + rng.normal(size=(len(frames), c)) / (1.0 + sharpness)
        probs = _softmax(sharpness * base)
        return Predictions(
            network_id=NetworkId(name),
            preprocess_id=PreprocessId("conformance"),
            task=TaskName("conformance"),
            frames=frames,
            probs=probs,
            confidence=probs.max(axis=1),
            embeddings=rng.normal(size=(len(frames), 4)).astype(np.float32),
        )


def _softmax(logits: np.ndarray) -> Float32[np.ndarray, "n c"]:
    """Return probabilities."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)
