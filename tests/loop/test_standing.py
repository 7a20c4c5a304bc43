"""What people merge into a branch is where its next turn begins; nothing of it leaves unsaid."""

import shutil
import signal
from pathlib import Path

import pytest

from bessemer.core.errors import ConflictError
from bessemer.core.history import Entry, OntologyPin, UnitKey
from bessemer.core.ids import CommitId, OntologyId, RevisionId, TaskName
from bessemer.core.labels import Author, AuthorKind
from bessemer.history.refs import full_name, move_branch
from bessemer.loop.compile import commit_answers, labels_at
from bessemer.loop.merging import merge_branches
from bessemer.loop.records import Branch, TurnRecord
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.standing import base_of, put_on_branch
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from tests.loop.tiny import addresses, run_tiny, start, tiny_line

pytestmark = pytest.mark.slow

ANN = Author(kind=AuthorKind.PERSON, name="ann")


def turns_of(works: Works, arm: str = "engine") -> list[TurnRecord]:
    return [record for record in turn_records(works) if record.branch.arm == arm]


def correct(works: Works, at: str, name: str = "ann", price: float = 1.0) -> RevisionId:
    """Commit a corrected answer on a branch of its own; return the revision."""
    from dataclasses import replace

    entry = next(iter(works.history.map_at(at).entries()))
    (given,) = works.lake.read_labels([entry.revision_id])
    mended = replace(given, author=ANN, parents=(given.revision_id,), price=price)
    works.lake.seal_labels([mended])
    works.history.branch(name, at)
    works.history.commit(
        name,
        put=[Entry(key=entry.key, revision_id=mended.revision_id)],
        author=ANN,
        message="Looked again",
    )
    return mended.revision_id


def one_turn(root: Path) -> Works:
    """Return a works after one turn of each arm."""
    works = Works.open(root)
    line = tiny_line(works)
    list(run_turns(line, branches_of(line), 1))
    return works


@pytest.fixture(scope="module")
def merged_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A works after one turn, with a correction merged into the engine's branch."""
    root = tmp_path_factory.mktemp("merged") / "works"
    with one_turn(root) as works:
        (engine,) = turns_of(works)
        correct(works, engine.commit_id)
        merge_branches(works, engine.branch.name, "ann", ANN, "Merge")
    return root


@pytest.fixture
def merged(merged_root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(merged_root, tmp_path / "merged"))


def test_the_next_turn_begins_on_the_merge_and_learns_what_was_corrected(merged: Path) -> None:
    with Works.open(merged) as works:
        first = addresses(works)
        run_tiny(works)
        one, two = turns_of(works)
        log = [commit.message for _, commit in works.history.log(two.branch.name)]
        assert log == ["Turn 2", "Looked again", "Turn 1"]
        mended = next(iter(works.history.map_at("ann").entries())).revision_id
        line = tiny_line(works)
        assert mended in {r.revision_id for r in labels_at(line, two.network.commit_id)}
        assert two.state.paid == 2 * one.state.paid + 1.0, "a correction is a label paid for"
        # Turns that were done before the merge are left as they are, and so is the other arm.
        made = addresses(works)
        assert first.items() <= made.items()
        log = [c.message for _, c in works.history.log(turns_of(works, "chance")[-1].commit_id)]
        assert log == ["Turn 2", "Turn 1"]
        run_tiny(works)
        assert addresses(works) == made


@pytest.mark.parametrize("stage", ["curate", "commit", "train"])
def test_killed_on_a_merge_it_ends_at_the_same_addresses(
    merged: Path, merged_root: Path, tmp_path: Path, stage: str
) -> None:
    process = start(merged, stage)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    whole = Path(shutil.copytree(merged_root, tmp_path / "whole"))
    with Works.open(merged) as works, Works.open(whole) as other:
        run_tiny(works)
        run_tiny(other)
        assert addresses(works) == addresses(other)


def heads(works: Works, branch: Branch) -> CommitId | None:
    return works.history.refs.get(full_name("branch", branch.name))


