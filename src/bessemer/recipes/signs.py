"""Traffic signs: a track of crops is a unit, and one answer about it serves all its frames."""

from dataclasses import replace

from bessemer.core.signature import Geometry, Head, Preprocess
from bessemer.fleet.deal import DealConfig
from bessemer.ingest.gtsrb import ONTOLOGY
from bessemer.label.oracle import OracleConfig
from bessemer.loop.recipe import Budget, Recipe
from bessemer.networks.config import HydraConfig
from bessemer.train.config import PretrainConfig, TrainConfig
from bessemer.train.selftrain import SelfTrainConfig

SUITE = """
name = "signs"

[[slice]]
name = "all"
where = "true"

[[slice]]
name = "dark"
where = "brightness < 0.2"
proxy = 'signal["brightness"] < 0.2'

[[slice]]
name = "blurred"
where = "blur > 0.01"
proxy = 'signal["blur"] > 0.01'

[[slice]]
name = "speed limits"
where = "class LIKE 'speed_limit%'"
proxy = 'predicted.startsWith("speed_limit")'

[[check]]
slice = "all"
metric = "accuracy"
at_least = 0.4
no_worse_than = "released"
margin = 0.02

[[check]]
slice = "all"
metric = "macro_recall"
no_worse_than = "released"
margin = 0.03

[[check]]
slice = "all"
metric = "recall"
class = "*"
no_worse_than = "released"
margin = 0.2
min_recordings = 3

[[check]]
slice = "dark"
metric = "accuracy"
no_worse_than = "released"
margin = 0.05

[[check]]
slice = "blurred"
metric = "accuracy"
no_worse_than = "released"
margin = 0.05

[[check]]
slice = "speed limits"
metric = "accuracy"
no_worse_than = "released"
margin = 0.05

[[check]]
slice = "all"
metric = "likelihood"
no_worse_than = "released"
margin = 0.03

[[check]]
slice = "dark"
metric = "likelihood"
no_worse_than = "released"
margin = 0.05

[[check]]
slice = "blurred"
metric = "likelihood"
no_worse_than = "released"
margin = 0.05

[[check]]
slice = "speed limits"
metric = "likelihood"
no_worse_than = "released"
margin = 0.05
"""


def signs() -> Recipe:
    """Return the recipe: four weeks, in which rare signs are mostly met late."""
    head = Head(task=ONTOLOGY.task, geometry=Geometry.CLASS, output="signs", ontology=ONTOLOGY)
    return Recipe(
        name="signs",
        reader="gtsrb",
        geometry=Geometry.CLASS,
        ontology=ONTOLOGY,
        deal=DealConfig(vehicles=8, weeks=4, tail_frac=0.35),
        budget=Budget(uploads=160, labels=80),
        oracle=OracleConfig(error_frac=0.03),
        preprocess=Preprocess(width_px=32, height_px=32),
        network=HydraConfig(heads=(head,), stem_stride=2),
        train=TrainConfig(
            steps=1200,
            batch=64,
            learning_rate=6e-3,
            shift_frac=0.07,
            rotate_rad=0.2,
            scale_frac=0.15,
        ),
        pretrain=PretrainConfig(fit=replace(PretrainConfig().fit, steps=600)),
        self_train=SelfTrainConfig(),
        suite=SUITE,
        turns=4,
        seeds=3,
    )
