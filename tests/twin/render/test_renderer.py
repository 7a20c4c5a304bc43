"""What is drawn is where geometry puts it, and light falls as light does."""

from colorsys import rgb_to_hsv
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.core.records import Calibration
from bessemer.twin.classes import SemanticClass
from bessemer.twin.conditions import Conditions, Season, Weather
from bessemer.twin.render.lens import project, rays
from bessemer.twin.render.light import light_of
from bessemer.twin.render.renderer import Renderer
from bessemer.twin.rig import Camera, look_from, pinhole
from bessemer.twin.scene import Actors, Lamp, Mesh, StreetLamps
from tests.twin.blocks import (
    HEIGHT_M,
    NIGHT,
    NOON,
    OVERCAST,
    box_mesh,
    cubes,
    front,
    luminance,
    plain,
    scene,
    seen_by,
)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(scene())


def inside_hull(corners: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return which pixel centres lie in the convex hull of points, by the angle they span."""
    corners = corners[ConvexHull(corners).vertices]
    rows, columns = np.mgrid[0:height, 0:width]
    centres = np.stack([columns, rows], axis=-1) + 0.5
    towards = corners[None, None] - centres[:, :, None]
    angle = np.sort(np.arctan2(towards[..., 1], towards[..., 0]), axis=-1)
    gaps = np.diff(angle, axis=-1, append=angle[..., :1] + 2 * np.pi)
    return np.asarray(gaps.max(axis=-1) < np.pi)


FISHEYE = Camera(
    name=StreamName("wide"),
    calibration=Calibration(
        model="kannala_brandt",
        width_px=200,
        height_px=120,
        intrinsics=(62.0, 0.0, 100.0, 0.0, 62.0, 60.0, 0.0, 0.0, 1.0),
        ego_from_camera=look_from(0.0, 0.0, HEIGHT_M),
        distortion=(0.02, -0.004, 0.0, 0.0),
    ),
)


@pytest.mark.parametrize("camera", [front(), FISHEYE], ids=["pinhole", "fisheye"])
@pytest.mark.parametrize("yaw_rad", [0.0, 0.7])
def test_a_box_covers_the_pixels_that_its_corners_project_around(
    renderer: Renderer, camera: Camera, yaw_rad: float
) -> None:
    actors = cubes((8.0, 1.5, 0.0), yaw_rad=yaw_rad, scale=(1.5, 0.8, 1.1))
    image = renderer.render(actors, NOON, [seen_by(camera)])[0]
    world = actors.world_from_body[0].astype(np.float64)
    unit = np.array([[x, y, z] for x in (-1.5, 1.5) for y in (-0.8, 0.8) for z in (0, 2.2)])
    edges = np.concatenate(
        [a + (b - a) * np.linspace(0, 1, 20)[:, None] for a in unit for b in unit]
    )
    points = edges @ world[:3, :3].T + world[:3, 3]
    look = seen_by(camera)
    local = (points - look.world_from_camera[:3, 3]) @ look.world_from_camera[:3, :3]
    height, width = image.instance.shape
    expected = inside_hull(project(camera, local), width, height)
    mask = image.instance == 1
    assert (mask & expected).sum() / (mask | expected).sum() > 0.95
    assert (image.semantic[mask] == SemanticClass.CAR).all()
    red, green, _ = image.radiance[mask].mean(axis=0)
    assert red > 3 * green


def test_depth_of_the_ground_agrees_with_geometry(renderer: Renderer) -> None:
    camera = front(320, 180)
    image = renderer.render(Actors.none(), NOON, [seen_by(camera)])[0]
    row = rays(camera)
    expected = HEIGHT_M / row[..., 1] * row[..., 2]  # y is down: the ray falls 1.5 m at this z
    near = (row[..., 1] > 0) & (expected < 40)
    assert near.sum() > 10_000
    assert np.abs(image.depth_m - expected)[near].max() < 0.02


@pytest.mark.parametrize("distance_m", [5.0, 20.0, 60.0])
def test_depth_of_a_wall_is_its_distance_all_over(renderer: Renderer, distance_m: float) -> None:
    actors = cubes((distance_m + 1.0, 0.0, 0.0), scale=(1.0, 3.0, 2.0))
    image = renderer.render(actors, NOON, [seen_by(front())])[0]
    depth = image.depth_m[image.instance == 1]
    assert len(depth) > 20
    assert np.abs(depth - distance_m).max() < 0.02


def test_where_nothing_is_there_is_sky(renderer: Renderer) -> None:
    image = renderer.render(Actors.none(), NOON, [seen_by(front())])[0]
    up = image.semantic[:40]
    assert (up == SemanticClass.SKY).all()
    assert np.isinf(image.depth_m[:40]).all()
    assert (image.instance == 0).all()
    assert (image.semantic[50:] == SemanticClass.ROAD).all()
    blue = image.radiance[:40].mean(axis=(0, 1))
    assert blue[2] > blue[0]


def test_the_nearer_box_hides_the_farther_one_whatever_their_order(renderer: Renderer) -> None:
    near, far = (6.0, 0.0, 0.0), (12.0, 0.0, 0.0)
    for places, owner in (((near, far), 1), ((far, near), 2)):
        image = renderer.render(cubes(*places), NOON, [seen_by(front())])[0]
        assert image.instance[50, 80] == owner


def test_all_cameras_of_a_rig_see_one_actor_by_one_id(renderer: Renderer) -> None:
    """It stands where the fields of two cameras of different size and lens overlap."""
    actors = cubes((10.0, 6.0, 0.0))
    left = pinhole("left", 96, 64, 1.6, look_from(0, 0, HEIGHT_M, yaw_rad=1.2))
    looks = [seen_by(camera) for camera in (front(), left, FISHEYE)]
    together = renderer.render(actors, NOON, looks)
    for look, image in zip(looks, together, strict=True):
        assert set(np.unique(image.instance)) == {0, 1}
        alone = renderer.render(actors, NOON, [look])[0]
        assert np.array_equal(alone.instance, image.instance)
        assert np.array_equal(alone.depth_m, image.depth_m)


def test_a_shadow_lies_on_the_side_away_from_the_sun(renderer: Renderer) -> None:
    """The sun of the afternoon stands in the west (-x): shadows fall to the east."""
    light = light_of(Conditions(hour=17.0))
    above = pinhole("above", 120, 120, 1.2, look_from(0, 0, 20, pitch_rad=np.pi / 2))
    image = renderer.render(cubes((0.0, 0.0, 0.0)), light, [seen_by(above)])[0]
    bright = np.where(image.instance == 0, luminance(image), np.nan)
    length = 2.0 / np.tan(light.sun_elevation_rad)  # of the shadow of a box of 2 m
    assert length > 1.0
    metres = 20 * 2 * np.tan(0.6) / 120  # a pixel on the ground; up in the picture is +x (east)
    step = int((1.0 + 0.4 * length) / metres)
    east, west = bright[60 - step, 60], bright[60 + step, 60]
    assert east < 0.5 * west


def test_clouds_take_the_shadow_away(renderer: Renderer) -> None:
    above = pinhole("above", 120, 120, 1.2, look_from(0, 0, 20, pitch_rad=np.pi / 2))
    image = renderer.render(cubes((0.0, 0.0, 0.0)), OVERCAST, [seen_by(above)])[0]
    ring = luminance(image)[30:90, 30:90]
    assert ring.min() > 0.1 * ring.max()


def test_the_ground_below_a_car_is_darker_than_beside_it_under_clouds(renderer: Renderer) -> None:
    floating = cubes((8.0, 0.0, 0.25))
    image = renderer.render(floating, OVERCAST, [seen_by(front())])[0]
    ground = image.instance == 0
    column = np.flatnonzero(image.instance[:, 80] == 1).max() + 2
    bright = np.where(ground, luminance(image), np.nan)
    assert bright[column, 80] < 0.8 * bright[column, 20]


def test_it_is_dark_under_a_long_roof_even_under_clouds(renderer: Renderer) -> None:
    look = seen_by(front())
    whole = cubes((20.0, 0.0, 0.0), body=2)
    places = [(20.0 + 10 * i, 0.0, 0.0) for i in range(-6, 7)]
    pieces = cubes(*places, body=2, scale=(1 / 12, 1.0, 1.0))
    means = []
    for actors in (Actors.none(), whole, pieces):
        image = renderer.render(actors, OVERCAST, [look])[0]
        means.append(float(luminance(image)[60:].mean()))
    assert means[1] < 0.35 * means[0]
    assert means[2] == pytest.approx(means[1], rel=0.05)


def test_a_sign_throws_the_light_of_head_lamps_back() -> None:
    shone = []
    for material in ("sign_white", "plaster"):
        wall = box_mesh((15, -2, 0), (16, 2, 3), material)
        ground = plain()
        both = Mesh(
            points=np.concatenate([ground.points, wall.points]),
            triangles=np.concatenate([ground.triangles, wall.triangles + len(ground.points)]),
            materials=np.concatenate([ground.materials, wall.materials]),
        )
        renderer = Renderer(scene(both))
        image = renderer.render(
            Actors.none(), NIGHT, [seen_by(front())], head_lamps_from=np.eye(4)
        )[0]
        shone.append(float(luminance(image)[image.semantic != SemanticClass.ROAD].max()))
    assert shone[0] > 3 * shone[1]


def test_what_stands_and_what_lies_keep_their_materials() -> None:
    """They are two meshes inside: a mix-up of their triangles would mix up their classes."""
    wall = box_mesh((6, -3, 0), (7, 3, 2.5), "brick", "plaster")
    ground = plain(material="grass")
    for first, second in ((ground, wall), (wall, ground)):
        both = Mesh(
            points=np.concatenate([first.points, second.points]),
            triangles=np.concatenate([first.triangles, second.triangles + len(first.points)]),
            materials=np.concatenate([first.materials, second.materials]),
        )
        image = Renderer(scene(both)).render(Actors.none(), OVERCAST, [seen_by(front())])[0]
        near = np.abs(image.depth_m - 6.0) < 0.05
        assert (image.semantic[near & (image.depth_m > 5.99)][:50] == SemanticClass.BUILDING).all()
        assert (image.semantic[85:] == SemanticClass.TERRAIN).all()


def test_night_is_darker_than_dusk_and_dusk_than_day(renderer: Renderer) -> None:
    actors = cubes((10.0, 2.0, 0.0))
    means = [
        luminance(renderer.render(actors, light_of(Conditions(hour=hour)), [seen_by(front())])[0])
        for hour in (13.0, 20.4, 1.0)
    ]
    day, dusk, night = (float(mean.mean()) for mean in means)
    assert day > 2 * dusk > 8 * night > 0


def test_fog_takes_contrast_away_with_distance(renderer: Renderer) -> None:
    fog = light_of(Conditions(weather=Weather.FOG, intensity_frac=0.5))
    contrast = []
    for distance_m in (8.0, 20.0, 45.0):
        actors = cubes((distance_m, 0.0, 0.0), tint=(0.02, 0.02, 0.02))
        image = renderer.render(actors, fog, [seen_by(front())])[0]
        box = luminance(image)[image.instance == 1].mean()
        sky = luminance(image)[image.semantic == SemanticClass.SKY].mean()
        contrast.append(abs(box - sky) / sky)
    assert contrast[0] > 1.5 * contrast[1] > 3 * contrast[2]


def test_brake_lights_shine_only_while_they_are_on(renderer: Renderer) -> None:
    images = [
        renderer.render(cubes((9.0, 0, 0), body=1, lamps=lamps), NOON, [seen_by(front())])[0]
        for lamps in (Lamp.NONE, Lamp.HEAD | Lamp.LEFT, Lamp.BRAKE | Lamp.LEFT)
    ]
    off, other, on = (image.radiance[image.instance == 1].mean(axis=0) for image in images)
    assert np.allclose(off, other, atol=0.02)
    assert on[0] > off[0] + 1.0
    assert on[0] > 5 * on[1]


def test_head_lamps_light_the_road_ahead_at_night(renderer: Renderer) -> None:
    look = seen_by(front())
    off = renderer.render(Actors.none(), NIGHT, [look])[0]
    on = renderer.render(Actors.none(), NIGHT, [look], head_lamps_from=np.eye(4))[0]
    road = (off.depth_m > 8) & (off.depth_m < 20)
    assert luminance(on)[road].mean() > 5 * luminance(off)[road].mean()


def test_a_street_lamp_lights_its_foot_at_night_and_not_by_day() -> None:
    lamps = StreetLamps(
        position_m=np.array([[12.0, 0.0, 6.0]], np.float32),
        radiance=np.array([[1.2, 1.0, 0.6]], np.float32),
    )
    with_lamp, without = Renderer(scene(lamps=lamps)), Renderer(scene())
    look = seen_by(front())
    for light, ratio in ((NIGHT, 3.0), (NOON, 1.0)):
        lit = with_lamp.render(Actors.none(), light, [look])[0]
        unlit = without.render(Actors.none(), light, [look])[0]
        foot = (lit.depth_m > 10) & (lit.depth_m < 14)
        gain = luminance(lit)[foot].mean() / luminance(unlit)[foot].mean()
        assert gain == pytest.approx(1.0) if ratio == 1.0 else gain > ratio


def test_a_wet_road_mirrors_a_lamp_in_front(renderer: Renderer) -> None:
    actors = cubes((12.0, 0.0, 0.5), body=1, lamps=Lamp.BRAKE)
    night = light_of(Conditions(hour=1.0, weather=Weather.RAIN, intensity_frac=1.0))
    look = seen_by(front())
    reds = []
    for light in (replace(night, wet_frac=0.0), night):
        image = renderer.render(actors, light, [look])[0]
        road = (image.semantic == SemanticClass.ROAD) & (image.depth_m < 11)
        road[:, :60] = road[:, 100:] = False
        reds.append(float(image.radiance[road][:, 0].mean()))
    assert reds[1] > 2 * reds[0]


def test_snow_whitens_the_ground() -> None:
    meadow = Renderer(scene(plain(material="grass")))
    look = seen_by(front())
    green = meadow.render(Actors.none(), OVERCAST, [look])[0]
    snow = light_of(Conditions(weather=Weather.SNOW, intensity_frac=0.8, season=Season.WINTER))
    white = meadow.render(Actors.none(), snow, [look])[0]
    near = (green.depth_m > 0) & (green.depth_m < 15)
    assert luminance(white)[near].mean() > 2 * luminance(green)[near].mean()
    spread = white.radiance[near].mean(axis=0)
    assert spread.max() < 1.3 * spread.min()


def test_worn_paint_is_road() -> None:
    renderer = Renderer(scene(plain(material="marking")))
    shares = []
    for worn_frac in (0.0, 0.5, 1.0):
        image = renderer.render(Actors.none(), NOON, [seen_by(front())], worn_frac=worn_frac)[0]
        ground = image.semantic[60:]
        assert set(np.unique(ground)) <= {SemanticClass.ROAD, SemanticClass.LANE_MARKING}
        shares.append(float((ground == SemanticClass.LANE_MARKING).mean()))
    assert shares[0] == 1.0
    assert 0.2 < shares[1] < 0.8
    assert shares[2] < 0.1


def test_a_texture_is_gone_where_a_pixel_is_coarser_than_it(renderer: Renderer) -> None:
    image = renderer.render(Actors.none(), OVERCAST, [seen_by(front(320, 180))])[0]
    bright = luminance(image)
    spread = [float(bright[row].std() / bright[row].mean()) for row in (178, 92)]
    assert spread[1] < spread[0]
    assert spread[1] < 0.03


def test_the_same_inputs_give_the_same_bytes(renderer: Renderer) -> None:
    actors = cubes((9.0, 1.0, 0.0), (20.0, -3.0, 0.0), body=1, lamps=Lamp.BRAKE)
    look = seen_by(front())
    first = renderer.render(actors, NOON, [look])[0]
    renderer.render(cubes((5.0, 0.0, 0.0)), NIGHT, [look])
    for again in (renderer, Renderer(scene())):
        image = again.render(actors, NOON, [look])[0]
        for name in ("radiance", "depth_m", "semantic", "instance"):
            assert getattr(image, name).tobytes() == getattr(first, name).tobytes()


def test_more_samples_smooth_edges_and_leave_truth_alone(renderer: Renderer) -> None:
    actors = cubes((9.0, 1.0, 0.0), yaw_rad=0.4)
    one, four = (renderer.render(actors, NOON, [seen_by(front())], samples=n)[0] for n in (1, 4))
    assert np.array_equal(one.instance, four.instance)
    assert np.array_equal(one.depth_m, four.depth_m)
    edge = np.abs(np.diff(luminance(one), axis=1)).max()
    assert np.abs(np.diff(luminance(four), axis=1)).max() < edge


def test_bad_questions_are_refused(renderer: Renderer) -> None:
    with pytest.raises(InputError, match="samples"):
        renderer.render(Actors.none(), NOON, [seen_by(front())], samples=3)
    with pytest.raises(InputError, match="device"):
        Renderer(scene(), device="abacus")
    nothing = Mesh(
        points=np.zeros((0, 3), np.float32),
        triangles=np.zeros((0, 3), np.int32),
        materials=np.zeros(0, np.int32),
    )
    with pytest.raises(InputError, match="no ground"):
        Renderer(replace(scene(), ground=nothing))


@pytest.mark.parametrize("season", Season)
@pytest.mark.parametrize(
    ("material", "low_deg", "high_deg"), [("grass", 40.0, 130.0), ("field", 25.0, 55.0)]
)
def test_ground_keeps_a_hue_of_plants_or_of_earth_in_every_season(
    material: str, low_deg: float, high_deg: float, season: Season
) -> None:
    image = Renderer(scene(plain(material=material))).render(
        Actors.none(), light_of(Conditions(hour=13.0, season=season)), [seen_by(front())]
    )[0]
    near = image.radiance[60:].reshape(-1, 3).mean(axis=0)
    hue, saturation, _ = rgb_to_hsv(*near.tolist())
    assert low_deg < 360.0 * hue < high_deg
    assert saturation > 0.15
