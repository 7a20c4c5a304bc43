"""A sensor exposes, blinds and soils as told, and the same seed gives the same bytes."""

from dataclasses import replace

import numpy as np
import pytest

from bessemer.core.ids import StreamName
from bessemer.twin.classes import SemanticClass
from bessemer.twin.conditions import Conditions, Weather
from bessemer.twin.render.image import Image
from bessemer.twin.render.light import light_of
from bessemer.twin.render.photograph import look_of, photograph
from bessemer.twin.render.renderer import Renderer
from bessemer.twin.render.sensor import develop, metered_gain
from bessemer.twin.rig import look_from, pinhole
from bessemer.twin.scene import Actors
from tests.twin.blocks import NIGHT, NOON, cubes, front, scene, seen_by


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(scene())


def flat(radiance: float, size: int = 40) -> Image:
    return Image(
        radiance=np.full((size, size, 3), radiance, np.float32),
        depth_m=np.ones((size, size), np.float32),
        semantic=np.ones((size, size), np.uint8),
        instance=np.zeros((size, size), np.int32),
    )


def test_more_light_never_gives_a_darker_picture() -> None:
    camera = replace(front(40, 40), noise_frac=0.0, shot_noise_frac=0.0)
    pictures = [
        develop(flat(r), seen_by(camera), NOON, gain=1.0, seed=0)
        for r in np.geomspace(1e-3, 20, 30)
    ]
    means = [float(picture.mean()) for picture in pictures]
    assert means == sorted(means)
    assert means[0] < 10
    assert means[-1] > 230


def test_a_camera_opens_in_the_dark_though_not_all_the_way() -> None:
    gains = [metered_gain(flat(radiance)) for radiance in (0.005, 0.05, 0.5)]
    assert gains[0] > gains[1] > gains[2]
    shown = [gain * radiance for gain, radiance in zip(gains, (0.005, 0.05, 0.5), strict=True)]
    assert shown[0] < shown[1] < shown[2]


def test_noise_is_as_strong_as_it_says_and_stronger_in_the_dark() -> None:
    camera = replace(front(40, 40), noise_frac=0.02, shot_noise_frac=0.0)
    spreads = []
    for gain in (1.0, 9.0):
        picture = develop(flat(0.2 / gain), seen_by(camera), NOON, gain=gain, seed=0)
        spreads.append(float((picture[15:25, 15:25] / 255.0).std()))
    assert spreads[0] == pytest.approx(0.02, rel=0.3)
    assert spreads[1] == pytest.approx(0.06, rel=0.3)


def test_a_picture_hangs_on_seed_camera_and_time_and_nothing_else(renderer: Renderer) -> None:
    rain = light_of(Conditions(weather=Weather.RAIN))
    actors = cubes((9.0, 0.0, 0.0))
    other = replace(front(), name=StreamName("other"))

    def bytes_of(camera: object = front(), t_ns: int = 5, seed: int = 1) -> bytes:
        look = look_of(camera, np.eye(4), t_ns=t_ns)  # type: ignore[arg-type]
        return photograph(renderer, actors, rain, [look], seed=seed)[0].picture.tobytes()

    assert bytes_of() == bytes_of()
    assert len({bytes_of(), bytes_of(other), bytes_of(t_ns=6), bytes_of(seed=2)}) == 4


def test_a_view_carries_the_truth_of_its_picture(renderer: Renderer) -> None:
    view = photograph(renderer, cubes((9.0, 0.0, 0.0)), NOON, [seen_by(front(), 7)])[0]
    assert (view.camera, view.t_ns) == ("front", 7)
    assert view.picture.shape == (90, 160, 3)
    box = view.instance == 1
    assert (view.semantic[box] == SemanticClass.CAR).all()
    red, green, _ = view.picture[box].mean(axis=0)
    assert red > green + 60
    assert view.depth_m[box].min() == pytest.approx(8.0, abs=0.02)


def test_a_picture_by_night_is_darker_than_by_day(renderer: Renderer) -> None:
    actors = cubes((9.0, 0.0, 0.0))
    day, night = (
        photograph(renderer, actors, light, [seen_by(front())])[0].picture.mean()
        for light in (NOON, NIGHT)
    )
    assert night < 0.5 * day


