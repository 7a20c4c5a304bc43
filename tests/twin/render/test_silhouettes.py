from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from bessemer.twin.render.photograph import photograph
from bessemer.twin.render.renderer import Renderer
from bessemer.twin.scene import Actors, Mesh
from bessemer.twin.truth import visible_shares
from tests.twin.blocks import NOON, VAULT, box_mesh, cubes, front, plain, scene, seen_by

LOOK = seen_by(front())


def behind_wall(top_m: float) -> Renderer:
    """Return a renderer of a plain with a wall so high, 10 m ahead."""
    wall = box_mesh((10, -30, -1), (10.2, 30, top_m), "brick_wall")
    flat = plain()
    both = Mesh(
        points=np.concatenate([flat.points, wall.points]),
        triangles=np.concatenate([flat.triangles, wall.triangles + len(flat.points)]),
        materials=np.concatenate([flat.materials, wall.materials]),
    )
    return Renderer(scene(both))


def shares(renderer: Renderer, actors: Actors) -> dict[int, float]:
    """Return the visible share of each actor, for one camera that looks ahead."""
    views = photograph(renderer, actors, NOON, [LOOK], silhouettes=True)
    return {actor: dict(by_camera)["front"] for actor, by_camera in visible_shares(views).items()}


def test_one_that_stands_alone_shows_all_of_itself() -> None:
    renderer = Renderer(scene())
    image = renderer.render(cubes((15.0, 2.0, 0.0)), NOON, [LOOK], silhouettes=True)[0]
    drawn = int((image.instance == 1).sum())
    assert drawn > 100
    assert image.silhouettes == ((1, drawn),)
    assert shares(renderer, cubes((15.0, 2.0, 0.0), (15.0, -3.0, 0.0))) == {1: 1.0, 2: 1.0}


def test_the_share_falls_as_a_wall_grows_before_it() -> None:
    seen = [shares(behind_wall(top), cubes((20.0, 0.0, 0.0)))[1] for top in (-0.5, 0.8, 1.2, 3.0)]
    assert seen[0] == 1.0
    assert seen[-1] == 0.0
    assert all(more > less for more, less in pairwise(seen))


def test_another_hides_it_and_shows_all_of_itself() -> None:
    found = shares(Renderer(scene()), cubes((20.0, 2.0, 0.0), (10.0, 0.0, 0.0)))
    assert found[2] == 1.0
    assert 0.0 < found[1] < 0.9


def test_a_silhouette_does_not_depend_on_the_others_or_on_where_else_one_looks() -> None:
    renderer = Renderer(scene())
    places = ((20.0, 1.0, 0.0), (10.0, 0.0, 0.0), (25.0, -3.0, 0.0))
    turned = replace(LOOK, camera=front(64, 48, pitch_rad=0.1))
    together = renderer.render(cubes(*places), NOON, [turned, LOOK], silhouettes=True)[1]
    for number, place in enumerate(places, start=1):
        alone = renderer.render(cubes(place), NOON, [LOOK], silhouettes=True)[0]
        assert dict(together.silhouettes)[number] == alone.silhouettes[0][1] > 0


@pytest.mark.parametrize("switched_on", [False, True])
def test_only_what_moves_and_is_asked_for_is_counted(switched_on: bool) -> None:
    renderer = Renderer(scene())
    roofs = cubes((0.0, 0.0, 0.0), body=renderer.scene.bodies.index(VAULT))
    image = renderer.render(roofs, NOON, [LOOK], silhouettes=switched_on)[0]
    assert (image.instance == 1).any()
    assert image.silhouettes == ()
    car = renderer.render(cubes((9.0, 0.0, 0.0)), NOON, [LOOK], silhouettes=switched_on)[0]
    assert (len(car.silhouettes) == 1) is switched_on
