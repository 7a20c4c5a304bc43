"""Triggers on a recorded table of predictions, and how the upload budget is spent on what fires."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from bessemer.core.fleet import Campaign, Hit, Orders, Sight
from bessemer.core.frames import Frame, Predictions
from bessemer.core.ids import (
    NetworkId,
    PreprocessId,
    RecordingId,
    SegmentId,
    StreamName,
    TaskName,
    VehicleId,
)
from bessemer.core.protocols import Trigger
from bessemer.core.records import Stretch
from bessemer.fleet.cel import CampaignTrigger
from bessemer.fleet.spend import Asked, spend_budget
from bessemer.fleet.triggers import Disagreement, Flicker, LowConfidence, Novelty, Rarity
from tests.replay.tables import CLASSES, numbers, read_table

TASK = TaskName("signs")
DARK = Campaign(
    name="dark[yield]",
    reason="dark recall[yield] could not be told",
    slice_where="brightness < 0.3 AND class = 'yield'",
    proxy='signal["brightness"] < 0.3 && predicted == "yield"',
    budget=1,
    until_week=2,
)
ORDERS = Orders(week=1, task=TASK, campaigns=(DARK,), upload_budget=6, control_frac=0.17, seed=0)


def replay() -> object:
    """Show the table to every trigger, then spend a budget on what asked to come back."""
    standing: list[Trigger] = [
        Rarity(classes=CLASSES, counts=(40.0, 12.0, 2.0)),
        LowConfidence(),
        Disagreement(),
        Novelty(),
        Flicker(),
    ]
    asking: list[Trigger] = [*standing, CampaignTrigger(campaign=DARK)]
    asked: dict[str, Asked] = {}
    for name, rows in groupby(read_table("predictions.csv"), key=lambda row: row["stretch"]):
        sight = _sight(name, list(rows))
        hits = [hit for trigger in asking if (hit := trigger.fire(sight)) is not None]
        asked[name] = Asked(stretch=sight.stretch, hits=tuple(hits))
    names = list(asked)
    spent = spend_budget(
        list(asked.values()), ORDERS, [trigger.name for trigger in standing], campaign_frac=0.5
    )
    return {
        "fired": {name: [_hit(hit) for hit in one.hits] for name, one in asked.items()},
        "came back": [f"{names[row]}, for {hits[0].trigger}" for row, hits in spent.uploads],
        "kept": spent.kept,
        "yields": spent.yields,
    }


def _hit(hit: Hit) -> str:
    """Return a hit in a line."""
    return f"{hit.trigger} {hit.score:.3f}: {hit.reason}"


def _sight(name: str, rows: Sequence[dict[str, str]]) -> Sight:
    """Return what a vehicle knew of one recorded stretch, a frame a second."""
    seconds = range(len(rows))
    stretch = Stretch(recording_id=RecordingId(name), start_ns=0, end_ns=len(rows) * 1_000_000_000)
    frames = tuple(
        Frame(
            recording_id=RecordingId(name),
            stream=StreamName("camera"),
            segment_id=SegmentId(name),
            index=second,
            t_ns=second * 1_000_000_000,
        )
        for second in seconds
    )
    shadowed = bool(rows[0]["shadow stop"])
    return Sight(
        vehicle=VehicleId("vehicle-00"),
        stretch=stretch,
        frames=frames,
        classes=CLASSES,
        released=_said("released", frames, numbers(rows, CLASSES)),
        candidate=_said("shadow", frames, numbers(rows, [f"shadow {c}" for c in CLASSES]))
        if shadowed
        else None,
        novelty=tuple(float(row["novelty"]) for row in rows),
        signals=(("brightness", float(rows[0]["brightness"])),),
    )


def _said(network: str, frames: tuple[Frame, ...], probs: np.ndarray) -> Predictions:
    """Return what a network said."""
    return Predictions(
        network_id=NetworkId(network),
        preprocess_id=PreprocessId("recorded"),
        task=TASK,
        frames=frames,
        probs=probs,
        confidence=probs.max(axis=1),
        embeddings=np.zeros((len(frames), 2), dtype=np.float32),
    )
