"""From a decision to a signed release, and to the folder that vehicles fetch it from."""

from datetime import datetime
from pathlib import Path

from bessemer.core.ids import DocumentId
from bessemer.edge.slots import ReleaseManifest
from bessemer.ledger import ReleaseRow
from bessemer.loop.records import NetworkRef
from bessemer.loop.tracing import gate_of
from bessemer.loop.works import Works
from bessemer.release.keys import SigningKeys
from bessemer.release.publish import ReleaseBundle, publish_release


def note_release(works: Works, branch: str, network: NetworkRef, decision: DocumentId) -> int:
    """Note in the ledger that a network drives from now on; the same decision counts once.

    Args:
        works: The works.
        branch: The branch.
        network: What the gate let through.
        decision: The gate's decision.

    Returns:
        The release's version in its branch.
    """
    releases = works.ledger.releases(branch)
    for row in releases:
        if row.document_id == decision:
            return row.version
    row = ReleaseRow(
        branch=branch,
        version=len(releases) + 1,
        network_id=network.network_id,
        document_id=decision,
    )
    works.ledger.add_release(row)
    return row.version


def publish_network(
    works: Works, written: str, repo: Path, keys: SigningKeys, now: datetime
) -> ReleaseManifest:
    """Sign a network that a gate let through, and put it where vehicles look.

    Args:
        works: The works.
        written: The network's address or its beginning.
        repo: The repository's folder; made by its first release.
        keys: The private keys.
        now: When it is signed, with its zone.

    Returns:
        The release.

    Raises:
        GateRefusedError: If no gate let this network through.
    """
    row, gate = gate_of(works, written)
    network = works.ledger.network(row.network_id)
    bundle = ReleaseBundle(
        onnx=works.lake.path_of(network.onnx),
        network_id=network.network_id,
        commit_id=network.commit_id,
        recipe_id=network.recipe,
        gate=gate,
        gate_id=row.document_id,
        report_id=DocumentId(gate.reports[-1]),
    )
    return publish_release(repo, keys, bundle, now)
