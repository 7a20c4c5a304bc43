"""From a network back to what made it: decision, commit, labels, clips, triggers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bessemer.core.bylines import sign_answers
from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.fleet import Count, Haul
from bessemer.core.gates import Ruling
from bessemer.core.ids import ArtifactId, ClipId, CommitId, NetworkId
from bessemer.core.records import Stretch
from bessemer.ledger import GateRow, NetworkRow
from bessemer.loop.recipe import Recipe
from bessemer.loop.records import Intake, TurnRecord
from bessemer.loop.uploads import trigger_of, uploads_of
from bessemer.loop.works import Works
from bessemer.networks.published import FOUNDATIONS, Foundation


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """A clip that came back from the fleet and holds something that was labelled.

    Attributes:
        clip_id: Address of its manifest.
        source: Source of its recording; empty if that was erased since.
        stretch: What it holds of it.
        trigger: What asked for it.
        driver: The released network that drove that week; empty if none did yet.
    """

    clip_id: ClipId
    source: str
    stretch: Stretch
    trigger: str
    driver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Where a network came from.

    Attributes:
        network: Its row: files, recipe, seed, data commit.
        gate: The last decision on it; None if no gate has read it.
        foundation: The published weights that its recipe begins with; None begins as drawn.
        n_labels: Units answered in that commit.
        n_recordings: Recordings they are of.
        authors: Who answered, and how often.
        clips: What came back and held those units, in the order of turns.
        triggers: What brought the clips back, and how often.
        drivers: The released networks that drove the weeks that brought them, and how many clips;
            the empty name is that of no network.
    """

    network: NetworkRow
    gate: GateRow | None
    foundation: Foundation | None
    n_labels: int
    n_recordings: int
    authors: tuple[Count, ...]
    clips: tuple[CameBack, ...]
    triggers: tuple[Count, ...]
    drivers: tuple[Count, ...]


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


def network_file(works: Works, written: str) -> Path:
    """Return the ONNX file of a network that a gate decided on.

    Args:
        works: The works.
        written: The network's address or its beginning.

    Returns:
        The file, which is not to be changed.

    Raises:
        NotFoundError: If no gate decided on such a network.
    """
    row, _ = gate_of(works, written)
    return works.lake.path_of(ArtifactId(row.network_id))


def gate_of(works: Works, written: str) -> tuple[GateRow, Ruling]:
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
    return rows[-1], works.ledger.get_document(rows[-1].document_id, Ruling)


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
    clips = _clips_of(works, row.commit_id, units)
    gates = works.ledger.gates(network_id=row.network_id)
    begun_with = works.ledger.get_document(row.recipe, Recipe).foundation
    authors = Counter(str(byline) for byline in sign_answers(works.lake, labels))
    return Trace(
        network=row,
        gate=gates[-1] if gates else None,
        foundation=FOUNDATIONS[begun_with] if begun_with else None,
        n_labels=len(entries),
        n_recordings=len({unit.recording_id for unit in units}),
        authors=_counts(authors),
        clips=clips,
        triggers=_counts(Counter(clip.trigger for clip in clips)),
        drivers=_counts(Counter(clip.driver for clip in clips)),
    )


def _clips_of(works: Works, commit_id: CommitId, units: Sequence[Stretch]) -> tuple[CameBack, ...]:
    """Return the clips that brought units back in the turns that led to a commit."""
    ids = dict.fromkeys(unit.recording_id for unit in units)
    sources = {r.recording_id: r.source for r in works.lake.recordings(ids=list(ids))}
    behind = {one for one, _ in works.history.log(commit_id)}
    found: dict[ClipId, CameBack] = {}
    for record in turn_records(works):
        if record.commit_id not in behind:
            continue
        haul = works.ledger.get_document(record.haul, Haul)
        intake = works.ledger.get_document(record.intake, Intake)
        holding = dict.fromkeys(uploads_of(haul.uploads, units).values())
        for upload, clip in zip(haul.uploads, intake.clips, strict=True):
            if upload in holding and clip.clip_id not in found:
                found[clip.clip_id] = CameBack(
                    clip_id=clip.clip_id,
                    source=sources.get(clip.stretch.recording_id, ""),
                    stretch=clip.stretch,
                    trigger=trigger_of(upload),
                    driver=record.driver,
                )
    return tuple(found.values())


def _counts(counter: Counter[str]) -> tuple[Count, ...]:
    """Return a counter as records, the most frequent first."""
    return tuple(Count(reason=reason, count=count) for reason, count in counter.most_common())
