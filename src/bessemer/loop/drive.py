"""The fleet meets a week, and what comes back becomes clips and units."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from bessemer.core.errors import InputError
from bessemer.core.fleet import Haul, Orders
from bessemer.core.labels import LabelRevision
from bessemer.core.plugins import find_plugin
from bessemer.core.protocols import Trigger
from bessemer.core.records import cut_clip
from bessemer.core.signature import Geometry
from bessemer.fleet.deal import RecordedDeal
from bessemer.fleet.replay import ReplayedFleet
from bessemer.fleet.triggers import (
    DenseRarity,
    Disagreement,
    Flicker,
    LowConfidence,
    Novelty,
    Rarity,
    counts_in_order,
)
from bessemer.loop.line import Line, label_shares
from bessemer.loop.opinions import opinions
from bessemer.loop.recipe import Recipe
from bessemer.loop.records import Branch, Intake, NetworkRef, TurnState

ENGINE = "engine"
CHANCE = "chance"

STANDING: Final = ("rarity", "low_confidence", "disagreement", "novelty", "flicker")
"""Names of the triggers that every fleet has."""
_SHOWN_FRAC: Final = 0.005
"""Share of its pixels from which a labelled frame counts as showing a class."""


def orders_for(
    line: Line, branch: Branch, state: TurnState, twins: Sequence[NetworkRef] = ()
) -> Orders:
    """Return what the fleet is told before the next week.

    The arm of chance sends back a uniform sample of the same size and nothing else; so does the
    engine until a network drives, for until then no vehicle has an opinion.

    In shadow runs the candidate that was refused, for what it knows better is worth a look. Where
    the newest network drives there is none, and a twin of it does: the same data and recipe from
    another seed, so that both part where the data alone do not say what is right.

    Args:
        line: The line.
        branch: The arm and seed.
        state: Where the branch stands.
        twins: Networks that differ from the released one by their seed alone.

    Returns:
        The orders.
    """
    budget, by_chance = line.recipe.budget, branch.arm == CHANCE
    released = state.released
    shadow = shadow_of(state, twins) if released and not by_chance else None
    return Orders(
        week=state.turn,
        task=line.name,
        released=released.onnx if released and not by_chance else None,
        candidate=shadow.onnx if shadow else None,
        campaigns=() if by_chance else state.campaigns,
        upload_budget=budget.uploads,
        control_frac=1.0 if by_chance or released is None else budget.control_frac,
        seed=branch.seed,
    )


def shadow_of(state: TurnState, twins: Sequence[NetworkRef]) -> NetworkRef | None:
    """Return the network to run in shadow: the one last refused, or else a twin, or none."""
    if state.trained is not None and state.trained != state.released:
        return state.trained
    return twins[0] if twins else None


def drive_week(
    line: Line, orders: Orders, state: TurnState, labels: Sequence[LabelRevision]
) -> Haul:
    """Let the fleet meet one week.

    Args:
        line: The line.
        orders: What the fleet is told.
        state: Where the branch stands.
        labels: The answers so far, which say what is rare.

    Returns:
        What came back, and why the rest stayed.

    Raises:
        InputError: If drives are met as recorded, and no vehicle was on the road in that week.
    """
    atlas = line.works.atlas
    recorded = isinstance(line.recipe.deal, RecordedDeal)
    if recorded and not any(one.week == orders.week for one in line.deals):
        raise InputError(
            f"Nobody drove in week {orders.week + 1}, so there is nothing to meet.",
            where=f"recipe {line.recipe.name}",
            fix="Ask for fewer turns, or bring drives of that week.",
        )
    met = dict.fromkeys(d.stretch.recording_id for d in line.deals)
    fleet = ReplayedFleet(line.deals, [atlas.recordings[i] for i in met], line.world)
    met_before = line.living(state.pool)
    known = line.unit_vectors(met_before) if met_before else None
    if orders.control_frac >= 1.0:
        return fleet.drive(orders)
    return fleet.drive(orders, _triggers(line, labels, state.released), known)


def _triggers(
    line: Line, labels: Sequence[LabelRevision], released: NetworkRef | None
) -> list[Trigger]:
    """Return the standing triggers, in the order of their turns."""
    config = line.recipe.triggers
    dense = line.recipe.geometry is Geometry.DENSE
    return [
        dense_rarity(line, labels, released) if dense else _rarity(line, labels),
        LowConfidence(below=config.low_confidence_below),
        Disagreement(above=config.disagreement_above, dense=dense),
        Novelty(above=config.novelty_above),
        Flicker(above=config.flicker_above),
        *more_triggers(line.recipe),
    ]


def more_triggers(recipe: Recipe) -> list[Trigger]:
    """Return the installed triggers that a recipe asks for beside the standing ones.

    Args:
        recipe: The recipe.

    Returns:
        New triggers, in the recipe's order.

    Raises:
        NotFoundError: If one is not installed.
        InputError: If two share a name, or one takes that of a standing trigger.
    """
    also: list[Trigger] = [find_plugin("triggers", name) for name in recipe.triggers.also]
    names = [*STANDING, *(trigger.name for trigger in also)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(
            f"Two triggers are called {twice[0]!r}, so their yields would be one.",
            where=f"recipe {recipe.name}: triggers.also",
            fix="Name each trigger once, and none as a standing one: " + ", ".join(STANDING) + ".",
        )
    return also


def _rarity(line: Line, labels: Sequence[LabelRevision]) -> Rarity:
    """Return the trigger of rare classes of tracks."""
    classes = line.recipe.ontology.classes
    counts = Counter(
        name
        for label in labels
        for name in {span.class_name for span in label.elements.class_spans}
    )
    return Rarity(
        classes=classes,
        counts=counts_in_order(classes, counts),
        at_most=line.recipe.triggers.rarity_at_most,
    )


def dense_rarity(
    line: Line, labels: Sequence[LabelRevision], released: NetworkRef | None
) -> DenseRarity:
    """Return the trigger of rare classes of pixels.

    Args:
        line: The line.
        labels: The answers so far.
        released: The network that drives, asked what it says of the labelled frames.

    Returns:
        The trigger; where nothing is labelled, every class is rare and none is usual.
    """
    classes, index = line.recipe.ontology.classes, line.recipe.ontology.index_of
    counts = usual = np.zeros(len(classes))
    if labels:
        shares = np.stack([label_shares(label, len(classes), index) for label in labels])
        counts = (shares >= _SHOWN_FRAC).sum(axis=0)
        usual = opinions(line, released, [label.unit for label in labels]).probs.mean(axis=0)
    return DenseRarity(
        classes=classes,
        counts=tuple(float(count) for count in counts),
        usual=tuple(float(share) for share in usual),
        at_most=line.recipe.triggers.rarity_at_most,
    )


def take_in(line: Line, haul: Haul) -> Intake:
    """Return the clips of a haul and the units in them that a label could be bought for."""
    clips, units = [], []
    for upload in haul.uploads:
        recording = line.works.atlas.recordings[upload.stretch.recording_id]
        clips.append(cut_clip(recording, upload.stretch.start_ns, upload.stretch.end_ns))
        units.extend(line.units_within(upload.stretch))
    return Intake(
        clips=tuple(clips),
        units=tuple(units),
        size_bytes=int(np.sum([upload.size_bytes for upload in haul.uploads], dtype=np.int64)),
    )
