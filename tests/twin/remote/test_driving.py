import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.core.records import Calibration
from bessemer.testing.worlds import WorldConformance
from bessemer.twin.conditions import Conditions, Season, Weather
from bessemer.twin.drive import Controls, EgoState, Indicator, Observation, View
from bessemer.twin.remote.driving import DRIVING
from bessemer.twin.rig import Camera, Rig
from bessemer.twin.rigs import load_rig
from bessemer.twin.scenario import Dynamics, EventCall, Scenario
from bessemer.twin.scene import Actors
from bessemer.twin.wire import driving_pb2 as pb
from tests.twin.drives import RIG, drive

finite = st.floats(allow_nan=False, allow_infinity=False)
print_of = WorldConformance[Any, Any, Observation]().fingerprint


pairs = st.tuples(st.sampled_from(["gap_m", "speed_mps"]), finite)
share = st.floats(0, 1)
later = st.floats(0, allow_infinity=False)
RIGS = (RIG, load_rig("front"), load_rig("surround"), load_rig("eight"))


@settings(max_examples=25)
@given(
    network=st.sampled_from(["town", "/a/b.net.xml", "über"]),
    rig=st.sampled_from(RIGS),
    numbers=st.tuples(st.floats(0.1, 1e5), share, st.floats(1e-6, 10)),
    dynamics=st.sampled_from(Dynamics),
    light=st.tuples(st.floats(0, 23.99), share, st.floats(-66, 66)),
    sky=st.tuples(st.sampled_from(Weather), st.sampled_from(Season)),
    events=st.lists(st.tuples(st.sampled_from(["cut_in", "debris"]), later, st.lists(pairs))),
)
def test_a_scenario_arrives_as_it_left(
    network: str,
    rig: Rig,
    numbers: tuple[float, float, float],
    dynamics: Dynamics,
    light: tuple[float, float, float],
    sky: tuple[Weather, Season],
    events: list[tuple[str, float, list[tuple[str, float]]]],
) -> None:
    scenario = Scenario(
        network=network,
        rig=rig,
        duration_s=numbers[0],
        conditions=Conditions(
            hour=light[0],
            weather=sky[0],
            intensity_frac=light[1],
            season=sky[1],
            latitude_deg=light[2],
        ),
        density_frac=numbers[1],
        dynamics=dynamics,
        events=tuple(
            EventCall(name=name, at_s=at_s, params=tuple(params)) for name, at_s, params in events
        ),
        importance=numbers[2],
    )
    assert DRIVING.read_scenario(DRIVING.write_scenario(scenario)) == scenario


@given(steer=finite, accel=finite, side=st.sampled_from(Indicator))
def test_controls_arrive_as_they_left(steer: float, accel: float, side: Indicator) -> None:
    controls = Controls(steer_rad=steer, accel_mps2=accel, indicator=side)
    assert DRIVING.read_controls(DRIVING.write_controls(controls)) == controls


@settings(max_examples=25)
@given(seed=st.integers(0, 1 << 30), n=st.integers(0, 5))
def test_every_bit_of_an_observation_arrives(seed: int, n: int) -> None:
    seen = with_any_bits(drive(2)[1][0], seed, n)
    back = DRIVING.read_observation(DRIVING.write_observation(seen))
    assert print_of(back) == print_of(seen)
    assert all(a.flags.writeable for a in (back.actors.body, back.views[0].picture))


def test_arrays_in_any_order_arrive_row_by_row() -> None:
    seen, _ = drive(2)[1]
    views = tuple(replace(view, picture=np.asfortranarray(view.picture)) for view in seen.views)
    back = DRIVING.read_observation(DRIVING.write_observation(replace(seen, views=views)))
    assert print_of(back) == print_of(seen)


@pytest.mark.parametrize(
    ("record", "message", "more"),
    [
        (Scenario, pb.Scenario, set()),
        (EventCall, pb.EventCall, set()),
        (Conditions, pb.Conditions, set()),
        (Rig, pb.Rig, set()),
        (Camera, pb.Camera, set()),
        (Calibration, pb.Calibration, set()),
        (Controls, pb.Controls, set()),
        (EgoState, pb.EgoState, set()),
        (View, pb.View, {"height_px", "width_px"}),
        (Actors, pb.Actors, {"count"}),
        (Observation, pb.Observation, set()),
    ],
)
def test_the_schema_has_every_field_of_the_records(
    record: Any, message: Any, more: set[str]
) -> None:
    names = {field.name for field in fields(record)}
    assert {field.name for field in message.DESCRIPTOR.fields} == names | more


