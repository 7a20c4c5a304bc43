"""Laws of scenes as OpenUSD: what is written is read, and what viewers see is what was meant."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pxr import Gf, Sdf, Usd, UsdGeom, UsdSemantics, UsdShade, UsdValidation

from bessemer.core.errors import InputError
from bessemer.twin.render.light import sun_direction
from bessemer.twin.rigs import surround
from bessemer.twin.roads.assemble import scene_of
from bessemer.twin.roads.read_net import load_network
from bessemer.twin.scene import Mesh, Scene, StreetLamps
from bessemer.twin.usd.files import UsdDrive, read_usd, write_usd
from tests.twin.stages import (
    IDS,
    MATERIALS,
    RIG,
    actors,
    assert_same,
    frame,
    frames,
    scene,
)

SUFFIXES = pytest.mark.parametrize("suffix", [".usda", ".usdc"])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drive as text; to be read only."""
    path = tmp_path_factory.mktemp("usd") / "drive.usda"
    write_usd(path, scene(), frames=frames(), rig=RIG)
    return path


@pytest.fixture(scope="module")
def stage(written: Path) -> Usd.Stage:
    """The drive as viewers open it."""
    return Usd.Stage.Open(str(written))


@pytest.fixture(scope="module")
def codes(stage: Usd.Stage) -> list[float]:
    """Time codes of its frames."""
    attribute = stage.GetPrimAtPath("/World/Ego").GetAttribute("bessemer:t_ns")
    return [float(code) for code in attribute.GetTimeSamples()]


# ---------------------------------------------------------------- there and back


@SUFFIXES
def test_what_is_written_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"drive{suffix}"
    write_usd(path, scene(), frames=frames(), rig=RIG)
    assert_same(read_usd(path), UsdDrive(scene=scene(), frames=frames(), rig=RIG))


@SUFFIXES
def test_what_is_read_is_written_the_same(tmp_path: Path, suffix: str) -> None:
    one, two = tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"
    write_usd(one, scene(), frames=frames(), rig=RIG)
    drive = read_usd(one)
    write_usd(two, drive.scene, frames=drive.frames, rig=drive.rig)
    assert one.read_bytes() == two.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [one.name, two.name]


def test_a_scene_alone_and_one_of_nothing_come_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "scene.usda"
    nothing = Mesh(
        points=np.zeros((0, 3), np.float32),
        triangles=np.zeros((0, 3), np.int32),
        materials=np.zeros(0, np.int32),
    )
    empty = Scene(name="", materials=(), ground=nothing, street_lamps=StreetLamps.none())
    for each in (scene(), empty):
        write_usd(path, each)
        assert_same(read_usd(path), UsdDrive(scene=each))


def test_one_frame_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "one.usda"
    write_usd(path, scene(), frames=frames()[1:2])
    assert_same(read_usd(path), UsdDrive(scene=scene(), frames=frames()[1:2]))


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


