"""Blame finds the commit that introduced a revision; bisect the one that broke something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import CommitId
from bessemer.history.origins import bisect, first_parent_row
from tests.history.maps import key
from tests.history.works import ANN, new_history, one, put


def test_blame_finds_the_last_commit_that_put_the_revision_there() -> None:
    history = new_history()
    put(history, "main", one(0, "x"))
    put(history, "main", one(0, "y"))
    back = put(history, "main", one(0, "x"))
    put(history, "main", one(9, "other"))
    assert history.blame("main", key("a", 0)) == back


def test_blame_follows_a_merge_to_the_side_it_came_from() -> None:
    history = new_history()
    first = put(history, "main", one(0, "base"))
    history.branch("side", "main")
    theirs = put(history, "side", one(1, "theirs"))
    ours = put(history, "main", one(2, "ours"))
    history.merge("main", "side", author=ANN, message="merge")
    put(history, "main", one(3, "later"))
    found = [history.blame("main", key("a", start_ns)) for start_ns in (0, 1, 2)]
    assert found == [first, theirs, ours]


def test_blame_of_nothing_is_an_error() -> None:
    history = new_history()
    put(history, "main", one(0, "x"))
    with pytest.raises(NotFoundError, match="no revision"):
        history.blame("main", key("a", 77))


@given(st.integers(1, 200), st.data())
def test_bisect_finds_the_first_bad_commit_in_few_questions(n: int, data: st.DataObject) -> None:
    first_bad = data.draw(st.integers(0, n - 1))
    row = [CommitId(f"{i:03}") for i in range(n)]
    asked = []

    def is_bad(commit_id: CommitId) -> bool:
        asked.append(commit_id)
        return commit_id >= row[first_bad]

    assert bisect(row, is_bad) == row[first_bad]
    assert len(asked) <= 1 + n.bit_length()


def test_bisect_refuses_a_row_that_ends_well() -> None:
    with pytest.raises(InputError, match="not bad"):
        bisect([CommitId("a")], lambda _: False)


def test_a_row_follows_first_parents_from_the_good_commit_on() -> None:
    history = new_history()
    commits = [put(history, "main", one(step, "x")) for step in range(5)]
    assert first_parent_row(history.reader, commits[-1]) == commits
    assert first_parent_row(history.reader, commits[-1], commits[1]) == commits[2:]
    with pytest.raises(InputError, match="not in the first-parent history"):
        first_parent_row(history.reader, commits[1], commits[3])