def test_the_generated_code_is_what_the_schema_generates(repo_root: Path, tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools", reason="grpcio-tools makes the code")
    found = sorted((repo_root / "src/bessemer/twin/wire").glob("*.proto"))
    schemas = [str(path.relative_to(repo_root)) for path in found]
    assert len(schemas) == 2
    command = [sys.executable, "-m", "grpc_tools.protoc", "-I", "src"]
    out = [f"--python_out={tmp_path}", f"--pyi_out={tmp_path}"]
    subprocess.run([*command, *out, *schemas], cwd=repo_root, check=True)
    made = sorted(tmp_path.rglob("*_pb2.py*"))
    assert len(made) == 4
    for path in made:
        stands = repo_root / "src" / path.relative_to(tmp_path)
        assert path.read_text() == stands.read_text(), f"{stands.name}: see twin/wire/__init__.py"


def test_controls_of_another_program_are_checked_like_ones_own() -> None:
    for value in (float("nan"), float("inf")):
        data = pb.Controls(accel_mps2=value, indicator="off").SerializeToString()
        with pytest.raises(InputError, match="finite"):
            DRIVING.read_controls(data)
    with pytest.raises(InputError, match="Indicator"):
        DRIVING.read_controls(pb.Controls(indicator="up").SerializeToString())


def test_a_scenario_of_another_program_is_checked_like_ones_own() -> None:
    good = pb.Scenario.FromString(DRIVING.write_scenario(Scenario(network="town", rig=RIG)))
    bad = pb.Scenario()
    bad.CopyFrom(good)
    bad.density_frac = 2.0
    with pytest.raises(InputError, match="density_frac"):
        DRIVING.read_scenario(bad.SerializeToString())
    bad.CopyFrom(good)
    del bad.rig.cameras[0].calibration.intrinsics[:]
    with pytest.raises(InputError, match="intrinsics"):
        DRIVING.read_scenario(bad.SerializeToString())


@given(data=st.binary(max_size=200))
def test_bytes_that_mean_nothing_are_an_error_of_ours(data: bytes) -> None:
    for read in (DRIVING.read_scenario, DRIVING.read_controls, DRIVING.read_observation):
        try:
            read(data)
        except InputError:
            continue


def test_an_array_of_another_size_than_it_says_is_refused() -> None:
    message = pb.Observation.FromString(DRIVING.write_observation(drive(2)[1][0]))
    message.views[0].depth_m = message.views[0].depth_m[:-4]
    with pytest.raises(InputError, match="Observation"):
        DRIVING.read_observation(message.SerializeToString())
    message.views[0].height_px = -1
    with pytest.raises(InputError, match="Observation"):
        DRIVING.read_observation(message.SerializeToString())


def with_any_bits(seen: Observation, seed: int, n: int) -> Observation:
    """Return an observation whose arrays hold chance bits: NaN of all kinds, -0, infinities."""
    rng = np.random.default_rng(seed)

    def bits(like: np.ndarray) -> np.ndarray:
        data = rng.integers(0, 256, like.nbytes, np.uint8).tobytes()
        return np.frombuffer(data, like.dtype).reshape(like.shape)

    views = tuple(
        replace(
            view,
            world_from_camera=bits(view.world_from_camera),
            depth_m=bits(view.depth_m),
            instance=bits(view.instance),
            silhouettes=((1, 20), (7, 1)),
        )
        for view in seen.views
    )
    actors = Actors(
        body=bits(np.zeros(n, np.int32)),
        instance=rng.permutation(n).astype(np.int32) + 1,
        world_from_body=bits(np.zeros((n, 4, 4), np.float32)),
        scale=bits(np.zeros((n, 3), np.float32)),
        tint=bits(np.zeros((n, 3), np.float32)),
        lamps=bits(np.zeros(n, np.int32)),
        velocity_mps=bits(np.zeros((n, 3), np.float32)),
    )
    return replace(seen, views=views, actors=actors, collided=True, done=True)
