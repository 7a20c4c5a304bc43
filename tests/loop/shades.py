"""A folder of dark and bright pictures, the smallest recipe for it, and a person who answers."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

from bessemer.core.ids import TaskName
from bessemer.core.ontology import Ontology
from bessemer.core.records import SplitRule
from bessemer.core.signature import Geometry, Head, Preprocess
from bessemer.fleet.deal import DealConfig
from bessemer.loop.recipe import Budget, Recipe
from bessemer.networks.config import HydraConfig
from bessemer.train.config import TrainConfig

ONTOLOGY = Ontology(task=TaskName("classes"), classes=("bright", "dark"))
SUITE = """
name = "shades"
[[slice]]
name = "all"
where = "true"
[[check]]
slice = "all"
metric = "accuracy"
at_least = 0.6
"""


def shades(folder: Path, count: int = 30, exams: int = 20) -> Path:
    """Write pictures under ``road`` and ``exam``, every other one dark; no labels."""
    rng = np.random.default_rng(0)
    for part, n in (("road", count), ("exam", exams)):
        (folder / part).mkdir(parents=True)
        for number in range(n):
            low = 20 if number % 2 else 150
            picture = rng.integers(low, low + 80, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(picture).save(folder / part / f"{number:02}.png")
    return folder


def shades_recipe(name: str = "shades", **changed: object) -> Recipe:
    """Return a recipe of two weeks, with fields changed."""
    head = Head(task=ONTOLOGY.task, geometry=Geometry.CLASS, output="classes", ontology=ONTOLOGY)
    fields: dict[str, object] = {
        "name": name,
        "reader": "pictures",
        "geometry": Geometry.CLASS,
        "ontology": ONTOLOGY,
        "split": SplitRule(test_sources=("shades/exam/",)),
        "deal": DealConfig(vehicles=1, weeks=2),
        "budget": Budget(uploads=12, labels=8, audit_frac=0.0, test_labels=10),
        "preprocess": Preprocess(width_px=16, height_px=16),
        "network": HydraConfig(heads=(head,), width=4),
        "train": TrainConfig(steps=20, batch=8),
        "suite": SUITE,
        "noise_networks": 1,
        "turns": 2,
        "seeds": 1,
    }
    return Recipe(**{**fields, **changed})  # type: ignore[arg-type]


def answer_by_eye(folder: Path) -> list[str]:
    """Fill in the table of a folder that was handed out; return the answers."""
    path = folder / "labels.csv"
    with path.open(newline="") as file:
        head, *rows = csv.reader(file)
    for row in rows:
        row[1] = "bright" if np.asarray(Image.open(folder / row[0])).mean() > 120 else "dark"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return [row[1] for row in rows]
