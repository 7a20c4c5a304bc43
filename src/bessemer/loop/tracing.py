"""From a network back to what made it: decision, commit, labels, clips, triggers."""

from collections import Counter
from dataclasses import dataclass

from bessemer.core.bylines import sign_answers
from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.fleet import Count, Haul
from bessemer.core.ids import NetworkId
from bessemer.ledger import GateRow, NetworkRow
from bessemer.loop.recipe import Recipe
from bessemer.loop.records import TurnRecord
from bessemer.loop.uploads import trigger_of, uploads_of
from bessemer.loop.works import Works
from bessemer.networks.published import FOUNDATIONS, Foundation
from bessemer.release.gate import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Where a network came from.

    Attributes:
        network: Its row: files, recipe, seed, data commit.
        foundation: The published weights that its recipe begins with; None begins as drawn.
        n_labels: Units answered in that commit.
        n_recordings: Recordings they are of.
        authors: Who answered, and how often.
        triggers: What brought the recordings back, and how often.
        drivers: The releases that drove when they came back.
    """

    network: NetworkRow
    foundation: Foundation | None
    n_labels: int
    n_recordings: int
    authors: tuple[Count, ...]
    triggers: tuple[Count, ...]
    drivers: tuple[str, ...]


def turn_records(works: Works) -> list[TurnRecord]:
    """Return the record of every turn that was finished, by branch and turn."""
    return [
        works.ledger.get_document(row.output, TurnRecord)
        for row in works.ledger.stages()
        if row.name == "turn" and row.output is not None
    ]


def find_network(works: Works, written: str) -> NetworkId:
    """Return the network whose address begins with ``written``.

    Args:
        works: Whose ledger is read.
        written: An address or its beginning.

    Returns:
        Address of the network.

    Raises:
        NotFoundError: If there is none.
        InputError: If there are several.
    """
    ids = sorted({row.network_id for row in works.ledger.networks()})
    found = [network_id for network_id in ids if network_id.startswith(written)]
    if not found:
        raise NotFoundError.among("network", written, [i[:12] for i in ids])
    if len(found) > 1:
        raise InputError(f"{len(found)} networks begin with {written!r}.", fix="Write more digits.")
    return found[0]


def gate_of(works: Works, written: str) -> tuple[GateRow, Gate]:
    """Return the last decision on a network.

    Args:
        works: Whose ledger is read.
        written: Address of a network or its beginning.

    Returns:
        The ledger's row of the decision, and the decision with its reasons.

    Raises:
        NotFoundError: If no gate has read it.
    """
    network_id = find_network(works, written)
    rows = works.ledger.gates(network_id=network_id)
    if not rows:
        raise NotFoundError("No gate has decided on this network yet.", where=network_id[:12])
    return rows[-1], works.ledger.get_document(rows[-1].document_id, Gate)


def trace_network(works: Works, written: str) -> Trace:
    """Return where a network came from.

    Args:
        works: The works.
        written: The network's address or its beginning.

    Returns:
        The trace, down to the triggers.
    """
    row = works.ledger.network(find_network(works, written))
    entries = list(works.history.map_at(row.commit_id).entries())
    labels = works.lake.read_labels([entry.revision_id for entry in entries])
    units = [entry.key.unit for entry in entries]
    ancestry = {commit_id for commit_id, _ in works.history.log(row.commit_id)}
    triggers: Counter[str] = Counter()
    drivers: dict[str, None] = {}
    for record in turn_records(works):
        if record.commit_id not in ancestry:
            continue
        haul = works.ledger.get_document(record.haul, Haul)
        came = dict.fromkeys(uploads_of(haul.uploads, units).values())
        triggers.update(trigger_of(upload) for upload in came)
        if record.driver:
            drivers[record.driver] = None
    begun_with = works.ledger.get_document(row.recipe, Recipe).foundation
    authors = Counter(str(byline) for byline in sign_answers(works.lake, labels))
    return Trace(
        network=row,
        foundation=FOUNDATIONS[begun_with] if begun_with else None,
        n_labels=len(entries),
        n_recordings=len({unit.recording_id for unit in units}),
        authors=_counts(authors),
        triggers=_counts(triggers),
        drivers=tuple(drivers),
    )


def _counts(counter: Counter[str]) -> tuple[Count, ...]:
    """Return a counter as records, the most frequent first."""
    return tuple(Count(reason=reason, count=count) for reason, count in counter.most_common())
