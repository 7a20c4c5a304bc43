"""The engine's selector on recorded opinions and vectors: with no label yet, and with some."""

import numpy as np

from bessemer.core.ids import SpaceId
from bessemer.core.selection import Candidates, Labelled, Selection
from bessemer.curate.select_engine import EngineSelector
from tests.replay.tables import CLASSES, numbers, read_table

SPACE = SpaceId("recorded")
BUDGET = 8


def replay() -> object:
    """Spend a budget without any label, and with a few."""
    some = read_table("labelled.csv")
    return {
        "before the first label": _selected(_labelled([])),
        "after some labels": _selected(_labelled(some)),
    }


def _selected(labelled: Labelled) -> object:
    """Return what was chosen, best first, and why the others were left."""
    selection: Selection = EngineSelector().select(_candidates(), labelled, BUDGET, seed=3)
    return {
        "chosen": [f"{c.unit} {c.code}: {c.reason}" for c in selection.chosen],
        "passed over": [f"{c.unit} {c.code}: {c.reason}" for c in selection.passed_over],
    }


def _candidates() -> Candidates:
    """Return the recorded candidates; without a label they are the same."""
    rows = read_table("candidates.csv")
    return Candidates(
        units=tuple(row["unit"] for row in rows),
        probabilities=numbers(rows, CLASSES),
        embeddings=_unit_norm(numbers(rows, ("x", "y"))),
        own_embeddings=numbers(rows, ("own_x", "own_y")),
        frame_counts=np.array([int(row["frames"]) for row in rows], dtype=np.int64),
        space_id=SPACE,
    )


def _labelled(rows: list[dict[str, str]]) -> Labelled:
    """Return recorded labels."""
    index = np.array([CLASSES.index(row["class"]) for row in rows], dtype=np.int64)
    return Labelled(
        shares=np.eye(len(CLASSES), dtype=np.float32)[index],
        embeddings=_unit_norm(numbers(rows, ("x", "y")).reshape(-1, 2)),
        own_embeddings=numbers(rows, ("own_x", "own_y")).reshape(-1, 2),
        space_id=SPACE,
    )


def _unit_norm(vectors: np.ndarray) -> np.ndarray:
    """Return rows of unit norm, which four decimals are not quite."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
