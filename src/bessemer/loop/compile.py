"""Commit, then compile: answers become a data commit, a data commit becomes a network."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Int64, UInt8

from bessemer.core.frames import Frame
from bessemer.core.history import Entry, OntologyPin, UnitKey
from bessemer.core.ids import CommitId, RecordingId, RevisionId
from bessemer.core.labels import LabelRevision
from bessemer.core.records import Stretch
from bessemer.edge.predict import predict
from bessemer.edge.runtime import OnnxNetwork
from bessemer.label.carry import CarryConfig, carry_maps
from bessemer.ledger import NetworkRow
from bessemer.loop.line import Line
from bessemer.loop.records import Branch, Ingredients, NetworkRef
from bessemer.loop.standing import WORKS, put_on_branch
from bessemer.tasks.segment import UNSAID
from bessemer.train.examples import Examples
from bessemer.train.run import Trained, train
from bessemer.train.selftrain import SelfTrainConfig, believe, with_weak_labels


def commit_answers(
    line: Line,
    branch: Branch,
    parent: CommitId | None,
    revisions: tuple[RevisionId, ...],
    message: str,
) -> CommitId:
    """Commit answers on top of a commit; a second time the same commit results.

    Args:
        line: The line.
        branch: The arm and seed.
        parent: The commit that the turn began with; None before the first.
        revisions: The answers, sealed.
        message: What for.

    Returns:
        The commit, which the branch now holds.
    """
    works = line.works
    labels = works.lake.read_labels(revisions)
    commit_id = works.history.prepare(
        parent,
        put=[
            Entry(key=UnitKey(unit=r.unit, task=r.task), revision_id=r.revision_id) for r in labels
        ],
        author=WORKS,
        message=message,
        split_id=line.recipe.split.split_id,
        ontologies=_pins(line, parent),
    )
    put_on_branch(works, branch, parent, commit_id)
    touched = {label.unit.recording_id for label in labels}
    works.ledger.note_commit(works.history.show(commit_id), touched)
    return commit_id


def _pins(line: Line, parent: CommitId | None) -> tuple[OntologyPin, ...]:
    """Return the line's ontology beside those that a merge brought for other tasks."""
    pins = line.works.history.show(parent).ontologies if parent is not None else ()
    own = OntologyPin(task=line.name, ontology_id=line.recipe.ontology.ontology_id)
    others = [pin for pin in pins if pin.task != line.name]
    return tuple(sorted((*others, own), key=lambda pin: pin.task))


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


