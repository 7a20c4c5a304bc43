"""What a pixel of the twin can show: one class each, the superset of what datasets ask for.

Names follow Cityscapes (Cordts et al., "The Cityscapes Dataset", CVPR 2016), with lane markings,
animals and loose things on the road besides. Class 0 is the sky, so that a ray that hits nothing
needs no special case.
"""

from enum import IntEnum


class SemanticClass(IntEnum):
    """The class of a surface, as rendered into class pictures (uint8)."""

    SKY = 0
    ROAD = 1
    LANE_MARKING = 2
    SIDEWALK = 3
    TERRAIN = 4
    BUILDING = 5
    WALL = 6
    FENCE = 7
    POLE = 8
    TRAFFIC_LIGHT = 9
    TRAFFIC_SIGN = 10
    VEGETATION = 11
    PERSON = 12
    RIDER = 13
    CAR = 14
    TRUCK = 15
    BUS = 16
    MOTORCYCLE = 17
    BICYCLE = 18
    ANIMAL = 19
    DEBRIS = 20
    TUNNEL = 21
    EGO = 22

    @property
    def label(self) -> str:
        """Its name in ontologies: lower case, words by spaces."""
        return self.name.lower().replace("_", " ")


MOVING = frozenset(
    {
        SemanticClass.PERSON,
        SemanticClass.RIDER,
        SemanticClass.CAR,
        SemanticClass.TRUCK,
        SemanticClass.BUS,
        SemanticClass.MOTORCYCLE,
        SemanticClass.BICYCLE,
        SemanticClass.ANIMAL,
    }
)
"""Classes of things that move by themselves; every instance of one has a 3D box."""
