"""Commit, then compile: answers become a data commit, a data commit becomes a network."""

from pathlib import Path

import numpy as np

from bessemer.core.frames import Frame
from bessemer.core.history import Entry, OntologyPin, UnitKey
from bessemer.core.ids import CommitId, RevisionId
from bessemer.core.labels import Author, AuthorKind, LabelRevision
from bessemer.ledger import NetworkRow
from bessemer.loop.line import Line
from bessemer.loop.records import Branch, NetworkRef
from bessemer.train.examples import Examples
from bessemer.train.run import train

WORKS = Author(kind=AuthorKind.WORKS, name="bessemer")


def commit_answers(
    line: Line, branch: Branch, revisions: tuple[RevisionId, ...], message: str
) -> CommitId:
    """Commit answers to the branch's data set; a second time the same commit results.

    Args:
        line: The line.
        branch: The arm and seed.
        revisions: The answers, sealed.
        message: What for.

    Returns:
        The commit.
    """
    works = line.works
    labels = works.lake.read_labels(revisions)
    pin = OntologyPin(task=line.name, ontology_id=line.recipe.ontology.ontology_id)
    commit_id = works.history.commit(
        branch.name,
        put=[
            Entry(key=UnitKey(unit=r.unit, task=r.task), revision_id=r.revision_id) for r in labels
        ],
        author=WORKS,
        message=message,
        split_id=line.recipe.split.split_id,
        ontologies=(pin,),
    )
    touched = {label.unit.recording_id for label in labels}
    works.ledger.note_commit(works.history.show(commit_id), touched)
    return commit_id


def labels_at(line: Line, commit_id: CommitId | None) -> list[LabelRevision]:
    """Return every answer of the line's task that a data commit holds, in the map's order.

    Answers on recordings that were erased since are left out: nothing of them may be learnt again.
    """
    if commit_id is None:
        return []
    entries = line.works.history.map_at(commit_id).entries()
    known = line.works.atlas.recordings
    ids = [
        e.revision_id
        for e in entries
        if e.key.task == line.name and e.key.unit.recording_id in known
    ]
    return line.works.lake.read_labels(ids)


def gather_examples(line: Line, labels: list[LabelRevision]) -> Examples:
    """Return the pictures and targets of every frame that answers cover.

    Args:
        line: The line.
        labels: The answers.

    Returns:
        Examples, grouped by recording.
    """
    frames: list[Frame] = []
    owners: list[LabelRevision] = []
    for label in labels:
        covered = [
            f for f in line.frames_of(label.unit) if label.coverage.includes(f.stream, f.t_ns)
        ]
        frames.extend(covered)
        owners.extend([label] * len(covered))
    groups = {r: i for i, r in enumerate(dict.fromkeys(f.recording_id for f in frames))}
    with line.works.story.bar("reading pictures") as progress:
        pictures = line.works.pictures.load(frames, line.size_px, progress)
    return Examples(
        pictures=pictures,
        targets=(line.task.targets(frames, owners, line.size_px),),
        groups=np.array([groups[f.recording_id] for f in frames], dtype=np.int64),
        weights=np.ones(len(frames), dtype=np.float32),
    )


def compile_network(line: Line, commit_id: CommitId, seed: int, workdir: Path) -> NetworkRef:
    """Train the recipe's network on a data commit.

    Args:
        line: The line.
        commit_id: The data.
        seed: Of the training.
        workdir: Where checkpoints lie, from which a training that was cut off goes on.

    Returns:
        The network, its files stored.
    """
    recipe, works = line.recipe, line.works
    examples = gather_examples(line, labels_at(line, commit_id))
    with works.story.bar("training") as progress:
        trained = train(
            examples,
            recipe.network,
            recipe.preprocess,
            recipe.train,
            seed=seed,
            workdir=workdir,
            progress=progress,
        )
    tail = trained.losses[-max(len(trained.losses) // 10, 1) :]
    ref = NetworkRef(
        network_id=trained.network_id,
        onnx=works.lake.put_file(trained.onnx_path),
        weights=works.lake.put_file(trained.weights_path),
        commit_id=commit_id,
        recipe_id=line.recipe_id,
        seed=seed,
        loss=round(float(np.mean(tail)), 6),
    )
    works.ledger.add_network(
        NetworkRow(
            network_id=ref.network_id,
            weights=ref.weights,
            onnx=ref.onnx,
            commit_id=commit_id,
            recipe=line.recipe_id,
            seed=seed,
        )
    )
    return ref
