import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from bessemer.core.arrivals import Rejection
from bessemer.core.errors import ConflictError, IntegrityError, NotFoundError
from bessemer.core.fleet import Count
from bessemer.core.frames import Frame
from bessemer.core.history import DataCommit
from bessemer.core.ids import (
    ArtifactId,
    CommitId,
    DocumentId,
    NetworkId,
    NodeId,
    OntologyId,
    RecordingId,
    RevisionId,
    SegmentId,
    StreamName,
    TaskName,
)
from bessemer.core.labelling import LabelRequest
from bessemer.core.labels import Author, AuthorKind, Coverage, Elements, LabelRevision
from bessemer.core.records import Stretch
from bessemer.ledger import (
    GateRow,
    Ledger,
    NetworkRow,
    ReleaseRow,
    StageCost,
    StageState,
    request_id_of,
)

TASK = TaskName("signs")


def request_of(recording: str) -> LabelRequest:
    recording_id = RecordingId(recording)
    frame = Frame(
        recording_id=recording_id,
        stream=StreamName("camera"),
        segment_id=SegmentId("s"),
        index=0,
        t_ns=0,
    )
    unit = Stretch(recording_id=recording_id, start_ns=0, end_ns=9)
    return LabelRequest(unit=unit, task=TASK, frame=frame, reason="rare")


def commit_of(message: str, *parents: CommitId) -> DataCommit:
    return DataCommit(
        root=NodeId("r"),
        parents=parents,
        split_id="s",
        ontologies=(),
        author=Author(kind=AuthorKind.PERSON, name="ann"),
        message=message,
    )


def add_network(ledger: Ledger, name: str, commit_id: str = "c") -> NetworkRow:
    for artifact in ("w", "o"):
        ledger.note_artifact(ArtifactId(artifact), f"{artifact}.bin", 3)
    network = NetworkRow(
        network_id=NetworkId(name),
        weights=ArtifactId("w"),
        onnx=ArtifactId("o"),
        commit_id=CommitId(commit_id),
        recipe=ledger.put_document("recipe", "small"),
        seed=7,
    )
    ledger.add_network(network)
    return network


def test_documents_come_back_checked(ledger: Ledger) -> None:
    address = ledger.put_document("request", request_of("a"))
    assert ledger.put_document("request", request_of("a")) == address
    assert ledger.get_document(address, LabelRequest) == request_of("a")
    with pytest.raises(IntegrityError, match="not a Stretch"):
        ledger.get_document(address, Stretch)
    with pytest.raises(NotFoundError):
        ledger.get_document(DocumentId("0" * 64), str)


def test_a_document_that_was_changed_is_noticed(ledger: Ledger) -> None:
    address = ledger.put_document("note", "said")
    with ledger._database.writing() as session:
        session.execute(text("UPDATE documents SET body = :body"), {"body": b'"unsaid"'})
    with pytest.raises(IntegrityError, match="does not match its address"):
        ledger.get_document(address, str)


def test_rejections_count_once_each(ledger: Ledger) -> None:
    def rejection(where: str, reason: str) -> Rejection:
        return Rejection(stage="ingest", reason=reason, where=where, detail="Copy it again.")

    first = [rejection("a", "truncated"), rejection("b", "truncated"), rejection("c", "unknown")]
    ledger.reject(first)
    ledger.reject(first[:2])
    assert ledger.rejection_counts() == (
        Count(reason="truncated", count=2),
        Count(reason="unknown", count=1),
    )
    assert ledger.rejection_counts("train") == ()
    assert ledger.rejections("ingest") == first


def test_a_stage_that_was_cut_off_begins_again_and_a_finished_one_does_not(ledger: Ledger) -> None:
    output = ledger.put_document("out", "put")
    cost = StageCost(wall_s=1.5, cpu_s=1.0, peak_bytes=2**40, n_bytes=9)
    assert ledger.stage("k") is None
    for _ in range(2):
        ledger.begin_stage("k", "engine/0", 1, "train")
    cut_off = ledger.stage("k")
    assert cut_off is not None
    assert (cut_off.state, cut_off.attempts, cut_off.output) == (StageState.RUNNING, 2, None)
    ledger.finish_stage("k", output, cost)
    done = ledger.stage("k")
    assert done is not None
    assert done.finished
    assert (done.output, done.cost) == (output, cost)
    with pytest.raises(ConflictError, match="finished"):
        ledger.begin_stage("k", "engine/0", 1, "train")
    with pytest.raises(ConflictError, match="running"):
        ledger.finish_stage("k", output, cost)


