"""The twin's classes in CamVid's: nothing is forgotten, and nothing else comes out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.ontology import Migration
from bessemer.ingest.camvid import ONTOLOGY
from bessemer.ingest.mcap_truth import SCENES, pixel_map
from bessemer.recipes.twin import CAMVID_OF_TWIN
from bessemer.tasks.segment import UNSAID, read_mask, write_mask
from bessemer.twin.classes import SemanticClass

RENAMES = tuple(Migration(old=old.label, new=new) for old, new in CAMVID_OF_TWIN.items())
PIXELS = pixel_map(SCENES.classes, ONTOLOGY, RENAMES)
DROPPED = {kind for kind, name in CAMVID_OF_TWIN.items() if not name}


def test_every_class_of_the_twin_has_its_class_or_is_left_out() -> None:
    assert PIXELS.unknown == ()
    for kind in SemanticClass:
        mapped = int(PIXELS.table[kind])
        name = CAMVID_OF_TWIN.get(kind, kind.label)
        assert (mapped == UNSAID) == (kind in DROPPED)
        assert mapped == UNSAID or ONTOLOGY.classes[mapped] == name


def test_every_class_of_camvid_is_shown_by_some_class_of_the_twin() -> None:
    shown = {int(PIXELS.table[kind]) for kind in SemanticClass} - {UNSAID}
    assert shown == set(range(len(ONTOLOGY.classes)))


@given(
    st.lists(st.sampled_from([*SemanticClass, UNSAID]), min_size=12, max_size=12),
)
def test_mapped_masks_hold_classes_of_camvid_or_nothing(values: list[int]) -> None:
    mask = np.array(values, np.uint8).reshape(3, 4)
    mapped = read_mask(PIXELS.apply(write_mask(mask)))
    assert set(np.unique(mapped)) <= {*range(len(ONTOLOGY.classes)), UNSAID}
    unsaid = (mask == UNSAID) | np.isin(mask, list(DROPPED))
    assert ((mapped == UNSAID) == unsaid).all()