@settings(max_examples=25)
@given(names=st.lists(TEXTS, min_size=6, max_size=6, unique=True))
def test_any_name_comes_back(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "named.usda"
    materials = tuple(replace(m, name=name) for m, name in zip(MATERIALS, names, strict=True))
    bodies = tuple(
        replace(body, name=name) for body, name in zip(scene().bodies, names, strict=False)
    )
    given_scene = replace(scene(), name=names[0], materials=materials, bodies=bodies)
    seen = replace(frame(0, 0, [1]), signals=((names[1], 1.0),), events=tuple(names))
    write_usd(path, given_scene, frames=[seen])
    assert_same(read_usd(path), UsdDrive(scene=given_scene, frames=(seen,)))


@settings(max_examples=25)
@given(
    times=st.lists(st.integers(0, 10**13), min_size=1, max_size=6, unique=True).map(sorted),
    ids=st.lists(st.lists(st.integers(1, 4), unique=True, max_size=4), min_size=6, max_size=6),
)
def test_any_coming_and_going_comes_back(
    tmp_path_factory: pytest.TempPathFactory, times: list[int], ids: list[list[int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "coming.usda"
    seen = tuple(frame(k, t, row) for k, (t, row) in enumerate(zip(times, ids, strict=False)))
    write_usd(path, scene(), frames=seen)
    assert_same(read_usd(path), UsdDrive(scene=scene(), frames=seen))


@pytest.mark.slow
def test_a_whole_network_comes_back(tmp_path: Path) -> None:
    country = scene_of(load_network("country"), 0)
    seen = tuple(
        replace(
            frame(k, k * 100_000_000, []),
            actors=actors(k, list(range(1, 60)), len(country.bodies)),
        )
        for k in range(20)
    )
    path = tmp_path / "country.usdc"
    write_usd(path, country, frames=seen, rig=surround())
    assert_same(read_usd(path), UsdDrive(scene=country, frames=seen, rig=surround()))
    assert not complaints(Usd.Stage.Open(str(path)))


# ---------------------------------------------------------------- what viewers see


def complaints(stage: Usd.Stage) -> list[str]:
    """Return what OpenUSD's own validators say."""
    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    assert len(validators) > 20
    return [
        error.GetMessage() for error in UsdValidation.ValidationContext(validators).Validate(stage)
    ]


def test_the_validators_of_openusd_are_content(stage: Usd.Stage) -> None:
    assert not complaints(stage)
    assert UsdGeom.GetStageUpAxis(stage) == "Z"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0


def test_the_validators_would_complain(stage: Usd.Stage) -> None:
    bad = Usd.Stage.CreateInMemory()
    UsdGeom.Mesh.Define(bad, "/A").CreateSubdivisionSchemeAttr()
    assert complaints(bad)


def test_points_of_actors_stand_where_they_were(stage: Usd.Stage, codes: list[float]) -> None:
    bodies = [prim.GetName() for prim in stage.GetPrimAtPath("/World/Bodies").GetAllChildren()]
    for k, code in enumerate(codes):
        seen = actors(k, IDS[k])
        cache = UsdGeom.XformCache(code)
        for row, instance in enumerate(seen.instance.tolist()):
            body = int(seen.body[row])
            path = f"/World/Actors/actor_{instance}/{bodies[body]}/Mesh"
            shape = UsdGeom.Mesh(stage.GetPrimAtPath(path))
            assert shape.GetPrim().IsInstanceProxy(), k
            points = np.array(shape.GetPointsAttr().Get())
            world = np.array(cache.GetLocalToWorldTransform(shape.GetPrim()))
            got = (np.c_[points, np.ones(len(points))] @ world)[:, :3]
            mesh = scene().bodies[body].mesh
            pose = seen.world_from_body[row].astype(np.float64)
            want = (mesh.points * seen.scale[row]) @ pose[:3, :3].T + pose[:3, 3]
            np.testing.assert_allclose(got, want, atol=1e-3)


def test_only_those_who_are_there_are_seen_and_in_one_body(
    stage: Usd.Stage, codes: list[float]
) -> None:
    for code, ids in zip(codes, IDS, strict=True):
        seen = {
            (actor.GetName(), shape.GetName())
            for actor in stage.GetPrimAtPath("/World/Actors").GetChildren()
            for shape in actor.GetChildren()
            if UsdGeom.Imageable(shape).ComputeVisibility(code) == "inherited"
        }
        assert {actor for actor, _ in seen} == {f"actor_{k}" for k in ids}
        assert len(seen) == len(ids)


def test_every_face_is_bound_to_its_material_also_in_instances(stage: Usd.Stage) -> None:
    def names(mesh: str) -> dict[int, str]:
        found: dict[int, str] = {}
        for subset in UsdGeom.Subset.GetAllGeomSubsets(
            UsdGeom.Imageable(stage.GetPrimAtPath(mesh))
        ):
            shade, _ = UsdShade.MaterialBindingAPI(subset.GetPrim()).ComputeBoundMaterial()
            word = shade.GetPrim().GetAttribute("bessemer:name").Get()
            found |= dict.fromkeys(subset.GetIndicesAttr().Get(), word)
        return found

    for path, mesh in (
        ("/World/Ground", scene().ground),
        ("/World/Actors/actor_3/car_estate/Mesh", scene().bodies[0].mesh),
    ):
        assert names(path) == {k: MATERIALS[m].name for k, m in enumerate(mesh.materials)}


def test_lamps_shine_and_paint_shows_through_the_shared_materials(
    stage: Usd.Stage, codes: list[float]
) -> None:
    brake = UsdShade.Material(stage.GetPrimAtPath("/World/Materials/brake"))
    surface = brake.ComputeSurfaceSource()[0]
    source = surface.GetInput("emissiveColor").GetValueProducingAttributes()[0].GetPrim()
    name = UsdShade.Shader(source).GetInput("varname").Get()
    for k, code in enumerate(codes):
        seen = actors(k, IDS[k])
        for row, instance in enumerate(seen.instance.tolist()):
            api = UsdGeom.PrimvarsAPI(stage.GetPrimAtPath(f"/World/Actors/actor_{instance}"))
            lit = bool(int(seen.lamps[row]) & int(MATERIALS[4].lamp))
            glow = api.GetPrimvar(name)
            if seen.body[row] == 0:  # the other has no such lamp
                assert (glow.IsDefined() and any(glow.Get(code))) == lit
            paint = np.array(api.GetPrimvar("displayColor").Get(code))[0]
            np.testing.assert_allclose(paint, seen.tint[row] * MATERIALS[1].albedo, atol=1e-6)


def test_things_are_labelled_by_class(stage: Usd.Stage) -> None:
    for path, word in (
        ("/World/Actors/actor_3/car_estate_2", "truck"),
        ("/World/Ground/road", "road"),
    ):
        labels = UsdSemantics.LabelsAPI(stage.GetPrimAtPath(path), "class")
        assert list(labels.GetLabelsAttr().Get()) == [word]


def test_a_camera_sees_a_point_where_the_pinhole_puts_it(
    stage: Usd.Stage, codes: list[float]
) -> None:
    point_ego = np.array([14.0, 2.0, 0.5, 1.0])
    for camera, name in zip(RIG.cameras, ["front_wide_left", "front"], strict=True):
        made = UsdGeom.Camera(stage.GetPrimAtPath(f"/World/Ego/{name}"))
        for k, code in enumerate(codes):
            point = frames()[k].ego.world_from_ego @ point_ego
            view = made.GetCamera(code).frustum
            to_clip = view.ComputeViewMatrix() * view.ComputeProjectionMatrix()
            clip = np.array(to_clip.Transform(Gf.Vec3d(*point[:3].tolist())))
            width_px, height_px = camera.calibration.width_px, camera.calibration.height_px
            got = (0.5 + clip[0] / 2) * width_px, (0.5 - clip[1] / 2) * height_px
            in_camera = np.linalg.inv(camera.ego_from_camera) @ point_ego
            want = camera.intrinsics @ (in_camera[:3] / in_camera[2])
            np.testing.assert_allclose(got, want[:2], atol=1e-2)


def test_the_sun_shines_from_where_it_stands(stage: Usd.Stage, codes: list[float]) -> None:
    sun = stage.GetPrimAtPath("/World/Sky/Sun")
    for k, code in enumerate(codes):
        world = UsdGeom.Xformable(sun).ComputeLocalToWorldTransform(code)
        shines = np.array(world.TransformDir(Gf.Vec3d(0, 0, -1)))
        want = -np.array(sun_direction(frames()[k].conditions))
        np.testing.assert_allclose(shines, want, atol=1e-9)


def test_time_codes_are_steps(stage: Usd.Stage) -> None:
    assert stage.GetTimeCodesPerSecond() == pytest.approx(10.0, rel=1e-6)
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == pytest.approx((0.0, 7.0), rel=1e-6)


# ---------------------------------------------------------------- bad input


@SUFFIXES
def test_what_is_no_usd_is_refused_with_its_path(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"noise{suffix}"
    with pytest.raises(InputError, match=r"no such file.*noise"):
        read_usd(path)
    noises = {
        ".usda": (b"", b"hello", b"#usda 1.0\n(", b"PXR-USDC"),
        ".usdc": (b"#usda 1.0\n", b"PXR-USDC" + bytes(200)),
    }
    for noise in noises[suffix]:
        path.write_bytes(noise)
        with pytest.raises(InputError, match=str(path)):
            read_usd(path)


def test_a_name_that_no_usd_file_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.usda or \.usdc"):
        write_usd(tmp_path / "scene.obj", scene())
    path = tmp_path / "scene.txt"
    path.write_text("#usda 1.0")
    with pytest.raises(InputError, match=str(path)):
        read_usd(path)


@cache
def whole_file(suffix: str) -> bytes:
    """Return a drive's bytes, to be damaged."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"whole{suffix}"
        write_usd(path, scene(), frames=frames(), rig=RIG)
        return path.read_bytes()


@SUFFIXES
def test_a_file_cut_short_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut{suffix}"
    whole = whole_file(suffix)
    for frac in (0.0, 0.7, 0.99):
        path.write_bytes(whole[: int(len(whole) * frac)])
        with pytest.raises(InputError, match=str(path)):
            read_usd(path)


def test_a_stage_of_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.usda"
    other = Usd.Stage.CreateNew(str(path))
    UsdGeom.Mesh.Define(other, "/World")
    other.Save()
    with pytest.raises(InputError, match="not a scene of ours"):
        read_usd(path)


def point_outside(layer: Sdf.Layer, prim: Sdf.PrimSpec, kind: str) -> None:
    """Let a layer point to another file."""
    if kind == "sublayer":
        layer.subLayerPaths.append("secret.usda")
    elif kind == "reference":
        prim.referenceList.Prepend(Sdf.Reference("secret.usda"))
    elif kind == "payload":
        prim.payloadList.Prepend(Sdf.Payload("/etc/secret.usdc"))
    elif kind == "clip":
        prim.SetInfo("clips", {"default": {"assetPaths": Sdf.AssetPathArray(["secret.usdc"])}})
    else:
        texture = Sdf.AttributeSpec(prim, "inputs:file", Sdf.ValueTypeNames.Asset)
        texture.default = Sdf.AssetPath("secret.png")


@pytest.mark.parametrize("kind", ["sublayer", "reference", "payload", "clip", "texture"])
def test_a_stage_that_points_outside_is_refused(written: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "pointing.usda"
    layer = Sdf.Layer.OpenAsAnonymous(str(written))
    point_outside(layer, layer.GetPrimAtPath("/World/Ground"), kind)
    layer.Export(str(path))
    with pytest.raises(InputError, match=r"points to 1 other files, such as '.*secret"):
        read_usd(path)


EDITS = {
    "later format": ("int bessemer:format = 1", "int bessemer:format = 9", "format 9.*newer"),
    "format of text": ("int bessemer:format = 1", 'string bessemer:format = "1"', "type string"),
    "no name": ("custom string bessemer:name", "custom string bessemer:nome", "missing"),
    "class": ('semantic = "TERRAIN"', 'semantic = "LAVA"', r"'LAVA'.*unused.*ROAD"),
    "quads": ("faceVertexCounts = [3, 3, 3, 3, 3]", "faceVertexCounts = [4, 4, 4, 3]", "Ground"),
    "no corners": (
        "faceVertexIndices = [0, 1, 2",
        "faceVertexIndices = [0, 1, 99",
        "point.*Ground",
    ),
    "no material": ("material:binding = </World/Materials/road>", "material:binding = </X>", "/X"),
    "faces": ("indices = [0, 2, 4]", "indices = [0, 2]", "1 faces have no material.*Ground"),
    "two": ("indices = [0, 2, 4]", "indices = [0, 1, 2, 4]", "two materials.*Ground"),
    "no such face": ("indices = [0, 2, 4]", "indices = [0, 2, 40]", "face.*Ground/road"),
    "frame lost": (
        "t_ns.timeSamples = {\n            0:",
        "t_ns.timeSamples = {\n            0.5:",
        "no value",
    ),
    "hour": ("bessemer:latitude_deg = 48", "bessemer:latitude_deg = 90", "polar"),
    "weather": ('bessemer:weather = "rain"', 'bessemer:weather = "frogs"', "frogs.*Ego"),
    "actor": ("bessemer:instance = 900", "bessemer:instance = 901", "no actor 900.*Actors"),
    "body": ('1: "car_estate"', '1: "car_missing"', "car_missing.*actor_"),
    "singular": ("[40, 0, 41.5, 0, 44", "[0, 0, 41.5, 0, 44", "singular.*front wide"),
    "short matrix": ("[40, 0, 41.5, 0, 44, ", "[", "9 intrinsics"),
}


@pytest.mark.parametrize("what", EDITS)
def test_a_contradiction_is_refused_with_its_place(
    written: Path, tmp_path: Path, what: str
) -> None:
    old, new, message = EDITS[what]
    text = written.read_text()
    assert old in text
    path = tmp_path / "edited.usda"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=f"(?s){message}") as caught:
        read_usd(path)
    assert caught.value.where.startswith(str(path))


def test_frames_out_of_order_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    for seen in (frames()[::-1], (frames()[0], frames()[0])):
        with pytest.raises(InputError, match="not later"):
            write_usd(tmp_path / "x.usda", scene(), frames=seen)
    assert not list(tmp_path.iterdir())


def test_a_body_that_is_not_there_is_refused(tmp_path: Path) -> None:
    alone = replace(scene(), bodies=())
    with pytest.raises(InputError, match=r"body.*frame 0"):
        write_usd(tmp_path / "x.usda", alone, frames=frames())


def test_an_actor_that_stands_nowhere_is_refused(tmp_path: Path) -> None:
    seen = frames()[1]
    poses = seen.actors.world_from_body.copy()
    poses[2, 0, 3] = np.nan
    lost = replace(seen, actors=replace(seen.actors, world_from_body=poses))
    with pytest.raises(InputError, match=r"not finite.*frame 1, actor 900"):
        write_usd(tmp_path / "x.usda", scene(), frames=[frames()[0], lost])


@settings(max_examples=60)
@given(data=st.data())
def test_damaged_text_is_refused_or_read_as_a_drive(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.usda"
    whole = bytearray(whole_file(".usda"))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
        whole[at] = data.draw(st.integers(0, 255))
    path.write_bytes(whole)
    assert read_or_refused(path)


@pytest.mark.parametrize("frac", [0.003, 0.3])
def test_a_damaged_binary_file_does_not_end_the_process(tmp_path: Path, frac: float) -> None:
    path = tmp_path / "damaged.usdc"
    whole = bytearray(whole_file(".usdc"))
    at = int(frac * len(whole))
    whole[at : at + 8] = b"\xff" * 8
    path.write_bytes(whole)
    assert read_or_refused(path)


def read_or_refused(path: Path) -> bool:
    """Return whether a file was refused by its path, or read."""
    try:
        return len(read_usd(path).scene.name) > 0
    except InputError as error:
        return error.where.startswith(str(path))


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_a_name_that_usd_cannot_hold_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"cannot hold.*bessemer:name"):
        write_usd(tmp_path / "x.usda", replace(scene(), name=name))
    with pytest.raises(InputError, match=r"cannot hold.*events"):
        write_usd(tmp_path / "x.usda", scene(), frames=[replace(frames()[0], events=(name,))])