def test_a_stage_done_on_one_branch_is_reused_by_another_at_no_cost(ledger: Ledger) -> None:
    assert ledger.reuse_stage("k", "chance/0", 1, "embed") is None
    ledger.begin_stage("k", "engine/0", 1, "embed")
    assert ledger.reuse_stage("k", "chance/0", 1, "embed") is None
    output = ledger.put_document("out", "put")
    ledger.finish_stage("k", output, StageCost(wall_s=5.0))
    assert ledger.reuse_stage("k", "chance/0", 1, "embed") == output
    assert ledger.reuse_stage("k", "engine/0", 1, "embed") == output
    (reused,) = ledger.stages("chance/0", 1)
    assert (reused.state, reused.cost) == (StageState.REUSED, StageCost())
    assert [row.cost.wall_s for row in ledger.stages()] == [0.0, 5.0]
    assert ledger.branches() == ["chance/0", "engine/0"]


def test_a_failed_stage_says_why_and_may_be_begun_again(ledger: Ledger) -> None:
    ledger.begin_stage("k", "b", 0, "train")
    ledger.fail_stage("k", "The disk is full.")
    failed = ledger.stage("k")
    assert failed is not None
    assert (failed.state, failed.detail) == (StageState.FAILED, "The disk is full.")
    ledger.begin_stage("k", "b", 0, "train")
    (again,) = ledger.stages("b")
    assert (again.state, again.detail) == (StageState.RUNNING, "")


def test_a_question_asked_twice_waits_once_and_its_answer_serves_every_branch(
    ledger: Ledger,
) -> None:
    requests = [request_of("a"), request_of("b")]
    assert ledger.ask_labels("engine/0", 1, requests) == 2
    assert ledger.ask_labels("engine/0", 1, requests) == 0
    assert ledger.ask_labels("chance/0", 1, requests[:1]) == 1
    assert ledger.answer_requests({request_id_of(requests[0]): RevisionId("v")}) == 2
    assert ledger.answer_requests({request_id_of(requests[0]): RevisionId("w")}) == 0
    (waiting,) = ledger.label_requests(waiting=True)
    assert waiting.request == requests[1]
    answered = ledger.label_requests(task=TASK, waiting=False)
    assert [(row.branch, row.revision_id) for row in answered] == [
        ("chance/0", "v"),
        ("engine/0", "v"),
    ]


def draft_of(request: LabelRequest, price: float) -> LabelRevision:
    return LabelRevision(
        unit=request.unit,
        task=request.task,
        ontology_id=OntologyId("o"),
        author=Author(kind=AuthorKind.PERSON, name="ann"),
        coverage=Coverage(streams=(), spans=()),
        elements=Elements(),
        price=price,
    )


def test_a_draft_replaces_its_authors_last_and_goes_with_the_answer(ledger: Ledger) -> None:
    first, second = (request_of(name) for name in "ab")
    ids = [request_id_of(request) for request in (first, second)]
    ledger.ask_labels("engine/0", 1, [first, second])
    drafts = {ids[0]: draft_of(first, 1.0), ids[1]: draft_of(second, 1.0)}
    assert ledger.save_drafts("ann", drafts) == 2
    assert ledger.save_drafts("ann", {ids[0]: draft_of(first, 2.0)}) == 1
    assert ledger.save_drafts("ben", {ids[0]: draft_of(first, 3.0)}) == 1
    assert {r.draft.price for r in ledger.drafts() if r.request_id == ids[0]} == {2.0, 3.0}
    assert [row.draft.price for row in ledger.drafts("ben")] == [3.0]
    ledger.answer_requests({ids[0]: RevisionId("v")})
    assert [(row.request_id, row.author) for row in ledger.drafts()] == [(ids[1], "ann")]
    assert ledger.save_drafts("ben", {ids[0]: draft_of(first, 3.0), "unknown": drafts[ids[1]]}) == 0


def test_nodes_are_kept_all_or_none_and_the_first_stands(ledger: Ledger) -> None:
    many = {NodeId(str(n)): str(n).encode() for n in range(12_000)}
    ledger.nodes.put_many(many)
    ledger.nodes.put_many({NodeId("7"): b"other"})
    asked = [*many, NodeId("missing")]
    assert ledger.nodes.get_many(asked) == many
    assert ledger.nodes.get_many([]) == {}


