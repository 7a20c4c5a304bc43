"""A few handwritten digits as a folder of pictures with ``labels.csv``, and the recipe for it.

Real pictures, and a quarter of all digits: what a test of the loop pays for is the archive's size.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from bessemer.core.ids import TaskName
from bessemer.core.ontology import Ontology
from bessemer.core.signature import Geometry, Head
from bessemer.loop.recipe import Recipe
from bessemer.recipes.digits import digits

CLASSES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ONTOLOGY = Ontology(task=TaskName("classes"), classes=tuple(sorted(CLASSES)))
COUNT = 450


def write_digits(folder: Path, first: int = 0, count: int = COUNT) -> Path:
    """Write digits of the wheel, in its order, unless they are there; the labels come last."""
    from sklearn.datasets import load_digits

    if (folder / "labels.csv").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    found = load_digits()
    rows = ["path,class"]
    for number in range(first, first + count):
        name = f"{number:04}.png"
        grey = (np.asarray(found.images[number]) * (255 / 16)).round().astype(np.uint8)
        Image.fromarray(grey).save(folder / name, compress_level=0)
        rows.append(f"{name},{CLASSES[found.target[number]]}")
    (folder / "labels.tmp").write_text("\n".join(rows) + "\n")
    (folder / "labels.tmp").rename(folder / "labels.csv")
    return folder


def few_digits() -> Recipe:
    """Return the recipe of the digits, for a folder of them."""
    whole = digits()
    head = Head(task=ONTOLOGY.task, geometry=Geometry.CLASS, output="digits", ontology=ONTOLOGY)
    return replace(
        whole,
        name="few",
        reader="pictures",
        ontology=ONTOLOGY,
        network=replace(whole.network, heads=(head,)),
    )
