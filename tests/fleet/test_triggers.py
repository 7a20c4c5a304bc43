"""Each trigger fires on its own condition, on nothing else, and says why with numbers."""

from dataclasses import replace

import numpy as np
import pytest

from bessemer.core.errors import InputError
from bessemer.core.protocols import Trigger
from bessemer.fleet.facts import facts_of, picture_signals
from bessemer.fleet.triggers import (
    DenseRarity,
    Disagreement,
    Flicker,
    LowConfidence,
    Novelty,
    Rarity,
    counts_in_order,
)
from tests.fleet.worlds import CLASSES, make_predictions, make_sight

SURE = [[0.9, 0.05, 0.05]] * 4
UNSURE = [[0.4, 0.35, 0.25]] * 4
ONE_BLURRED = [*[[0.98, 0.01, 0.01]] * 9, [0.34, 0.33, 0.33]]
ALTERNATING = [[0.9, 0.05, 0.05], [0.05, 0.9, 0.05]] * 3


def test_low_confidence_speaks_of_the_track_not_of_its_worst_frame() -> None:
    trigger = LowConfidence()
    hit = trigger.fire(make_sight(UNSURE))
    assert hit is not None
    assert "0.40" in hit.reason
    assert "stop" in hit.reason
    assert trigger.fire(make_sight(ONE_BLURRED)) is None


def test_nobody_is_unsure_of_what_nobody_saw() -> None:
    said = make_predictions(UNSURE)
    silent = replace(
        said,
        frames=(),
        probs=said.probs[:0],
        confidence=said.confidence[:0],
        embeddings=said.embeddings[:0],
    )
    unseen = replace(make_sight(), frames=(), released=silent)
    assert LowConfidence().fire(unseen) is None


def test_a_lower_confidence_scores_higher() -> None:
    trigger = LowConfidence()
    low = trigger.fire(make_sight([[0.34, 0.33, 0.33]] * 4))
    higher = trigger.fire(make_sight(UNSURE))
    assert low is not None
    assert higher is not None
    assert low.score > higher.score


def test_flicker_needs_consecutive_changes() -> None:
    trigger = Flicker()
    assert trigger.fire(make_sight(SURE)) is None
    hit = trigger.fire(make_sight(ALTERNATING))
    assert hit is not None
    assert hit.score == 1.0
    assert "100%" in hit.reason


def test_disagreement_needs_a_shadow_that_differs() -> None:
    trigger = Disagreement()
    assert trigger.fire(make_sight(SURE)) is None
    assert trigger.fire(make_sight(SURE, SURE)) is None
    hit = trigger.fire(make_sight(SURE, [[0.05, 0.9, 0.05]] * 4))
    assert hit is not None
    assert "shadow says yield" in hit.reason
    surer = make_sight([[0.4, 0.3, 0.3]] * 4, SURE)
    assert trigger.fire(surer) is None
    assert Disagreement(dense=True).fire(surer) is not None


def test_novelty_works_before_the_first_release() -> None:
    assert Novelty(above=0.2).fire(make_sight(novelty=(0.5, 0.7))) is not None
    assert Novelty(above=0.2).fire(make_sight(novelty=(0.1, 0.1))) is None
    assert Novelty(above=0.2).fire(make_sight()) is None


def test_rarity_counts_labels_of_the_predicted_class() -> None:
    few = Rarity(classes=CLASSES, counts=counts_in_order(CLASSES, {"stop": 2, "yield": 90}))
    hit = few.fire(make_sight(SURE))
    assert hit is not None
    assert "only 2 are labelled" in hit.reason
    assert few.fire(make_sight([[0.05, 0.9, 0.05]] * 4)) is None
    with pytest.raises(InputError, match="3 classes but 1 counts"):
        Rarity(classes=CLASSES, counts=(1.0,))


def test_dense_rarity_speaks_of_the_rarest_class_that_fills_more_than_usual() -> None:
    trigger = DenseRarity(
        classes=("road", "pole", "pedestrian"), counts=(12.0, 12.0, 3.0), usual=(0.6, 0.36, 0.04)
    )
    hit = trigger.fire(make_sight([[0.5, 0.444, 0.056]] * 4))
    assert hit is not None
    assert hit.reason == (
        "predicted pedestrian on 5.6% of the picture, usually 4.0%; "
        "only 3 labelled frames show it (at most 8)"
    )
    stronger = trigger.fire(make_sight([[0.5, 0.4, 0.1]] * 4))
    assert stronger is not None
    assert stronger.score > hit.score


def test_dense_rarity_is_silent_about_the_usual_and_about_what_is_well_labelled() -> None:
    trigger = DenseRarity(
        classes=("road", "pole", "pedestrian"), counts=(12.0, 12.0, 0.0), usual=(0.6, 0.36, 0.04)
    )
    assert trigger.fire(make_sight([[0.6, 0.355, 0.045]] * 4)) is None
    assert trigger.fire(make_sight([[0.5, 0.46, 0.04]] * 4)) is None
    with pytest.raises(InputError, match="3 classes but 3 counts and 1 shares"):
        DenseRarity(classes=CLASSES, counts=(0.0, 0.0, 0.0), usual=(1.0,))


def test_nothing_that_needs_a_network_fires_before_the_first_release() -> None:
    triggers: list[Trigger] = [
        LowConfidence(),
        Disagreement(),
        Flicker(),
        Rarity(classes=CLASSES, counts=(0.0, 0.0, 0.0)),
        DenseRarity(classes=CLASSES, counts=(0.0, 0.0, 0.0), usual=(0.0, 0.0, 0.0)),
    ]
    assert all(isinstance(trigger, Trigger) for trigger in triggers)
    assert [trigger.fire(make_sight()) for trigger in triggers] == [None] * 5


def test_a_network_of_other_classes_is_refused() -> None:
    with pytest.raises(InputError, match="3 classes, of which 2 are named"):
        facts_of(replace(make_sight(SURE), classes=("stop", "yield")))


def test_signals_of_pictures() -> None:
    rng = np.random.default_rng(0)
    flat = np.full((2, 8, 8, 3), 51, dtype=np.uint8)
    noisy = rng.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    dull, sharp = dict(picture_signals(flat)), dict(picture_signals(noisy))
    assert dull["brightness"] == pytest.approx(0.2, abs=1e-3)
    assert dull["contrast"] == pytest.approx(0.0, abs=1e-6)
    assert dull["blur"] == pytest.approx(1.0, abs=1e-3)
    assert sharp["blur"] < 0.01
