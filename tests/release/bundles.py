"""Small real releases: networks of a few bytes, and the decision that let them through."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bessemer.core.gates import Decision, Ruling
from bessemer.core.ids import CommitId, DocumentId, NetworkId
from bessemer.release.publish import ReleaseBundle

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)
"""Far from the clock of any machine that runs this: time comes in as an argument, or tests fail."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def bundle_of(onnx: Path, *, decision: Decision = Decision.SHIP) -> ReleaseBundle:
    """A bundle of any file."""
    network_id = NetworkId(hashlib.sha256(onnx.read_bytes()).hexdigest())
    gate = Ruling(
        gate="standing",
        candidate=network_id,
        released=None,
        reports=("report",),
        decision=decision,
        reasons=() if decision is Decision.SHIP else ("stop signs got worse.",),
        unsure=(),
        n_checks=1,
    )
    return ReleaseBundle(
        onnx=onnx,
        network_id=network_id,
        commit_id=CommitId("commit"),
        recipe_id=DocumentId("recipe"),
        gate=gate,
        gate_id=DocumentId(gate.ruling_id),
        report_id=DocumentId("report"),
    )


def network_bundle(folder: Path, number: int) -> ReleaseBundle:
    """A bundle of a network that runs; another number gives another network."""
    # Imported here: what is killed, tens of times, is to start fast.
    from tests.edge.networks import write_colour_network

    return bundle_of(write_colour_network(folder / f"{number}.onnx", scale=float(number)))


def files_under(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
