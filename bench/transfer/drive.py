"""One drive of the twin, straight from the world: pictures, and class maps of CamVid."""

import numpy as np
from jaxtyping import UInt8

from bench.scene_labels.film import UNSAID
from bessemer.ingest.camvid import ONTOLOGY
from bessemer.recipes.twin import CAMVID_OF_TWIN
from bessemer.twin.classes import SemanticClass
from bessemer.twin.drive import Observation
from bessemer.twin.driver.chauffeur import Chauffeur
from bessemer.twin.scenario import Scenario
from bessemer.twin.world import DrivingWorld

Pictures = UInt8[np.ndarray, "n h w 3"]
Maps = UInt8[np.ndarray, "n h w"]

_STANDS_MPS = 0.3
_SEEN_STANDING = 2


def _camvid_of(semantic: SemanticClass) -> int:
    name = CAMVID_OF_TWIN.get(semantic, semantic.label)
    return ONTOLOGY.classes.index(name) if name else UNSAID


CLASS_OF = np.array([_camvid_of(semantic) for semantic in SemanticClass], np.uint8)
"""CamVid's class of each of the twin's, by number; 255 where nothing is said."""


def film_drive(world: DrivingWorld, seed: int, scenario: Scenario) -> tuple[Pictures, Maps]:
    """Return what the cameras of a drive saw; of a long stand only the first looks.

    Args:
        world: Where; it may have been driven in before.
        seed: Of the drive.
        scenario: What happens.

    Returns:
        Pictures and their maps, by time, then camera.
    """
    seen = world.reset(seed, scenario)
    chauffeur, stood = Chauffeur(world), 0
    kept: list[Observation] = []
    while True:
        if seen.views:
            stood = stood + 1 if seen.ego.speed_mps < _STANDS_MPS else 0
            kept += [seen] if stood <= _SEEN_STANDING else []
        if seen.done:
            break
        seen = world.step(chauffeur.drive(seen.ego))
    world.close()
    views = [view for look in kept for view in look.views]
    return (
        np.stack([view.picture for view in views]),
        CLASS_OF[np.stack([view.semantic for view in views])],
    )
