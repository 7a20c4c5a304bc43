"""What the engine's selector prefers, one wish at a time."""

from dataclasses import replace

import numpy as np
import pytest

from bessemer.core.errors import InputError
from bessemer.core.ids import SpaceId
from bessemer.core.selection import Candidates, Labelled, ReasonCode
from bessemer.curate.select_engine import EngineConfig, EngineSelector

SPACE = SpaceId("circle")
NO_CONTROL = EngineSelector(config=EngineConfig(control_frac=0.0, reach=1.0))


def circle(angles_rad: list[float]) -> np.ndarray:
    angles = np.array(angles_rad)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def candidates_at(angles_rad: list[float], probabilities: list[list[float]]) -> Candidates:
    points = circle(angles_rad)
    return Candidates(
        units=tuple(f"u{i}" for i in range(len(points))),
        probabilities=np.array(probabilities, np.float32),
        embeddings=points,
        own_embeddings=points,
        frame_counts=np.ones(len(points), np.int64),
        space_id=SPACE,
    )


def labelled_at(angles_rad: list[float], classes: list[int], class_count: int) -> Labelled:
    points = circle(angles_rad).reshape(-1, 2)
    return Labelled(
        shares=np.eye(class_count, dtype=np.float32)[np.array(classes, int)],
        embeddings=points,
        own_embeddings=points,
        space_id=SPACE,
    )


def test_the_middle_of_a_bundle_comes_before_an_outlier() -> None:
    units = candidates_at([0.0, 0.05, 0.1, 2.0], [[0.5, 0.5]] * 4)
    selection = NO_CONTROL.select(units, labelled_at([], [], 2), 1, 0)
    assert selection.indices == (1,)
    assert selection.chosen[0].code == ReasonCode.TYPICAL


def test_two_bundles_get_one_each() -> None:
    units = candidates_at([0.0, 0.05, 0.1, 2.0, 2.05, 2.1], [[0.5, 0.5]] * 6)
    assert set(NO_CONTROL.select(units, labelled_at([], [], 2), 2, 0).indices) == {1, 4}


def test_the_class_that_is_short_of_labels_comes_first() -> None:
    units = candidates_at([0.0, 2.0], [[0.6, 0.4], [0.4, 0.6]])
    common = labelled_at([4.0, 4.1, 4.2, 4.3], [0, 0, 0, 1], 2)
    selection = NO_CONTROL.select(units, common, 1, 0)
    assert selection.indices == (1,)
    assert selection.chosen[0].code == ReasonCode.RARE_CLASS


def test_frames_are_spoken_of_in_parts_and_chosen_as_whole_labels_are() -> None:
    units = candidates_at([0.0, 2.0, 3.0], [[0.6, 0.4], [0.4, 0.6], [0.95, 0.05]])
    whole = labelled_at([4.0, 4.1, 4.2, 4.3], [0, 0, 0, 1], 2)
    parts = replace(
        whole, shares=np.array([[0.8, 0.2], [0.8, 0.2], [0.7, 0.3], [0.7, 0.3]], np.float32)
    )
    chosen = NO_CONTROL.select(units, parts, 1, 0)
    assert chosen.indices == NO_CONTROL.select(units, whole, 1, 0).indices == (1,)
    assert "fills most of it (0.60) fills 1.0 of 4 labelled units" in chosen.chosen[0].reason
    sure = next(left for left in chosen.passed_over if left.code == ReasonCode.CONFIDENT)
    assert sure.reason == "One class fills 0.95 of it, the network says."


def test_doubt_comes_before_what_is_known() -> None:
    units = candidates_at([0.0, 2.0], [[0.99, 0.01], [0.5, 0.5]])
    even = labelled_at([4.0, 4.1], [0, 1], 2)
    selection = NO_CONTROL.select(units, even, 1, 0)
    assert selection.indices == (1,)
    assert selection.passed_over[0].code == ReasonCode.CONFIDENT


def test_a_copy_of_a_labelled_unit_is_passed_over() -> None:
    units = candidates_at([0.0, 2.0, 3.0], [[0.5, 0.5]] * 3)
    selection = NO_CONTROL.select(units, labelled_at([0.0], [0], 2), 2, 0)
    assert set(selection.indices) == {1, 2}
    assert selection.passed_over[0].code == ReasonCode.NEAR_LABELLED


def test_the_order_of_candidates_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    angles = rng.uniform(0, 6, 30).tolist()
    opinions = rng.dirichlet(np.ones(3), 30).tolist()
    labelled = labelled_at([0.5, 1.5], [0, 1], 3)
    straight = NO_CONTROL.select(candidates_at(angles, opinions), labelled, 8, 0)
    turned = NO_CONTROL.select(candidates_at(angles[::-1], opinions[::-1]), labelled, 8, 0)
    assert [29 - i for i in turned.indices] == list(straight.indices)


def test_a_shortlist_bounds_what_is_weighed() -> None:
    small = EngineSelector(config=EngineConfig(control_frac=0.0, most_units=10))
    units = candidates_at(np.linspace(0, 6, 50).tolist(), [[0.5, 0.5]] * 50)
    selection = small.select(units, labelled_at([], [], 2), 4, 0)
    assert len(selection.chosen) == 4
    assert selection.passed_by_reason[ReasonCode.NOT_DRAWN] == 40


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(InputError, match="reach"):
        EngineConfig(reach=0.0)
