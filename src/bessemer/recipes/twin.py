"""Dash-cam scenes of the driving twin, in the classes of CamVid, so that networks can move on."""

import json

from bessemer.core.records import SplitByDay
from bessemer.core.signature import Geometry, Head, Preprocess
from bessemer.fleet.deal import RecordedDeal
from bessemer.ingest.camvid import ONTOLOGY
from bessemer.label.oracle import OracleConfig
from bessemer.loop.recipe import Budget, Recipe, TriggerConfig
from bessemer.networks.config import HydraConfig
from bessemer.train.config import TrainConfig
from bessemer.twin.classes import SemanticClass as C
from bessemer.twin.fleet.plan import FIRST_DAY

CAMVID_OF_TWIN: dict[C, str] = {
    C.LANE_MARKING: "road",
    C.SIDEWALK: "pavement",
    C.TERRAIN: "tree",
    C.WALL: "building",
    C.TUNNEL: "building",
    C.TRAFFIC_LIGHT: "sign",
    C.TRAFFIC_SIGN: "sign",
    C.VEGETATION: "tree",
    C.PERSON: "pedestrian",
    C.RIDER: "bicyclist",
    C.BICYCLE: "bicyclist",
    C.MOTORCYCLE: "bicyclist",
    C.TRUCK: "car",
    C.BUS: "car",
    C.ANIMAL: "",
    C.DEBRIS: "",
    C.EGO: "",
}
"""What the twin's classes are called in CamVid's eleven, as SegNet's copy groups CamVid's own 32;
those with an empty name are left out of labels, and classes that are not named keep their name."""

SUITE = """
name = "twin"

[[slice]]
name = "all"
where = "true"

[[slice]]
name = "dark"
where = "brightness < 0.3"
proxy = 'signal["brightness"] < 0.3'

[[slice]]
name = "wet"
where = "weather = 'rain'"
proxy = 'signal["Vehicle.Body.Raindetection.Intensity"] > 5.0'

[[check]]
slice = "all"
metric = "accuracy"
at_least = 0.5
no_worse_than = "released"
margin = 0.03

[[check]]
slice = "all"
metric = "miou"
no_worse_than = "released"
margin = 0.03

[[check]]
slice = "dark"
metric = "miou"
no_worse_than = "released"
margin = 0.05

[[check]]
slice = "wet"
metric = "miou"
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
slice = "wet"
metric = "likelihood"
no_worse_than = "released"
margin = 0.05
"""


def twin() -> Recipe:
    """Return the recipe: a fleet that begins in summer, so that nights, rain and snow come late.

    Nothing is dealt: each drive is met in the week in which it was driven, and what the first weeks
    miss is what season and hour withheld. The exam is the year before. The fleet may send back one
    in three of the stretches that it meets, of which one frame in four gets a label.
    """
    head = Head(task=ONTOLOGY.task, geometry=Geometry.DENSE, output="scenes", ontology=ONTOLOGY)
    renames = [{"old": old.label, "new": new} for old, new in CAMVID_OF_TWIN.items()]
    classes = {
        "task": ONTOLOGY.task,
        "classes": list(ONTOLOGY.classes),
        "ignored": list(ONTOLOGY.ignored),
    }
    boxed = {"task": "objects3d", "classes": ["car", "pedestrian", "bicyclist"]}
    return Recipe(
        name="twin",
        reader="mcap",
        reader_settings=(
            f"scenes={json.dumps(classes)}",
            f"objects={json.dumps(boxed)}",
            f"renames={json.dumps(renames)}",
        ),
        geometry=Geometry.DENSE,
        ontology=ONTOLOGY,
        split=SplitByDay(test_before=FIRST_DAY),
        deal=RecordedDeal(weeks=3, stretch_s=5.0, first_day=FIRST_DAY),
        triggers=TriggerConfig(low_confidence_below=0.75, novelty_above=0.1, rarity_at_most=8.0),
        budget=Budget(uploads=6, labels=10, audit_frac=0.0, relabel_frac=0.0),
        oracle=OracleConfig(error_frac=0.0),
        preprocess=Preprocess(width_px=64, height_px=36),
        network=HydraConfig(heads=(head,), width=12, pool=1, features=32),
        train=TrainConfig(
            # At 120 steps 20 labels teach as much as 336, and choosing them buys nothing.
            steps=150,
            batch=8,
            learning_rate=6e-3,
            flip=True,
            shift_frac=0.05,
            scale_frac=0.2,
            rotate_rad=0.03,
            tone=0.4,
            checkpoint_every_steps=60,
        ),
        suite=SUITE,
        turns=3,
        seeds=3,
    )
