"""A cell of a bench as a file: what it measured, and arrays that later cells go on from."""

import json
from pathlib import Path

import numpy as np

Measured = dict[str, float]


def write_cell(path: Path, measured: Measured, **arrays: np.ndarray) -> None:
    """Write a cell, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez(part, allow_pickle=False, measured=np.array(json.dumps(measured)), **arrays)
    part.replace(path)


def read_measured(path: Path) -> Measured:
    """Return what a cell measured."""
    with np.load(path) as cell:
        measured: Measured = json.loads(str(cell["measured"]))
    return measured