def test_every_turn_finds_its_own_ground_under_later_merges(tmp_path: Path) -> None:
    with Works.open(tmp_path / "works") as works:
        branch = Branch(arm="engine", seed=0, line="x")
        history, before = works.history, None
        stood: list[tuple[int, CommitId | None, CommitId | None]] = []
        for turn in (1, 2, 3):
            base = base_of(works, branch, turn, before)
            stood.append((turn, before, base))
            made = history.prepare(
                base,
                put=[entry(turn)],
                author=Author(kind=AuthorKind.WORKS, name="bessemer"),
                message=f"Turn {turn}",
                split_id="s",
            )
            put_on_branch(works, branch, base, made)
            assert base_of(works, branch, turn, before) == base, "killed before its row"
            works.stages(branch.name, turn).keep("commit", str(made))
            before = made
            history.branch(f"ann/{turn}", made)
            history.commit(f"ann/{turn}", put=[entry(10 * turn)], author=ANN, message="More")
            # Merged the other way round, so that the branch's own side is a second parent.
            history.commit("other", put=[entry(100)], author=ANN, message="O", split_id="s")
            assert history.merge("other", f"ann/{turn}", author=ANN, message="M").commit_id
            assert history.merge(branch.name, "other", author=ANN, message="M").commit_id
        assert stood[0][2] is None
        assert all(base != was for _, was, base in stood[1:])
        for turn, was, base in stood:
            assert base_of(works, branch, turn, was) == base


def entry(number: int) -> Entry:
    from bessemer.core.ids import RecordingId
    from bessemer.core.records import Stretch

    unit = Stretch(recording_id=RecordingId(f"{number:064}"), start_ns=0, end_ns=1)
    return Entry(
        key=UnitKey(unit=unit, task=TaskName("t")), revision_id=RevisionId(f"{number:064}")
    )


def test_a_branch_that_people_moved_elsewhere_is_a_conflict_that_names_its_head(
    tmp_path: Path,
) -> None:
    with Works.open(tmp_path / "works") as works:
        branch, history = Branch(arm="engine", seed=0, line="x"), works.history
        works_made = Author(kind=AuthorKind.WORKS, name="bessemer")
        first = history.commit(
            branch.name, put=[entry(1)], author=works_made, message="Turn 1", split_id="s"
        )
        second = history.commit(branch.name, put=[entry(2)], author=works_made, message="Turn 2")
        # Only the works had gone on from there, so that is given up without a word.
        anew = history.prepare(first, put=[entry(3)], author=works_made, message="Turn 2")
        put_on_branch(works, branch, first, anew)
        assert heads(works, branch) == anew
        assert base_of(works, branch, 3, second) == second
        theirs = history.commit(branch.name, put=[entry(9)], author=ANN, message="By hand")
        with pytest.raises(ConflictError, match=theirs[:12]):
            base_of(works, branch, 3, second)
        with pytest.raises(ConflictError, match=theirs[:12]):
            put_on_branch(works, branch, first, second)
        assert heads(works, branch) == theirs
        history.tag("kept", theirs)
        put_on_branch(works, branch, first, second)
        assert heads(works, branch) == second
        assert history.merge(branch.name, "kept", author=ANN, message="Again").commit_id


def test_a_commit_keeps_the_ontologies_of_other_tasks(merged: Path) -> None:
    with Works.open(merged) as works:
        line, (engine,) = tiny_line(works), turns_of(works)
        pin = OntologyPin(task=TaskName("zebra"), ontology_id=OntologyId("0" * 64))
        pins = (*works.history.show(engine.commit_id).ontologies, pin)
        base = works.history.prepare(
            engine.commit_id, author=ANN, message="Another task", ontologies=pins
        )
        move_branch(works.history.refs, engine.branch.name, heads(works, engine.branch), base)
        made = commit_answers(line, engine.branch, base, (), "Turn 2")
        assert works.history.show(made).ontologies == pins
