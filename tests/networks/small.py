"""A small network with a head of each kind, for tests."""

import numpy as np
from jaxtyping import UInt8

from bessemer.core.ids import TaskName
from bessemer.core.ontology import Ontology
from bessemer.core.signature import Geometry, Head, Preprocess
from bessemer.networks.config import HydraConfig

PREPROCESS = Preprocess(width_px=16, height_px=12)


def head(task: str, *classes: str, geometry: Geometry = Geometry.CLASS) -> Head:
    ontology = Ontology(task=TaskName(task), classes=classes)
    return Head(task=ontology.task, geometry=geometry, output=task, ontology=ontology)


SIGNS = head("signs", "stop", "yield", "other")
ROADS = head("roads", "road", "sky", geometry=Geometry.DENSE)
TWO_HEADS = HydraConfig(heads=(SIGNS, ROADS), width=4, stem_stride=2, pool=1, features=8)


def noise(n: int, seed: int = 0) -> UInt8[np.ndarray, "n h w 3"]:
    size = (n, PREPROCESS.height_px, PREPROCESS.width_px, 3)
    return np.random.default_rng(seed).integers(0, 256, size, dtype=np.uint8)
