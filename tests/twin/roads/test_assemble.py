"""A scene holds road, scenery and every body, in one list of materials."""

from bessemer.twin.bodies.catalogue import all_bodies
from bessemer.twin.classes import SemanticClass
from bessemer.twin.materials import MATERIALS
from bessemer.twin.roads.assemble import scene_of
from bessemer.twin.roads.scenery import furnish
from bessemer.twin.roads.scenery_signals import SIGNAL_BODY
from bessemer.twin.roads.surface import road_mesh
from tests.twin.roads.streets import one_street


def test_a_scene_is_the_sum_of_its_parts() -> None:
    street = one_street()
    scene = scene_of(street, 3)
    parts = (road_mesh(street), furnish(street, 3).ground)
    assert len(scene.ground.triangles) == sum(len(part.triangles) for part in parts)
    assert [body.name for body in scene.bodies] == [
        *(body.name for body in all_bodies()),
        SIGNAL_BODY,
    ]
    assert scene.materials == MATERIALS
    shown = {scene.materials[index].semantic for index in scene.ground.materials}
    assert {SemanticClass.ROAD, SemanticClass.SIDEWALK, SemanticClass.BUILDING} <= shown
