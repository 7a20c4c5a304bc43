"""The recorded inputs: tables and files beside this one."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

INPUTS = Path(__file__).with_name("inputs")
CLASSES = ("stop", "yield", "limit")


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of a table by column name."""
    with (INPUTS / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def numbers(rows: Sequence[dict[str, str]], columns: Sequence[str]) -> np.ndarray:
    """Return some columns as numbers, one row a row."""
    return np.array([[float(row[c]) for c in columns] for row in rows], dtype=np.float32)