def gather_examples(
    line: Line, labels: Sequence[LabelRevision], pool: Sequence[Stretch]
) -> Examples:
    """Return the pictures and targets of every frame that answers cover or are carried to.

    Args:
        line: The line.
        labels: The answers.
        pool: Units uploaded so far, to which dense answers are carried where the recipe asks.

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
    targets = line.task.targets(frames, owners, line.size_px)
    weights = np.ones(len(frames), dtype=np.float32)
    if line.recipe.carry is not None:
        beside, maps = _carried(line, frames, targets, pool, line.recipe.carry)
        frames += beside
        targets = np.concatenate([targets, maps])
        weights = np.pad(weights, (0, len(beside)), constant_values=line.recipe.carry.weight)
    with line.works.story.bar("reading pictures") as progress:
        pictures = line.works.pictures.load(frames, line.size_px, progress)
    return Examples(
        pictures=pictures,
        targets=(targets,),
        groups=_numbered([frame.recording_id for frame in frames]),
        weights=weights,
    )


def _carried(
    line: Line,
    frames: Sequence[Frame],
    targets: UInt8[np.ndarray, "n h w"],
    pool: Sequence[Stretch],
    config: CarryConfig,
) -> tuple[list[Frame], UInt8[np.ndarray, "m h w"]]:
    """Return uploaded frames beside those with an answer, and the maps carried to them."""
    answered = dict(zip(frames, targets, strict=True))
    cameras: dict[tuple[RecordingId, str], set[Frame]] = {}
    for frame in answered:
        cameras.setdefault((frame.recording_id, frame.stream), set()).add(frame)
    for unit in line.living(pool):
        for frame in line.frames_of(unit):
            if (frame.recording_id, frame.stream) in cameras:
                cameras[frame.recording_id, frame.stream].add(frame)
    beside: list[Frame] = []
    maps = [np.zeros((0, *line.size_px), np.uint8)]
    unsaid = np.full(line.size_px, UNSAID, np.uint8)
    for seen in cameras.values():
        film = sorted(seen, key=lambda frame: frame.t_ns)
        carried = carry_maps(
            line.works.pictures.load(film, line.size_px),
            np.array([frame.t_ns for frame in film], dtype=np.int64),
            np.stack([answered.get(frame, unsaid) for frame in film]),
            config,
        )
        kept = np.flatnonzero(carried.steps)
        beside += [film[i] for i in kept]
        maps.append(carried.maps[kept])
    return beside, np.concatenate(maps)


def compile_network(line: Line, ingredients: Ingredients, seed: int, workdir: Path) -> NetworkRef:
    """Train the recipe's network, with self-training where the recipe asks.

    Self-training ends early where nothing is believed: the same examples give the same network.

    Args:
        line: The line.
        ingredients: What it is compiled from.
        seed: Of the training.
        workdir: Where checkpoints lie, from which a training that was cut off goes on.

    Returns:
        The network, its files stored.
    """
    recipe, works = line.recipe, line.works
    labels = labels_at(line, ingredients.commit_id)
    examples = gather_examples(line, labels, ingredients.pool)
    unlabelled = _without_label(line, ingredients.pool, labels)
    trained = _fit(line, examples, ingredients, seed, workdir / "paid")
    believing, believed = recipe.self_train if unlabelled else None, False
    if believing is not None:
        for number in range(believing.rounds):
            teacher = OnnxNetwork.open(trained.onnx_path)
            more = _with_beliefs(line, examples, unlabelled, teacher, believing)
            if more is None:
                works.story.say("nothing is believed: the network stays as it is")
                break
            trained = _fit(line, more, ingredients, seed, workdir / f"believed-{number}")
            believed = True
    ref = NetworkRef(
        network_id=trained.network_id,
        onnx=works.lake.put_file(trained.onnx_path),
        weights=works.lake.put_file(trained.weights_path),
        commit_id=ingredients.commit_id,
        recipe_id=line.recipe_id,
        ingredients=works.ledger.put_document("Ingredients", ingredients),
        seed=seed,
    )
    seen = {unit.recording_id for unit in ingredients.pool}
    works.ledger.add_network(
        NetworkRow(
            network_id=ref.network_id,
            weights=ref.weights,
            onnx=ref.onnx,
            commit_id=ref.commit_id,
            recipe=line.recipe_id,
            seed=seed,
        ),
        unlabelled=sorted(seen) if recipe.pretrain is not None or believed else (),
    )
    return ref


def _fit(
    line: Line, examples: Examples, ingredients: Ingredients, seed: int, workdir: Path
) -> Trained:
    """Train on examples, from what the ingredients begin with."""
    recipe, works, begun = line.recipe, line.works, ingredients.beginning
    with works.story.bar("training") as progress:
        return train(
            examples,
            recipe.network,
            recipe.preprocess,
            recipe.train,
            seed=seed,
            workdir=workdir,
            init_weights=works.lake.path_of(begun.weights) if begun else None,
            progress=progress,
        )


def _without_label(
    line: Line, pool: Sequence[Stretch], labels: Sequence[LabelRevision]
) -> list[Stretch]:
    """Return the units of the pool on recordings that no label speaks of."""
    spoken = {label.unit.recording_id for label in labels}
    return [unit for unit in line.living(pool) if unit.recording_id not in spoken]


def _with_beliefs(
    line: Line,
    examples: Examples,
    units: Sequence[Stretch],
    teacher: OnnxNetwork,
    config: SelfTrainConfig,
) -> Examples | None:
    """Return examples with what a network is sure of behind them; None if it is sure of nothing."""
    frames = [frame for unit in units for frame in line.frames_of(unit)]
    groups = _numbered([frame.recording_id for frame in frames])
    pictures = line.works.pictures.load(frames, line.size_px)
    said = predict(teacher, frames, pictures, line.name)
    weak = believe(said.probs, groups, config)
    if not weak.n_groups:
        return None
    after = groups + 1 + int(examples.groups.max())
    return with_weak_labels(examples, pictures, after, weak, config)


def _numbered(recordings: Sequence[RecordingId]) -> Int64[np.ndarray, " n"]:
    """Return the number of each recording, in the order in which they come up first."""
    numbers = {r: i for i, r in enumerate(dict.fromkeys(recordings))}
    return np.array([numbers[r] for r in recordings], dtype=np.int64)
