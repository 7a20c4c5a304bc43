"""Laws of an oracle: a clean one repeats the truth; errors are stable and similar."""

from dataclasses import replace

import numpy as np
import pytest

from bessemer.core.errors import InputError
from bessemer.core.labels import Author, AuthorKind
from bessemer.core.protocols import Labeller
from bessemer.label.confusion import class_centroids, confusion_from_centroids, draw_confused
from bessemer.label.oracle import Oracle, OracleConfig
from bessemer.label.propagate import propagate_track
from bessemer.label.regions import confuse_region
from bessemer.tasks.segment import read_mask, write_mask
from tests.label.truths import (
    ROAD,
    SIGN,
    frames_of,
    request_for,
    road_map,
    road_truth,
    sign_truth,
)

NAMES = [f"{i:03d}" for i in range(400)]
TRUTH = {sign.unit.recording_id: (sign,) for sign in (sign_truth(n, "speed 30") for n in NAMES)}
# Speed 30 and speed 50 look alike, stop and yield do not look like anything.
CENTROIDS = np.array(
    [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0.95, 0.3122499]], dtype=np.float32
)
CONFUSION = confusion_from_centroids(CENTROIDS)


def classes_of(oracle: Oracle) -> list[str]:
    answers = oracle.answer([request_for(n) for n in NAMES])
    return [r.elements.class_spans[0].class_name for r in answers.revisions]


def test_a_clean_oracle_says_the_truth_of_the_frame_asked_about_and_no_more() -> None:
    oracle = Oracle(TRUTH, SIGN)
    assert isinstance(oracle, Labeller)
    (revision,) = oracle.answer([request_for("007")]).revisions
    assert revision.elements.class_spans[0].class_name == "speed 30"
    assert revision.price == 1.0
    assert revision.author == Author(kind=AuthorKind.ORACLE, name="oracle")
    covered = [f.t_ns for f in frames_of("007") if revision.coverage.includes(f.stream, f.t_ns)]
    assert covered == [50]


def test_what_truth_does_not_know_is_left_waiting() -> None:
    answers = Oracle(TRUTH, SIGN).answer([request_for("007"), request_for("nowhere")])
    assert len(answers.revisions) == 1
    assert answers.waiting == (request_for("nowhere"),)


def test_errors_are_as_many_as_set_similar_and_the_same_twice() -> None:
    oracle = Oracle(TRUTH, SIGN, OracleConfig(error_frac=0.1, seed=3), CONFUSION)
    said = classes_of(oracle)
    wrong = [name for name in said if name != "speed 30"]
    assert 20 <= len(wrong) <= 62  # 40 expected, standard deviation 6
    assert set(wrong) == {"speed 50"}
    assert said == classes_of(oracle)
    other = Oracle(TRUTH, SIGN, OracleConfig(error_frac=0.1, seed=4), CONFUSION)
    assert said != classes_of(other)


def test_an_error_belongs_to_the_unit_not_to_the_frame() -> None:
    oracle = Oracle(TRUTH, SIGN, OracleConfig(error_frac=0.5), CONFUSION)
    for name in NAMES[:20]:
        two = oracle.answer([request_for(name, t_ns=0), request_for(name, t_ns=90)]).revisions
        assert len({r.elements.class_spans[0].class_name for r in two}) == 1
        assert oracle.errs_on(request_for(name)) == (
            two[0].elements.class_spans[0].class_name != "speed 30"
        )


def test_a_confusion_has_no_diagonal_and_prefers_the_nearest() -> None:
    np.testing.assert_allclose(CONFUSION.sum(axis=1), 1.0)
    assert np.diag(CONFUSION).tolist() == [0.0] * 4
    assert CONFUSION[2].argmax() == 3
    draws = [draw_confused(CONFUSION, 0, d) for d in np.linspace(0, 0.999, 50)]
    assert 0 not in draws
    assert set(draws) == {1, 2, 3}


def test_centroids_are_unit_vectors_and_absent_classes_are_never_confused_with() -> None:
    vectors = np.array([[1, 0], [0, 1], [0, 1]], dtype=np.float32)
    centroids = class_centroids(vectors, np.array([0, 1, 1]), 3)
    np.testing.assert_allclose(np.linalg.norm(centroids, axis=1), [1, 1, 0])
    assert (confusion_from_centroids(centroids)[:, 2] == 0).all()


def test_a_confusion_of_other_classes_is_refused() -> None:
    with pytest.raises(InputError, match="there are 4 classes"):
        Oracle(TRUTH, SIGN, confusion=np.ones((2, 2)))


def test_a_dense_error_swaps_one_region_for_a_similar_class() -> None:
    truth = {r.unit.recording_id: (r,) for r in [road_truth("drive")]}
    confusion = confusion_from_centroids(np.array([[1, 0], [0, 1], [0.1, 0.995]], dtype=np.float32))
    clean = Oracle(truth, ROAD).answer([request_for("drive", ROAD)]).revisions[0]
    wrong = Oracle(truth, ROAD, OracleConfig(error_frac=1.0), confusion).answer(
        [request_for("drive", ROAD)]
    )
    np.testing.assert_array_equal(read_mask(clean.elements.masks[0].png), road_map())
    said = read_mask(wrong.revisions[0].elements.masks[0].png)
    changed = said != road_map()
    assert changed.any()
    assert len(set(road_map()[changed].tolist())) == 1
    assert not changed[0, 0]


def test_pavement_is_mostly_taken_for_the_road_beside_it() -> None:
    confusion = confusion_from_centroids(np.array([[1, 0], [0, 1], [0.1, 0.995]], dtype=np.float32))
    png = write_mask(road_map())
    for seed in range(20):
        said = read_mask(confuse_region(png, confusion, np.random.default_rng(seed)))
        if (said != road_map())[8, 2]:
            assert said[8, 2] == 1


def test_a_mask_that_is_no_picture_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be read as a PNG"):
        read_mask(b"nothing", where="a.png")


def test_a_label_carried_along_a_track_is_a_revision_of_its_own() -> None:
    answer = Oracle(TRUTH, SIGN).answer([request_for("007")]).revisions[0]
    carried = propagate_track(answer, frames_of("007"))
    assert carried.parents == (answer.revision_id,)
    assert carried.author == Author(kind=AuthorKind.PROPAGATION, name="track")
    assert carried.price == 0.0
    assert all(carried.coverage.includes(f.stream, f.t_ns) for f in frames_of("007"))
    assert carried.elements.class_spans[0].class_name == "speed 30"
    assert {e.name: e.value for e in carried.evidence} == {"frames_seen": 1, "frames_carried": 9}
    assert carried.revision_id != answer.revision_id


def test_a_unit_of_two_classes_is_no_track() -> None:
    answer = sign_truth("007", "stop")
    first = answer.elements.class_spans[0]
    both = replace(answer.elements, class_spans=(first, replace(first, class_name="yield")))
    with pytest.raises(InputError, match="cannot be 'stop' and 'yield'"):
        propagate_track(replace(answer, elements=both), ())