def test_an_exposure_that_is_kept_follows_slowly(renderer: Renderer) -> None:
    gains: dict[StreamName, float] = {}
    look = seen_by(front())
    photograph(renderer, Actors.none(), NOON, [look], gains=gains)
    day = gains[StreamName("front")]
    photograph(renderer, Actors.none(), NIGHT, [look], gains=gains)
    one = gains[StreamName("front")]
    for _ in range(30):
        photograph(renderer, Actors.none(), NIGHT, [look], gains=gains)
    settled = gains[StreamName("front")]
    assert day < one < 0.6 * settled
    free: dict[StreamName, float] = {}
    photograph(renderer, Actors.none(), NIGHT, [look], gains=free)
    assert settled == pytest.approx(free[StreamName("front")], rel=0.01)


def test_a_fixed_exposure_stays(renderer: Renderer) -> None:
    camera = replace(front(), exposure=0.5)
    gains: dict[StreamName, float] = {}
    photograph(renderer, Actors.none(), NOON, [seen_by(camera)], gains=gains)
    assert gains == {}


def test_the_sun_in_view_floods_the_picture_as_glare_says(renderer: Renderer) -> None:
    light = light_of(Conditions(hour=18.5))
    towards = np.arctan2(light.sun_direction[1], light.sun_direction[0])
    pose = look_from(0, 0, 1.5, yaw_rad=float(towards), pitch_rad=-light.sun_elevation_rad)
    means = []
    for glare_frac in (0.0, 0.3, 1.0):
        camera = replace(pinhole("west", 120, 80, 1.0, pose), glare_frac=glare_frac, exposure=1.0)
        means.append(
            photograph(renderer, Actors.none(), light, [seen_by(camera)])[0].picture.mean()
        )
    assert means[0] + 5 < means[1] < means[2] - 5


def test_the_sun_behind_a_box_does_not_glare(renderer: Renderer) -> None:
    light = light_of(Conditions(hour=18.5))
    towards = np.arctan2(light.sun_direction[1], light.sun_direction[0])
    pose = look_from(0, 0, 1.5, yaw_rad=float(towards))
    wall = cubes((12 * np.cos(towards), 12 * np.sin(towards), 0.0), scale=(3.0, 3.0, 8.0))
    pictures = [
        photograph(
            renderer,
            wall,
            light,
            [seen_by(replace(pinhole("west", 120, 80, 1.0, pose), glare_frac=glare_frac))],
        )[0].picture
        for glare_frac in (0.0, 0.5)
    ]
    assert pictures[0].tobytes() == pictures[1].tobytes()


def test_dirt_hides_as_much_as_it_says_and_stays_where_it_is(renderer: Renderer) -> None:
    actors = cubes((9.0, 0.0, 0.0))
    clean = replace(front(), noise_frac=0.0, shot_noise_frac=0.0, exposure=1.0)
    first = photograph(renderer, actors, NOON, [seen_by(clean)])[0].picture.astype(int)
    places = []
    for t_ns in (0, 10**9):
        soiled = replace(clean, dirt_frac=0.3, dirt_seed=4)
        picture = photograph(renderer, actors, NOON, [seen_by(soiled, t_ns)])[0].picture
        places.append(np.abs(picture.astype(int) - first).max(axis=2) > 8)
    assert np.array_equal(*places)
    assert 0.15 < places[0].mean() < 0.55


@pytest.mark.parametrize("weather", [Weather.RAIN, Weather.SNOW])
def test_rain_and_snow_fall_before_the_lens_and_move(renderer: Renderer, weather: Weather) -> None:
    falling = light_of(Conditions(weather=weather, intensity_frac=1.0))
    camera = replace(front(), noise_frac=0.0, shot_noise_frac=0.0)
    first, second = (
        photograph(renderer, Actors.none(), falling, [seen_by(camera, t_ns)])[0].picture
        for t_ns in (0, 1)
    )
    changed = np.abs(first.astype(int) - second).max(axis=2) > 6
    assert 0.03 < changed.mean() < 0.7
