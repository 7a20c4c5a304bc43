import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError, LeakError
from bessemer.core.ids import RecordingId, SegmentId
from bessemer.validate.leak import Leak, LeakConfig, Member, find_leaks, find_nearest, refuse_leaks


def member(name: str, *segments: str) -> Member:
    return Member(
        recording_id=RecordingId(name),
        segments=tuple(SegmentId(s) for s in segments),
        source=f"drives/{name}",
    )


@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_a_leak_is_what_both_sides_share(train: set[int], test: set[int]) -> None:
    leaks = find_leaks([member(str(i)) for i in train], [member(str(i)) for i in test])
    assert {leak.shared for leak in leaks} == {str(i) for i in train & test}


def test_the_same_bytes_under_two_names_are_a_leak_with_both_places() -> None:
    with pytest.raises(LeakError, match=r"segment s2: drives/a \| drives/b"):
        refuse_leaks([member("a", "s1", "s2")], [member("b", "s2", "s3")])


def test_many_leaks_are_counted_and_a_few_shown() -> None:
    both = [member(str(i)) for i in range(9)]
    with pytest.raises(LeakError, match=r"9 recordings, segments or near-duplicates.*and 4 more"):
        refuse_leaks(both, both)


def test_sides_apart_pass() -> None:
    refuse_leaks([member("a", "s1")], [member("b", "s2")])


def test_what_nearly_repeats_the_test_is_a_leak_with_both_places() -> None:
    near = Leak(kind="near-duplicate", shared="r" * 64, train="drives/a", test="drives/b")
    with pytest.raises(LeakError, match=r"near-duplicate r+: drives/a \| drives/b"):
        refuse_leaks([member("a", "s1")], [member("b", "s2")], [near])


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 40), st.integers(0, 2**16))
def test_the_nearest_is_that_of_the_whole_table_whatever_the_block(
    n_train: int, n_test: int, block_rows: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    train, test = (unit_vectors(rng, n) for n in (n_train, n_test))
    found = find_nearest(train, test, block_rows)
    if not n_test:
        assert (found.cosine == -1).all()
        return
    table = train @ test.T
    np.testing.assert_allclose(found.cosine, table.max(axis=1, initial=-1), atol=1e-6)
    chosen = table[np.arange(n_train), found.test_index]
    np.testing.assert_allclose(chosen, found.cosine, atol=1e-6)


def test_a_copy_is_near_at_any_threshold() -> None:
    vectors = unit_vectors(np.random.default_rng(0), 50)
    assert find_nearest(vectors, vectors[::-1].copy()).at_least(1.0).tolist() == list(range(50))


def test_a_threshold_beyond_a_cosine_is_refused() -> None:
    with pytest.raises(InputError, match=r"cosine=1\.2"):
        LeakConfig(cosine=1.2)


def unit_vectors(rng: np.random.Generator, n: int) -> np.ndarray:
    vectors = rng.normal(size=(n, 7)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