def test_a_ref_moves_only_from_where_it_was_believed_to_be(ledger: Ledger) -> None:
    one, two = CommitId("1"), CommitId("2")
    refs = ledger.refs
    assert refs.get("branch/main") is None
    assert refs.compare_and_set("branch/main", None, one)
    assert not refs.compare_and_set("branch/main", None, two)
    assert not refs.compare_and_set("branch/main", two, one)
    assert refs.compare_and_set("branch/main", one, two)
    assert refs.list() == {"branch/main": two}
    assert not refs.compare_and_set("branch/main", None, None)
    assert not refs.compare_and_set("branch/main", one, None)
    assert refs.compare_and_set("branch/main", two, None)
    assert refs.compare_and_set("branch/main", None, None)
    assert refs.list() == {}


def test_a_release_follows_the_last_one(ledger: Ledger) -> None:
    networks = [add_network(ledger, "n1"), add_network(ledger, "n2")]
    note = ledger.put_document("release", "signed")

    def release(version: int, index: int) -> ReleaseRow:
        network_id = networks[index].network_id
        return ReleaseRow(branch="b", version=version, network_id=network_id, document_id=note)

    with pytest.raises(ConflictError):
        ledger.add_release(release(2, 0))
    for _ in range(2):
        ledger.add_release(release(1, 0))
    with pytest.raises(ConflictError):
        ledger.add_release(release(1, 1))
    ledger.add_release(release(2, 1))
    assert ledger.releases("b")[-1] == release(2, 1)
    assert ledger.releases("other") == []
    assert ledger.network(networks[0].network_id) == networks[0]
    with pytest.raises(NotFoundError):
        ledger.network(NetworkId("n3"))


def test_a_gate_does_not_change_its_mind(ledger: Ledger) -> None:
    network = add_network(ledger, "n")
    note = ledger.put_document("decision", "worse at night")

    def gate(shipped: bool) -> GateRow:
        return GateRow(
            branch="b",
            turn=1,
            network_id=network.network_id,
            shipped=shipped,
            document_id=note,
        )

    ledger.add_gate(gate(False))
    ledger.add_gate(gate(False))
    with pytest.raises(ConflictError, match="otherwise"):
        ledger.add_gate(gate(True))
    assert ledger.gates(network_id=network.network_id) == [gate(False)]


def test_lineage_follows_commits_to_their_descendants_and_networks(ledger: Ledger) -> None:
    before = commit_of("before")
    root = commit_of("brings it", before.commit_id)
    child = commit_of("goes on", root.commit_id)
    aside = commit_of("another", before.commit_id)
    for commit, touched in ((before, "z"), (root, "x"), (child, "y"), (aside, "y")):
        ledger.note_commit(commit, [RecordingId(touched)])
    for name, commit in (("old", before), ("new", child), ("side", aside)):
        add_network(ledger, name, commit.commit_id)
    found = ledger.lineage_of(RecordingId("x"))
    assert set(found.commits) == {root.commit_id, child.commit_id}
    assert found.networks == ("new",)
    exact = ledger.lineage_of(RecordingId("x"), [aside.commit_id])
    assert (exact.commits, exact.networks) == ((aside.commit_id,), ("side",))
    assert ledger.lineage_of(RecordingId("never")).commits == ()


def test_a_first_measurement_of_a_commit_stands(ledger: Ledger) -> None:
    first, second = (ledger.put_document("large", text) for text in ("first", "second"))
    for document_id in (first, second):
        ledger.attest(CommitId("c"), "large", document_id)
    (attestation,) = ledger.attestations(CommitId("c"))
    assert (attestation.name, attestation.document_id) == ("large", first)


def test_of_two_writers_with_one_expectation_one_wins(url: str) -> None:
    start = threading.Barrier(2)

    def claim(name: str) -> bool:
        with Ledger.open(url) as ledger:
            start.wait(30)
            return ledger.refs.compare_and_set("branch/main", None, CommitId(name))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(claim, ("1", "2"))) == [False, True]


def test_many_may_open_a_new_ledger_at_once(tmp_path: Path) -> None:
    def open_one(url: str, start: threading.Barrier) -> int:
        start.wait(30)
        with Ledger.open(url) as ledger:
            return len(ledger.networks())

    with ThreadPoolExecutor(6) as pool:
        for i in range(10):
            url, start = f"sqlite:///{tmp_path}/{i}.sqlite", threading.Barrier(6)
            assert [*pool.map(open_one, [url] * 6, [start] * 6)] == [0] * 6
