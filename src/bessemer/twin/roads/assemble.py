"""Joins a network's surface, what stands beside it, and the shapes that move on it to a scene."""

from bessemer.twin.bodies.catalogue import all_bodies
from bessemer.twin.bodies.shape import join
from bessemer.twin.materials import MATERIALS
from bessemer.twin.roads.network import RoadNetwork
from bessemer.twin.roads.scenery import furnish
from bessemer.twin.roads.surface import road_mesh
from bessemer.twin.scene import Scene


def scene_of(network: RoadNetwork, seed: int) -> Scene:
    """Return the scene of a network.

    Args:
        network: The roads.
        seed: Draws what stands beside them.

    Returns:
        The scene; its bodies are those of the traffic, then those of the scenery.
    """
    scenery = furnish(network, seed)
    return Scene(
        name=network.name,
        materials=MATERIALS,
        ground=join(road_mesh(network), scenery.ground),
        bodies=(*all_bodies(), *scenery.bodies),
        street_lamps=scenery.street_lamps,
    )
